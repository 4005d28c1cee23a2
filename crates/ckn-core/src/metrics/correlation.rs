//! Correlation coefficients, Pearson's and Spearman's, and their intervals.

use super::normal::central_quantile;
use super::{Metric, Reason, check};
use crate::Scalar;

/// Pearson's correlation coefficient.
///
/// `r = ⟨x − x̄, y − ȳ⟩ / (‖x − x̄‖ ‖y − ȳ‖)`, clamped to [−1, 1]. Equals SciPy's `pearsonr`.
///
/// ```
/// use ckn_core::metrics::pearson;
/// let r = pearson(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]).value();
/// assert!(r.is_some_and(|r| (r - 1.0).abs() < 1e-12));
/// assert_eq!(pearson(&[1.0, 1.0], &[2.0, 4.0]).value(), None);
/// ```
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
/// ```
/// use ckn_core::metrics::spearman;
/// // Whatever is monotonous.
/// let rho = spearman(&[1.0, 2.0, 3.0], &[2.0, 20.0, 2000.0]).value();
/// assert!(rho.is_some_and(|rho| (rho - 1.0).abs() < 1e-12));
/// ```
///
/// # Shapes
/// scores `[samples]`, targets `[samples]`.
///
/// # Errors
/// Undefined as [`pearson`].
pub fn spearman<S: Scalar, T: Scalar>(scores: &[S], targets: &[T]) -> Metric {
    check(scores, targets).and_then(|()| correlation(&ranks(&widened(scores)), &ranks(&widened(targets)))).into()
}

/// Confidence interval of Pearson's coefficient `r` of so many samples, by Fisher's transform: `tanh(artanh r ± z/√(n − 3))`.
///
/// `None` for fewer than four samples, for `r = ±1`, whose variance is estimated as zero, and for a level outside (0, 1).
///
/// ```
/// use ckn_core::metrics::pearson_interval;
///
/// // artanh 0.5 ± 1.959964/√97, same as SciPy's `pearsonr(x, y).confidence_interval()`.
/// let (low, high) = pearson_interval(0.5, 100, 0.95).unwrap();
/// assert!((low - 0.336_643).abs() < 1e-6 && (high - 0.634_140).abs() < 1e-6);
/// assert_eq!(pearson_interval(1.0, 100, 0.95), None);
/// ```
///
/// # Source
/// Fisher 1921, Metron 1.
pub fn pearson_interval(coefficient: f64, samples: usize, level: f64) -> Option<(f64, f64)> {
    by_fisher(coefficient, samples, level, 1.0)
}

/// Confidence interval of Spearman's coefficient `r` of so many samples: Fisher's transform with the variance
/// `(1 + r²/2)/(n − 3)` that it has for ranks.
///
/// `None` as [`pearson_interval`].
///
/// ```
/// use ckn_core::metrics::spearman_interval;
/// let (low, high) = spearman_interval(0.5, 100, 0.95).ok_or("too few")?;
/// assert!(0.3 < low && low < 0.5 && 0.5 < high && high < 0.7);
/// assert!(spearman_interval(0.5, 3, 0.95).is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
/// Bonett and Wright 2000, Psychometrika 65, equation 5.
pub fn spearman_interval(coefficient: f64, samples: usize, level: f64) -> Option<(f64, f64)> {
    by_fisher(coefficient, samples, level, 1.0 + 0.5 * coefficient * coefficient)
}

/// `tanh(artanh r ± z √(variance/(n − 3)))`.
fn by_fisher(coefficient: f64, samples: usize, level: f64, variance: f64) -> Option<(f64, f64)> {
    if samples < 4 || !(level > 0.0 && level < 1.0) || !(-1.0 < coefficient && coefficient < 1.0) {
        return None;
    }
    let reach = central_quantile(level) * (variance / (samples - 3) as f64).sqrt();
    let transformed = libm::atanh(coefficient);
    Some((libm::tanh(transformed - reach), libm::tanh(transformed + reach)))
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
