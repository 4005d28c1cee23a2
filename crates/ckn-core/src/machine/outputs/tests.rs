//! Machines of any loss, against SciPy on the same problems in features.

use std::ops::ControlFlow;

use serde_json::Value;

use super::*;
use crate::machine::{Problem, fit_by_products, multiply_written};

const GOLDEN: &str = include_str!("../../../../../reference/golden/kernel_machine.json");

/// Numbers of a list, NaN for null.
fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap_or(f64::NAN)).collect()
}

/// Products with a written matrix.
fn by(matrix: &[f64], samples: usize) -> impl Fn(&[f64], &mut [f64]) -> Result<(), Error> {
    move |vectors, products| multiply_written(matrix, samples, vectors, products)
}

fn go_on(_: usize, _: f64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

struct Case {
    loss: Loss,
    classes: usize,
    labels: Vec<f64>,
    weights: Vec<f64>,
    l2: f64,
    scores: Vec<f64>,
}

impl Case {
    fn problem(&self, samples: usize) -> Outputs<'_> {
        let Self { loss, classes, labels, weights, l2, .. } = self;
        Outputs { loss: *loss, classes: *classes, samples, labels, weights, l2: *l2, tolerance: 1e-10 }
    }
}

fn golden() -> (usize, Vec<f64>, Vec<Case>) {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let case = |case: &Value| Case {
        loss: serde_json::from_value(case["loss"].clone()).unwrap(),
        classes: case["classes"].as_u64().unwrap() as usize,
        labels: numbers(&case["labels"]),
        weights: numbers(&case["weights"]),
        l2: case["l2"].as_f64().unwrap(),
        scores: numbers(&case["scores"]),
    };
    let cases = golden["cases"].as_array().unwrap().iter().map(case).collect();
    (golden["samples"].as_u64().unwrap() as usize, numbers(&golden["kernel"]), cases)
}

#[test]
fn every_loss_has_the_optimum_that_scipy_finds_in_features() {
    let (samples, matrix, cases) = golden();
    assert_eq!(cases.len(), 12);
    for case in &cases {
        let fitted = fit_outputs(by(&matrix, samples), case.problem(samples), &[], go_on).unwrap();
        let what = format!("{:?} {}", case.loss, case.l2);
        assert!(fitted.converged && fitted.steps < 30, "{what}: {} steps", fitted.steps);
        for (got, want) in fitted.scores.iter().zip(&case.scores) {
            assert!((got - want).abs() < 1e-7, "{what}: {got} {want}");
        }
        // The scores are those of the coefficients, and samples without a label do not pull.
        let (mut products, outputs) = (vec![0.0; fitted.scores.len()], fitted.intercepts.len());
        by(&matrix, samples)(&fitted.coefficients, &mut products).unwrap();
        for output in 0..outputs {
            for sample in 0..samples {
                let at = output * samples + sample;
                let score = products[at] + fitted.intercepts[output];
                assert!((score - fitted.scores[at]).abs() < 1e-9);
                let label = output / case.classes * samples + sample;
                let absent = case.labels[label].is_nan() || case.weights[label] == 0.0;
                assert!(!absent || fitted.coefficients[at] == 0.0, "{what}");
            }
        }
    }
}

#[test]
fn the_squared_hinge_is_that_of_the_solver_of_one_output() {
    let (samples, matrix, cases) = golden();
    for case in cases.iter().filter(|case| case.loss == Loss::SquaredHinge) {
        let fitted = fit_outputs(by(&matrix, samples), case.problem(samples), &[], go_on).unwrap();
        for (task, labels) in case.labels.chunks(samples).enumerate() {
            let signs: Vec<f64> = labels.iter().map(|&label| if label > 0.5 { 1.0 } else { -1.0 }).collect();
            let own = &case.weights[task * samples..][..samples];
            let weights: Vec<f64> = labels.iter().zip(own).map(|(y, w)| if y.is_nan() { 0.0 } else { *w }).collect();
            let problem = Problem { labels: &signs, weights: &weights, l2: case.l2, tolerance: 1e-10 };
            let alone = fit_by_products(by(&matrix, samples), problem, &[]).unwrap();
            for (got, want) in fitted.scores[task * samples..].iter().zip(&alone.scores) {
                assert!((got - want).abs() < 1e-8, "{got} {want}");
            }
        }
    }
}

#[test]
fn a_start_is_used_and_a_watcher_ends_the_fit() {
    let (samples, matrix, cases) = golden();
    for case in &cases {
        let problem = case.problem(samples);
        let fitted = fit_outputs(by(&matrix, samples), problem, &[], go_on).unwrap();
        let again = fit_outputs(by(&matrix, samples), problem, &fitted.coefficients, go_on).unwrap();
        assert!(again.converged && again.steps <= 1);
        let stopped = fit_outputs(by(&matrix, samples), problem, &[], |step, violation| {
            assert!(step == 1 && violation > 0.0);
            ControlFlow::Break(())
        });
        assert!(stopped.unwrap().steps <= 1);
    }
}

#[test]
fn samples_that_are_far_on_the_wrong_side_at_the_start_are_brought_back() {
    let (samples, matrix, cases) = golden();
    for case in cases.iter().filter(|case| case.loss != Loss::Squared) {
        let start: Vec<f64> = (0..case.scores.len()).map(|at| if at % 2 == 0 { 60.0 } else { -60.0 }).collect();
        let fitted = fit_outputs(by(&matrix, samples), case.problem(samples), &start, go_on).unwrap();
        assert!(fitted.converged, "{:?} {}: {}", case.loss, case.l2, fitted.steps);
        fitted.scores.iter().zip(&case.scores).for_each(|(got, want)| assert!((got - want).abs() < 1e-6));
    }
}

#[test]
fn products_with_a_written_matrix_are_its_rows_with_each_vector() {
    let (samples, matrix, _) = golden();
    let vector = |which: usize| (0..samples).map(move |at| f64::from((at * 7 + which * 3) as u32 % 11) - 5.0);
    let vectors: Vec<f64> = vector(1).chain(vec![0.0; samples]).chain(vector(2)).collect();
    let mut products = vec![f64::NAN; vectors.len()];
    multiply_written(&matrix, samples, &vectors, &mut products).unwrap();
    for (vector, product) in vectors.chunks(samples).zip(products.chunks(samples)) {
        for (row, got) in matrix.chunks(samples).zip(product) {
            assert!((got - dot(row, vector)).abs() < 1e-12);
        }
    }
    assert!(multiply_written(&matrix, samples + 1, &vectors, &mut products).is_err());
    assert!(multiply_written(&matrix, samples, &vectors[1..], &mut products[1..]).is_err());
    assert!(multiply_written(&matrix, samples, &vectors[..samples], &mut products).is_err());
}

#[test]
fn problems_that_do_not_fit_are_refused() {
    let good = Outputs {
        loss: Loss::Logistic,
        classes: 1,
        samples: 2,
        labels: &[0.0, 1.0],
        weights: &[1.0, 1.0],
        l2: 1.0,
        tolerance: 1e-3,
    };
    let refused = |problem| fit_outputs(|_, _| Ok(()), problem, &[], go_on).unwrap_err();
    assert_eq!(refused(Outputs { l2: 0.0, ..good }), Error::Parameter { name: "l2", got: 0.0, expected: "above 0" });
    assert!(matches!(refused(Outputs { weights: &[1.0], ..good }), Error::Shape { .. }));
    assert!(matches!(refused(Outputs { weights: &[1.0, -1.0], ..good }), Error::Parameter { .. }));
    assert!(matches!(refused(Outputs { labels: &[0.5, 1.0], ..good }), Error::Label { .. }));
    assert!(matches!(refused(Outputs { classes: 2, ..good }), Error::Parameter { name: "classes", .. }));
    assert!(matches!(refused(Outputs { loss: Loss::Multinomial, ..good }), Error::Parameter { name: "classes", .. }));
    assert!(matches!(refused(Outputs { samples: 0, ..good }), Error::Empty { .. }));
    assert!(matches!(fit_outputs(|_, _| Ok(()), good, &[0.0], go_on), Err(Error::Shape { .. })));
}
