//! What scores are measured by.

use ckn::core::loss::Loss;
use ckn::core::metrics::{accuracy, accuracy_rows, auprc, auroc, log_loss, log_loss_rows, pearson, spearman};

/// Names of the measures of scores of a loss.
pub fn names(loss: Loss) -> &'static [&'static str] {
    match loss {
        Loss::Multinomial => &["accuracy", "log_loss"],
        Loss::Squared => &["auroc", "mean_squared_error", "pearson", "spearman"],
        _ => &["auroc", "auprc", "accuracy", "log_loss"],
    }
}

/// The measures of [`names`], `None` where the data do not define one.
///
/// # Shapes
/// scores `[samples, outputs]`, labels `[samples]`.
pub fn measures(loss: Loss, outputs: usize, scores: &[f64], labels: &[f64]) -> Vec<Option<f64>> {
    match loss {
        Loss::Multinomial => {
            vec![accuracy_rows(scores, outputs, labels).value(), log_loss_rows(scores, outputs, labels).value()]
        }
        Loss::Squared => {
            let two_classes = labels.iter().all(|&label| label == 0.0 || label == 1.0);
            let curve = if two_classes { auroc(scores, labels).value() } else { None };
            let squares: f64 = scores.iter().zip(labels).map(|(score, label)| (score - label).powi(2)).sum();
            let mean = (!labels.is_empty()).then(|| squares / labels.len() as f64);
            vec![curve, mean, pearson(scores, labels).value(), spearman(scores, labels).value()]
        }
        _ => {
            // Only scores of the logistic loss are log-odds.
            let logarithmic = if loss == Loss::Logistic { log_loss(scores, labels).value() } else { None };
            let (curve, precision) = (auroc(scores, labels).value(), auprc(scores, labels).value());
            vec![curve, precision, accuracy(scores, labels, 0.0).value(), logarithmic]
        }
    }
}

/// Measures as cells of a table.
pub fn cells(values: &[Option<f64>]) -> String {
    let cell = |value: &Option<f64>| value.map_or_else(|| "NA".to_owned(), |value| format!("{value:.6}"));
    values.iter().map(cell).collect::<Vec<_>>().join("\t")
}
