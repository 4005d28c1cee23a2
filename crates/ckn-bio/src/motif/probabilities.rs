//! Probabilities of letters, and what they tell.

use rand::Rng;

use super::columns::{Columns, matrix};
use super::{Background, LogOdds};
use crate::alphabet::Alphabet;
use crate::drawing::draw_letter;
use crate::error::{Error, MotifError};

/// How far the sum of a column may be from one; it is then scaled to one. Files round to as few as three digits.
const TOLERANCE: f64 = 0.05;

/// The probability of each letter at each position: a position weight matrix (PWM).
#[derive(Debug, Clone, PartialEq)]
pub struct Probabilities(Columns);

matrix!(Probabilities);

impl Probabilities {
    /// Checked probabilities, each column scaled to a sum of one.
    ///
    /// # Shapes
    /// values `[width, letters]`, letters in the order of [`Alphabet::letters`].
    ///
    /// # Errors
    /// [`MotifError::NoColumns`], [`MotifError::Shape`], [`MotifError::TooWide`]; [`MotifError::Value`] for a probability
    /// that is negative, above one or not finite; [`MotifError::ColumnSum`] for a column whose sum is further than 0.05 from
    /// one.
    pub fn new(alphabet: Alphabet, values: Vec<f64>) -> Result<Self, Error> {
        let sound = |value: f64| (0.0..=1.0 + TOLERANCE).contains(&value);
        let mut columns = Columns::new(alphabet, values, sound, "a probability between 0 and 1")?;
        let letters = columns.letters();
        for (at, column) in columns.values.chunks_exact_mut(letters).enumerate() {
            let total: f64 = column.iter().sum();
            if (total - 1.0).abs() > TOLERANCE {
                return Err(MotifError::ColumnSum { column: at + 1, total }.into());
            }
            // A sum that is one up to rounding is left as it is: reading what was written gives the same numbers.
            if (total - 1.0).abs() > 1e-9 {
                column.iter_mut().for_each(|value| *value /= total);
            }
        }
        Ok(Self(columns))
    }

    /// Probabilities at a position, counted from 0; empty past the end.
    pub fn column(&self, position: usize) -> &[f64] {
        self.0.iter().nth(position).unwrap_or(&[])
    }

    /// Columns from the first on.
    pub fn columns(&self) -> std::slice::ChunksExact<'_, f64> {
        self.0.iter()
    }

    /// Information of each column in bits, relative to a background: `Σ_a µ_a log2(µ_a/b_a)`; against a uniform background
    /// `log2 |A| + Σ_a µ_a log2 µ_a` (Schneider and Stephens 1990).
    ///
    /// # Errors
    /// [`MotifError::Alphabets`].
    pub fn information(&self, background: &Background) -> Result<Vec<f64>, Error> {
        self.check(background)?;
        let term = |(&value, &frequency): (&f64, &f64)| {
            if value > 0.0 { value * (value / frequency).log2() } else { 0.0 }
        };
        Ok(self.columns().map(|column| column.iter().zip(background.frequencies()).map(term).sum()).collect())
    }

    /// `log2((µ_a + c b_a)/((1 + c) b_a))` in bits, with `c` the pseudocount as a share of the sites and `b` the background.
    ///
    /// # Errors
    /// [`MotifError::Alphabets`]; [`MotifError::Value`] for a share that is not above zero where a probability is zero.
    pub fn log_odds(&self, pseudocount: f64, background: &Background) -> Result<LogOdds, Error> {
        self.check(background)?;
        let score = |(&value, &frequency): (&f64, &f64)| {
            ((value + pseudocount * frequency) / ((1.0 + pseudocount) * frequency)).log2()
        };
        let scores = self.columns().flat_map(|column| column.iter().zip(background.frequencies()).map(score));
        LogOdds::new(self.alphabet(), scores.collect())
    }

    /// The motif without the columns at either end whose information is below `bits`; the best column always stays. Returns
    /// the first position that was kept, too.
    ///
    /// # Errors
    /// [`MotifError::Alphabets`].
    pub fn trimmed(&self, bits: f64, background: &Background) -> Result<(Self, usize), Error> {
        let information = self.information(background)?;
        let kept = |&at: &usize| information[at] >= bits;
        let best =
            (0..information.len()).fold(0, |best, at| if information[at] > information[best] { at } else { best });
        let first = (0..information.len()).find(kept).unwrap_or(best);
        let last = (0..information.len()).rfind(kept).unwrap_or(best);
        let letters = self.0.letters();
        let values = self.values()[first * letters..(last + 1) * letters].to_vec();
        Ok((Self(Columns { alphabet: self.alphabet(), values }), first))
    }

    /// The motif as the opposite strand shows it.
    ///
    /// # Errors
    /// [`MotifError::NoComplement`].
    pub fn reverse_complement(&self) -> Result<Self, Error> {
        self.0.reverse_complement().map(Self)
    }

    /// Draws a site, each letter by the probabilities of its column, over the first tokens of `site`; what is past the last
    /// column stays.
    pub fn draw(&self, site: &mut [u8], random: &mut impl Rng) {
        for (token, column) in site.iter_mut().zip(self.columns()) {
            *token = draw_letter(column, random);
        }
    }

    /// The most probable letter at each position, the first of equals.
    pub fn consensus(&self) -> String {
        let letters: Vec<char> = self.alphabet().letters().chars().collect();
        let best =
            |column: &[f64]| (0..column.len()).fold(0, |best, at| if column[at] > column[best] { at } else { best });
        self.columns().map(|column| letters[best(column)]).collect()
    }

    fn check(&self, background: &Background) -> Result<(), Error> {
        if background.alphabet() == self.alphabet() {
            return Ok(());
        }
        Err(MotifError::Alphabets { first: self.alphabet(), second: background.alphabet() }.into())
    }
}
