//! Support vector machines: optimality, equal results from any start.

use rand::RngExt;

use super::*;
use crate::seed::Seed;
use crate::solver::Lbfgs;

/// Three overlapping clouds in five dimensions.
fn clouds(count: usize) -> (Vec<f32>, Vec<u32>) {
    let mut random = Seed(7).stream("clouds");
    let mut features = Vec::new();
    let classes: Vec<u32> = (0..count as u32).map(|k| k % 3).collect();
    for &class in &classes {
        for axis in 0..5u32 {
            let centre = if axis == class { 1.0 } else { 0.1 * f64::from(axis) };
            features.push((centre + random.random_range(-1.0..1.0)) as f32);
        }
    }
    (features, classes)
}

/// The objective of one class, written down again in f64 and minimised by another solver.
#[test]
fn the_optimum_is_that_of_another_solver() {
    let (features, classes) = clouds(300);
    let rows: Vec<u32> = (0..250).collect();
    let moments = &FeatureMoments::of(&features, 5).unwrap();
    for cost in [0.01, 1.0, 30.0] {
        let problem =
            SvmProblem { features: &features, dimension: 5, classes: &classes, class_count: 3, rows: &rows, moments };
        let config = SvmConfig { cost, tolerance: 1e-9, ..SvmConfig::default() };
        let fitted = fit_svm(problem, &Svm::zeros(3, 5), config).unwrap();
        assert!(fitted.converged, "{cost}: {} steps, {} passes", fitted.steps, fitted.passes);
        let mut total = 0.0;
        for class in 0..3u32 {
            let solver =
                Lbfgs { max_iterations: 2000, gradient_tolerance: 1e-9, value_tolerance: 0.0, ..Lbfgs::default() };
            let solution = solver.minimise(&[0.0; 6], |point, gradient| {
                let mut value = 0.0;
                gradient[5] = 0.0;
                for axis in 0..5 {
                    value += 0.5 * point[axis] * point[axis];
                    gradient[axis] = point[axis];
                }
                for &row in &rows {
                    let sample = &features[row as usize * 5..][..5];
                    let score: f64 = sample.iter().zip(point).map(|(&x, w)| f64::from(x) * w).sum::<f64>() + point[5];
                    let t = if classes[row as usize] == class { 1.0 } else { -1.0 };
                    let gap = (1.0 - t * score).max(0.0);
                    value += cost * gap * gap;
                    for axis in 0..5 {
                        gradient[axis] -= 2.0 * cost * gap * t * f64::from(sample[axis]);
                    }
                    gradient[5] -= 2.0 * cost * gap * t;
                }
                value
            });
            total += solution.value;
            for axis in 0..5 {
                let got = fitted.machine.weights[class as usize * 5 + axis];
                assert!(
                    (got - solution.point[axis]).abs() < 1e-4,
                    "{cost} {class} {axis}: {got} {}",
                    solution.point[axis]
                );
            }
            assert!((fitted.machine.intercepts[class as usize] - solution.point[5]).abs() < 1e-4);
        }
        assert!((fitted.objective - total).abs() < 1e-5 * total);
        // From the optimum nothing moves.
        let again = fit_svm(problem, &fitted.machine, config).unwrap();
        assert!(again.steps <= 1, "{}", again.steps);
    }
}

/// Its optimum is an intercept of −1, of objective zero: nothing to compare a step's gain with.
#[test]
fn a_class_without_samples_does_not_hold_up_the_others() {
    let (features, classes) = clouds(300);
    let rows: Vec<u32> = (0..300).collect();
    let moments = &FeatureMoments::of(&features, 5).unwrap();
    let problem =
        SvmProblem { features: &features, dimension: 5, classes: &classes, class_count: 4, rows: &rows, moments };
    let fit = |problem: SvmProblem<'_>| {
        fit_svm(problem, &Svm::zeros(problem.class_count, 5), SvmConfig { cost: 1e4, ..SvmConfig::default() }).unwrap()
    };
    let fitted = fit(problem);
    let scores = fitted.machine.scores(&features, &rows).unwrap();
    assert!(scores.chunks_exact(4).all(|scores| scores[3] < -0.99));
    let without = fit(SvmProblem { class_count: 3, ..problem });
    assert!(fitted.converged && fitted.steps <= without.steps + 1, "{} {}", fitted.steps, without.steps);
    assert!((fitted.objective - without.objective).abs() < 1e-4 * without.objective);
}

#[test]
fn scores_are_products_and_rows_may_come_in_any_order() {
    let (features, classes) = clouds(200);
    let rows: Vec<u32> = (0..200).rev().collect();
    let moments = &FeatureMoments::of(&features, 5).unwrap();
    let problem =
        SvmProblem { features: &features, dimension: 5, classes: &classes, class_count: 3, rows: &rows, moments };
    let machine = fit_svm(problem, &Svm::zeros(3, 5), SvmConfig::default()).unwrap().machine;
    let scores = machine.scores(&features, &[17, 3]).unwrap();
    for (scores, row) in scores.chunks_exact(3).zip([17, 3]) {
        for class in 0..3 {
            let sample = &features[row * 5..][..5];
            let want: f64 = sample.iter().zip(&machine.weights[class * 5..]).map(|(&x, w)| f64::from(x) * w).sum();
            assert!((f64::from(scores[class]) - want - machine.intercepts[class]).abs() < 1e-5);
        }
    }
    let right = (0..200u32)
        .filter(|&row| Svm::largest(&machine.scores(&features, &[row]).unwrap()) == classes[row as usize])
        .count();
    assert!(right > 120, "{right}");
}

#[test]
fn what_does_not_fit_is_refused() {
    let (features, classes) = clouds(6);
    let rows = [0, 1, 9];
    let moments = &FeatureMoments::of(&features, 5).unwrap();
    let mut problem =
        SvmProblem { features: &features, dimension: 5, classes: &classes, class_count: 3, rows: &rows, moments };
    let fit = |problem, cost| fit_svm(problem, &Svm::zeros(3, 5), SvmConfig { cost, ..SvmConfig::default() });
    assert!(matches!(fit(problem, 1.0), Err(Error::Parameter { name: "sample", .. })));
    problem.rows = &rows[..2];
    assert!(matches!(fit(problem, 0.0), Err(Error::Parameter { name: "C", .. })));
    problem.class_count = 1;
    assert!(matches!(fit(problem, 1.0), Err(Error::Parameter { name: "number of classes", .. })));
    problem.class_count = 3;
    problem.rows = &[];
    assert!(matches!(fit(problem, 1.0), Err(Error::Empty { .. })));
    let mut broken = features.clone();
    broken[3] = f32::NAN;
    let problem =
        SvmProblem { features: &broken, dimension: 5, classes: &classes, class_count: 3, rows: &rows[..2], moments };
    assert!(matches!(fit(problem, 1.0), Err(Error::NotFinite { .. })));
}
