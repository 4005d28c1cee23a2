//! Wilcoxon signed-rank test, one-sided.

use super::correlation::{ranks, widened};
use super::normal::upper_tail;
use super::{Reason, check};
use crate::Scalar;

/// Most non-zero differences whose distribution is counted out.
const EXACT: usize = 25;

/// What a one-sided test holds against "no difference".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alternative {
    /// The first values tend to be above the second.
    Greater,
    /// The first values tend to be below the second.
    Less,
}

/// Result of a Wilcoxon signed-rank test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignedRank {
    /// Pairs that differ.
    pub pairs: usize,
    /// Median of the differences of all pairs, of an even number the mean of the middle two.
    pub median_difference: f64,
    /// `W⁺`: sum of the ranks of the positive differences.
    pub statistic: f64,
    /// One-sided p-value.
    pub p_value: f64,
    /// Whether the p-value is exact rather than a normal approximation.
    pub exact: bool,
}

/// One-sided Wilcoxon signed-rank test of paired values, such as the AUROCs of two models on several data sets.
///
/// Differences `first − second` of zero are left out (Wilcoxon 1945), the others ranked by size, ties at their midranks;
/// `W⁺` is the sum of the ranks of the positive ones. Up to 25 differences the p-value is exact: the share of the `2ⁿ`
/// signs, equally likely, whose `W⁺` is at least (at most) as large, for the very midranks that were found, so that ties
/// are no approximation either. Beyond, it is that of a normal with mean `n(n+1)/4` and variance
/// `n(n+1)(2n+1)/24 − Σ(t³−t)/48` over groups of `t` ties, with a continuity correction of ½.
///
/// Equals SciPy's `wilcoxon` with `zero_method="wilcox"`, and `method="exact"` (without ties) or `method="asymptotic",
/// correction=True`.
///
/// ```
/// use ckn_core::metrics::{Alternative, signed_rank};
/// // Five data sets, the first model better on all: one of 32 ways to deal out the signs.
/// let test = signed_rank(&[0.9, 0.8, 0.7, 0.95, 0.85], &[0.85, 0.7, 0.69, 0.9, 0.8], Alternative::Greater)?;
/// assert_eq!(test.p_value, 1.0 / 32.0);
/// # Ok::<(), ckn_core::metrics::Reason>(())
/// ```
///
/// # Shapes
/// first `[pairs]`, second `[pairs]`.
///
/// # Errors
/// The reason if empty, of unequal lengths, not finite, or if all differences are zero ([`Reason::NoDifference`]).
///
/// # Source
/// Wilcoxon 1945, Biometrics Bulletin 1; Hollander and Wolfe 1999, section 3.1.
pub fn signed_rank<S: Scalar, T: Scalar>(
    first: &[S],
    second: &[T],
    alternative: Alternative,
) -> Result<SignedRank, Reason> {
    check(first, second)?;
    let mut differences: Vec<f64> = widened(first).iter().zip(widened(second)).map(|(a, b)| a - b).collect();
    let median_difference = median(&differences);
    differences.retain(|&difference| difference != 0.0);
    if differences.iter().any(|difference| !difference.is_finite()) {
        return Err(Reason::NotFinite);
    }
    if differences.is_empty() {
        return Err(Reason::NoDifference);
    }
    let ranks = ranks(&differences.iter().map(|difference| difference.abs()).collect::<Vec<_>>());
    let sum = |positive: bool| {
        let of = ranks.iter().zip(&differences).filter(|(_, difference)| (**difference > 0.0) == positive);
        of.map(|(rank, _)| rank).sum::<f64>()
    };
    // The distribution of W⁺ is symmetric: "less" is "greater" of the negated differences.
    let tested = sum(alternative == Alternative::Greater);
    let exact = ranks.len() <= EXACT;
    let p_value = if exact { exact_upper_tail(&ranks, tested) } else { normal_upper_tail(&ranks, tested) };
    Ok(SignedRank { pairs: ranks.len(), median_difference, statistic: sum(true), p_value, exact })
}

/// Median of at least one value.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    0.5 * (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2])
}

/// Share of all signs whose sum of positive ranks is at least as large.
fn exact_upper_tail(ranks: &[f64], observed: f64) -> f64 {
    // Midranks are multiples of ½.
    let doubled: Vec<usize> = ranks.iter().map(|rank| (2.0 * rank) as usize).collect();
    let largest: usize = doubled.iter().sum();
    let mut ways = vec![0u64; largest + 1];
    ways[0] = 1;
    for &rank in &doubled {
        for sum in (rank..=largest).rev() {
            ways[sum] += ways[sum - rank];
        }
    }
    let reached = ways.iter().skip((2.0 * observed) as usize).sum::<u64>();
    reached as f64 / (1u64 << doubled.len()) as f64
}

fn normal_upper_tail(ranks: &[f64], observed: f64) -> f64 {
    let count = ranks.len() as f64;
    let mut sorted = ranks.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let ties: f64 = sorted.chunk_by(|a, b| a == b).map(|tied| (tied.len() as f64).powi(3) - tied.len() as f64).sum();
    let variance = count * (count + 1.0) * (2.0 * count + 1.0) / 24.0 - ties / 48.0;
    let beyond = observed - 0.25 * count * (count + 1.0);
    // SciPy's convention for a one-sided test: half a step towards a larger p-value.
    upper_tail((beyond - 0.5) / variance.sqrt())
}
