//! Scores as whole numbers.

use crate::error::{Error, MotifError};
use crate::motif::LogOdds;

/// The finest step, in bits. Steps are powers of two, so that scores on the grid are exact.
const FINEST: f64 = 1.0 / 1024.0;

/// Most steps between the worst score and the best: 2 MiB of probabilities.
pub(super) const MOST_LEVELS: i64 = 1 << 18;

/// Largest score of a letter, in bits: beyond, the grid would tell nothing else apart.
const LARGEST: f64 = 1e6;

/// A matrix rounded to a grid: the score of a word is `base + step · Σ levels`.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    /// Distance of neighbouring scores, in bits.
    pub(super) step: f64,
    /// The worst score, in bits.
    pub(super) base: f64,
    /// Steps of each letter above the worst of its column, `[width, letters]`.
    pub(super) levels: Vec<u32>,
    /// Steps of the best score above the worst.
    pub(super) top: usize,
}

impl Grid {
    pub(super) fn new(log_odds: &LogOdds) -> Result<Self, Error> {
        let letters = log_odds.alphabet().letter_count();
        if let Some(at) = log_odds.values().iter().position(|score| score.abs() > LARGEST) {
            let expected = "a score between -1000000 and 1000000 bits: use a pseudocount";
            return Err(MotifError::Value { column: at / letters + 1, got: log_odds.values()[at], expected }.into());
        }
        let mut step = FINEST;
        loop {
            let rounded: Vec<i64> = log_odds.values().iter().map(|score| (score / step).round() as i64).collect();
            let worst: Vec<i64> =
                rounded.chunks_exact(letters).filter_map(|column| column.iter().copied().min()).collect();
            let best: i64 = rounded.chunks_exact(letters).filter_map(|column| column.iter().max()).sum();
            let base: i64 = worst.iter().sum();
            if best - base <= MOST_LEVELS {
                let above = |(column, worst): (&[i64], &i64)| {
                    column.iter().map(|level| (level - worst) as u32).collect::<Vec<_>>()
                };
                let levels = rounded.chunks_exact(letters).zip(&worst).flat_map(above).collect();
                return Ok(Self { step, base: base as f64 * step, levels, top: (best - base) as usize });
            }
            step *= 2.0;
        }
    }

    /// The score of a level, in bits.
    pub(super) fn score(&self, level: usize) -> f64 {
        self.base + level as f64 * self.step
    }

    /// The lowest level whose score is at least as large; above the top if there is none. NaN is above all.
    pub(super) fn level(&self, score: f64) -> usize {
        if score.is_nan() {
            self.top + 1
        } else {
            (((score - self.base) / self.step).ceil() as usize).min(self.top + 1)
        }
    }
}
