//! Losses of a row of scores, one per class.

use super::Loss;

impl Loss {
    /// Loss of one sample with a score per class.
    ///
    /// Multinomial: `log Σ_c exp(f_c) − f_class`. The other losses are one-versus-rest, `Σ_c L([c = class], f_c)`, as in
    /// CKN-Pytorch-image. NaN if `class` is not below the number of scores.
    ///
    /// # Shapes
    /// scores `[classes]`.
    pub fn value_row(&self, scores: &[f64], class: usize) -> f64 {
        let Some(own) = scores.get(class) else { return f64::NAN };
        match self {
            Self::Multinomial => {
                let (largest, rest) = log_sum_exp(scores);
                (largest - own) + rest
            }
            _ => scores.iter().enumerate().map(|(c, &score)| self.value(score, indicator(c, class))).sum(),
        }
    }

    /// Gradient of [`Loss::value_row`] by the scores; returns the value too.
    ///
    /// Multinomial: `softmax(f) − e_class`. All NaN if `class` is not below the number of scores.
    ///
    /// # Shapes
    /// scores `[classes]`, gradient `[classes]` (overwritten; a slice of another length is filled as far as it goes).
    pub fn gradient_row(&self, scores: &[f64], class: usize, gradient: &mut [f64]) -> f64 {
        let value = self.value_row(scores, class);
        if class >= scores.len() {
            gradient.fill(f64::NAN);
            return value;
        }
        let (largest, rest) = log_sum_exp(scores);
        for (c, (slot, &score)) in gradient.iter_mut().zip(scores).enumerate() {
            *slot = match self {
                Self::Multinomial => ((score - largest) - rest).exp() - indicator(c, class),
                _ => self.derivative(score, indicator(c, class)),
            };
        }
        value
    }
}

fn indicator(c: usize, class: usize) -> f64 {
    if c == class { 1.0 } else { 0.0 }
}

/// Largest score `m` and `log Σ_c exp(f_c − m)`, the latter accurate when one score dominates.
fn log_sum_exp(scores: &[f64]) -> (f64, f64) {
    let (mut place, mut largest) = (0, f64::NEG_INFINITY);
    for (c, &score) in scores.iter().enumerate() {
        if score > largest {
            (place, largest) = (c, score);
        }
    }
    let others = scores.iter().enumerate().filter(|&(c, _)| c != place);
    (largest, others.map(|(_, score)| (score - largest).exp()).sum::<f64>().ln_1p())
}
