//! Metrics of a classification at a threshold.

use super::{Metric, Reason, check, check_values, is_positive};
use crate::Scalar;
use crate::loss::Loss;

/// Share of samples on the right side of a threshold: positive if the score is above it.
///
/// The threshold is 0 for logistic and hinge scores, ½ for a least-squares fit to labels 0 and 1.
///
/// ```
/// use ckn_core::metrics::accuracy;
/// assert_eq!(accuracy(&[1.5, -0.2, 0.3, -2.0], &[1.0, 1.0, 0.0, 0.0], 0.0).value(), Some(0.5));
/// ```
///
/// # Shapes
/// scores `[samples]`, labels `[samples]`.
///
/// # Errors
/// Undefined if empty, of unequal lengths, or not finite.
pub fn accuracy<S: Scalar, L: Scalar>(scores: &[S], labels: &[L], threshold: f64) -> Metric {
    check(scores, labels)
        .and_then(|()| if threshold.is_finite() { Ok(()) } else { Err(Reason::NotFinite) })
        .map(|()| {
            let right =
                scores.iter().zip(labels).filter(|(score, label)| (score.wide() > threshold) == is_positive(**label));
            right.count() as f64 / scores.len() as f64
        })
        .into()
}

/// Matthews' correlation coefficient of classes and of scores above a threshold.
///
/// `(TP·TN − FP·FN) / √((TP + FP)(TP + FN)(TN + FP)(TN + FN))`: Pearson's coefficient of labels and predictions. The threshold is
/// that of [`accuracy`]. Equals scikit-learn's `matthews_corrcoef`, which says 0 where this is undefined.
///
/// ```
/// use ckn_core::metrics::matthews;
///
/// // Two true positives, one false, three true negatives, none false: 6/√(3·2·4·3).
/// let (scores, labels) = ([1.0, 2.0, 0.5, -1.0, -2.0, -3.0], [1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
/// assert!((matthews(&scores, &labels, 0.0).value().unwrap() - 6.0 / 72f64.sqrt()).abs() < 1e-15);
/// ```
///
/// # Shapes
/// scores `[samples]`, labels `[samples]`.
///
/// # Errors
/// Undefined if empty, of unequal lengths, of one class, or not finite, and where all scores lie on one side of the threshold.
///
/// # Source
/// Matthews 1975, Biochimica et Biophysica Acta 405.
pub fn matthews<S: Scalar, L: Scalar>(scores: &[S], labels: &[L], threshold: f64) -> Metric {
    let coefficient = || {
        check(scores, labels)?;
        if !threshold.is_finite() {
            return Err(Reason::NotFinite);
        }
        let mut counts = [[0.0; 2]; 2];
        for (score, label) in scores.iter().zip(labels) {
            counts[usize::from(is_positive(*label))][usize::from(score.wide() > threshold)] += 1.0;
        }
        let [[true_negatives, false_positives], [false_negatives, true_positives]] = counts;
        let [negatives, positives] = [true_negatives + false_positives, false_negatives + true_positives];
        let [below, above] = [true_negatives + false_negatives, false_positives + true_positives];
        if negatives == 0.0 || positives == 0.0 {
            return Err(Reason::OneClass);
        }
        if below == 0.0 || above == 0.0 {
            return Err(Reason::Constant);
        }
        let difference: f64 = true_positives * true_negatives - false_positives * false_negatives;
        Ok(difference / (above.sqrt() * positives.sqrt() * below.sqrt() * negatives.sqrt()))
    };
    coefficient().into()
}

/// Mean logistic loss of raw scores (logits), in nats: `(1/n) Σ log(1 + exp(−t_i f_i))`, `t = ±1`.
///
/// Equals scikit-learn's `log_loss` of the probabilities `1/(1 + exp(−f))`, without its clipping.
///
/// ```
/// use ckn_core::metrics::log_loss;
/// // A score of zero is a toss: ln 2.
/// assert_eq!(log_loss(&[0.0, 0.0], &[1.0, 0.0]).value(), Some(2.0f64.ln()));
/// ```
///
/// # Shapes
/// scores `[samples]`, labels `[samples]`.
///
/// # Errors
/// Undefined if empty, of unequal lengths, or not finite.
pub fn log_loss<S: Scalar, L: Scalar>(scores: &[S], labels: &[L]) -> Metric {
    check(scores, labels)
        .map(|()| {
            let losses =
                scores.iter().zip(labels).map(|(score, label)| Loss::Logistic.value(score.wide(), label.wide()));
            losses.sum::<f64>() / scores.len() as f64
        })
        .into()
}

/// Share of samples whose own class has the highest score; of tied classes the first counts, as with NumPy's `argmax`.
///
/// ```
/// use ckn_core::metrics::accuracy_rows;
/// let scores = [0.1, 2.0, -1.0, 0.5, 0.5, 0.0];
/// assert_eq!(accuracy_rows(&scores, 3, &[1.0, 1.0]).value(), Some(0.5));
/// ```
///
/// # Shapes
/// scores `[samples, classes]`, labels `[samples]`, each a whole number below `classes`.
///
/// # Errors
/// Undefined if empty, of lengths that do not fit, not finite, or with a label outside the classes.
pub fn accuracy_rows<S: Scalar, L: Scalar>(scores: &[S], classes: usize, labels: &[L]) -> Metric {
    mean_by_row(scores, classes, labels, |row, class| if largest(row) == class { 1.0 } else { 0.0 }).into()
}

/// The class of the highest score; of tied ones the first.
pub(super) fn largest(row: &[f64]) -> usize {
    row.iter().enumerate().fold(0, |best, (class, &score)| if score > row[best] { class } else { best })
}

/// Mean multinomial loss of raw scores, in nats: `(1/n) Σ (log Σ_c exp(f_ic) − f_{i y_i})`.
///
/// Equals scikit-learn's `log_loss` of the softmax of the scores, without its clipping.
///
/// ```
/// use ckn_core::metrics::log_loss_rows;
/// let loss = log_loss_rows(&[0.0, 0.0, 0.0], 3, &[2.0]).value();
/// assert!(loss.is_some_and(|loss| (loss - 3.0f64.ln()).abs() < 1e-12));
/// ```
///
/// # Shapes
/// scores `[samples, classes]`, labels `[samples]`, each a whole number below `classes`.
///
/// # Errors
/// Undefined as [`accuracy_rows`].
pub fn log_loss_rows<S: Scalar, L: Scalar>(scores: &[S], classes: usize, labels: &[L]) -> Metric {
    mean_by_row(scores, classes, labels, |row, class| Loss::Multinomial.value_row(row, class)).into()
}

fn mean_by_row<S: Scalar, L: Scalar>(
    scores: &[S],
    classes: usize,
    labels: &[L],
    measure: impl Fn(&[f64], usize) -> f64,
) -> Result<f64, Reason> {
    let mut total = 0.0;
    each_row(scores, classes, labels, |row, class| total += measure(row, class))?;
    Ok(total / labels.len() as f64)
}

/// Calls with the scores and the class of every sample, once all of them are known to fit.
pub(super) fn each_row<S: Scalar, L: Scalar>(
    scores: &[S],
    classes: usize,
    labels: &[L],
    mut on_row: impl FnMut(&[f64], usize),
) -> Result<(), Reason> {
    if labels.len().checked_mul(classes) != Some(scores.len()) {
        return Err(Reason::Lengths);
    }
    check_values(scores)?;
    check_values(labels)?;
    if labels.iter().any(|label| Loss::Multinomial.check_label(label.wide(), classes).is_err()) {
        return Err(Reason::Label);
    }
    let mut row = vec![0.0; classes];
    for (sample, label) in scores.chunks_exact(classes).zip(labels) {
        row.iter_mut().zip(sample).for_each(|(slot, score)| *slot = score.wide());
        on_row(&row, label.wide() as usize);
    }
    Ok(())
}
