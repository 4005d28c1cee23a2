//! Metrics of a classification at a threshold.

use super::{Metric, Reason, check, check_values, is_positive};
use crate::Scalar;
use crate::loss::Loss;

/// Share of samples on the right side of a threshold: positive if the score is above it.
///
/// The threshold is 0 for logistic and hinge scores, ½ for a least-squares fit to labels 0 and 1.
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

/// Mean logistic loss of raw scores (logits), in nats: `(1/n) Σ log(1 + exp(−t_i f_i))`, `t = ±1`.
///
/// Equals scikit-learn's `log_loss` of the probabilities `1/(1 + exp(−f))`, without its clipping.
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
/// # Shapes
/// scores `[samples, classes]`, labels `[samples]`, each a whole number below `classes`.
///
/// # Errors
/// Undefined if empty, of lengths that do not fit, not finite, or with a label outside the classes.
pub fn accuracy_rows<S: Scalar, L: Scalar>(scores: &[S], classes: usize, labels: &[L]) -> Metric {
    mean_by_row(scores, classes, labels, |row, class| {
        let first = row.iter().enumerate().fold(0, |best, (c, &score)| if score > row[best] { c } else { best });
        if first == class { 1.0 } else { 0.0 }
    })
    .into()
}

/// Mean multinomial loss of raw scores, in nats: `(1/n) Σ (log Σ_c exp(f_ic) − f_{i y_i})`.
///
/// Equals scikit-learn's `log_loss` of the softmax of the scores, without its clipping.
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
    if labels.len().checked_mul(classes) != Some(scores.len()) {
        return Err(Reason::Lengths);
    }
    check_values(scores)?;
    check_values(labels)?;
    let mut row = vec![0.0; classes];
    let mut total = 0.0;
    for (sample, label) in scores.chunks_exact(classes).zip(labels) {
        Loss::Multinomial.check_label(label.wide(), classes).map_err(|_| Reason::Label)?;
        row.iter_mut().zip(sample).for_each(|(slot, score)| *slot = score.wide());
        total += measure(&row, label.wide() as usize);
    }
    Ok(total / labels.len() as f64)
}
