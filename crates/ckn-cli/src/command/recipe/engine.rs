//! Options that say what computes, and the training by it.

use ckn::core::network::CheckedConfig;
use ckn::model::Network;
use ckn::train::{
    CheckedTrainConfig, DeepBindEngine, Error, Fitted, Keeper, Observer, SliceEngine, Trainer, TrainerState,
    TrainingData,
};
use clap::{Args, ValueEnum};

use crate::command::given::{Given, effects};
use crate::exit::Usage;
use crate::tensors::{Device, is_cpu};

#[derive(Debug, Args)]
#[command(next_help_heading = "Running")]
pub struct EngineArguments {
    /// How gradients are computed
    #[arg(long, value_enum, default_value_t = EngineChoice::Auto)]
    engine: EngineChoice,
    /// Device: auto, cpu, flex, ndarray, gpu, gpu:N; ckn doctor lists what there is
    #[arg(long, default_value = "auto")]
    device: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EngineChoice {
    /// Slices on the CPU; on a graphics card kernels where there are some for the network, else reference
    Auto,
    /// K-mer tables and plain loops: on the CPU
    Slices,
    /// Whole passes on a graphics card: networks of one layer, up to 256 filters
    Kernels,
    /// One-hot tensors: any depth, on any device, contiguous patches
    Reference,
}

/// What computes.
pub enum ChosenEngine {
    Slices,
    Kernels(Device),
    Reference(Device),
}

/// What a training asks of an engine.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Gradients, in at least one epoch.
    pub gradients: bool,
    /// Among them those by the bandwidths.
    pub bandwidths: bool,
}

impl EngineArguments {
    /// Whether k-mer tables compute; a device that is not known is refused elsewhere.
    pub(super) fn is_slices(&self) -> bool {
        self.engine != EngineChoice::Reference && is_cpu(&self.device)
    }

    /// Refuses options without effect.
    pub(super) fn check(&self, given: &Given, idle: Option<&str>) -> Result<(), Usage> {
        effects!(given, self; ; engine, device => idle)
    }

    /// The engine, which can do what is asked of it; its device is there. A network is one of kernels; the baseline has none.
    pub fn choose(&self, asked: Asked, network: Option<&CheckedConfig>) -> anyhow::Result<ChosenEngine> {
        let device = &self.device;
        let option = match self.engine {
            EngineChoice::Auto | EngineChoice::Slices if is_cpu(device) => return Ok(ChosenEngine::Slices),
            EngineChoice::Slices => {
                let message = format!("--engine slices computes on the CPU without tensors: drop --device {device}");
                return Err(Usage(message).into());
            }
            EngineChoice::Kernels if is_cpu(device) => {
                let message = "--engine kernels computes on a graphics card: name it by --device (ckn doctor lists what there is)";
                return Err(Usage(message.into()).into());
            }
            EngineChoice::Auto => format!("--device {device}"),
            EngineChoice::Kernels => "--engine kernels".to_owned(),
            EngineChoice::Reference => "--engine reference".to_owned(),
        };
        if !asked.gradients {
            let message =
                format!("{option} computes gradients, and there are none where no anchor point moves: drop it");
            return Err(Usage(message).into());
        }
        if asked.bandwidths {
            let message = format!("{option} has no gradient by the bandwidth: drop it, or --learn-sigma");
            return Err(Usage(message).into());
        }
        if network.is_some_and(|network| network.has_gaps()) {
            let message = format!(
                "{option} computes contiguous patches: drop it, or --gap-decay (or --anchors, where the file has gaps)"
            );
            return Err(Usage(message).into());
        }
        if network.is_some_and(|network| network.has_letter_similarity()) {
            let message = format!(
                "{option} computes letters that have nothing in common: drop it, or --letter-similarity (or --anchors, where the file has it)"
            );
            return Err(Usage(message).into());
        }
        let device = Device::find(device, &option)?;
        let kernels = device.has_kernels(network);
        Ok(match (self.engine, kernels) {
            (EngineChoice::Kernels, Err(reason)) => {
                return Err(Usage(format!("{option}: {reason} (--engine reference)")).into());
            }
            (EngineChoice::Auto | EngineChoice::Kernels, Ok(())) => ChosenEngine::Kernels(device),
            _ => ChosenEngine::Reference(device),
        })
    }
}

impl ChosenEngine {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Slices => "slices",
            Self::Kernels(_) => "kernels",
            Self::Reference(_) => "reference",
        }
    }

    /// The device, in words.
    pub fn device(&self) -> String {
        match self {
            Self::Slices => "CPU".to_owned(),
            Self::Kernels(device) | Self::Reference(device) => device.description(),
        }
    }

    /// What computes a network after DeepBind.
    pub fn deepbind(&self) -> DeepBindEngine {
        match self {
            Self::Slices => DeepBindEngine::Slices,
            Self::Kernels(device) | Self::Reference(device) => device.deepbind(),
        }
    }

    /// Trains a network, from a state if there is one.
    pub fn fit(
        &self,
        config: CheckedTrainConfig,
        data: TrainingData<'_>,
        network: Network,
        state: Option<TrainerState>,
        observer: &mut dyn Observer,
        keeper: &mut dyn Keeper,
    ) -> Result<Fitted, Error> {
        match self {
            Self::Slices => {
                let mut engine = SliceEngine::new(data.view, &network)?;
                Trainer::begin(config, &mut engine, data, network, state, observer)?.run_and_keep(observer, keeper)
            }
            Self::Kernels(device) => device.fit(true, config, data, network, state, observer, keeper),
            Self::Reference(device) => device.fit(false, config, data, network, state, observer, keeper),
        }
    }
}
