//! Errors of the crate: what a reader of models cannot do.

use ckn_core::ErrorKind;
use thiserror::Error as ThisError;

/// What can go wrong while a model is read.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// The model, or the mathematics below it.
    #[error(transparent)]
    Model(#[from] ckn_model::Error),
    /// Motifs or sequences.
    #[error(transparent)]
    Bio(#[from] ckn_bio::Error),
    /// A head that the model does not have.
    #[error("the model has {heads} outputs, number {got} was asked for: count from 0")]
    Output {
        /// The number asked for.
        got: usize,
        /// Outputs of the model.
        heads: usize,
    },
    /// An anchor point that the model does not have.
    #[error("the first layer has {anchors} anchor points, number {got} was asked for: count from 0")]
    Anchor {
        /// The number asked for.
        got: usize,
        /// Anchor points of the first layer.
        anchors: usize,
    },
    /// Too few sequences to find motifs in and judge them by.
    #[error(
        "{positives} positives and {negatives} negatives are long enough for the model: motifs need at least 4 and 1"
    )]
    FewSequences {
        /// Positives that the model can see.
        positives: usize,
        /// Negatives that the model can see.
        negatives: usize,
    },
    /// Sequences of another alphabet than the model's.
    #[error("the model reads {expected}, the sequences are {got}: give sequences of its alphabet")]
    Alphabet {
        /// The model's.
        expected: String,
        /// The sequences'.
        got: ckn_bio::Alphabet,
    },
    /// Contributions by a rule that the model does not allow.
    #[error("contributions by {way} need {needs}: choose another rule")]
    Way {
        /// The rule, in words.
        way: &'static str,
        /// What it needs.
        needs: &'static str,
    },
    /// Motifs of a function that is no table of words.
    #[error(
        "without sequences, motifs are read from anchor points or from tables of words of up to 12 letters of four, and this {kind} \
         model has neither: give sequences"
    )]
    NoWords {
        /// The kind of the model, in words.
        kind: &'static str,
    },
    /// A range of letters that is not in its sequence.
    #[error(
        "letters {start} to {end} of sequence {record} (0-based, half-open): it has {length}: choose a range inside it"
    )]
    Range {
        /// The sequence, counted from 0.
        record: usize,
        /// First letter of the range.
        start: usize,
        /// Letter after the last.
        end: usize,
        /// Letters of the sequence.
        length: usize,
    },
}

impl Error {
    /// Class of the error.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Model(error) => error.kind(),
            Self::Bio(_) | Self::Alphabet { .. } | Self::FewSequences { .. } => ErrorKind::Input,
            Self::Output { .. } | Self::Range { .. } | Self::Way { .. } | Self::NoWords { .. } => ErrorKind::Setting,
            Self::Anchor { .. } => ErrorKind::Caller,
        }
    }
}

impl From<ckn_core::Error> for Error {
    fn from(error: ckn_core::Error) -> Self {
        Self::Model(error.into())
    }
}
