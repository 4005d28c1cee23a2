//! Intervals and Matthews' coefficient, against closed forms and computations by hand.

use super::*;

/// 97.5 % quantile of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

#[test]
fn correlations_have_the_intervals_of_fishers_transform() {
    for (r, n) in [(0.0, 4), (0.5, 100), (-0.93, 17), (0.999, 1000)] {
        let z = 0.5 * f64::ln((1.0 + r) / (1.0 - r));
        let closed = |reach: f64| {
            let back = |z: f64| ((2.0 * z).exp() - 1.0) / ((2.0 * z).exp() + 1.0);
            (back(z - reach), back(z + reach))
        };
        let close = |got: (f64, f64), expected: (f64, f64)| {
            assert!(
                (got.0 - expected.0).abs() < 1e-9 && (got.1 - expected.1).abs() < 1e-9,
                "{r} {n}: {got:?} {expected:?}"
            );
        };
        let freedom = (n - 3) as f64;
        close(pearson_interval(r, n, 0.95).unwrap(), closed(Z / freedom.sqrt()));
        close(spearman_interval(r, n, 0.95).unwrap(), closed(Z * ((1.0 + r * r / 2.0) / freedom).sqrt()));
    }
    for (r, n, level) in [(0.5, 3, 0.95), (1.0, 50, 0.95), (-1.0, 50, 0.95), (0.5, 50, 1.0), (f64::NAN, 50, 0.95)] {
        assert_eq!((pearson_interval(r, n, level), spearman_interval(r, n, level)), (None, None), "{r} {n} {level}");
    }
}

#[test]
fn matthews_is_pearson_of_labels_and_predictions() {
    // 3 true positives, 1 false negative, 2 false positives, 4 true negatives: (12 − 2)/√(5·4·6·5).
    let scores = [0.9, 0.1, 2.0, -0.4, 0.3, 0.7, -1.0, -2.0, 0.0, -0.1];
    let labels = [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    let got = matthews(&scores, &labels, 0.0).value().unwrap();
    assert!((got - 10.0 / 600f64.sqrt()).abs() < 1e-15, "{got}");
    let predictions = scores.map(|score| f64::from(score > 0.0));
    assert!((got - pearson(&predictions, &labels).value().unwrap()).abs() < 1e-14);
    assert_eq!(matthews(&scores, &labels, 5.0).reason(), Some(Reason::Constant));
    assert_eq!(matthews(&scores, &[1.0; 10], 0.0).reason(), Some(Reason::OneClass));
    assert_eq!(matthews(&scores, &labels, f64::NAN).reason(), Some(Reason::NotFinite));
    // As many samples as would leave the range of whole numbers, were they multiplied.
    let many: Vec<f64> = (0..400_000).map(|i| f64::from(i % 2)).collect();
    let centred: Vec<f64> = many.iter().map(|label| label - 0.5).collect();
    assert!((matthews(&centred, &many, 0.0).value().unwrap() - 1.0).abs() < 1e-12);
}

#[test]
fn the_interval_of_the_average_precision_holds_it_and_is_reproducible() {
    let labels: Vec<f64> = (0..200).map(|i| f64::from(i % 4 == 0)).collect();
    let scores: Vec<f64> = (0..200).map(|i| f64::from(i * 7919 % 199) + 60.0 * labels[i as usize]).collect();
    let area = auprc(&scores, &labels).value().unwrap();
    let bootstrap = Bootstrap::default();
    let (low, high) = auprc_interval(&scores, &labels, &bootstrap).unwrap();
    assert!(low < area && area < high && high - low > 0.05 && high - low < 0.4, "{low} {area} {high}");
    assert_eq!(auprc_interval(&scores, &labels, &bootstrap), Ok((low, high)));
    // A perfect ranking is perfect in every resample.
    assert_eq!(auprc_interval(&labels, &labels, &bootstrap), Ok((1.0, 1.0)));
    assert_eq!(auprc_interval(&scores, &[1.0; 200], &bootstrap), Err(Reason::OneClass));
    assert_eq!(auprc_interval(&scores, &labels, &Bootstrap { resamples: 0, ..bootstrap }), Err(Reason::Empty));
}

#[test]
fn classes_are_ranked_against_the_rest_by_their_probability() {
    // Raw scores would rank the second sample above the first for class 0; its probability is lower.
    let scores = [1.0, 0.0, 0.0, 5.0, 9.0, 0.0, 0.0, 0.0, 1.0];
    let areas = auroc_rows(&scores, 3, &[0.0, 1.0, 2.0]);
    assert!(areas.iter().all(|area| area.value() == Some(1.0)), "{areas:?}");
    // Probabilities that round to 1 are still told apart.
    let far = auroc_rows(&[100.0, 0.0, 90.0, 0.0, 0.0, 1.0], 2, &[0.0, 1.0, 1.0]);
    assert_eq!(far[0], Metric::Value(1.0));
    assert_eq!(auroc_rows(&scores, 3, &[0.0, 0.0, 0.0])[0].reason(), Some(Reason::OneClass));
    assert_eq!(auroc_rows(&scores, 4, &[0.0, 0.0, 0.0])[3].reason(), Some(Reason::Lengths));
}

#[test]
fn intervals_of_metrics_of_pairs_are_those_of_the_bootstrap() {
    let bootstrap = Bootstrap::default();
    let line: Vec<f64> = (0..300).map(|i| f64::from(i * 7919 % 300) / 300.0).collect();
    // What is the same in every resample has no width.
    let (twice, below): (Vec<f64>, Vec<f64>) = line.iter().map(|x| (2.0 * x, -x)).unzip();
    let (low, high) = metric_interval(&line, &twice, &bootstrap, pearson).unwrap();
    assert!(low > 1.0 - 1e-12 && high <= 1.0);
    let (low, high) = metric_interval(&line, &below, &bootstrap, spearman).unwrap();
    assert!(low >= -1.0 && high < 1e-12 - 1.0);
    assert_eq!(metric_interval(&line, &line, &bootstrap, mean_squared_error), Ok((0.0, 0.0)));
    // The mean of so many numbers, evenly spread from 0 to 1: its standard error is 1/√(12 n).
    let mean = |scores: &[f64], _: &[f64]| Metric::Value(scores.iter().sum::<f64>() / scores.len() as f64);
    let (low, high) = metric_interval(&line, &twice, &bootstrap, mean).unwrap();
    let (middle, reach) = (299.0 / 600.0, Z / (12.0f64 * 300.0).sqrt());
    assert!((low - middle + reach).abs() < 0.1 * reach && (high - middle - reach).abs() < 0.1 * reach, "{low} {high}");
    // A narrower level, a narrower interval; the same again.
    let half = metric_interval(&line, &twice, &Bootstrap { level: 0.5, ..bootstrap }, mean).unwrap();
    assert!(low < half.0 && half.1 < high);
    assert_eq!(metric_interval(&line, &twice, &bootstrap, mean), Ok((low, high)));
    for (scores, resamples, level, reason) in [
        (vec![1.0; 300], 100, 0.95, Reason::TooFew),
        (vec![1.0; 299], 100, 0.95, Reason::Lengths),
        (vec![f64::NAN; 300], 100, 0.95, Reason::NotFinite),
        (line.clone(), 0, 0.95, Reason::Empty),
        (line.clone(), 100, 1.0, Reason::NotFinite),
    ] {
        let bootstrap = Bootstrap { resamples, level, seed: bootstrap.seed };
        assert_eq!(metric_interval(&scores, &line, &bootstrap, pearson), Err(reason));
    }
}
