//! Options of the network after DeepBind.

use ckn::core::pooling::Strands;
use ckn::model::DeepBindConfig;
use ckn::train::{CheckedDeepBindSettings, DeepBindSettings};
use clap::{Args, ValueEnum};

use super::Recipe;
use crate::exit::Usage;

/// Letters of a detector where none are given.
const WIDTH: usize = 24;

/// Kinds of models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Convolutional kernel network
    Ckn,
    /// Convolution, rectifier, maximum, linear score (Alipanahi et al. 2015): a baseline to compare with
    Deepbind,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Only with --model deepbind (which has --width 24, and --strands max where it can)")]
pub struct DeepBindArguments {
    /// Random draws of the four settings of learning, judged by threefold cross-validation; 0 for none [default: 30]
    #[arg(long, value_name = "NUMBER")]
    calibrations: Option<usize>,
    /// Penalty d of filters and weights in mean loss + (d/2)(‖F‖² + ‖w‖²) [default: drawn; 0.001 with --calibrations 0]
    #[arg(long, value_name = "D")]
    weight_decay: Option<f64>,
    /// Share of the responses that a minibatch does not see [default: drawn; 0.25 with --calibrations 0]
    #[arg(long, value_name = "SHARE")]
    dropout: Option<f64>,
    /// Standard deviation of filters and weights at the start [default: drawn; 0.1 with --calibrations 0]
    #[arg(long, value_name = "DEVIATION")]
    initial_deviation: Option<f64>,
}

impl DeepBindArguments {
    /// Refuses options that are given, where the model is another.
    pub fn refuse(&self) -> anyhow::Result<()> {
        let given = [("--calibrations", self.calibrations.is_some())].into_iter().chain(self.drawn());
        refuse(given, "belongs to --model deepbind: drop it, or add --model deepbind")
    }

    /// Options of what a calibration draws, and whether they are given.
    fn drawn(&self) -> impl Iterator<Item = (&'static str, bool)> {
        [
            ("--weight-decay", self.weight_decay.is_some()),
            ("--dropout", self.dropout.is_some()),
            ("--initial-deviation", self.initial_deviation.is_some()),
        ]
        .into_iter()
    }
}

pub(super) fn refuse(options: impl IntoIterator<Item = (&'static str, bool)>, why: &str) -> anyhow::Result<()> {
    match options.into_iter().find(|(_, given)| *given) {
        Some((name, _)) => Err(Usage(format!("{name} {why}")).into()),
        None => Ok(()),
    }
}

/// Options that belong to kernel networks: their names as options and inside of the parser.
const OF_KERNEL_NETWORKS: [(&str, &str); 18] = [
    ("--short", "short"),
    ("--tasks", "tasks"),
    ("--task", "task"),
    ("--class-weight", "class_weight"),
    ("--learn-sigma", "learn_sigma"),
    ("--sigma", "sigma"),
    ("--pooling", "pooling"),
    ("--kernel", "kernel"),
    ("--subsampling", "subsampling"),
    ("--border", "border"),
    ("--regularisation", "regularisation"),
    ("--epsilon", "epsilon"),
    ("--unsupervised", "unsupervised"),
    ("--selection", "selection"),
    ("--no-refit", "no_refit"),
    ("--standardise", "standardise"),
    ("--patches", "patches"),
    ("--l2", "l2"),
];

impl Recipe {
    /// Refuses options of kernel networks that are given, where the model is another.
    pub(super) fn refuse_of_kernel_networks(&self) -> anyhow::Result<()> {
        let of_kernels = OF_KERNEL_NETWORKS.map(|(name, id)| (name, self.is_given(id)));
        refuse(of_kernels, "belongs to kernel networks: drop it (the penalty of --model deepbind is --weight-decay)")
    }

    pub(super) fn deepbind_settings(&self) -> anyhow::Result<CheckedDeepBindSettings> {
        let defaults = DeepBindSettings::default();
        let (learning, own) = (&self.learning, &self.deepbind);
        let calibrations = own.calibrations.unwrap_or(defaults.calibrations);
        if calibrations > 0 {
            let drawn = own.drawn().chain([("--learning-rate", learning.learning_rate.is_some())]);
            refuse(drawn, "is drawn by the calibration: drop it, or add --calibrations 0")?;
        }
        let settings = DeepBindSettings {
            loss: learning.loss,
            epochs: learning.epochs,
            batch: learning.batch.unwrap_or(defaults.batch),
            learning_rate: learning.learning_rate.unwrap_or(defaults.learning_rate),
            weight_decay: own.weight_decay.unwrap_or(defaults.weight_decay),
            initial_deviation: own.initial_deviation.unwrap_or(defaults.initial_deviation),
            dropout: own.dropout.unwrap_or(defaults.dropout),
            patience: learning.patience.unwrap_or(defaults.patience),
            early_stop: learning.early_stop.or(defaults.early_stop),
            validation: learning.validation,
            calibrations,
            seed: self.seed,
        };
        Ok(settings.check()?)
    }

    pub(super) fn deepbind_config(&self) -> anyhow::Result<DeepBindConfig> {
        let one = |name: &str, values: &[usize]| match values {
            [value] => Ok(*value),
            _ => Err(Usage(format!("{name} has {} values: --model deepbind has one layer", values.len()))),
        };
        let has_complement = self.alphabet.table().complement().is_some();
        let strands = match (self.is_given("strands"), has_complement) {
            (true, _) => self.network.strands,
            (false, true) => Strands::Max,
            (false, false) => Strands::Forward,
        };
        if strands != Strands::Forward && !has_complement {
            return Err(ckn::core::Error::NoComplement.into());
        }
        Ok(DeepBindConfig {
            letters: self.alphabet.letter_count(),
            filters: one("--filters", &self.network.filters)?,
            width: if self.is_given("width") { one("--width", &self.network.width)? } else { WIDTH },
            strands,
        })
    }
}
