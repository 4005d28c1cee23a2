//! When to halve the learning rate, and which epoch is best.

use serde::{Deserialize, Serialize};

/// Halves the learning rate after more than `patience` epochs in a row without a lower loss (CKN-seq, section 3.2).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plateau {
    patience: usize,
    best: f64,
    stale: usize,
}

/// Fraction by which a loss must fall to count as lower.
const THRESHOLD: f64 = 1e-4;
/// Smallest learning rate.
const FLOOR: f64 = 1e-4;

impl Plateau {
    pub(crate) fn new(patience: usize) -> Self {
        Self { patience, best: f64::INFINITY, stale: 0 }
    }

    /// The learning rate after an epoch of this loss.
    pub(crate) fn after(&mut self, loss: f64, learning_rate: f64) -> f64 {
        if loss < self.best * (1.0 - THRESHOLD) {
            self.best = loss;
            self.stale = 0;
            return learning_rate;
        }
        self.stale += 1;
        if self.stale <= self.patience {
            return learning_rate;
        }
        self.stale = 0;
        // A rate that the user set below the floor stays as it is.
        (learning_rate * 0.5).max(FLOOR.min(learning_rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_halves_after_the_fifth_stale_epoch_and_has_a_floor() {
        let mut plateau = Plateau::new(4);
        let mut rate = 0.1;
        let rates: Vec<f64> = [1.0, 0.9, 0.95, 0.9, 0.91, 0.92, 0.93, 0.8]
            .into_iter()
            .map(|loss| {
                rate = plateau.after(loss, rate);
                rate
            })
            .collect();
        assert_eq!(rates, [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05]);
        let mut plateau = Plateau::new(0);
        let rate = (0..50).fold(0.1, |rate, _| plateau.after(1.0, rate));
        assert_eq!(rate, 1e-4);
    }
}
