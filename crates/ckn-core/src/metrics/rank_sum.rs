//! Wilcoxon–Mann–Whitney rank-sum test, one-sided.

use super::normal::upper_tail;
use super::{Alternative, Metric, Reason, auroc};
use crate::Scalar;

/// Result of a rank-sum test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankSum {
    /// Probability that a positive scores above a negative, ties counted as one half: `U/(P N)`.
    pub auroc: f64,
    /// One-sided p-value.
    pub p_value: f64,
}

/// One-sided Wilcoxon–Mann–Whitney test: whether positives tend to score above negatives, or below.
///
/// `U`, the number of pairs in which the positive scores higher, ties counted as one half, is compared with a normal of
/// mean `PN/2` and variance `PN/12 · ((n + 1) − Σ(t³ − t)/(n(n − 1)))` over groups of `t` ties among `n = P + N`
/// samples, with a continuity correction of ½. If all scores are equal, the p-value is 1. It is never below the
/// smallest normal `f64`. `O(n log n)`.
///
/// Equals SciPy's `mannwhitneyu` with `method="asymptotic"`.
///
/// ```
/// use ckn_core::metrics::{Alternative, rank_sum};
/// let test = rank_sum(&[3.0, 4.0, 5.0, 0.0, 1.0, 2.0], &[1.0, 1.0, 1.0, 0.0, 0.0, 0.0], Alternative::Greater)?;
/// assert!(test.p_value < 0.05);
/// # Ok::<(), ckn_core::metrics::Reason>(())
/// ```
///
/// # Shapes
/// scores `[samples]`, labels `[samples]`.
///
/// # Errors
/// The reason if empty, of unequal lengths, of one class, or not finite.
///
/// # Source
/// Mann and Whitney 1947, Annals of Mathematical Statistics 18; for ties Lehmann 1975, section 1.4.
pub fn rank_sum<S: Scalar, L: Scalar>(scores: &[S], labels: &[L], alternative: Alternative) -> Result<RankSum, Reason> {
    let auroc = match auroc(scores, labels) {
        Metric::Value(area) => area,
        Metric::Undefined(reason) => return Err(reason),
    };
    let count = scores.len() as f64;
    let positives = labels.iter().filter(|&&label| super::is_positive(label)).count() as f64;
    let pairs = positives * (count - positives);
    let mut sorted = super::correlation::widened(scores);
    sorted.sort_unstable_by(f64::total_cmp);
    let ties: f64 = sorted.chunk_by(|a, b| a == b).map(|tied| (tied.len() as f64).powi(3) - tied.len() as f64).sum();
    let variance = pairs / 12.0 * ((count + 1.0) - ties / (count * (count - 1.0)));
    let beyond = match alternative {
        Alternative::Greater => (auroc - 0.5) * pairs,
        Alternative::Less => (0.5 - auroc) * pairs,
    };
    // Without variance, half a step below the mean is infinitely far.
    let p_value = upper_tail((beyond - 0.5) / variance.max(0.0).sqrt()).clamp(f64::MIN_POSITIVE, 1.0);
    Ok(RankSum { auroc, p_value })
}
