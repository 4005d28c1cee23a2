//! Standard error of the difference of two AUROCs on the same samples (DeLong, DeLong and Clarke-Pearson 1988).

use super::correlation::{ranks, widened};
use super::normal::{both_tails, central_quantile};
use super::{Metric, Reason, auroc, check, is_positive};
use crate::Scalar;

/// AUROCs of two models on the same samples, and what is known of their difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedAuroc {
    /// AUROC of the first scores.
    pub first: f64,
    /// AUROC of the second scores.
    pub second: f64,
    /// Estimated standard error of `first − second`: 0 where every pair of samples is ranked alike.
    pub standard_error: f64,
}

impl PairedAuroc {
    /// `first − second`.
    pub fn difference(&self) -> f64 {
        self.first - self.second
    }

    /// Two-sided p-value of the hypothesis that both AUROCs are equal: `P(|Z| > |difference| / standard error)`.
    ///
    /// # Errors
    /// Undefined if the standard error is zero.
    pub fn p_value(&self) -> Metric {
        if self.standard_error > 0.0 {
            Metric::of(both_tails(self.difference() / self.standard_error))
        } else {
            Metric::Undefined(Reason::NoVariance)
        }
    }

    /// Normal confidence interval of the difference: `difference ± z · standard error`. A level outside (0, 1) has none.
    pub fn interval(&self, level: f64) -> Option<(f64, f64)> {
        if !(level > 0.0 && level < 1.0) {
            return None;
        }
        let reach = central_quantile(level) * self.standard_error;
        Some((self.difference() - reach, self.difference() + reach))
    }
}

/// DeLong's comparison of two correlated AUROCs: two models' scores of the same samples.
///
/// `V₁₀(i) = (T_i − R_i)/N` for a positive, `V₀₁(j) = 1 − (T_j − R_j)/P` for a negative, where `T` is the midrank of a
/// score among all samples and `R` that within its own class; the variance of the difference is
/// `s²(V₁₀ − V₁₀′)/P + s²(V₀₁ − V₀₁′)/N`, with sample variances `s²`. `O(n log n)`; ties count one half.
///
/// ```
/// use ckn_core::metrics::delong;
/// let labels = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0];
/// let (first, second) = ([3.0, 4.0, 0.5, 0.0, 1.0, 2.0], [3.0, 0.5, 0.4, 0.0, 1.0, 2.0]);
/// let paired = delong(&first, &second, &labels)?;
/// assert!((paired.first - paired.second - 2.0 / 9.0).abs() < 1e-12);
/// # Ok::<(), ckn_core::metrics::Reason>(())
/// ```
///
/// # Shapes
/// first `[samples]`, second `[samples]`, labels `[samples]`.
///
/// # Errors
/// The reason if empty, of unequal lengths, of one class, with a single sample of a class, or not finite.
///
/// # Source
/// DeLong, DeLong and Clarke-Pearson 1988, Biometrics 44; algorithm 2 of Sun and Xu 2014, IEEE Signal Processing Letters
/// 21. They estimate the whole covariance matrix; its quadratic form for the difference is the variance of differences.
pub fn delong<S: Scalar, T: Scalar, L: Scalar>(first: &[S], second: &[T], labels: &[L]) -> Result<PairedAuroc, Reason> {
    check(first, labels)?;
    check(second, labels)?;
    let positive: Vec<bool> = labels.iter().map(|&label| is_positive(label)).collect();
    let positives = positive.iter().filter(|&&is| is).count();
    match (positives, positive.len() - positives) {
        (0, _) | (_, 0) => return Err(Reason::OneClass),
        (1, _) | (_, 1) => return Err(Reason::TooFew),
        _ => {}
    }
    let (one, two) = (placements(&widened(first), &positive), placements(&widened(second), &positive));
    let differences = |of: bool| {
        let both = one.iter().zip(&two).zip(&positive).filter(move |(_, is)| **is == of);
        both.map(|((a, b), _)| a - b).collect::<Vec<_>>()
    };
    let (of_positives, of_negatives) = (differences(true), differences(false));
    let variance = variance_of_mean(&of_positives) + variance_of_mean(&of_negatives);
    // Counted in whole numbers, so that they are those of `auroc` to the bit.
    let area = |metric| match metric {
        Metric::Value(area) => Ok(area),
        Metric::Undefined(reason) => Err(reason),
    };
    let (first, second) = (area(auroc(first, labels))?, area(auroc(second, labels))?);
    Ok(PairedAuroc { first, second, standard_error: variance.sqrt() })
}

/// Normal confidence interval of an AUROC after DeLong, cut at 0 and 1; `None` where the estimated variance is zero, as for a
/// perfect ranking, where [`delong`] is undefined, and for a level outside (0, 1).
///
/// ```
/// use ckn_core::metrics::auroc_interval;
///
/// let labels = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
/// let (low, high) = auroc_interval(&[0.1, 0.4, 0.35, 0.8, 0.4, 0.3, 0.9], &labels, 0.95).unwrap();
/// assert!((low - 0.414472).abs() < 1e-6 && high == 1.0);
/// assert_eq!(auroc_interval(&[0.0, 0.0, 1.0, 1.0], &[0.0, 0.0, 1.0, 1.0], 0.95), None);
/// ```
///
/// # Shapes
/// scores `[samples]`, labels `[samples]`.
pub fn auroc_interval<S: Scalar, L: Scalar>(scores: &[S], labels: &[L], level: f64) -> Option<(f64, f64)> {
    // A constant score has the AUROC ½ without any variance: the difference's interval is that of the AUROC, less ½.
    let compared = delong(scores, &vec![0.0; scores.len()], labels).ok()?;
    let (low, high) = compared.interval(level)?;
    (compared.standard_error > 0.0).then(|| ((low + 0.5).max(0.0), (high + 0.5).min(1.0)))
}

/// For a positive the share of negatives below it, for a negative the share of positives above it, ties one half.
fn placements(scores: &[f64], positive: &[bool]) -> Vec<f64> {
    let overall = ranks(scores);
    let mut placements = vec![0.0; scores.len()];
    for class in [true, false] {
        let members: Vec<usize> = (0..scores.len()).filter(|&sample| positive[sample] == class).collect();
        let within = ranks(&members.iter().map(|&sample| scores[sample]).collect::<Vec<_>>());
        let others = (scores.len() - members.len()) as f64;
        for (&sample, rank) in members.iter().zip(within) {
            let below = overall[sample] - rank;
            placements[sample] = if class { below / others } else { (others - below) / others };
        }
    }
    placements
}

/// `s²/n` of at least two values.
fn variance_of_mean(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    // Equal values have a rounded mean, and no variance.
    if values.windows(2).all(|pair| pair[0] == pair[1]) {
        return 0.0;
    }
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0) / count
}
