//! What each letter of a word adds to the value of the word, where that is a sum over the words of a table.

use super::spectrum::{LETTERS, MAX_WORD};
use super::walsh::{krawtchouk, looked_at, scaled_walsh, walsh};
use crate::error::check_length;
use crate::{Error, Scalar};

/// How the value `t(u) = Σ_v h(mismatches(u, v)) c(v)` of a word `u` is shared among its letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterRule {
    /// A word `v` of `m` mismatches gives `(h(m) − h(l))/(l − m)` to each letter that it shares with `u`; shares sum to
    /// `t(u) − h(l) Σ_v c(v)`, what `u` has above a word that shares no letter with any.
    ///
    /// Source: gkmexplain (Shrikumar, Prakash and Kundaje 2019), for profiles that end at zero.
    Matches,
    /// Shapley values of the letters against independent letters that are all alike: with the Walsh coefficients `t̂`, position
    /// `j` has the sum over the functions that look at `j`, each over the number of positions that it looks at; shares sum to
    /// `t(u)` minus its mean over all words.
    Shapley,
}

/// Tables of the shares of the letters of all words, one position after the other.
///
/// Both rules are diagonal in the Walsh basis, so that a table costs one fast transform.
#[derive(Debug, Clone)]
pub struct LetterShares<S> {
    width: usize,
    rule: LetterRule,
    /// Factors of a Walsh coefficient by the number of positions that its function looks at: of those that look at the position,
    /// and of the others, `[width + 1]` each.
    looking: Vec<S>,
    others: Vec<S>,
    /// Walsh coefficients of `c`, `[4^width]`.
    coefficients: Vec<S>,
    rest: f64,
}

impl<S: Scalar> LetterShares<S> {
    /// Shares of the table `t` that a profile `h(0), …, h(l)` makes of `c`.
    ///
    /// # Shapes
    /// profile `[l + 1]`; c `[4^l]`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for words of no letter or of more than 12; [`Error::Shape`] if `c` is not a table of all words.
    pub fn new(profile: &[f64], mut c: Vec<S>, rule: LetterRule) -> Result<Self, Error> {
        let width = profile.len().saturating_sub(1);
        if width == 0 || width > MAX_WORD {
            return Err(Error::Parameter { name: "width", got: width as f64, expected: "between 1 and 12" });
        }
        let words = LETTERS.pow(width as u32);
        check_length("table of words", words, c.len())?;
        let total: f64 = c.iter().map(|value| value.wide()).sum();
        walsh(&mut c);
        let (size, last) = (words as f64, profile[width]);
        let eigenvalue = |values: &dyn Fn(usize) -> f64, letters: usize, looked_at: usize| -> f64 {
            (0..=letters).map(|m| values(m) * krawtchouk(letters, m, looked_at)).sum::<f64>() / size
        };
        let (looking, others, rest): (Vec<f64>, Vec<f64>, f64) = match rule {
            LetterRule::Matches => {
                let value = |m: usize| (profile[m] - last) / (width - m) as f64;
                let inner: Vec<f64> = (0..width).map(|looked_at| eigenvalue(&value, width - 1, looked_at)).collect();
                let looking = (0..=width).map(|looked_at| inner[looked_at.saturating_sub(1)]).collect();
                // No function that looks at all positions leaves one out.
                (
                    looking,
                    (0..=width).map(|looked_at| inner.get(looked_at).copied().unwrap_or(0.0)).collect(),
                    last * total,
                )
            }
            LetterRule::Shapley => {
                let whole: Vec<f64> =
                    (0..=width).map(|looked_at| eigenvalue(&|m| profile[m], width, looked_at)).collect();
                let looking = (0..=width).map(|looked_at| whole[looked_at] / looked_at.max(1) as f64).collect();
                (looking, vec![0.0; width + 1], whole[0] * total)
            }
        };
        let narrow = |values: Vec<f64>| values.into_iter().map(S::of).collect();
        Ok(Self { width, rule, looking: narrow(looking), others: narrow(others), coefficients: c, rest })
    }

    /// The rule.
    pub fn rule(&self) -> LetterRule {
        self.rule
    }

    /// What the value of every word has beside the shares of its letters.
    pub fn rest(&self) -> f64 {
        self.rest
    }

    /// Replaces a table by the shares of the letter at one position, counted from 0 at the first letter of a word.
    ///
    /// # Shapes
    /// table `[4^width]`, its former numbers do not count.
    ///
    /// # Errors
    /// [`Error::Parameter`] if there is no such position.
    pub fn at(&self, position: usize, table: &mut Vec<S>) -> Result<(), Error> {
        if position >= self.width {
            return Err(Error::Parameter { name: "position", got: position as f64, expected: "below the width" });
        }
        table.clear();
        table.extend_from_slice(&self.coefficients);
        let shift = 2 * (self.width - 1 - position);
        scaled_walsh(table, |function| {
            let factors = if function >> shift & 3 == 0 { &self.others } else { &self.looking };
            factors[looked_at(function)]
        });
        Ok(())
    }
}
