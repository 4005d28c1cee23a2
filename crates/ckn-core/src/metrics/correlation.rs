//! Correlation coefficients: Pearson's and Spearman's.

use super::{Metric, Reason, check};
use crate::Scalar;

/// Pearson's correlation coefficient.
///
/// `r = ⟨x − x̄, y − ȳ⟩ / (‖x − x̄‖ ‖y − ȳ‖)`, clamped to [−1, 1]. Equals SciPy's `pearsonr`.
///
/// # Shapes
/// scores `[samples]`, targets `[samples]`.
///
/// # Errors
/// Undefined if empty, of unequal lengths, not finite, or if an input is constant (as with a single sample).
pub fn pearson<S: Scalar, T: Scalar>(scores: &[S], targets: &[T]) -> Metric {
    check(scores, targets).and_then(|()| correlation(&widened(scores), &widened(targets))).into()
}

/// Spearman's rank correlation: Pearson's of the ranks, tied values sharing their average rank.
///
/// Equals SciPy's `spearmanr`. `O(n log n)`.
///
/// # Shapes
/// scores `[samples]`, targets `[samples]`.
///
/// # Errors
/// Undefined as [`pearson`].
pub fn spearman<S: Scalar, T: Scalar>(scores: &[S], targets: &[T]) -> Metric {
    check(scores, targets).and_then(|()| correlation(&ranks(&widened(scores)), &ranks(&widened(targets)))).into()
}

pub(super) fn widened<S: Scalar>(values: &[S]) -> Vec<f64> {
    values.iter().map(|value| value.wide()).collect()
}

fn correlation(x: &[f64], y: &[f64]) -> Result<f64, Reason> {
    let (x, y) = (standardised(x)?, standardised(y)?);
    let product: f64 = x.iter().zip(&y).map(|(a, b)| a * b).sum();
    // f64::clamp keeps NaN, which the caller then reports.
    Ok(product.clamp(-1.0, 1.0))
}

/// Deviations from the mean, scaled to unit norm.
fn standardised(values: &[f64]) -> Result<Vec<f64>, Reason> {
    // The mean of equal numbers is rounded, so that their deviations need not be 0: compare the numbers themselves.
    if values.windows(2).all(|pair| pair[0] == pair[1]) {
        return Err(Reason::Constant);
    }
    // The sum could leave the range of f64. Elsewhere a division would only add roundings.
    let largest = values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let scale = if (1e-150..1e150).contains(&largest) { 1.0 } else { largest };
    let scaled: Vec<f64> = values.iter().map(|value| value / scale).collect();
    let mean = scaled.iter().sum::<f64>() / scaled.len() as f64;
    let spread = scaled.iter().fold(0.0, |spread: f64, value| spread.max((value - mean).abs()));
    let deviations: Vec<f64> = scaled.iter().map(|value| (value - mean) / spread).collect();
    let norm = deviations.iter().map(|deviation| deviation * deviation).sum::<f64>().sqrt();
    Ok(deviations.into_iter().map(|deviation| deviation / norm).collect())
}

/// 1-based ranks from the smallest up, ties at their average.
pub(super) fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut below = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let average = below as f64 + 0.5 * (tied.len() + 1) as f64;
        tied.iter().for_each(|&index| ranks[index] = average);
        below += tied.len();
    }
    ranks
}
