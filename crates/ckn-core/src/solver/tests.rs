//! L-BFGS on functions of known minimum.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::loss::Loss;

// Made by reference/metrics_and_losses.py.
const GOLDEN: &str = include_str!("../../../../reference/golden/solver.tsv");

fn golden() -> BTreeMap<(&'static str, &'static str), Vec<f64>> {
    let lines = GOLDEN.lines().filter(|line| !line.starts_with('#'));
    let rows = lines.map(|line| line.split('\t').collect::<Vec<_>>());
    rows.map(|row| ((row[0], row[1]), row[2].split(' ').map(|number| number.parse().unwrap()).collect())).collect()
}

/// Rosenbrock's function in any dimension, minimum 0 at (1, …, 1).
fn rosenbrock(x: &[f64], gradient: &mut [f64]) -> f64 {
    gradient.fill(0.0);
    let mut value = 0.0;
    for k in 0..x.len() - 1 {
        let (bend, rest) = (x[k + 1] - x[k] * x[k], 1.0 - x[k]);
        value += 100.0 * bend * bend + rest * rest;
        gradient[k] += -400.0 * bend * x[k] - 2.0 * rest;
        gradient[k + 1] += 200.0 * bend;
    }
    value
}

/// `½ Σ h_k (x_k − k)²`, curvatures `h` from 1 to `condition` on a logarithmic grid.
fn quadratic(condition: f64) -> impl FnMut(&[f64], &mut [f64]) -> f64 {
    move |x, gradient| {
        let mut value = 0.0;
        for k in 0..x.len() {
            let curvature = condition.powf(k as f64 / (x.len() - 1) as f64);
            gradient[k] = curvature * (x[k] - k as f64);
            value += 0.5 * gradient[k] * (x[k] - k as f64);
        }
        value
    }
}

/// `(1/n) Σ log(1 + exp(−t_i ⟨w, x_i⟩)) + (λ/2) ‖w‖²`.
fn regression<'a>(features: &'a [f64], labels: &'a [f64], l2: f64) -> impl FnMut(&[f64], &mut [f64]) -> f64 + 'a {
    move |weights, gradient| {
        let count = labels.len() as f64;
        gradient.iter_mut().zip(weights).for_each(|(slot, weight)| *slot = l2 * weight);
        let mut value = 0.5 * l2 * dot(weights, weights);
        for (row, &label) in features.chunks_exact(weights.len()).zip(labels) {
            let score = dot(row, weights);
            value += Loss::Logistic.value(score, label) / count;
            let factor = Loss::Logistic.derivative(score, label) / count;
            gradient.iter_mut().zip(row).for_each(|(slot, feature)| *slot += factor * feature);
        }
        value
    }
}

#[test]
fn a_quadratic_is_solved_in_few_steps() {
    let solution = Lbfgs::default().minimise(&[5.0; 6], quadratic(10.0));
    assert_eq!(solution.termination, Termination::GradientSmall);
    assert!(solution.iterations <= 25, "{}", solution.iterations);
    solution.point.iter().enumerate().for_each(|(k, x)| assert!((x - k as f64).abs() < 1e-5));
}

#[test]
fn a_quadratic_of_condition_number_1e8_is_solved() {
    let solver = Lbfgs { max_iterations: 2000, value_tolerance: 0.0, ..Lbfgs::default() };
    let solution = solver.minimise(&[-3.0; 6], quadratic(1e8));
    assert_eq!(solution.termination, Termination::GradientSmall, "{solution:?}");
    solution.point.iter().enumerate().for_each(|(k, x)| assert!((x - k as f64).abs() < 1e-5, "{k}: {x}"));
}

#[test]
fn many_curvatures_take_about_as_many_steps_as_with_scipy() {
    let golden = golden();
    let expected = &golden[&("quadratic", "steps")];
    let start: Vec<f64> = (0..15).map(|k| f64::from(50 * (k % 3) - 20)).collect();
    let solver = Lbfgs { max_iterations: 2000, value_tolerance: 0.0, ..Lbfgs::default() };
    let solution = solver.minimise(&start, quadratic(7453.0));
    assert_eq!(solution.termination, Termination::GradientSmall);
    let (steps, evaluations) = (solution.iterations as f64, solution.evaluations as f64);
    assert!(steps < 1.2 * expected[0] && evaluations < 1.2 * expected[1], "{steps} {evaluations} {expected:?}");
}

#[test]
fn rosenbrock_is_minimised_in_2_and_100_dimensions() {
    for (dimension, iterations) in [(2, 60), (100, 600)] {
        let solver = Lbfgs { max_iterations: iterations, gradient_tolerance: 1e-9, ..Lbfgs::default() };
        let start: Vec<f64> = (0..dimension).map(|k| if k % 2 == 0 { -1.2 } else { 1.0 }).collect();
        let solution = solver.minimise(&start, rosenbrock);
        assert!(solution.termination.converged(), "{:?} {}", solution.termination, solution.value);
        // From this start in 100 dimensions there is no other minimum downhill.
        assert!(solution.value < 1e-15, "{} {:?}", solution.value, solution.termination);
        assert!(solution.evaluations < 2 * solution.iterations + 20);
    }
}

#[test]
fn logistic_regression_reaches_the_minimum_of_scipy_from_near_and_far() {
    let golden = golden();
    let (features, labels) = (&golden[&("data", "features")], &golden[&("data", "labels")]);
    for case in ["strong", "weak", "tiny"] {
        let l2 = golden[&(case, "l2")][0];
        let (point, value) = (&golden[&(case, "point")], golden[&(case, "value")][0]);
        for start in [0.0, 1.0, -300.0] {
            let solver =
                Lbfgs { max_iterations: 1000, gradient_tolerance: 1e-12, value_tolerance: 0.0, ..Lbfgs::default() };
            let solution = solver.minimise(&[start; 5], regression(features, labels, l2));
            let context = format!("{case} from {start}: {solution:?}");
            assert!(solution.termination.converged(), "{context}");
            assert!((solution.value - value).abs() < 1e-14, "{context}");
            let error = largest_absolute(&solution.point.iter().zip(point).map(|(a, b)| a - b).collect::<Vec<_>>());
            assert!(error < 1e-5 * largest_absolute(point), "{error} {context}");
        }
    }
}

#[test]
fn the_default_tolerances_are_close_to_the_minimum_of_scipy() {
    let golden = golden();
    let (features, labels) = (&golden[&("data", "features")], &golden[&("data", "labels")]);
    for case in ["strong", "weak", "tiny"] {
        let objective = regression(features, labels, golden[&(case, "l2")][0]);
        let solution = Lbfgs::default().minimise(&[0.0; 5], objective);
        let excess = solution.value - golden[&(case, "value")][0];
        assert!(solution.termination.converged() && excess < 1e-4, "{case}: {excess} {solution:?}");
    }
}

#[test]
fn an_absolute_value_is_minimised_although_it_has_a_kink() {
    for start in [1.3, -7e4, 1e-3] {
        let solver = Lbfgs { max_iterations: 200, ..Lbfgs::default() };
        let solution = solver.minimise(&[start], |x, gradient| {
            gradient[0] = x[0].signum();
            x[0].abs()
        });
        assert!(solution.value < 1e-8 * start.abs(), "{solution:?}");
    }
}

#[test]
fn a_maximum_of_two_strands_ends_at_its_minimum() {
    // The minima of the two quadratics lie on either side of the kink: that of their maximum is on it.
    let mut objective = |x: &[f64], gradient: &mut [f64]| {
        let forward = 2.0 * x[0] * x[0] + x[1] * x[1] - x[0] + 0.75;
        let backward = 2.0 * x[1] * x[1] + x[0] * x[0] - x[1] + 0.75;
        if forward >= backward {
            (gradient[0], gradient[1]) = (4.0 * x[0] - 1.0, 2.0 * x[1]);
            forward
        } else {
            (gradient[0], gradient[1]) = (2.0 * x[0], 4.0 * x[1] - 1.0);
            backward
        }
    };
    for start in [[3.0, -2.0], [-1.0, 8.0], [0.0, 0.1]] {
        let first = objective(&start, &mut [0.0; 2]);
        let solution = Lbfgs::default().minimise(&start, &mut objective);
        // On the kink x = y = t the value is 3 t² − t + 3/4, lowest at t = 1/6.
        assert!(solution.value <= first && solution.value - 2.0 / 3.0 < 1e-3, "{solution:?}");
        assert_ne!(solution.termination, Termination::IterationLimit);
    }
}

#[test]
fn a_wrong_gradient_fails_at_the_start_point() {
    let solution = Lbfgs::default().minimise(&[2.0, 1.0], |x, gradient| {
        gradient.copy_from_slice(&[-2.0 * x[0], -2.0 * x[1]]);
        dot(x, x)
    });
    assert_eq!(solution.termination, Termination::LineSearchFailed);
    assert_eq!((solution.point, solution.value, solution.iterations), (vec![2.0, 1.0], 5.0, 0));
    assert!(!solution.termination.converged());
}

#[test]
fn a_start_that_is_not_finite_is_said_so() {
    for (start, value) in [(f64::NAN, 1.0), (0.0, f64::INFINITY)] {
        let solution = Lbfgs::default().minimise(&[start], |x, gradient| {
            gradient[0] = x[0];
            value
        });
        assert_eq!(solution.termination, Termination::NotFinite { evaluation: 1 });
        assert_eq!(solution.evaluations, 1);
    }
    assert!(largest_absolute(&[1.0, f64::NAN, 2.0]).is_nan());
}

#[test]
fn an_objective_that_turns_nan_ends_at_the_last_good_point() {
    let mut calls = 0;
    let solution = Lbfgs::default().minimise(&[-1.2, 1.0], |x, gradient| {
        calls += 1;
        let value = rosenbrock(x, gradient);
        if calls > 10 { f64::NAN } else { value }
    });
    assert_eq!(solution.termination, Termination::NotFinite { evaluation: 11 });
    assert_eq!(solution.value, rosenbrock(&solution.point, &mut [0.0; 2]));
    assert!(solution.value < rosenbrock(&[-1.2, 1.0], &mut [0.0; 2]));
}

#[test]
fn limits_and_degenerate_problems_end_as_they_should() {
    let none = Lbfgs { max_iterations: 0, ..Lbfgs::default() }.minimise(&[-1.2, 1.0], rosenbrock);
    assert_eq!((none.termination, none.evaluations), (Termination::IterationLimit, 1));
    let few = Lbfgs { max_iterations: 3, ..Lbfgs::default() }.minimise(&[-1.2, 1.0], rosenbrock);
    assert_eq!((few.termination, few.iterations), (Termination::IterationLimit, 3));
    let empty = Lbfgs::default().minimise(&[], |_, _| 7.0);
    assert_eq!((empty.termination, empty.value), (Termination::GradientSmall, 7.0));
    let descent = Lbfgs { history: 0, max_iterations: 500, ..Lbfgs::default() }.minimise(&[9.0; 4], quadratic(5.0));
    assert!(descent.termination.converged());
    let endless = Lbfgs::default().minimise(&[1.0], |x, gradient| {
        gradient[0] = -1.0;
        -x[0]
    });
    assert!(endless.value < -1e20, "{endless:?}");
}

#[test]
fn a_start_at_the_minimum_stays_there() {
    let solution = Lbfgs::default().minimise(&[1.0; 7], rosenbrock);
    assert_eq!((solution.iterations, solution.point), (0, vec![1.0; 7]));
}

proptest! {
    #[test]
    fn the_value_never_ends_above_the_start(start in prop::collection::vec(-5.0..5.0f64, 2..8), history in 0usize..6) {
        let solver = Lbfgs { history, max_iterations: 30, ..Lbfgs::default() };
        let first = rosenbrock(&start, &mut vec![0.0; start.len()]);
        let solution = solver.minimise(&start, rosenbrock);
        prop_assert!(solution.value <= first);
        let mut gradient = vec![0.0; start.len()];
        prop_assert_eq!(solution.value, rosenbrock(&solution.point, &mut gradient));
        prop_assert_eq!(solution.gradient_norm, largest_absolute(&gradient));
        prop_assert_eq!(&solution, &solver.minimise(&start, rosenbrock));
    }

    #[test]
    fn random_quadratics_are_solved(start in prop::collection::vec(-50.0..50.0f64, 2..20), condition in 1.0..1e3f64) {
        let solver = Lbfgs { max_iterations: 2000, value_tolerance: 0.0, ..Lbfgs::default() };
        let solution = solver.minimise(&start, quadratic(condition));
        prop_assert!(solution.termination.converged());
        prop_assert!(solution.point.iter().enumerate().all(|(k, x)| (x - k as f64).abs() < 1e-4));
    }
}
