use ckn_core::loss::Loss;
use ckn_core::seed::{Random, Seed};
use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::Error;

/// Settings of a training of [`ckn_model::DeepBind`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct DeepBindSettings {
    /// Loss of a score and a label.
    pub loss: Loss,
    /// Passes over the training data.
    pub epochs: usize,
    /// Records of a minibatch.
    pub batch: usize,
    /// First learning rate of Adam; halved after epochs without progress.
    pub learning_rate: f64,
    /// `d` in `(1/n) Σ losses + (d/2) (‖F‖² + ‖w‖²)`: filters and weights, not biases.
    pub weight_decay: f64,
    /// Standard deviation of filters and weights at the start.
    pub initial_deviation: f64,
    /// Share of the responses that a minibatch does not see.
    pub dropout: f64,
    /// Epochs without a lower validation loss after which the learning rate is halved.
    pub patience: usize,
    /// Epochs without a lower validation loss after which training stops; `None` for never.
    pub early_stop: Option<usize>,
    /// Part of the records held out to choose the epoch.
    pub validation: f64,
    /// Random draws of learning rate, weight decay, deviation and dropout, of which the best is trained; 0 takes the
    /// settings as they are.
    pub calibrations: usize,
    /// Root of every random stream.
    pub seed: u64,
}

impl Default for DeepBindSettings {
    fn default() -> Self {
        Self {
            loss: Loss::Logistic,
            epochs: 100,
            batch: 64,
            learning_rate: 0.01,
            weight_decay: 1e-3,
            initial_deviation: 0.1,
            dropout: 0.25,
            patience: 4,
            early_stop: Some(20),
            validation: 0.25,
            calibrations: 30,
            seed: 0,
        }
    }
}

/// Settings that [`DeepBindSettings::check`] accepted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct CheckedDeepBindSettings(DeepBindSettings);

impl std::ops::Deref for CheckedDeepBindSettings {
    type Target = DeepBindSettings;
    fn deref(&self) -> &DeepBindSettings {
        &self.0
    }
}

impl DeepBindSettings {
    /// Validates every number.
    ///
    /// # Errors
    /// [`Error::Setting`] with the setting, its value and its domain; [`Error::Loss`] for a loss without a single score.
    pub fn check(self) -> Result<CheckedDeepBindSettings, Error> {
        let within = |name, got: f64, fits: bool, expected| {
            if fits { Ok(()) } else { Err(Error::Setting { name, got, expected }) }
        };
        within("epochs", self.epochs as f64, self.epochs <= 1_000_000, "at most 1,000,000")?;
        within("batch", self.batch as f64, self.batch >= 1, "at least 1")?;
        let rate = self.learning_rate;
        within("learning rate", rate, rate > 0.0 && rate <= 10.0, "above 0 and at most 10")?;
        let decay = self.weight_decay;
        within("weight decay", decay, (0.0..=10.0).contains(&decay), "between 0 and 10")?;
        let deviation = self.initial_deviation;
        within("initial deviation", deviation, deviation > 0.0 && deviation <= 10.0, "above 0 and at most 10")?;
        within("dropout", self.dropout, (0.0..=0.9).contains(&self.dropout), "between 0 and 0.9")?;
        let part = self.validation;
        within("validation part", part, (0.01..=0.9).contains(&part), "between 0.01 and 0.9")?;
        within("early stop", self.early_stop.unwrap_or(1) as f64, self.early_stop != Some(0), "at least 1 epoch")?;
        within("calibrations", self.calibrations as f64, self.calibrations <= 100_000, "at most 100,000")?;
        match self.loss {
            Loss::Logistic | Loss::SquaredHinge | Loss::Squared => Ok(CheckedDeepBindSettings(self)),
            loss => Err(Error::Loss { loss }),
        }
    }
}

impl CheckedDeepBindSettings {
    /// The settings of a calibration trial: learning rate in [10⁻³, 10⁻¹], weight decay in [10⁻⁵, 10⁻²], deviation in
    /// [10⁻², 10⁻⁰·⁵], each log-uniform, and a dropout of 0, ¼ or ½. Each trial has its own stream.
    pub(super) fn drawn(&self, trial: usize) -> Self {
        let mut random = Seed(self.seed).stream_at("calibration", trial as u64);
        let log_uniform = |random: &mut Random, low: f64, high: f64| 10f64.powf(random.random_range(low..high));
        Self(DeepBindSettings {
            learning_rate: log_uniform(&mut random, -3.0, -1.0),
            weight_decay: log_uniform(&mut random, -5.0, -2.0),
            initial_deviation: log_uniform(&mut random, -2.0, -0.5),
            dropout: [0.0, 0.25, 0.5][random.random_range(0..3)],
            ..self.0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_outside_their_domain_are_refused() {
        let good = DeepBindSettings::default();
        assert!(good.check().is_ok());
        for broken in [
            DeepBindSettings { batch: 0, ..good },
            DeepBindSettings { learning_rate: f64::NAN, ..good },
            DeepBindSettings { weight_decay: -1.0, ..good },
            DeepBindSettings { initial_deviation: 0.0, ..good },
            DeepBindSettings { dropout: 1.0, ..good },
            DeepBindSettings { validation: 0.0, ..good },
            DeepBindSettings { early_stop: Some(0), ..good },
            DeepBindSettings { loss: Loss::Multinomial, ..good },
        ] {
            assert!(broken.check().is_err(), "{broken:?}");
        }
    }

    #[test]
    fn every_trial_draws_settings_of_its_own() {
        let settings = DeepBindSettings::default().check().unwrap();
        assert_eq!(settings.drawn(3), settings.drawn(3));
        assert_ne!(settings.drawn(3), settings.drawn(4));
        assert!((0..200).all(|trial| settings.drawn(trial).check().is_ok()));
    }
}
