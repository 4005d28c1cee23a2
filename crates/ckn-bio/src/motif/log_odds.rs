//! Scores of letters against a background.

use super::columns::{Columns, matrix};
use crate::alphabet::Alphabet;
use crate::error::Error;

/// The log-odds of each letter at each position, in bits: what scanning adds up.
#[derive(Debug, Clone, PartialEq)]
pub struct LogOdds(Columns);

matrix!(LogOdds);

impl LogOdds {
    /// Checked scores.
    ///
    /// # Shapes
    /// scores `[width, letters]`, letters in the order of [`Alphabet::letters`].
    ///
    /// # Errors
    /// [`MotifError::NoColumns`](crate::MotifError::NoColumns), [`MotifError::Shape`](crate::MotifError::Shape),
    /// [`MotifError::TooWide`](crate::MotifError::TooWide); [`MotifError::Value`](crate::MotifError::Value) for a score that
    /// is not finite.
    pub fn new(alphabet: Alphabet, scores: Vec<f64>) -> Result<Self, Error> {
        Columns::new(alphabet, scores, f64::is_finite, "a finite score: use a pseudocount").map(Self)
    }

    /// The scores as the opposite strand shows them.
    ///
    /// # Errors
    /// [`MotifError::NoComplement`](crate::MotifError::NoComplement).
    pub fn reverse_complement(&self) -> Result<Self, Error> {
        self.0.reverse_complement().map(Self)
    }
}
