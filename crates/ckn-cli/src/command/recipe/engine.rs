//! Options that say what computes, and the training by it.

use ckn::burn::{AvailableDevice, DeviceChoice};
use ckn::model::Network;
use ckn::train::{
    CheckedTrainConfig, DeepBindEngine, Engine, Fitted, Observer, ReferenceEngine, SliceEngine, Trainer, TrainingData,
};
use clap::{Args, ValueEnum};

use crate::command::given::{Given, effects};
use crate::exit::Usage;

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
    /// Slices on the CPU, reference on other devices
    Auto,
    /// K-mer tables and plain loops: on the CPU
    Slices,
    /// One-hot tensors: any depth, on any device
    Reference,
}

/// What computes.
pub enum ChosenEngine {
    Slices,
    Reference(Box<AvailableDevice>),
}

impl EngineArguments {
    /// Whether k-mer tables compute; a device that is not known is refused elsewhere.
    pub(super) fn is_slices(&self) -> bool {
        let on_cpu = matches!(self.device.parse(), Ok(DeviceChoice::Auto | DeviceChoice::Cpu));
        self.engine == EngineChoice::Slices || (self.engine == EngineChoice::Auto && on_cpu)
    }

    /// Refuses options without effect.
    pub(super) fn check(&self, given: &Given, idle: Option<&str>) -> Result<(), Usage> {
        effects!(given, self; ; engine, device => idle)
    }

    /// The engine; its device is there.
    pub fn choose(&self) -> anyhow::Result<ChosenEngine> {
        let device: DeviceChoice = self.device.parse()?;
        let on_cpu = matches!(device, DeviceChoice::Auto | DeviceChoice::Cpu);
        match self.engine {
            EngineChoice::Auto if on_cpu => Ok(ChosenEngine::Slices),
            EngineChoice::Slices if !on_cpu => {
                let message = format!("--engine slices computes on the CPU without tensors: drop --device {device}");
                Err(Usage(message).into())
            }
            EngineChoice::Slices => Ok(ChosenEngine::Slices),
            EngineChoice::Auto | EngineChoice::Reference => Ok(ChosenEngine::Reference(Box::new(device.find()?))),
        }
    }
}

impl ChosenEngine {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Slices => "slices",
            Self::Reference(_) => "reference",
        }
    }

    /// The device, in words.
    pub fn device(&self) -> String {
        match self {
            Self::Slices => "CPU".to_owned(),
            Self::Reference(device) => device.description.clone(),
        }
    }

    /// What computes a network after DeepBind.
    pub fn deepbind(&self) -> DeepBindEngine {
        match self {
            Self::Slices => DeepBindEngine::Slices,
            Self::Reference(found) => DeepBindEngine::Tensors(found.device.clone()),
        }
    }

    /// Trains a network.
    pub fn fit(
        &self,
        config: CheckedTrainConfig,
        data: TrainingData<'_>,
        network: Network,
        observer: &mut dyn Observer,
    ) -> Result<Fitted, ckn::train::Error> {
        fn with<E: Engine>(
            engine: &mut E,
            config: CheckedTrainConfig,
            data: TrainingData<'_>,
            network: Network,
            observer: &mut dyn Observer,
        ) -> Result<Fitted, ckn::train::Error> {
            Trainer::init(config, engine, data, network, observer)?.run(observer)
        }
        match self {
            Self::Slices => with(&mut SliceEngine::new(data.view, &network)?, config, data, network, observer),
            Self::Reference(found) => {
                with(&mut ReferenceEngine::new(data.view, &network, &found.device)?, config, data, network, observer)
            }
        }
    }
}
