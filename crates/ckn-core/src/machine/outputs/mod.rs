//! Machines of any loss and of several outputs at once, from products with the kernel matrix alone.
//!
//! With `K̃ = K + 1` (the intercept is a feature of constant value 1) and scores `f_o = K̃ c_o`, minimises
//!
//! `Σ_i w_i L(y_i, f(x_i)) + (A/2) Σ_o c_oᵀ K̃ c_o`.
//!
//! At the optimum `A c = −g`, `g` the weighted derivatives of the losses by the scores. Newton's method solves
//! `(A + H K̃) c = H f − g`, `H` their weighted second derivatives, as Chapelle (2007) does for the squared hinge. With
//! `H = R Rᵀ` and `c = R v` the system is symmetric, `(A + Rᵀ K̃ R) v = Rᵀ f − R⁺ g`, and conjugate gradients need one product
//! a step for all machines together.

mod block;
mod conjugate;
#[cfg(test)]
mod tests;

use std::ops::ControlFlow;

use self::block::Block;
use self::conjugate::{System, solve};
use crate::Error;
use crate::error::check_length;
use crate::loss::Loss;
use crate::solver::{bisected, dot};

/// Newton steps after which the fit gives up.
const MAX_STEPS: usize = 100;

/// Halvings of a step that is too long.
const HALVINGS: usize = 30;

/// What several machines on one kernel are fitted to: tasks, folds, or the classes of the multinomial loss.
#[derive(Debug, Clone, Copy)]
pub struct Outputs<'a> {
    /// The loss of all machines.
    pub loss: Loss,
    /// Outputs of each machine: the classes of the multinomial loss, 1 with all others.
    pub classes: usize,
    /// Number of samples.
    pub samples: usize,
    /// Labels as the loss knows them, NaN where one is missing, `[machines, samples]`.
    pub labels: &'a [f64],
    /// Weights `w` of the losses, `[machines, samples]`; samples of weight 0 are left out, and scored all the same.
    pub weights: &'a [f64],
    /// Penalty `A`, above 0.
    pub l2: f64,
    /// Stop once no `A c_i / w_i` is further from `−L'(f_i)`.
    pub tolerance: f64,
}

/// Several fitted machines.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedOutputs {
    /// Coefficients `c`, `[machines, classes, samples]`.
    pub coefficients: Vec<f64>,
    /// Intercepts `b`, `[machines, classes]`.
    pub intercepts: Vec<f64>,
    /// Scores `f(x_i)`, `[machines, classes, samples]`.
    pub scores: Vec<f64>,
    /// Newton steps.
    pub steps: usize,
    /// Whether the tolerance was reached.
    pub converged: bool,
}

impl Outputs<'_> {
    fn check(&self) -> Result<(), Error> {
        let Self { loss, classes, samples, labels, weights, l2, .. } = *self;
        let several = loss == Loss::Multinomial;
        if (several && classes < 2) || (!several && classes != 1) {
            let expected = "1, or with the multinomial loss at least 2";
            return Err(Error::Parameter { name: "classes", got: classes as f64, expected });
        }
        if samples == 0 || labels.is_empty() {
            return Err(Error::Empty { what: "the set of samples" });
        }
        check_length("labels of the samples", labels.len().div_ceil(samples) * samples, labels.len())?;
        check_length("weights of the samples", labels.len(), weights.len())?;
        if !(l2 > 0.0 && l2.is_finite()) {
            return Err(Error::Parameter { name: "l2", got: l2, expected: "above 0" });
        }
        for (&label, &weight) in labels.iter().zip(weights) {
            if !(weight >= 0.0 && weight.is_finite()) {
                return Err(Error::Parameter { name: "weight of a sample", got: weight, expected: "at least 0" });
            }
            if weight > 0.0 && !label.is_nan() {
                loss.check_label(label, classes.max(2))?;
            }
        }
        Ok(())
    }
}

/// Fits machines of any loss, all together, from a start.
///
/// # Example
/// ```
/// use std::ops::ControlFlow;
/// use ckn_core::loss::Loss;
/// use ckn_core::machine::{Outputs, fit_outputs};
///
/// // Two samples that share nothing: K is the identity.
/// let identity = |vectors: &[f64], products: &mut [f64]| {
///     products.copy_from_slice(vectors);
///     Ok(())
/// };
/// let problem = Outputs {
///     loss: Loss::Squared,
///     classes: 1,
///     samples: 2,
///     labels: &[1.0, -1.0],
///     weights: &[1.0, 1.0],
///     l2: 0.5,
///     tolerance: 1e-9,
/// };
/// let fitted = fit_outputs(identity, problem, &[], |_, _| ControlFlow::Continue(()))?;
/// // (1 + A) c = y, and the intercept cancels.
/// assert!((fitted.scores[0] - 1.0 / 1.5).abs() < 1e-9 && fitted.intercepts[0].abs() < 1e-9);
/// # Ok::<(), ckn_core::Error>(())
/// ```
///
/// # Shapes
/// `multiply(vectors, products)`: both `[outputs, samples]`, outputs being machines times classes, one after the other; vectors
/// that are zero throughout may be left at zero. start: coefficients, likewise, or empty for zeros. `watch(step, violation)` sees
/// each Newton step and ends the fit by breaking.
///
/// # Errors
/// [`Error::Shape`] and [`Error::Empty`] if a slice does not fit; [`Error::Parameter`] for a penalty that is not above 0, a negative
/// weight, or classes that the loss has not; [`Error::Label`] for a label that the loss does not know; those of `multiply`. Not
/// having converged is a value.
///
/// # Source
/// Chapelle (2007), for the squared hinge; the square root of the multinomial curvature,
/// `diag p − p pᵀ = R Rᵀ` with `R = diag(√p)(1 − √p √pᵀ)`, is ours.
pub fn fit_outputs(
    mut multiply: impl FnMut(&[f64], &mut [f64]) -> Result<(), Error>,
    problem: Outputs<'_>,
    start: &[f64],
    mut watch: impl FnMut(usize, f64) -> ControlFlow<()>,
) -> Result<FittedOutputs, Error> {
    problem.check()?;
    let Outputs { classes, samples, l2, tolerance, .. } = problem;
    let blocks = Block::all(&problem);
    let (size, numbers) = (classes * samples, classes * problem.labels.len());
    let mut coefficients = if start.is_empty() { vec![0.0; numbers] } else { start.to_vec() };
    check_length("coefficients to start from", numbers, coefficients.len())?;
    let mut product = |vectors: &[f64], products: &mut [f64]| -> Result<(), Error> {
        multiply(vectors, products)?;
        for (vector, product) in vectors.chunks_exact(samples).zip(products.chunks_exact_mut(samples)) {
            let intercept: f64 = vector.iter().sum();
            product.iter_mut().for_each(|value| *value += intercept);
        }
        Ok(())
    };
    let mut scores = vec![0.0; numbers];
    if !start.is_empty() {
        // Samples left out now may have pulled before.
        blocks.iter().zip(coefficients.chunks_exact_mut(size)).for_each(|(block, own)| block.leave_out(own));
        product(&coefficients, &mut scores)?;
    }
    let (mut slopes, mut roots, mut changes) = (vec![0.0; numbers], vec![0.0; numbers], vec![0.0; numbers]);
    let (mut steps, mut converged) = (0, false);
    loop {
        let mut violations = vec![0.0; blocks.len()];
        for (number, block) in blocks.iter().enumerate() {
            let own = number * size..(number + 1) * size;
            block.slopes(&scores[own.clone()], &mut slopes[own.clone()]);
            violations[number] = block.violation(l2, &coefficients[own.clone()], &slopes[own]);
        }
        let largest = violations.iter().copied().fold(0.0, f64::max);
        converged |= largest < tolerance;
        if converged || steps == MAX_STEPS || (steps > 0 && watch(steps, largest).is_break()) {
            break;
        }
        for (number, block) in blocks.iter().enumerate() {
            let own = number * size..(number + 1) * size;
            block.roots(&scores[own.clone()], &mut roots[own]);
        }
        let system = System { blocks: &blocks, roots: &roots, l2, size };
        let accuracy = |violation: f64| match problem.loss {
            // The model is exact: solved once is solved.
            Loss::Squared => 0.3 * tolerance,
            _ => (violation * violation.min(0.1)).max(0.3 * tolerance),
        };
        let goals: Vec<Option<f64>> =
            violations.iter().map(|&violation| (violation >= tolerance).then(|| accuracy(violation))).collect();
        let target = solve(&mut product, &system, &goals, (&coefficients, &scores, &slopes))?;
        let step: Vec<f64> = target.iter().zip(&coefficients).map(|(to, from)| to - from).collect();
        product(&step, &mut changes)?;
        for (number, block) in blocks.iter().enumerate().filter(|(number, _)| goals[*number].is_some()) {
            let own = number * size..(number + 1) * size;
            let (step, changes) = (&step[own.clone()], &changes[own.clone()]);
            let length = line_search(block, l2, &scores[own.clone()], (step, changes), &mut slopes[own.clone()]);
            let moved = coefficients[own.clone()].iter_mut().zip(&mut scores[own]).zip(step.iter().zip(changes));
            moved.for_each(|((coefficient, score), (step, change))| {
                *coefficient += length * step;
                *score += length * change;
            });
        }
        steps += 1;
    }
    let intercepts = coefficients.chunks_exact(samples).map(|output| output.iter().sum()).collect();
    Ok(FittedOutputs { coefficients, intercepts, scores, steps, converged })
}

/// The step length in (0, 1] at which a machine's objective is lowest.
fn line_search(
    block: &Block<'_>,
    l2: f64,
    scores: &[f64],
    (step, changes): (&[f64], &[f64]),
    slopes: &mut [f64],
) -> f64 {
    let mut moved = vec![0.0; scores.len()];
    let slope = |length: f64| -> f64 {
        moved.iter_mut().zip(scores.iter().zip(changes)).for_each(|(to, (from, change))| *to = from + length * change);
        block.slopes(&moved, slopes);
        l2 * dot(step, &moved) + dot(slopes, changes)
    };
    bisected(slope, HALVINGS)
}
