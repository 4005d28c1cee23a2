//! Paired tests, against golden numbers of SciPy.

use std::collections::BTreeMap;

use super::*;
use crate::seed::Seed;

// Made by reference/paired_tests.py.
const GOLDEN: &str = include_str!("../../../../reference/golden/paired.tsv");

type Case = BTreeMap<&'static str, Vec<f64>>;

fn golden(having: &str) -> Vec<(&'static str, Case)> {
    let mut cases: BTreeMap<&str, Case> = BTreeMap::new();
    for line in GOLDEN.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let numbers = fields[2].split(' ').map(|number| number.parse().unwrap()).collect();
        cases.entry(fields[0]).or_default().insert(fields[1], numbers);
    }
    cases.into_iter().filter(|(_, case)| case.contains_key(having)).collect()
}

#[track_caller]
fn assert_close(got: f64, expected: f64, tolerance: f64, context: &str) {
    assert!((got - expected).abs() <= tolerance * expected.abs().max(1e-3), "{context}: {got} is not {expected}");
}

#[test]
fn delong_equals_its_definition_over_all_pairs() {
    let cases = golden("delong");
    assert_eq!(cases.len(), 3);
    for (name, case) in cases {
        let compared = delong(&case["first"], &case["second"], &case["labels"]).unwrap();
        let p = compared.p_value().value().unwrap();
        let got = [compared.first, compared.second, compared.standard_error, p];
        for (got, expected) in got.into_iter().zip(&case["delong"]) {
            assert_close(got, *expected, 1e-11, name);
        }
        let (low, high) = compared.interval(0.99).unwrap();
        assert_close(low, case["interval-99"][0], 1e-11, name);
        assert_close(high, case["interval-99"][1], 1e-11, name);
        assert_eq!(Metric::Value(compared.first), auroc(&case["first"], &case["labels"]), "{name}");
    }
}

#[test]
fn delong_by_hand_on_four_samples() {
    // First: positives 3, 1 and negatives 2, 0: V₁₀ = (1, ½), V₀₁ = (½, 1), area ¾. Second: all the other way round.
    let compared = delong(&[3.0, 1.0, 2.0, 0.0], &[0.0, 1.0, 2.0, 3.0], &[1.0, 1.0, 0.0, 0.0]).unwrap();
    assert_eq!((compared.first, compared.second), (0.75, 0.0));
    // Differences (1, ½) and (½, 1): s² = ⅛ each, /2, together ⅛.
    assert!((compared.standard_error - 0.125f64.sqrt()).abs() < 1e-15);
    assert_eq!(compared.interval(1.0), None);
}

#[test]
fn comparisons_that_are_not_defined_say_why() {
    let labels = [1.0, 0.0, 1.0, 0.0];
    let scores = [0.3, 0.2, 0.1, 0.4];
    let same = delong(&scores, &scores, &labels).unwrap();
    assert_eq!((same.standard_error, same.p_value()), (0.0, Metric::Undefined(Reason::NoVariance)));
    assert_eq!(delong(&scores, &scores, &[1.0; 4]), Err(Reason::OneClass));
    assert_eq!(delong(&scores, &scores, &[1.0, 0.0, 0.0, 0.0]), Err(Reason::TooFew));
    assert_eq!(delong(&scores, &scores[..3], &labels), Err(Reason::Lengths));
    assert_eq!(delong(&[f64::NAN, 0.0, 0.0, 0.0], &scores, &labels), Err(Reason::NotFinite));
    let bootstrap = Bootstrap::default();
    assert_eq!(auroc_difference_interval(&scores, &scores, &labels, &bootstrap), Ok((0.0, 0.0)));
    assert_eq!(auroc_difference_interval(&scores, &scores, &[0.0; 4], &bootstrap), Err(Reason::OneClass));
    let none = Bootstrap { resamples: 0, ..bootstrap };
    assert_eq!(auroc_difference_interval(&scores, &scores, &labels, &none), Err(Reason::Empty));
    let whole = Bootstrap { level: 1.0, ..bootstrap };
    assert_eq!(auroc_difference_interval(&scores, &scores, &labels, &whole), Err(Reason::NotFinite));
    assert_eq!(signed_rank(&scores, &scores, Alternative::Greater), Err(Reason::NoDifference));
    assert_eq!(signed_rank(&[] as &[f64], &[] as &[f64], Alternative::Greater), Err(Reason::Empty));
    assert_eq!(signed_rank(&[1e308], &[-1e308], Alternative::Greater), Err(Reason::NotFinite));
}

#[test]
fn the_bootstrap_interval_equals_numpys_up_to_chance() {
    let cases = golden("bootstrap-90");
    assert_eq!(cases.len(), 2);
    for (name, case) in cases {
        let draw = |seed| {
            let bootstrap = Bootstrap { resamples: 20_000, level: 0.9, seed: Seed(seed) };
            auroc_difference_interval(&case["first"], &case["second"], &case["labels"], &bootstrap).unwrap()
        };
        let (low, high) = draw(5);
        let width = case["bootstrap-90"][1] - case["bootstrap-90"][0];
        // A 5 % quantile of 20,000 normal draws has a standard error of 0.5 % of the interval.
        assert!((low - case["bootstrap-90"][0]).abs() < 0.025 * width, "{name}: {low}");
        assert!((high - case["bootstrap-90"][1]).abs() < 0.025 * width, "{name}: {high}");
        assert_eq!(draw(5), (low, high), "{name}");
        assert_ne!(draw(6), (low, high), "{name}");
    }
}

#[test]
fn the_bootstrap_does_not_depend_on_the_number_of_threads() {
    let (_, case) = golden("bootstrap-90").remove(0);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let draw = || {
            auroc_difference_interval(&case["first"], &case["second"], &case["labels"], &Bootstrap::default()).unwrap()
        };
        pool.install(draw)
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn signed_ranks_equal_scipy_and_all_signs_enumerated() {
    let cases = golden("differences");
    assert_eq!(cases.len(), 5);
    for (name, case) in cases {
        let differences = &case["differences"];
        let zeros = vec![0.0; differences.len()];
        for (alternative, expected) in [Alternative::Greater, Alternative::Less].into_iter().zip(&case["p"]) {
            let test = signed_rank(differences, &zeros, alternative).unwrap();
            assert_eq!(test.statistic, case["statistic"][0], "{name}");
            assert_close(test.p_value, *expected, 1e-12, name);
            assert_eq!(test.exact, test.pairs <= 25, "{name}");
        }
    }
}

#[test]
fn five_data_sets_that_all_agree_have_a_p_value_of_one_in_thirty_two() {
    let test = signed_rank(&[0.9, 0.8, 0.95, 0.7, 0.85], &[0.8, 0.79, 0.9, 0.5, 0.84], Alternative::Greater).unwrap();
    assert_eq!((test.pairs, test.statistic, test.p_value, test.exact), (5, 15.0, 1.0 / 32.0, true));
}

#[test]
fn the_interval_of_an_auroc_is_that_of_delong() {
    // By hand: the variance is s²(V₁₀)/4 + s²(V₀₁)/3, with V₁₀ = 1, 5/6, 1/3, 1 and V₀₁ = 1, 5/8, 3/4.
    let labels = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
    let scores = [0.1, 0.4, 0.35, 0.8, 0.4, 0.3, 0.9];
    let variance = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        squares / (values.len() - 1) as f64 / values.len() as f64
    };
    let area = 9.5 / 12.0;
    let variance = variance(&[1.0, 5.0 / 6.0, 1.0 / 3.0, 1.0]) + variance(&[1.0, 0.625, 0.75]);
    let reach = 1.959_963_984_540_054 * variance.sqrt();
    let (low, high) = auroc_interval(&scores, &labels, 0.95).unwrap();
    assert!((low - (area - reach)).abs() < 1e-9 && high == 1.0_f64.min(area + reach), "{low} {high}");
}
