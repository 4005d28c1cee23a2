//! Metrics, against golden numbers of scikit-learn and SciPy.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

// Made by reference/metrics_and_losses.py.
const GOLDEN: &str = include_str!("../../../../reference/golden/metrics.tsv");

/// Numbers by case and quantity.
fn golden() -> BTreeMap<&'static str, BTreeMap<&'static str, Vec<f64>>> {
    let mut cases: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for line in GOLDEN.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let numbers = fields[2].split(' ').map(|number| number.parse().unwrap()).collect();
        cases.entry(fields[0]).or_default().insert(fields[1], numbers);
    }
    cases
}

fn assert_close(metric: Metric, expected: f64, context: &str) {
    let got = metric.value().unwrap();
    assert!((got - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{context}: {got} is not {expected}");
}

#[test]
fn metrics_equal_scikit_learn_and_scipy_with_and_without_ties() {
    let mut compared = 0;
    for (case, table) in golden().iter().filter(|(_, table)| table.contains_key("scores")) {
        let (scores, labels, target) = (&table["scores"], &table["labels"], &table["target"]);
        for (quantity, metric) in [
            ("auroc", auroc(scores, labels)),
            ("auprc", auprc(scores, labels)),
            ("accuracy", accuracy(scores, labels, 0.0)),
            ("pearson", pearson(scores, target)),
            ("spearman", spearman(scores, target)),
            ("log-loss", log_loss(scores, labels)),
        ] {
            if let Some(expected) = table.get(quantity) {
                assert_close(metric, expected[0], &format!("{case} {quantity}"));
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 6 * 6 - 2);
}

#[test]
fn metrics_of_rows_equal_scikit_learn() {
    let cases = golden();
    let table = &cases["three-classes"];
    assert_close(accuracy_rows(&table["rows"], 3, &table["labels"]), table["accuracy"][0], "accuracy");
    assert_close(log_loss_rows(&table["rows"], 3, &table["labels"]), table["log-loss"][0], "log-loss");
}

#[test]
fn data_that_define_no_metric_say_why() {
    let none: [f64; 0] = [];
    for metric in [auroc, auprc, log_loss, pearson, spearman] {
        assert_eq!(metric(&none, &none), Metric::Undefined(Reason::Empty));
        assert_eq!(metric(&[1.0, f64::NAN], &[0.0, 1.0]), Metric::Undefined(Reason::NotFinite));
        assert_eq!(metric(&[1.0, 2.0], &[0.0, f64::INFINITY]), Metric::Undefined(Reason::NotFinite));
        assert_eq!(metric(&[1.0, 2.0], &[0.0]), Metric::Undefined(Reason::Lengths));
    }
    for metric in [auroc, auprc] {
        assert_eq!(metric(&[1.0, 2.0], &[0.0, 0.0]), Metric::Undefined(Reason::OneClass));
        assert_eq!(metric(&[1.0, 2.0], &[1.0, 1.0]), Metric::Undefined(Reason::OneClass));
    }
    for metric in [pearson, spearman] {
        assert_eq!(metric(&[0.1; 7], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]), Metric::Undefined(Reason::Constant));
        assert_eq!(metric(&[1.0, 2.0], &[0.3, 0.3]), Metric::Undefined(Reason::Constant));
        assert_eq!(metric(&[1.0], &[2.0]), Metric::Undefined(Reason::Constant));
    }
    assert_eq!(accuracy(&none, &none, 0.0), Metric::Undefined(Reason::Empty));
    assert_eq!(accuracy(&[1.0], &[1.0], f64::NAN), Metric::Undefined(Reason::NotFinite));
    assert_eq!(accuracy_rows(&[0.0, 1.0], 2, &[2.0]), Metric::Undefined(Reason::Label));
    assert_eq!(accuracy_rows(&[0.0, 1.0], 3, &[1.0]), Metric::Undefined(Reason::Lengths));
    assert_eq!(log_loss_rows(&none, 0, &[0.0, 1.0]), Metric::Undefined(Reason::Empty));
}

#[test]
fn an_undefined_metric_is_shown_as_na_and_a_value_with_its_precision() {
    let undefined = Metric::Undefined(Reason::OneClass);
    assert_eq!(format!("{undefined}|{undefined:.1}|{undefined:6.3}"), "NA|NA|    NA");
    assert_eq!(format!("{:.3}|{:6.3}", Metric::Value(0.75), Metric::Value(0.5)), "0.750| 0.500");
    assert_eq!((undefined.value(), undefined.reason()), (None, Some(Reason::OneClass)));
}

#[test]
fn zero_and_negative_zero_are_one_threshold() {
    assert_eq!(auroc(&[0.0, -0.0, 0.0, -0.0], &[1.0, 0.0, 0.0, 1.0]), Metric::Value(0.5));
    assert_eq!(auprc(&[-0.0, 0.0], &[1.0, 0.0]), Metric::Value(0.5));
}

#[test]
fn correlations_survive_numbers_near_the_limits_of_f64() {
    for scale in [1e-320, 1e-300, 1e-160, 1e160, 1.7e308] {
        let x = [scale, -scale, 0.0, 0.5 * scale];
        assert!((pearson(&x, &x).value().unwrap() - 1.0).abs() < 1e-12, "{scale}");
    }
}

#[test]
fn a_log_loss_of_huge_scores_is_finite() {
    assert_eq!(log_loss(&[1e4, -1e4], &[0.0, 1.0]), Metric::Value(1e4));
    assert_eq!(log_loss(&[1e4f32, -1e4], &[1.0f32, 0.0]), Metric::Value(0.0));
}

/// Scores on a coarse grid, so that ties are common, with labels of both classes.
fn samples() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    prop::collection::vec((-6i32..6, any::<bool>()), 2..40).prop_map(|pairs| {
        let mut labels: Vec<f64> = pairs.iter().map(|pair| f64::from(u8::from(pair.1))).collect();
        (labels[0], labels[1]) = (0.0, 1.0);
        (pairs.iter().map(|pair| f64::from(pair.0) / 4.0).collect(), labels)
    })
}

proptest! {
    #[test]
    fn auroc_equals_its_definition_over_all_pairs((scores, labels) in samples()) {
        let (mut wins, mut pairs) = (0.0, 0.0);
        for (i, j) in (0..scores.len()).flat_map(|i| (0..scores.len()).map(move |j| (i, j))) {
            if labels[i] > labels[j] {
                pairs += 1.0;
                wins += if scores[i] > scores[j] { 1.0 } else if scores[i] == scores[j] { 0.5 } else { 0.0 };
            }
        }
        prop_assert!((auroc(&scores, &labels).value().unwrap() - wins / pairs).abs() < 1e-14);
    }

    #[test]
    fn auroc_of_scores_and_of_their_negatives_sum_to_one((scores, labels) in samples()) {
        let negated: Vec<f64> = scores.iter().map(|score| -score).collect();
        let sum = auroc(&scores, &labels).value().unwrap() + auroc(&negated, &labels).value().unwrap();
        prop_assert!((sum - 1.0).abs() < 1e-15);
    }

    #[test]
    fn rank_metrics_ignore_increasing_transforms_of_the_scores((scores, labels) in samples()) {
        let moved: Vec<f64> = scores.iter().map(|score| score.exp() + 3.0).collect();
        prop_assert_eq!(auroc(&scores, &labels), auroc(&moved, &labels));
        prop_assert_eq!(auprc(&scores, &labels), auprc(&moved, &labels));
        prop_assert_eq!(spearman(&scores, &labels), spearman(&moved, &labels));
    }

    #[test]
    fn metrics_ignore_the_order_of_the_samples((scores, labels) in samples(), turn in 0usize..40) {
        let turned = |values: &[f64]| {
            let mut values = values.to_vec();
            let by = turn % values.len();
            values.rotate_left(by);
            values
        };
        prop_assert_eq!(auroc(&scores, &labels), auroc(&turned(&scores), &turned(&labels)));
        prop_assert_eq!(auprc(&scores, &labels), auprc(&turned(&scores), &turned(&labels)));
    }

    #[test]
    fn correlation_is_symmetric_and_bounded((x, y) in samples()) {
        prop_assert_eq!(pearson(&x, &y), pearson(&y, &x));
        if let Metric::Value(value) = pearson(&x, &y) {
            prop_assert!((-1.0..=1.0).contains(&value));
        }
    }
}
