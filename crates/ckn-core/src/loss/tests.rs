//! Losses: golden numbers, derivatives against differences.

use proptest::prelude::*;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error as NameError;

use super::*;

// Made by reference/metrics_and_losses.py.
const GOLDEN: &str = include_str!("../../../../reference/golden/losses.tsv");

fn numbers(field: &str) -> Vec<f64> {
    field.split(' ').map(|number| number.parse().unwrap()).collect()
}

fn named(name: &str) -> Result<Loss, NameError> {
    Loss::deserialize(name.into_deserializer())
}

fn assert_close(got: f64, expected: f64, context: &str) {
    assert!((got - expected).abs() <= 1e-13 * expected.abs().max(1e-3), "{context}: {got} is not {expected}");
}

#[test]
fn values_and_gradients_are_those_of_scipy() {
    let mut rows = 0;
    for line in GOLDEN.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let (loss, scores, label) = (named(fields[0]).unwrap(), numbers(fields[1]), numbers(fields[2])[0]);
        let (value, gradient) = (numbers(fields[3])[0], numbers(fields[4]));
        if scores.len() == 1 {
            assert_close(loss.value(scores[0], label), value, line);
            assert_close(loss.derivative(scores[0], label), gradient[0], line);
        } else {
            let mut got = vec![0.0; scores.len()];
            assert_close(loss.value_row(&scores, label as usize), value, line);
            assert_close(loss.gradient_row(&scores, label as usize, &mut got), value, line);
            got.iter().zip(&gradient).for_each(|(&got, &expected)| assert_close(got, expected, line));
        }
        rows += 1;
    }
    assert_eq!(rows, 13 * 7 + 2 + 3 + 3 + 3 + 4);
}

#[test]
fn names_in_a_file_are_kebab_case() {
    assert_eq!(named("logistic"), Ok(Loss::Logistic));
    assert_eq!(named("squared-hinge"), Ok(Loss::SquaredHinge));
    assert!(named("SquaredHinge").is_err());
}

#[test]
fn labels_outside_the_domain_of_a_loss_are_refused() {
    for (loss, good, bad) in [
        (Loss::Logistic, [0.0, 1.0], [-1.0, 0.5]),
        (Loss::SquaredHinge, [0.0, 1.0], [2.0, f64::NAN]),
        (Loss::Squared, [-3.5, 1e6], [f64::NAN, f64::INFINITY]),
        (Loss::Multinomial, [0.0, 2.0], [3.0, 0.5]),
        (Loss::Multinomial, [0.0, 1.0], [-1.0, f64::NAN]),
    ] {
        good.iter().for_each(|&label| assert_eq!(loss.check_label(label, 3), Ok(())));
        bad.iter().for_each(|&label| assert!(loss.check_label(label, 3).is_err(), "{loss:?} {label}"));
    }
    assert!(Loss::Multinomial.check_label(0.0, 0).is_err());
}

#[test]
fn a_nan_score_or_label_never_gives_a_finite_loss() {
    for loss in Loss::ALL {
        for (score, label) in [(f64::NAN, 1.0), (f64::NAN, 0.0), (0.5, f64::NAN)] {
            assert!(loss.value(score, label).is_nan() && loss.derivative(score, label).is_nan(), "{loss:?}");
        }
        assert!(loss.value_row(&[0.0, f64::NAN], 0).is_nan(), "{loss:?}");
    }
}

#[test]
fn a_class_without_a_score_gives_nan() {
    let mut gradient = [0.0; 2];
    for loss in Loss::ALL {
        assert!(loss.value_row(&[0.1, 0.2], 2).is_nan());
        assert!(loss.gradient_row(&[0.1, 0.2], 2, &mut gradient).is_nan() && gradient[0].is_nan());
        assert!(loss.value_row(&[], 0).is_nan());
    }
}

#[test]
fn only_the_squared_loss_is_regression() {
    let regression: Vec<Loss> = Loss::ALL.into_iter().filter(|loss| !loss.is_classification()).collect();
    assert_eq!(regression, [Loss::Squared]);
}

proptest! {
    #[test]
    fn derivatives_equal_central_differences(score in -20.0..20.0f64, positive: bool) {
        let label = f64::from(u8::from(positive));
        let step = 1e-5;
        for loss in Loss::ALL {
            let numeric = (loss.value(score + step, label) - loss.value(score - step, label)) / (2.0 * step);
            let exact = loss.derivative(score, label);
            // The second derivative of the squared hinge jumps at its corner, where the difference is off by half a step.
            prop_assert!((numeric - exact).abs() <= 1e-5 * (1.0 + exact.abs()), "{:?} {} {}", loss, numeric, exact);
        }
    }

    #[test]
    fn row_gradients_equal_central_differences(scores in prop::collection::vec(-9.0..9.0f64, 1..6), pick in 0usize..100) {
        let class = pick % scores.len();
        let step = 1e-5;
        for loss in Loss::ALL {
            let mut gradient = vec![0.0; scores.len()];
            loss.gradient_row(&scores, class, &mut gradient);
            for c in 0..scores.len() {
                let (mut up, mut down) = (scores.clone(), scores.clone());
                up[c] += step;
                down[c] -= step;
                let numeric = (loss.value_row(&up, class) - loss.value_row(&down, class)) / (2.0 * step);
                prop_assert!((numeric - gradient[c]).abs() <= 1e-5 * (1.0 + gradient[c].abs()), "{:?}", loss);
            }
        }
    }

    #[test]
    fn the_multinomial_loss_ignores_a_common_shift(scores in prop::collection::vec(-9.0..9.0f64, 1..6), shift in -1e4..1e4f64) {
        let shifted: Vec<f64> = scores.iter().map(|score| score + shift).collect();
        let (plain, moved) = (Loss::Multinomial.value_row(&scores, 0), Loss::Multinomial.value_row(&shifted, 0));
        prop_assert!((plain - moved).abs() < 1e-9);
    }

    #[test]
    fn one_score_against_zero_is_the_logistic_loss(score in -50.0..50.0f64) {
        let row = Loss::Multinomial.value_row(&[0.0, score], 1);
        prop_assert!((row - Loss::Logistic.value(score, 1.0)).abs() < 1e-13);
    }
}
