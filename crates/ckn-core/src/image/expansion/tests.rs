//! Expansions of the Gaussian kernel: the objective of the paper, its gradient, and what they reach.

use super::*;
use crate::seed::Seed;
use rand::RngExt;

fn unit_patches(count: usize, size: usize) -> Vec<f64> {
    let mut random = Seed(1).stream("patches");
    let mut patches: Vec<f64> = (0..count * size).map(|_| random.random_range(-0.3..1.0)).collect();
    for patch in patches.chunks_exact_mut(size) {
        let norm = patch.iter().map(|x| x * x).sum::<f64>().sqrt();
        patch.iter_mut().for_each(|x| *x /= norm);
    }
    patches
}

fn free(sigma: f64) -> ExpansionConfig {
    ExpansionConfig { sigma, weight_rate: 1.0, solver: Lbfgs::default() }
}

#[test]
fn the_objective_is_that_of_the_paper_and_its_gradient_is_exact() {
    let (size, filters, sigma) = (3, 17, 0.7);
    let patches = unit_patches(1300, size);
    let pairs = PatchPairs::new(&patches, size).unwrap();
    let mut problem = Problem::new(&pairs, filters, sigma, 0.1);
    let mut point = unit_patches(filters, size);
    point.iter_mut().for_each(|x| *x *= 0.9);
    point.extend((0..filters).map(|l| 3.0 - 0.5 * l as f64));
    problem.root = 0.4;
    let distance = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
    let literal = |point: &[f64]| -> f64 {
        let (w, t) = point.split_at(filters * size);
        let errors = patches.chunks_exact(2 * size).map(|pair| {
            let (x, y) = pair.split_at(size);
            let sum: f64 = (0..filters)
                .map(|l| {
                    let w = &w[l * size..][..size];
                    (0.4 + 0.1 * t[l]).powi(2) * (-(distance(x, w) + distance(y, w)) / (sigma * sigma)).exp()
                })
                .sum();
            ((-0.5 * distance(x, y) / (sigma * sigma)).exp() - sum).powi(2)
        });
        errors.sum::<f64>() / 650.0
    };
    let mut gradient = vec![0.0; point.len()];
    let value = problem.evaluate(&point, &mut gradient);
    assert!((value - literal(&point)).abs() < 1e-12 * value);
    for at in 0..point.len() {
        let at_step = |sign: f64| {
            let mut moved = point.clone();
            moved[at] += sign * 1e-5;
            literal(&moved)
        };
        let numeric = (at_step(1.0) - at_step(-1.0)) / 2e-5;
        assert!((numeric - gradient[at]).abs() < 1e-6 * gradient[at].abs().max(1.0), "{at}: {numeric}");
    }
}

#[test]
fn the_error_falls_as_filters_are_added() {
    let (size, sigma) = (2, 0.5);
    let patches = unit_patches(2000, size);
    let pairs = PatchPairs::new(&patches, size).unwrap();
    let error = |filters: usize| {
        let fitted = pairs.fit(&unit_patches(filters, size), &free(sigma)).unwrap();
        assert!(fitted.errors.1 <= fitted.errors.0 && fitted.weights.iter().all(|&weight| weight >= 0.0));
        fitted.errors.1
    };
    let (two, four, eight) = (error(2), error(4), error(8));
    assert!(four < 0.3 * two && eight < 0.2 * four, "{two} {four} {eight}");
}

#[test]
fn the_bandwidth_is_the_tenth_percentile_of_distances() {
    // Distances 0, 1/10, …, 1 of pairs on a line; NumPy interpolates linearly, as here.
    let patches: Vec<f64> = (0..=10).flat_map(|k| [0.0, f64::from(k) / 10.0]).collect();
    assert!((PatchPairs::new(&patches, 1).unwrap().bandwidth() - 0.1).abs() < 1e-12);
}

#[test]
fn nothing_to_fit_is_an_error() {
    assert!(matches!(PatchPairs::<f32>::new(&[1.0], 1), Err(Error::Empty { .. })));
    let pairs = PatchPairs::new(&[1.0, 1.0f32], 1).unwrap();
    assert!(matches!(pairs.fit(&[], &free(0.5)), Err(Error::Empty { .. })));
    assert!(matches!(pairs.fit(&[1.0], &free(0.0)), Err(Error::Parameter { .. })));
    let still = ExpansionConfig { weight_rate: 0.0, ..free(0.5) };
    assert!(matches!(pairs.fit(&[1.0], &still), Err(Error::Parameter { .. })));
}
