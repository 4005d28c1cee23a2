use thiserror::Error as ThisError;

/// What can go wrong in training.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// The mathematics refused.
    #[error(transparent)]
    Core(#[from] ckn_core::Error),
    /// The network refused.
    #[error(transparent)]
    Model(#[from] ckn_model::Error),
    /// The tensor layers or their device refused.
    #[error(transparent)]
    Burn(#[from] ckn_burn::Error),
    /// Labels and sequences do not match.
    #[error("there are {labels} labels for {sequences} sequences")]
    Labels {
        /// Number of labels.
        labels: usize,
        /// Number of sequences.
        sequences: usize,
    },
    /// Too few records of a class.
    #[error(
        "training needs at least 2 records of each class, there are {positives} positives and {negatives} negatives: \
         give both classes, or make negatives by shuffling the positives"
    )]
    Classes {
        /// Records with label 1.
        positives: usize,
        /// Records with label 0.
        negatives: usize,
    },
    /// Too few records of a class for every fold of a calibration.
    #[error(
        "calibration needs at least {folds} records of each class, there are {positives} positives and {negatives} \
         negatives: train without calibration"
    )]
    Folds {
        /// Folds of the calibration.
        folds: usize,
        /// Records with label 1.
        positives: usize,
        /// Records with label 0.
        negatives: usize,
    },
    /// A setting is outside its domain.
    #[error("{name} = {got}: it must be {expected}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// Its value.
        got: f64,
        /// Its domain, in words.
        expected: &'static str,
    },
    /// No window of known letters to start anchors from.
    #[error(
        "no window of {width} known letters in the training sequences: nothing to start anchor points from: use \
         narrower filters, or check the alphabet and the masking of the sequences"
    )]
    NoWindow {
        /// Patch width.
        width: usize,
    },
    /// An engine cannot run this network.
    #[error("the slice engine runs networks of one layer, this one has {layers}: use the reference engine")]
    TooDeep {
        /// Number of layers.
        layers: usize,
    },
    /// The loss is not one the alternating trainer has a head for.
    #[error(
        "the loss {loss:?} needs one score a class, which this trainer does not fit: use logistic, squared-hinge or squared"
    )]
    Loss {
        /// The loss.
        loss: ckn_core::loss::Loss,
    },
}
