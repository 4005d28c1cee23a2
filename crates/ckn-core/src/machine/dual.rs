//! The squared hinge by coordinate descent on its dual.

use rand::seq::SliceRandom;

use super::{Dual, Problem};
use crate::error::check_length;
use crate::seed::Seed;
use crate::{Error, Scalar};

/// Passes after which the descent gives up.
const MAX_PASSES: usize = 1000;

/// Fits a machine: minimises `(1/2A) Σ_ij α_i α_j y_i y_j (K_ij + 1) + Σ_i α_i²/(2 w_i) − Σ_i α_i` over `α ≥ 0` (Hsieh et al.
/// 2008, with kernel rows in place of features). The order of the coordinates is drawn from the stream `dual`.
///
/// ```
/// use ckn_core::machine::{Problem, fit};
/// use ckn_core::seed::Seed;
/// // Two samples that share nothing: K is the identity.
/// let rows = [[1.0, 0.0], [0.0, 1.0]];
/// let problem = Problem { labels: &[1.0, 1.0], weights: &[1.0, 1.0], l2: 1.0, tolerance: 1e-9 };
/// let fitted = fit(|sample| &rows[sample], problem, &[], Seed(0))?;
/// // Both have the same c, so that b = 2c, f = 3c, and A c = 1 − f.
/// let found = [fitted.coefficients[0], fitted.coefficients[1], fitted.intercept, fitted.scores[0]];
/// assert!(fitted.converged);
/// assert!(found.iter().zip([0.25, 0.25, 0.5, 0.75]).all(|(value, expected)| (value - expected).abs() < 1e-6));
/// # Ok::<(), ckn_core::Error>(())
/// ```
///
/// # Shapes
/// `row(i)` is row `i` of the kernel matrix, `[samples]`; start `[samples]`, or empty for zeros.
///
/// # Errors
/// [`Error::Shape`] if a slice does not fit; [`Error::Parameter`] for a penalty that is not above 0.
pub fn fit<'k, S: Scalar>(
    row: impl Fn(usize) -> &'k [S],
    problem: Problem<'_>,
    start: &[f64],
    seed: Seed,
) -> Result<Dual, Error> {
    let Problem { labels, weights, l2, tolerance } = problem;
    let samples = labels.len();
    problem.check()?;
    let mut multipliers = if start.is_empty() { vec![0.0; samples] } else { start.to_vec() };
    check_length("multipliers to start from", samples, multipliers.len())?;
    // What is left out may have pulled before.
    multipliers.iter_mut().zip(weights).for_each(|(value, &weight)| *value *= f64::from(weight > 0.0));
    // f(x_i), kept up to date.
    let mut scores = vec![0.0f64; samples];
    for sample in 0..samples {
        if multipliers[sample] != 0.0 {
            add_row(&mut scores, multipliers[sample] * labels[sample] / l2, row(sample))?;
        }
    }
    let mut order: Vec<usize> = (0..samples).filter(|&sample| weights[sample] > 0.0).collect();
    let mut random = seed.stream("dual");
    let (mut passes, mut converged) = (0, false);
    while passes < MAX_PASSES && !converged {
        order.shuffle(&mut random);
        let mut largest: f64 = 0.0;
        for &sample in &order {
            let (label, own) = (labels[sample], 1.0 / weights[sample]);
            let slope = label * scores[sample] + own * multipliers[sample] - 1.0;
            // At the border of the domain only a slope that leads inside counts.
            let slope = if multipliers[sample] == 0.0 { slope.min(0.0) } else { slope };
            largest = largest.max(slope.abs());
            if slope.abs() < 0.1 * tolerance {
                continue;
            }
            let values = row(sample);
            check_length("row of the kernel matrix", samples, values.len())?;
            let curvature = (values[sample].wide() + 1.0) / l2 + own;
            let moved = (multipliers[sample] - slope / curvature).max(0.0);
            let step = moved - multipliers[sample];
            multipliers[sample] = moved;
            add_row(&mut scores, step * label / l2, values)?;
        }
        passes += 1;
        converged = largest < tolerance;
    }
    let coefficients: Vec<f64> = multipliers.iter().zip(labels).map(|(alpha, label)| alpha * label / l2).collect();
    let intercept = coefficients.iter().sum();
    Ok(Dual { multipliers, coefficients, intercept, scores, passes, converged })
}

/// Adds a sample's share to all scores.
fn add_row<S: Scalar>(scores: &mut [f64], coefficient: f64, values: &[S]) -> Result<(), Error> {
    check_length("row of the kernel matrix", scores.len(), values.len())?;
    crate::vectors::on_widest_vectors(
        #[inline(always)]
        || {
            for (score, value) in scores.iter_mut().zip(values) {
                *score += coefficient * (value.wide() + 1.0);
            }
        },
    );
    Ok(())
}
