//! Options of the network after DeepBind.

use ckn::core::pooling::Strands;
use ckn::model::DeepBindConfig;
use ckn::train::{CheckedDeepBindSettings, DeepBindSettings};
use clap::Args;

use super::learning::STILL;
use super::{Recipe, Way};
use crate::command::given::{Given, effects};
use crate::exit::Usage;
use crate::names::OrAuto;

/// Letters of a detector where none are given.
const WIDTH: usize = 24;

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
    /// Whether a calibration draws the settings of learning.
    pub(super) fn draws(&self) -> bool {
        self.calibrations() > 0
    }

    fn calibrations(&self) -> usize {
        self.calibrations.unwrap_or(DeepBindSettings::default().calibrations)
    }

    pub(super) fn check(&self, given: &Given, way: Way, still: bool) -> Result<(), Usage> {
        let other = way.chosen().or(way.of_deepbind());
        let drawn = other.or(self.draws().then_some(DRAWN));
        effects!(given, self; ;
            calibrations => other;
            initial_deviation => drawn;
            weight_decay, dropout => drawn.or(still.then_some(STILL)))
    }
}

/// Why an option has no effect that the calibration draws.
pub(super) const DRAWN: &str = "is drawn by the calibration: drop it, or add --calibrations 0";

impl Recipe {
    pub(super) fn deepbind_settings(&self) -> anyhow::Result<CheckedDeepBindSettings> {
        let defaults = DeepBindSettings::default();
        let (learning, own) = (&self.learning, &self.deepbind);
        let settings = DeepBindSettings {
            loss: learning.loss(),
            epochs: learning.epochs,
            batch: learning.batch.unwrap_or(defaults.batch),
            learning_rate: learning.learning_rate.unwrap_or(defaults.learning_rate),
            weight_decay: own.weight_decay.unwrap_or(defaults.weight_decay),
            initial_deviation: own.initial_deviation.unwrap_or(defaults.initial_deviation),
            dropout: own.dropout.unwrap_or(defaults.dropout),
            patience: learning.patience.unwrap_or(defaults.patience),
            early_stop: learning.early_stop.or(defaults.early_stop),
            validation: learning.validation,
            calibrations: own.calibrations(),
            seed: self.seed,
        };
        Ok(settings.check()?)
    }

    pub(super) fn deepbind_config(&self) -> anyhow::Result<DeepBindConfig> {
        let not_one =
            |name: &str, count: usize| Usage(format!("{name} has {count} values: --model deepbind has one layer"));
        let strands = if self.alphabet.has_complement() { Strands::Max } else { Strands::Forward };
        Ok(DeepBindConfig {
            letters: self.alphabet.letter_count(),
            filters: match self.network.filters[..] {
                [filters] => filters,
                _ => return Err(not_one("--filters", self.network.filters.len()).into()),
            },
            width: match self.network.width.as_deref() {
                None => WIDTH,
                Some([OrAuto::Value(width)]) => *width,
                Some([OrAuto::Auto]) => {
                    return Err(Usage("--width auto belongs to kernel networks: give a number".into()).into());
                }
                Some(several) => return Err(not_one("--width", several.len()).into()),
            },
            strands: self.network.strands.unwrap_or(strands),
        })
    }
}
