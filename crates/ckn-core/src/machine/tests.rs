//! Kernel machines: both solvers find the same optimum.

use super::*;
use crate::seed::Seed;

/// Two overlapping classes, and the Gaussian kernel matrix of their features.
fn data(samples: usize) -> (Vec<f64>, Vec<f64>) {
    let feature =
        |i: usize, j: usize| ((i * 37 + j * 101) as f64 * 12.9898).sin() + if i.is_multiple_of(3) { 0.4 } else { -0.2 };
    let labels = (0..samples).map(|i| if i.is_multiple_of(3) { 1.0 } else { -1.0 }).collect();
    let mut matrix = vec![0.0; samples * samples];
    for i in 0..samples {
        for k in 0..samples {
            let distance: f64 = (0..5).map(|j| (feature(i, j) - feature(k, j)).powi(2)).sum();
            matrix[i * samples + k] = (-0.5 * distance).exp();
        }
    }
    (labels, matrix)
}

/// The optimum is where `α_i = w_i max(0, 1 − y_i f(x_i))`, with `f` from the coefficients: no other point is.
fn check_optimal(dual: &Dual, problem: Problem<'_>, matrix: &[f64]) {
    let samples = problem.labels.len();
    let intercept: f64 = dual.coefficients.iter().sum();
    assert!((dual.intercept - intercept).abs() < 1e-12);
    for i in 0..samples {
        let row = &matrix[i * samples..][..samples];
        let score = intercept + row.iter().zip(&dual.coefficients).map(|(k, c)| k * c).sum::<f64>();
        assert!((score - dual.scores[i]).abs() < 1e-9, "{score} {}", dual.scores[i]);
        let gap = (1.0 - problem.labels[i] * score).max(0.0);
        let (got, want) = (dual.multipliers[i], problem.weights[i] * gap);
        assert!((got - want).abs() < 2.0 * problem.tolerance * problem.weights[i] + 1e-12, "sample {i}: {got} {want}");
        assert!((dual.coefficients[i] * problem.l2 * problem.labels[i] - got).abs() < 1e-12);
    }
}

#[test]
fn both_solvers_reach_the_optimum_and_leave_out_what_has_no_weight() {
    let samples = 60;
    let (labels, matrix) = data(samples);
    let weights: Vec<f64> = (0..samples).map(|i| if i % 7 == 5 { 0.0 } else { 1.0 + (i % 2) as f64 }).collect();
    for l2 in [0.01, 0.3, 20.0] {
        let problem = Problem { labels: &labels, weights: &weights, l2, tolerance: 1e-7 };
        let row = |i: usize| &matrix[i * samples..(i + 1) * samples];
        let multiply = |vector: &[f64], product: &mut [f64]| {
            for (i, slot) in product.iter_mut().enumerate() {
                *slot = row(i).iter().zip(vector).map(|(k, v)| k * v).sum();
            }
            Ok(())
        };
        let newton = fit_by_products(multiply, problem, &[]).unwrap();
        // Coordinate descent gets there, too, but takes its time where the penalty is weak.
        let tolerance = if l2 < 0.1 { 1e-3 } else { 1e-7 };
        let rough = Problem { tolerance, ..problem };
        let dual = fit(row, rough, &[], Seed(1)).unwrap();
        for (solution, problem) in [(&dual, rough), (&newton, problem)] {
            assert!(solution.converged, "{l2}: {}", solution.passes);
            check_optimal(solution, problem, &matrix);
            assert!((0..samples).all(|i| weights[i] > 0.0 || solution.coefficients[i] == 0.0));
        }
        let again = fit(row, rough, &dual.multipliers, Seed(1)).unwrap();
        assert!(again.passes <= dual.passes / 2, "from the solution: {} of {}", again.passes, dual.passes);
        assert!(fit_by_products(multiply, problem, &newton.coefficients).unwrap().passes <= 1);
    }
}

#[test]
fn problems_that_cannot_be_solved_are_refused() {
    let matrix = [1.0f32];
    let row = |_: usize| &matrix[..];
    let problem = |l2, weights| Problem { labels: &[1.0], weights, l2, tolerance: 1e-3 };
    let refused = fit(row, problem(0.0, &[1.0]), &[], Seed(0)).unwrap_err();
    assert_eq!(refused, Error::Parameter { name: "l2", got: 0.0, expected: "above 0" });
    assert!(matches!(fit(row, problem(1.0, &[]), &[], Seed(0)), Err(Error::Shape { expected: 1, got: 0, .. })));
    assert!(matches!(fit(row, problem(1.0, &[1.0]), &[0.0; 2], Seed(0)), Err(Error::Shape { got: 2, .. })));
    assert!(fit_by_products(|_, _| Ok(()), problem(-1.0, &[1.0]), &[]).is_err());
}
