//! Metrics of a ranking: areas under the ROC and the precision-recall curve.

use super::{Metric, Reason, check, is_positive};
use crate::Scalar;

/// Area under the receiver operating characteristic: the probability that a positive scores above a negative, ties
/// counted as one half.
///
/// `AUROC = (#{(i, j): f_i > f_j} + ½ #{(i, j): f_i = f_j}) / (P N)`, `i` positive, `j` negative; the counts are exact
/// integers. `O(n log n)`. Equals scikit-learn's `roc_auc_score`.
///
/// ```
/// use ckn_core::metrics::auroc;
/// // Of four pairs of a positive and a negative, one is in the wrong order.
/// assert_eq!(auroc(&[0.9, 0.3, 0.4, 0.1], &[1.0, 1.0, 0.0, 0.0]).value(), Some(0.75));
/// assert_eq!(auroc(&[0.9, 0.3], &[1.0, 1.0]).value(), None);
/// ```
///
/// # Shapes
/// scores `[samples]`, labels `[samples]`.
///
/// # Errors
/// Undefined if empty, of unequal lengths, of one class, or not finite.
pub fn auroc<S: Scalar, L: Scalar>(scores: &[S], labels: &[L]) -> Metric {
    thresholds(scores, labels)
        .map(|(groups, positives, negatives)| {
            let (mut above, mut doubled) = (0u128, 0u128);
            for group in &groups {
                doubled += u128::from(group.negatives) * (2 * above + u128::from(group.positives));
                above += u128::from(group.positives);
            }
            doubled as f64 / (2.0 * positives as f64 * negatives as f64)
        })
        .into()
}

/// AUROC of each class of several against the rest, by its probability among the classes.
///
/// Equals scikit-learn's `roc_auc_score` of the softmax of the scores, `multi_class="ovr"` and `average=None`; samples are ranked by
/// `f_c − log Σ_{k≠c} exp f_k`, which does not saturate as the probability does.
///
/// ```
/// use ckn_core::metrics::auroc_rows;
///
/// let scores = [2.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 3.0, 0.0, 0.0, 1.5];
/// let areas = auroc_rows(&scores, 3, &[0.0, 1.0, 2.0, 0.0]);
/// assert_eq!(areas.iter().map(|area| area.value()).collect::<Vec<_>>(), [Some(0.75), Some(1.0), Some(1.0)]);
/// ```
///
/// # Shapes
/// scores `[samples, classes]`, labels `[samples]`, each a whole number below `classes`.
///
/// # Errors
/// Undefined for a class that is all samples or none, and for all of them if empty, of lengths that do not fit, or not finite.
pub fn auroc_rows<S: Scalar, L: Scalar>(scores: &[S], classes: usize, labels: &[L]) -> Vec<Metric> {
    if labels.len().checked_mul(classes) != Some(scores.len()) {
        return vec![Metric::Undefined(Reason::Lengths); classes];
    }
    let area = |class: usize| {
        let scores = odds_rows(scores, classes, class);
        let labels: Vec<f64> = labels.iter().map(|label| f64::from(label.wide() == class as f64)).collect();
        auroc(&scores, &labels)
    };
    (0..classes).map(area).collect()
}

/// Log-odds of one class of several against the rest: `f_c − log Σ_{k≠c} exp f_k`; 0 where there is no other class.
///
/// They order samples as the probability of the class does, and do not saturate as it does.
///
/// ```
/// use ckn_core::metrics::odds_rows;
///
/// // Of three equal scores the odds are 1 : 2; of two classes they are the difference of the scores.
/// assert!((odds_rows(&[5.0, 5.0, 5.0], 3, 0)[0] + 2f64.ln()).abs() < 1e-12);
/// assert_eq!(odds_rows(&[3.0, 1.0, 0.0, 2.0], 2, 1), [-2.0, 2.0]);
/// ```
///
/// # Shapes
/// scores `[samples, classes]` → `[samples]`; what is left over of the last sample is dropped, and a class that there is not has no
/// odds: none.
pub fn odds_rows<S: Scalar>(scores: &[S], classes: usize, class: usize) -> Vec<f64> {
    if class >= classes {
        return Vec::new();
    }
    let odds = |row: &[S]| {
        let others = || row.iter().enumerate().filter(|(other, _)| *other != class).map(|(_, score)| score.wide());
        let largest = others().fold(f64::NEG_INFINITY, f64::max);
        let rest = others().map(|score| (score - largest).exp()).sum::<f64>();
        // Of one class alone all are alike.
        if classes > 1 { row[class].wide() - largest - rest.ln() } else { 0.0 }
    };
    scores.chunks_exact(classes).map(odds).collect()
}

/// Area under the precision-recall curve as average precision, without interpolation.
///
/// `AP = Σ_k (R_k − R_{k−1}) P_k` over the distinct scores as thresholds, from the highest down: tied samples enter
/// together. `O(n log n)`. Equals scikit-learn's `average_precision_score`.
///
/// ```
/// use ckn_core::metrics::auprc;
/// // Half of the positives at precision 1, the other half at 2/3.
/// let area = auprc(&[0.9, 0.3, 0.4, 0.1], &[1.0, 1.0, 0.0, 0.0]).value();
/// assert!(area.is_some_and(|area| (area - 5.0 / 6.0).abs() < 1e-12));
/// ```
///
/// # Shapes
/// scores `[samples]`, labels `[samples]`.
///
/// # Errors
/// Undefined if empty, of unequal lengths, of one class, or not finite.
pub fn auprc<S: Scalar, L: Scalar>(scores: &[S], labels: &[L]) -> Metric {
    thresholds(scores, labels)
        .map(|(groups, positives, _)| {
            let (mut found, mut taken, mut area) = (0u64, 0u64, 0.0);
            for group in &groups {
                found += group.positives;
                taken += group.positives + group.negatives;
                area += group.positives as f64 * (found as f64 / taken as f64);
            }
            area / positives as f64
        })
        .into()
}

/// Samples of one score.
struct Group {
    positives: u64,
    negatives: u64,
}

/// Groups of equal scores from the highest score down, and the numbers of positives and negatives.
fn thresholds<S: Scalar, L: Scalar>(scores: &[S], labels: &[L]) -> Result<(Vec<Group>, u64, u64), Reason> {
    check(scores, labels)?;
    let mut samples: Vec<(f64, bool)> =
        scores.iter().zip(labels).map(|(score, &label)| (score.wide(), is_positive(label))).collect();
    samples.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let mut groups = Vec::new();
    let (mut positives, mut negatives) = (0, 0);
    // Compared with ==, so that 0 and −0 are one threshold.
    for tied in samples.chunk_by(|a, b| a.0 == b.0) {
        let count = tied.iter().filter(|(_, positive)| *positive).count() as u64;
        let group = Group { positives: count, negatives: tied.len() as u64 - count };
        positives += group.positives;
        negatives += group.negatives;
        groups.push(group);
    }
    if positives == 0 || negatives == 0 { Err(Reason::OneClass) } else { Ok((groups, positives, negatives)) }
}
