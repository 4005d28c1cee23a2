//! The head for given embeddings: a convex problem, solved in coordinates in which it is well conditioned.
//!
//! `min over w, b of Σ_i L(y_i, ⟨w, ψ_i⟩ + b) + (A/2) ‖w‖²` (`A = 0.1` is the paper's `λ = 0.1/n`). The
//! intercept is not penalised. Mean-pooled embeddings vary little and all together, so the Hessian of this problem can
//! have a condition number of 10⁸ and more; L-BFGS therefore runs on `v` with `(w, b) = (w, b)₀ + G⁻ᵀ v`, `G Gᵀ` the
//! Hessian at the start: the same objective, and close to the start a sphere.

mod linear;
mod multinomial;
mod objective;

use crate::error::{check_finite, check_length};
use crate::loss::Loss;
use crate::pooling::Strands;
use crate::solver::{Lbfgs, Termination};
use crate::{Error, Scalar};

use objective::Objective;

pub use linear::LinearHead;
pub use multinomial::{FittedClasses, fit_multinomial};

/// Settings of [`fit_head`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeadConfig {
    /// Loss of a score and a label.
    pub loss: Loss,
    /// Weight of the loss of positives (labels above ½); that of all others is 1.
    pub positive_weight: f64,
    /// `A` in `Σ L + (A/2) ‖w‖²`.
    pub l2: f64,
    /// How the scores of both strands join.
    pub strands: Strands,
    /// Penalise the weights of standardised embeddings (`‖s ∘ w‖²`, `s` the standard deviations) instead of `‖w‖²`.
    pub standardise: bool,
    /// The solver's limits.
    pub solver: Lbfgs,
}

/// A fitted head.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedHead {
    /// Weights `w`, `[dimension]`.
    pub weights: Vec<f64>,
    /// Intercept `b`.
    pub intercept: f64,
    /// Mean loss `(1/n) Σ L` without the penalty.
    pub mean_loss: f64,
    /// Steps of the solver.
    pub iterations: usize,
    /// Why the solver stopped.
    pub termination: Termination,
}

/// Largest dimension for which the Hessian is formed; above it the diagonal alone conditions the problem.
const MAX_HESSIAN: usize = 1024;

/// Fits a head on embeddings, from a starting point.
///
/// ```
/// use ckn_core::head::{HeadConfig, fit_head};
/// use ckn_core::{loss::Loss, pooling::Strands, solver::Lbfgs};
/// let (strands, solver) = (Strands::Forward, Lbfgs::default());
/// let config = HeadConfig { loss: Loss::Squared, positive_weight: 1.0, l2: 0.5, strands, standardise: false, solver };
/// let fitted = fit_head(&[1.0, -1.0], &[4.0, 2.0], (&[0.0], 0.0), &config)?;
/// // The intercept is the mean of the labels, and (2 + A) w = 2.
/// assert!((fitted.weights[0] - 0.8).abs() < 1e-5 && (fitted.intercept - 3.0).abs() < 1e-5);
/// assert!((fitted.mean_loss - 0.5 * 0.2 * 0.2).abs() < 1e-5);
/// # Ok::<(), ckn_core::Error>(())
/// ```
///
/// # Shapes
/// embeddings `[records, strands, dimension]`, labels `[records]`, start: weights `[dimension]` and intercept.
///
/// # Errors
/// [`Error::Shape`], [`Error::Empty`], [`Error::NotFinite`] for embeddings or labels that are NaN or infinite,
/// [`Error::Parameter`] for a negative `l2`, a weight that is not above zero, or a label that the loss does
/// not know. Not having converged is a value:
/// [`FittedHead::termination`].
pub fn fit_head<S: Scalar>(
    embeddings: &[S],
    labels: &[f64],
    start: (&[f64], f64),
    config: &HeadConfig,
) -> Result<FittedHead, Error> {
    let dimension = start.0.len();
    if !(config.positive_weight > 0.0 && config.positive_weight.is_finite()) {
        let (name, got) = ("weight of positives", config.positive_weight);
        return Err(Error::Parameter { name, got, expected: "a finite number above 0" });
    }
    check(embeddings.len(), labels, dimension, config, 2)?;
    let objective = Objective::new(embeddings, labels, dimension, config)?;
    let mut origin = start.0.to_vec();
    // Embeddings are centred inside: the intercept of centred embeddings.
    origin.push(start.1 + objective.shift(start.0));
    let metric = objective.metric(&origin, dimension <= MAX_HESSIAN);
    let mut point = origin.clone();
    let mut by_point = vec![0.0; origin.len()];
    let solution = config.solver.minimise(&vec![0.0; origin.len()], |step, gradient| {
        point.copy_from_slice(step);
        metric.to_point(&mut point);
        point.iter_mut().zip(&origin).for_each(|(value, start)| *value += start);
        let value = objective.value(&point, &mut by_point);
        gradient.copy_from_slice(&by_point);
        metric.to_gradient(gradient);
        value
    });
    let mut point = solution.point;
    metric.to_point(&mut point);
    point.iter_mut().zip(&origin).for_each(|(value, start)| *value += start);
    let mean_loss = objective.mean_loss(&point);
    let centred = point.pop().unwrap_or(0.0);
    let intercept = centred - objective.shift(&point);
    Ok(FittedHead {
        weights: point,
        intercept,
        mean_loss,
        iterations: solution.iterations,
        termination: solution.termination,
    })
}

/// Checks what a head of any number of classes is fitted to.
fn check(
    embeddings: usize,
    labels: &[f64],
    dimension: usize,
    config: &HeadConfig,
    classes: usize,
) -> Result<(), Error> {
    if labels.is_empty() || dimension == 0 {
        return Err(Error::Empty { what: "the set of embeddings" });
    }
    check_length("embeddings", labels.len() * config.strands.count() * dimension, embeddings)?;
    if !(config.l2 >= 0.0 && config.l2.is_finite()) {
        return Err(Error::Parameter { name: "l2", got: config.l2, expected: "a finite number >= 0" });
    }
    check_finite("labels", labels)?;
    labels.iter().try_for_each(|&label| config.loss.check_label(label, classes))
}

#[cfg(test)]
mod tests;
