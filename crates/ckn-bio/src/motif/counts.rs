//! Counts of letters in aligned sites.

use super::columns::{Columns, matrix};
use super::{Background, Probabilities};
use crate::alphabet::Alphabet;
use crate::error::{Error, MotifError};

/// How often each letter stands at each position of aligned sites; weights of sites make counts that are not whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts(Columns);

matrix!(Counts);

impl Counts {
    /// Checked counts.
    ///
    /// # Shapes
    /// counts `[width, letters]`, letters in the order of [`Alphabet::letters`].
    ///
    /// # Errors
    /// [`MotifError::NoColumns`], [`MotifError::Shape`], [`MotifError::TooWide`]; [`MotifError::Value`] for a count that is
    /// negative or not finite.
    pub fn new(alphabet: Alphabet, counts: Vec<f64>) -> Result<Self, Error> {
        let sound = |count: f64| count.is_finite() && count >= 0.0;
        Columns::new(alphabet, counts, sound, "a finite count of at least 0").map(Self)
    }

    /// The largest column sum: the number of sites.
    pub fn sites(&self) -> f64 {
        self.0.iter().map(|column| column.iter().sum()).fold(0.0, f64::max)
    }

    /// `µ_a = (n_a + c b_a)/(n + c)`, with `c` the pseudocount and `b` the background.
    ///
    /// # Errors
    /// [`MotifError::EmptyColumn`] for a column of zeros without a pseudocount; [`MotifError::Alphabets`];
    /// [`MotifError::Value`] for a pseudocount that is negative or not finite.
    pub fn probabilities(&self, pseudocount: f64, background: &Background) -> Result<Probabilities, Error> {
        if background.alphabet() != self.alphabet() {
            return Err(MotifError::Alphabets { first: self.alphabet(), second: background.alphabet() }.into());
        }
        if !(pseudocount.is_finite() && pseudocount >= 0.0) {
            let expected = "a finite pseudocount of at least 0";
            return Err(MotifError::Value { column: 1, got: pseudocount, expected }.into());
        }
        let mut values = Vec::with_capacity(self.0.values.len());
        for (at, column) in self.0.iter().enumerate() {
            let total = column.iter().sum::<f64>() + pseudocount;
            if total <= 0.0 {
                return Err(MotifError::EmptyColumn(at + 1).into());
            }
            let letters = column.iter().zip(background.frequencies());
            values.extend(letters.map(|(count, frequency)| (count + pseudocount * frequency) / total));
        }
        Probabilities::new(self.alphabet(), values)
    }
}
