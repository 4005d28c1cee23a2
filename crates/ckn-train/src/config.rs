//! Settings of a training.

use ckn_core::loss::Loss;
use serde::{Deserialize, Serialize};

use crate::{ClassWeight, Error};

/// Which pair of anchors and head an epoch is judged by, and kept with.
///
/// Either pair is consistent: its validation loss was measured on the very anchors and head that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Selection {
    /// The anchors after a pass, with the head they moved under, as the authors' code does.
    #[default]
    Moved,
    /// The anchors before a pass, with the head fitted for them.
    Refitted,
}

/// Where anchor points start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// On the centres of spherical k-means on patches of the training part (CKN-seq, section 2.2).
    #[default]
    KMeans,
    /// Where the network that is trained has them: fitted without labels ([`crate::fit_without_labels`]), or by another training.
    Given,
}

impl Start {
    fn is_k_means(&self) -> bool {
        *self == Self::KMeans
    }
}

/// Settings of the alternating optimiser; defaults are the paper's (CKN-seq, section 3.2 and appendix B).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainConfig {
    /// Loss of a score and a label.
    pub loss: Loss,
    /// `A` in `Σ losses + (A/2) ‖w‖²`; 0.1 is the paper's `λ = 0.1/n`.
    pub l2: f64,
    /// Choose the penalty on the held-out part instead, for the anchors of the start (CKN-seq, section B.1).
    pub choose_l2: bool,
    /// Weights of the classes, for losses of two classes.
    pub class_weight: ClassWeight,
    /// Whether Adam moves the bandwidths `σ`, too.
    pub learn_sigma: bool,
    /// Passes over the training data with the anchors moving; 0 keeps the k-means anchors (unsupervised network).
    pub epochs: usize,
    /// Records of a minibatch.
    pub batch: usize,
    /// First learning rate of Adam.
    pub learning_rate: f64,
    /// Epochs without a lower validation loss after which the learning rate is halved.
    pub patience: usize,
    /// Epochs without a lower validation loss after which training stops; `None` for never.
    pub early_stop: Option<usize>,
    /// Part of the records held out to choose the epoch.
    pub validation: f64,
    /// Which pair of anchors and head is judged on them.
    pub selection: Selection,
    /// Where anchor points start.
    #[serde(skip_serializing_if = "Start::is_k_means")]
    pub start: Start,
    /// Most patches that k-means sees.
    pub patches: usize,
    /// Refit the head on all records, validation included, for the anchors that are kept.
    pub refit: bool,
    /// Penalise the head's weights on standardised embeddings.
    pub standardise: bool,
    /// Root of every random stream.
    pub seed: u64,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            loss: Loss::Logistic,
            l2: 0.1,
            choose_l2: false,
            class_weight: ClassWeight::Positives(1.0),
            learn_sigma: false,
            epochs: 100,
            batch: 128,
            learning_rate: 0.1,
            patience: 4,
            early_stop: None,
            validation: 0.25,
            selection: Selection::default(),
            start: Start::default(),
            patches: 100_000,
            refit: true,
            standardise: false,
            seed: 0,
        }
    }
}

/// Settings that [`TrainConfig::check`] accepted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(transparent)]
pub struct CheckedTrainConfig(TrainConfig);

impl std::ops::Deref for CheckedTrainConfig {
    type Target = TrainConfig;
    fn deref(&self) -> &TrainConfig {
        &self.0
    }
}

impl TrainConfig {
    /// Validates every number.
    ///
    /// # Example
    /// ```
    /// use ckn_train::TrainConfig;
    ///
    /// assert!(TrainConfig { epochs: 30, ..TrainConfig::default() }.check().is_ok());
    /// assert!(TrainConfig { batch: 0, ..TrainConfig::default() }.check().is_err());
    /// ```
    ///
    /// # Errors
    /// [`Error::Setting`] with the setting, its value and its domain; [`Error::Loss`] for a loss without a single score.
    pub fn check(self) -> Result<CheckedTrainConfig, Error> {
        let within = |name, got: f64, fits: bool, expected| {
            if fits { Ok(()) } else { Err(Error::Setting { name, got, expected }) }
        };
        within("l2", self.l2, self.l2.is_finite() && self.l2 >= 0.0, "a finite number, at least 0")?;
        if let ClassWeight::Positives(weight) = self.class_weight {
            let fits = (1e-9..=1e9).contains(&weight);
            within("weight of positives", weight, fits, "between 1e-9 and 1e9")?;
        }
        within("epochs", self.epochs as f64, self.epochs <= 1_000_000, "at most 1,000,000")?;
        within("batch", self.batch as f64, self.batch >= 1, "at least 1")?;
        let rate = self.learning_rate;
        within("learning rate", rate, rate > 0.0 && rate <= 10.0, "above 0 and at most 10")?;
        let part = self.validation;
        within("validation part", part, (0.01..=0.9).contains(&part), "between 0.01 and 0.9")?;
        within("patches", self.patches as f64, self.patches >= 1, "at least 1")?;
        within("early stop", self.early_stop.unwrap_or(1) as f64, self.early_stop != Some(0), "at least 1 epoch")?;
        match self.loss {
            Loss::Logistic | Loss::SquaredHinge | Loss::Squared | Loss::Multinomial => Ok(CheckedTrainConfig(self)),
            loss => Err(Error::Loss { loss }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_outside_their_domain_are_refused() {
        assert!(TrainConfig::default().check().is_ok());
        for broken in [
            TrainConfig { l2: -1.0, ..TrainConfig::default() },
            TrainConfig { l2: f64::NAN, ..TrainConfig::default() },
            TrainConfig { batch: 0, ..TrainConfig::default() },
            TrainConfig { learning_rate: 0.0, ..TrainConfig::default() },
            TrainConfig { validation: 1.0, ..TrainConfig::default() },
            TrainConfig { patches: 0, ..TrainConfig::default() },
            TrainConfig { early_stop: Some(0), ..TrainConfig::default() },
            TrainConfig { class_weight: ClassWeight::Positives(0.0), ..TrainConfig::default() },
            TrainConfig { class_weight: ClassWeight::Positives(f64::NAN), ..TrainConfig::default() },
        ] {
            assert!(broken.check().is_err(), "{broken:?}");
        }
    }
}
