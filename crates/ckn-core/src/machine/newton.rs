//! The squared hinge by Newton's method, with a kernel matrix that is never written out.

use super::{Dual, Problem};
use crate::Error;
use crate::error::check_length;
use crate::solver::{bisected, dot};

/// Newton steps after which the fit gives up.
const MAX_STEPS: usize = 50;

/// Conjugate-gradient steps within one Newton step.
const MAX_INNER: usize = 200;

/// Fits a machine as [`super::fit`] does, from products with the kernel matrix alone: each Newton step solves
/// `(K_SS + 1 + A W_S⁻¹) c_S = y_S` over the samples `S` inside the margin, `c = 0` elsewhere (Chapelle 2007), by conjugate
/// gradients.
///
/// ```
/// use ckn_core::machine::{Problem, fit_by_products, multiply_written};
/// // Two samples that share nothing: K is the identity.
/// let kernel = [1.0, 0.0, 0.0, 1.0];
/// let problem = Problem { labels: &[1.0, 1.0], weights: &[1.0, 1.0], l2: 1.0, tolerance: 1e-9 };
/// let fitted = fit_by_products(|vector, product| multiply_written(&kernel, 2, vector, product), problem, &[])?;
/// // Both have the same c, so that b = 2c, f = 3c, and A c = 1 − f.
/// let found = [fitted.coefficients[0], fitted.coefficients[1], fitted.intercept, fitted.scores[0]];
/// assert!(fitted.converged);
/// assert!(found.iter().zip([0.25, 0.25, 0.5, 0.75]).all(|(value, expected)| (value - expected).abs() < 1e-6));
/// # Ok::<(), ckn_core::Error>(())
/// ```
///
/// # Shapes
/// `multiply(v, Kv)`: both `[samples]`; start: coefficients, `[samples]`, or empty for zeros.
///
/// # Errors
/// [`Error::Shape`] if a slice does not fit; [`Error::Parameter`] for a penalty that is not above 0; those of `multiply`.
pub fn fit_by_products(
    mut multiply: impl FnMut(&[f64], &mut [f64]) -> Result<(), Error>,
    problem: Problem<'_>,
    start: &[f64],
) -> Result<Dual, Error> {
    let Problem { labels, weights, l2, tolerance } = problem;
    problem.check()?;
    let samples = labels.len();
    let mut coefficients = if start.is_empty() { vec![0.0; samples] } else { start.to_vec() };
    check_length("coefficients to start from", samples, coefficients.len())?;
    let mut scores = vec![0.0; samples];
    let mut product = |vector: &[f64], product: &mut [f64]| -> Result<(), Error> {
        multiply(vector, product)?;
        let intercept: f64 = vector.iter().sum();
        product.iter_mut().for_each(|value| *value += intercept);
        Ok(())
    };
    if !start.is_empty() {
        // Samples left out now may have pulled before.
        coefficients.iter_mut().zip(weights).for_each(|(value, &weight)| *value *= f64::from(weight > 0.0));
        product(&coefficients, &mut scores)?;
    }
    let (mut passes, mut converged) = (0, false);
    let mut step_scores = vec![0.0; samples];
    while passes < MAX_STEPS {
        let inside: Vec<bool> = (0..samples).map(|i| weights[i] > 0.0 && labels[i] * scores[i] < 1.0).collect();
        // At the optimum A c_i = w_i (y_i − f_i) inside the margin, and c_i = 0 elsewhere.
        let violation = |i: usize| {
            let target = if inside[i] { labels[i] - scores[i] } else { 0.0 };
            if weights[i] > 0.0 { (l2 * coefficients[i] / weights[i] - target).abs() } else { 0.0 }
        };
        let largest = (0..samples).map(violation).fold(0.0, f64::max);
        converged = largest < tolerance;
        if converged {
            break;
        }
        let target = solve(&mut product, &inside, problem, &coefficients, 0.1 * largest.min(1.0))?;
        let step: Vec<f64> = target.iter().zip(&coefficients).map(|(to, from)| to - from).collect();
        product(&step, &mut step_scores)?;
        let length = line_search(problem, &scores, (&step, &step_scores));
        for sample in 0..samples {
            coefficients[sample] += length * step[sample];
            scores[sample] += length * step_scores[sample];
        }
        passes += 1;
    }
    let multipliers = coefficients.iter().zip(labels).map(|(value, label)| l2 * value * label).collect();
    let intercept = coefficients.iter().sum();
    Ok(Dual { multipliers, coefficients, intercept, scores, passes, converged })
}

/// Solves the Newton system by conjugate gradients in the variables `W^(-1/2) c`, down to `accuracy` in units of the margin.
fn solve(
    product: &mut impl FnMut(&[f64], &mut [f64]) -> Result<(), Error>,
    inside: &[bool],
    problem: Problem<'_>,
    start: &[f64],
    accuracy: f64,
) -> Result<Vec<f64>, Error> {
    let Problem { labels, weights, l2, .. } = problem;
    let samples = labels.len();
    let root: Vec<f64> = (0..samples).map(|i| if inside[i] { weights[i].sqrt() } else { 0.0 }).collect();
    let mut wide = vec![0.0; samples];
    let mut image = vec![0.0; samples];
    // W^(1/2) (K + 1) W^(1/2) + A on the samples inside.
    let mut apply = |vector: &[f64], out: &mut [f64]| -> Result<(), Error> {
        (0..samples).for_each(|i| wide[i] = root[i] * vector[i]);
        product(&wide, &mut image)?;
        (0..samples).for_each(|i| out[i] = root[i] * image[i] + if inside[i] { l2 * vector[i] } else { 0.0 });
        Ok(())
    };
    let mut solution: Vec<f64> = (0..samples).map(|i| if inside[i] { start[i] / root[i] } else { 0.0 }).collect();
    let mut out = vec![0.0; samples];
    apply(&solution, &mut out)?;
    let mut residual: Vec<f64> = (0..samples).map(|i| root[i] * labels[i] - out[i]).collect();
    let mut direction = residual.clone();
    let mut square = dot(&residual, &residual);
    for _ in 0..MAX_INNER {
        let largest = (0..samples).filter(|&i| inside[i]).map(|i| (residual[i] / root[i]).abs()).fold(0.0, f64::max);
        if largest < accuracy {
            break;
        }
        apply(&direction, &mut out)?;
        let length = square / dot(&direction, &out);
        for i in 0..samples {
            solution[i] += length * direction[i];
            residual[i] -= length * out[i];
        }
        let next = dot(&residual, &residual);
        let keep = next / square;
        square = next;
        (0..samples).for_each(|i| direction[i] = residual[i] + keep * direction[i]);
    }
    Ok((0..samples).map(|i| root[i] * solution[i]).collect())
}

/// The step length in (0, 1] at which the objective, a convex piecewise quadratic, is lowest.
fn line_search(problem: Problem<'_>, scores: &[f64], (by_coefficients, by_scores): (&[f64], &[f64])) -> f64 {
    let Problem { labels, weights, l2, .. } = problem;
    let slope = |length: f64| -> f64 {
        let norm: f64 = (0..labels.len()).map(|i| by_coefficients[i] * (scores[i] + length * by_scores[i])).sum();
        let losses: f64 = (0..labels.len())
            .map(|i| {
                let gap = (1.0 - labels[i] * (scores[i] + length * by_scores[i])).max(0.0);
                -weights[i] * gap * labels[i] * by_scores[i]
            })
            .sum();
        l2 * norm + losses
    };
    bisected(slope, 30)
}
