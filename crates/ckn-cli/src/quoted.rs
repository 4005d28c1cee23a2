//! What a paper quotes beside the measures of a model: 95 % intervals, and numbers at its own threshold.

use ckn::core::metrics::{
    Bootstrap, Metric, accuracy, accuracy_rows, auprc_interval, auroc_interval, auroc_rows, matthews, metric_interval,
    pearson, pearson_interval, spearman, spearman_interval, wilson_interval,
};

/// Confidence of the intervals.
const LEVEL: f64 = 0.95;

/// Samples drawn for an interval at most: of very many sequences, there are fewer resamples.
const DRAWN: usize = 200_000_000;

/// Fewest resamples.
const FEWEST: usize = 200;

/// Names of the columns of two classes.
pub const TWO_CLASSES: [&str; 7] =
    ["auroc_low", "auroc_high", "auprc_low", "auprc_high", "accuracy_low", "accuracy_high", "mcc"];

/// Names of the columns of measurements.
pub const MEASUREMENTS: [&str; 6] =
    ["auroc_low", "auroc_high", "pearson_low", "pearson_high", "spearman_low", "spearman_high"];

/// Names of the columns of several classes, but for those of each class.
pub const CLASSES: [&str; 3] = ["accuracy_low", "accuracy_high", "auroc_macro"];

/// Of two classes, at the threshold 0.
pub fn two_classes(scores: &[f64], labels: &[f64]) -> [Option<f64>; 7] {
    let bootstrap = bootstrap(labels.len());
    let [auroc_low, auroc_high] = ends(auroc_interval(scores, labels, LEVEL));
    let [auprc_low, auprc_high] = ends(auprc_interval(scores, labels, &bootstrap).ok());
    let [accuracy_low, accuracy_high] = proportion(accuracy(scores, labels, 0.0).value(), labels.len());
    let mcc = matthews(scores, labels, 0.0).value();
    [auroc_low, auroc_high, auprc_low, auprc_high, accuracy_low, accuracy_high, mcc]
}

/// Of measurements; there is an AUROC where they are 0 and 1.
pub fn measurements(scores: &[f64], labels: &[f64]) -> [Option<f64>; 6] {
    let two_classes = labels.iter().all(|&label| label == 0.0 || label == 1.0);
    let [auroc_low, auroc_high] = ends(auroc_interval(scores, labels, LEVEL).filter(|_| two_classes));
    let samples = labels.len();
    let of_pearson = pearson(scores, labels).value().and_then(|r| pearson_interval(r, samples, LEVEL));
    let of_spearman = spearman(scores, labels).value().and_then(|r| spearman_interval(r, samples, LEVEL));
    let ([pearson_low, pearson_high], [spearman_low, spearman_high]) = (ends(of_pearson), ends(of_spearman));
    [auroc_low, auroc_high, pearson_low, pearson_high, spearman_low, spearman_high]
}

/// Of several classes, and the AUROC of each against the rest; the macro mean is of those that are defined.
///
/// # Shapes
/// scores `[sequences, classes]`.
pub fn classes(classes: usize, scores: &[f64], labels: &[f64]) -> ([Option<f64>; 3], Vec<Option<f64>>) {
    let [low, high] = proportion(accuracy_rows(scores, classes, labels).value(), labels.len());
    let areas: Vec<Option<f64>> = auroc_rows(scores, classes, labels).into_iter().map(Option::from).collect();
    let defined: Vec<f64> = areas.iter().copied().flatten().collect();
    let mean = (!defined.is_empty()).then(|| defined.iter().sum::<f64>() / defined.len() as f64);
    ([low, high, mean], areas)
}

/// Bootstrap interval of a metric of measurements, which asks nothing of how they are distributed: Fisher's transform takes them for
/// normal.
pub fn resampled(
    scores: &[f64],
    labels: &[f64],
    metric: impl Fn(&[f64], &[f64]) -> Metric + Sync,
) -> Option<(f64, f64)> {
    metric_interval(scores, labels, &bootstrap(labels.len()), metric).ok()
}

/// Resamples of so many samples.
fn bootstrap(samples: usize) -> Bootstrap {
    let resamples = (DRAWN / samples.max(1)).clamp(FEWEST, Bootstrap::default().resamples);
    Bootstrap { resamples, level: LEVEL, ..Bootstrap::default() }
}

fn ends(interval: Option<(f64, f64)>) -> [Option<f64>; 2] {
    [interval.map(|(low, _)| low), interval.map(|(_, high)| high)]
}

/// Interval of a share of so many.
fn proportion(share: Option<f64>, trials: usize) -> [Option<f64>; 2] {
    ends(share.map(|share| wilson_interval((share * trials as f64).round() as usize, trials, LEVEL)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_two_classes_stand_under_their_names() {
        // 2 of 3 positives and 2 of 3 negatives on their side: mcc (4 - 1)/9.
        let values = two_classes(&[2.0, 1.0, -1.0, 3.0, -2.0, -3.0], &[1.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
        assert!(values[6].is_some_and(|mcc| (mcc - 1.0 / 3.0).abs() < 1e-12), "{values:?}");
        let (low, high) = wilson_interval(4, 6, LEVEL);
        assert_eq!((values[4], values[5]), (Some(low), Some(high)));
        assert!(values.chunks(2).take(3).all(|pair| pair[0] < pair[1]), "{values:?}");
        assert_eq!(two_classes(&[1.0, 2.0], &[1.0, 1.0])[..4], [None; 4]);
    }

    #[test]
    fn classes_have_an_area_each_and_their_mean() {
        let scores = [3.0, 0.0, 0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 3.0, 9.0, 0.0, 0.0];
        let ([_, _, mean], areas) = classes(3, &scores, &[0.0, 1.0, 2.0, 1.0]);
        assert_eq!(areas, [Some(2.0 / 3.0), Some(0.5), Some(1.0)]);
        assert!(mean.is_some_and(|mean| (mean - 13.0 / 18.0).abs() < 1e-12));
    }
}
