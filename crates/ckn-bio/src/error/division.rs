//! What can be wrong with a division of sequences into training and test.

use thiserror::Error as ThisError;

use crate::place::Place;

/// What can be wrong with a division of sequences into training and test.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum DivisionError {
    /// More folds than there is to divide, or too few to be a division.
    #[error("{folds} folds of {parts} {of}: take at least 2 and at most as many as there are {of}")]
    Folds {
        /// Number of folds.
        folds: usize,
        /// Number of what is divided.
        parts: usize,
        /// What is divided.
        of: &'static str,
    },
    /// A group that no sequence belongs to.
    #[error("no sequence belongs to `{}`: choose among {known}", name.escape_debug())]
    NoSuchGroup {
        /// The name asked for.
        name: String,
        /// Some of the names there are.
        known: String,
    },
    /// A division without training records.
    #[error("all sequences belong to the test set: leave some chromosomes or groups for training")]
    NoTraining,
    /// The name of a sequence that does not say where it lies.
    #[error("{at} does not say where it lies: name sequences such as chr1:100-201, or cut them from a genome")]
    NoChromosome {
        /// Where.
        at: Box<Place>,
    },
}
