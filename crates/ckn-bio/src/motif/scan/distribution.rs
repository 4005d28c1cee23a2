//! How likely scores are on random sequences.

use super::grid::Grid;
use crate::error::{Error, MotifError};
use crate::motif::{Background, LogOdds};

/// The distribution of the score of a matrix on random words, whose letters are drawn from a background one by one.
///
/// Scores are rounded to a grid, letter by letter, and the distribution of their sum is computed column after column
/// (Staden 1989; Grant, Bailey and Noble 2011). The step of the grid is 1/1024 bit, and doubled until the best score
/// lies at most 262 144 steps above the worst: 256 bits. For the rounded matrix it is exact up to the rounding of
/// `f64`; the score of a word in the given matrix differs by at most `width · step / 2`. A score that stands in for
/// `−∞`, such as −10 000, widens the step for all others.
///
/// ```
/// use ckn_bio::Alphabet;
/// use ckn_bio::motif::{Background, LogOdds, ScoreDistribution};
///
/// // T, then A or G.
/// let log_odds = LogOdds::new(Alphabet::Dna, vec![-3., -3., -3., 2., 1., -2., 1., -2.])?;
/// let distribution = ScoreDistribution::new(&log_odds, &Background::uniform(Alphabet::Dna))?;
/// assert_eq!(distribution.p_value(3.0), 2.0 / 16.0);
/// assert_eq!(distribution.threshold(0.2), Some(distribution.step()));
/// # Ok::<(), ckn_bio::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ScoreDistribution {
    pub(super) grid: Grid,
    /// Probability of each level from `first` on, or a higher one.
    survival: Vec<f64>,
    /// Levels below are forgotten.
    first: usize,
    width: usize,
}

impl ScoreDistribution {
    /// The distribution of a matrix. `O(width · letters · steps)`.
    ///
    /// # Errors
    /// [`MotifError::Alphabets`]; [`MotifError::Value`] for a score below −1 000 000 or above 1 000 000 bits.
    pub fn new(log_odds: &LogOdds, background: &Background) -> Result<Self, Error> {
        if background.alphabet() != log_odds.alphabet() {
            return Err(MotifError::Alphabets { first: log_odds.alphabet(), second: background.alphabet() }.into());
        }
        let grid = Grid::new(log_odds)?;
        let survival = survival(&grid, background.frequencies());
        Ok(Self { grid, survival, first: 0, width: log_odds.width() })
    }

    /// Probability that a random word scores at least as much, in bits.
    ///
    /// The score is rounded to the grid. The p-value is never below the smallest normal `f64` (2.2e-308), except for a
    /// score further above the best than rounding explains: there it is 0. That of NaN is 1.
    pub fn p_value(&self, score: f64) -> f64 {
        let level = ((score - self.grid.base) / self.grid.step).round();
        if level > (self.grid.top + self.width.div_ceil(2)) as f64 {
            return 0.0;
        }
        self.p_value_of_level(level as usize)
    }

    /// The smallest score on the grid, in bits, whose p-value is at most `p_value`; `None` where that of the best score
    /// is larger.
    pub fn threshold(&self, p_value: f64) -> Option<f64> {
        let level = self.survival.partition_point(|&tail| tail > p_value || p_value.is_nan());
        (level < self.survival.len()).then(|| self.grid.score(self.first + level))
    }

    /// The worst score, in bits.
    pub fn worst(&self) -> f64 {
        self.grid.base
    }

    /// The best score, in bits.
    pub fn best(&self) -> f64 {
        self.grid.score(self.grid.top)
    }

    /// Distance of neighbouring scores on the grid, in bits.
    pub fn step(&self) -> f64 {
        self.grid.step
    }

    /// A level below the first that is kept has the p-value 1.
    pub(super) fn p_value_of_level(&self, level: usize) -> f64 {
        let kept = level.min(self.grid.top).checked_sub(self.first);
        kept.and_then(|kept| self.survival.get(kept)).copied().unwrap_or(1.0)
    }

    /// Forgets the probabilities of lower levels; the best is always kept.
    pub(super) fn keep_from(&mut self, level: usize) {
        let kept = level.min(self.grid.top).saturating_sub(self.first).min(self.survival.len() - 1);
        self.survival = self.survival.split_off(kept);
        self.first += kept;
    }
}

/// Probability of each level or a higher one. Sums start at the top, where terms are smallest: no digit of a tail is
/// lost.
fn survival(grid: &Grid, frequencies: &[f64]) -> Vec<f64> {
    let mut density = vec![0.0; grid.top + 1];
    let mut next = vec![0.0; grid.top + 1];
    density[0] = 1.0;
    // Levels that the columns so far can reach.
    let mut reached = 1;
    for column in grid.levels.chunks_exact(frequencies.len()) {
        let grown = reached + column.iter().max().map_or(0, |&level| level as usize);
        next[..grown].fill(0.0);
        for (&level, frequency) in column.iter().zip(frequencies) {
            let shifted = next[level as usize..][..reached].iter_mut();
            shifted.zip(&density).for_each(|(sum, probability)| *sum += frequency * probability);
        }
        std::mem::swap(&mut density, &mut next);
        reached = grown;
    }
    let mut tail = 0.0;
    for probability in density.iter_mut().rev() {
        tail += *probability;
        *probability = tail.clamp(f64::MIN_POSITIVE, 1.0);
    }
    // Every word scores at least the worst; the sum of all probabilities is rounded.
    density[0] = 1.0;
    density
}
