//! The metrics that suit a loss.

use super::{Metric, Reason, accuracy, accuracy_rows, auprc, auroc, check, log_loss, log_loss_rows, pearson, spearman};
use crate::Scalar;
use crate::loss::Loss;

/// Names of the metrics of a loss, in the order of [`measures`].
///
/// ```
/// use ckn_core::loss::Loss;
/// use ckn_core::metrics::measure_names;
/// assert!(measure_names(Loss::Squared).contains(&"pearson"));
/// assert!(measure_names(Loss::Logistic).contains(&"auroc"));
/// ```
pub fn measure_names(loss: Loss) -> &'static [&'static str] {
    match loss {
        Loss::Multinomial => &["accuracy", "log_loss"],
        Loss::Squared => &["auroc", "mean_squared_error", "pearson", "spearman"],
        Loss::Logistic | Loss::SquaredHinge => &["auroc", "auprc", "accuracy", "log_loss"],
    }
}

/// The metrics of scores of a loss, by the names of [`measure_names`].
///
/// Of measurements there is an AUROC only if they are 0 and 1; of squared hinge there is no log loss, as its scores are no
/// log-odds.
///
/// ```
/// use ckn_core::loss::Loss;
/// use ckn_core::metrics::{Metric, measure_names, measures};
///
/// let measured = measures(Loss::Squared, 1, &[0.5, 1.5, 3.0], &[1.0, 2.0, 3.5]);
/// assert_eq!(measure_names(Loss::Squared)[1], "mean_squared_error");
/// assert_eq!(measured[1], Metric::Value(0.25));
/// assert_eq!(measured[0].value(), None);
/// ```
///
/// # Shapes
/// scores `[samples, outputs]`, labels `[samples]`.
pub fn measures<S: Scalar, L: Scalar>(loss: Loss, outputs: usize, scores: &[S], labels: &[L]) -> Vec<Metric> {
    match loss {
        Loss::Multinomial => vec![accuracy_rows(scores, outputs, labels), log_loss_rows(scores, outputs, labels)],
        Loss::Squared => {
            let two_classes = labels.iter().all(|label| label.wide() == 0.0 || label.wide() == 1.0);
            let curve = if two_classes { auroc(scores, labels) } else { Metric::Undefined(Reason::Label) };
            vec![curve, mean_squared_error(scores, labels), pearson(scores, labels), spearman(scores, labels)]
        }
        Loss::Logistic | Loss::SquaredHinge => {
            let logarithmic = match loss {
                Loss::Logistic => log_loss(scores, labels),
                _ => Metric::Undefined(Reason::NotLogOdds),
            };
            vec![auroc(scores, labels), auprc(scores, labels), accuracy(scores, labels, 0.0), logarithmic]
        }
    }
}

/// Mean squared error `(1/n) Σ (f_i − y_i)²`.
///
/// ```
/// use ckn_core::metrics::mean_squared_error;
/// assert_eq!(mean_squared_error(&[1.0, 3.0], &[1.0, 1.0]).value(), Some(2.0));
/// ```
///
/// # Shapes
/// scores `[samples]`, labels `[samples]`.
///
/// # Errors
/// Undefined if empty, of unequal lengths, or not finite.
pub fn mean_squared_error<S: Scalar, L: Scalar>(scores: &[S], labels: &[L]) -> Metric {
    let squares = || scores.iter().zip(labels).map(|(score, label)| (score.wide() - label.wide()).powi(2)).sum::<f64>();
    check(scores, labels).map(|()| squares() / labels.len() as f64).into()
}
