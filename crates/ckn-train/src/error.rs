use ckn_core::ErrorKind;
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
    /// Settings that cannot be written into a model.
    #[error("settings cannot be written as JSON")]
    Settings(#[from] serde_json::Error),
    /// The tensor layers or their device refused.
    #[cfg(feature = "tensors")]
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
    /// Too few labels of one of several tasks.
    #[error(
        "task {task} (counted from 0) has {positives} positives and {negatives} negatives: training needs at least 2 \
         labels of each class: leave the task out, or label more of its sequences"
    )]
    Task {
        /// The task, counted from 0.
        task: usize,
        /// Records with a label above ½.
        positives: usize,
        /// Records with another label.
        negatives: usize,
    },
    /// Too few records of one of several classes.
    #[error(
        "class {class} has {records} records, training needs at least 2 of each: number classes from 0 without gaps"
    )]
    Class {
        /// The class.
        class: usize,
        /// Its records.
        records: usize,
    },
    /// An engine has no gradient by the bandwidth.
    #[error("the engine `{engine}` has no gradient by the bandwidth: train on the CPU, with the slice engine")]
    Bandwidth {
        /// Name of the engine.
        engine: String,
    },
    /// Too few records of a class for every fold of a calibration.
    #[error(
        "cross-validation needs at least {folds} records of each class, there are {positives} positives and {negatives} \
         negatives: give more, or train without calibration, search or a choice of the penalty"
    )]
    Folds {
        /// Folds of the calibration.
        folds: usize,
        /// Records with label 1.
        positives: usize,
        /// Records with label 0.
        negatives: usize,
    },
    /// A search ended without a candidate that was tried.
    #[error("no candidate was tried before the search was ended: give it more time")]
    NothingTried,
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
    /// A split that is none of the data.
    #[error(
        "the split names record {record} twice, or beyond the {records} there are: each belongs to one part at most"
    )]
    Split {
        /// The record, counted from 0.
        record: usize,
        /// Number of records.
        records: usize,
    },
    /// A state of a training that does not fit its data or settings.
    #[error("the state of the training does not fit it ({what}): start anew")]
    State {
        /// What does not fit.
        what: &'static str,
    },
    /// A state of a training cannot be kept.
    #[error("the state of the training cannot be kept: {reason}")]
    Keep {
        /// Why.
        reason: String,
    },
    /// Training was ended before there was a result.
    #[error("training was ended before there was a result")]
    Interrupted,
    /// Images and their classes do not match.
    #[error(
        "there are {images} images and {labels} labels of {classes} classes: every image needs a class, and there must be 2"
    )]
    Images {
        /// Number of images.
        images: usize,
        /// Number of labels.
        labels: usize,
        /// Number of classes.
        classes: usize,
    },
    /// Labels cannot train some of the layers.
    #[error(
        "labels train networks of one branch whose layers are all of anchor points (encoding `nystrom`): choose such a network"
    )]
    NotDifferentiable,
    /// No window of known letters to start anchors from.
    #[error(
        "no window of {width} known letters in the training sequences: nothing to start anchor points from: use \
         narrower filters, or check the alphabet and the masking of the sequences"
    )]
    NoWindow {
        /// Patch width.
        width: usize,
    },
    /// No window of known letters for an exact kernel to compare.
    #[error(
        "no training sequence has a window of {width} known letters, and the longest has {longest} letters: the kernel \
         sees nothing: use a narrower window, or check the alphabet and the masking of the sequences"
    )]
    Windowless {
        /// Letters of a window.
        width: usize,
        /// Letters of the longest sequence.
        longest: usize,
    },
    /// A kernel matrix that would have to be written out, and is too large.
    #[error(
        "the kernel matrix of {sequences} sequences would have to be written out, which is done of {limit} at most: give \
         fewer sequences, or, for DNA and RNA, a kernel of windows of at most 12 letters"
    )]
    Written {
        /// Number of sequences.
        sequences: usize,
        /// Most sequences.
        limit: usize,
    },
    /// The loss is not one the alternating trainer has a head for.
    #[error("this trainer has no head for the loss {loss:?}")]
    Loss {
        /// The loss.
        loss: ckn_core::loss::Loss,
    },
}

impl Error {
    /// Class of the error.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Core(error) => error.kind(),
            Self::Model(error) => error.kind(),
            #[cfg(feature = "tensors")]
            Self::Burn(error) => error.kind(),
            Self::Setting { .. }
            | Self::Loss { .. }
            | Self::Bandwidth { .. }
            | Self::Keep { .. }
            | Self::NotDifferentiable => ErrorKind::Setting,
            Self::Images { .. }
            | Self::Classes { .. }
            | Self::Class { .. }
            | Self::Task { .. }
            | Self::Folds { .. }
            | Self::NoWindow { .. }
            | Self::Windowless { .. }
            | Self::Written { .. }
            | Self::State { .. }
            | Self::Labels { .. } => ErrorKind::Input,
            Self::Settings(_) | Self::Split { .. } => ErrorKind::Caller,
            Self::NothingTried | Self::Interrupted => ErrorKind::Interrupted,
        }
    }
}
