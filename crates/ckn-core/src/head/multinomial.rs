//! The head of several classes: one linear function a class, fitted together.

use rayon::prelude::*;

use super::objective::Objective;
use super::{HeadConfig, MAX_HESSIAN, check};
use crate::error::check_length;
use crate::loss::Loss;
use crate::solver::Termination;
use crate::{Error, Scalar};

/// Fitted heads of several classes.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedClasses {
    /// Weights and intercept of each class.
    pub heads: Vec<(Vec<f64>, f64)>,
    /// Mean loss `(1/n) Σ L` without the penalty.
    pub mean_loss: f64,
    /// Steps of the solver.
    pub iterations: usize,
    /// Why the solver stopped.
    pub termination: Termination,
}

/// Fits `min Σ_i (log Σ_c exp f_c(ψ_i) − f_{y_i}(ψ_i)) + (A/2) Σ_c ‖w_c‖²`, from a starting point.
///
/// With two strands of scores, each class takes the larger one.
///
/// ```
/// use ckn_core::head::{HeadConfig, fit_multinomial};
/// use ckn_core::{loss::Loss, pooling::Strands, solver::Lbfgs};
/// let (loss, strands, solver) = (Loss::Multinomial, Strands::Forward, Lbfgs::default());
/// let config = HeadConfig { loss, positive_weight: 1.0, l2: 0.1, strands, standardise: false, solver };
/// // Embeddings that say nothing: a class of six records, and one of two.
/// let embeddings = [1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0];
/// let labels = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0];
/// let fitted = fit_multinomial(&embeddings, &labels, &[(&[0.5], 0.0), (&[0.0], 0.0)], &config)?;
/// assert!(fitted.heads.iter().all(|(weights, _)| weights[0].abs() < 1e-4));
/// assert!((fitted.heads[0].1 - fitted.heads[1].1 - 3f64.ln()).abs() < 1e-4);
/// # Ok::<(), ckn_core::Error>(())
/// ```
///
/// # Shapes
/// embeddings `[records, strands, dimension]`, labels `[records]`, start: weights `[dimension]` and intercept of each
/// class.
///
/// # Errors
/// As [`super::fit_head`]; [`Error::Empty`] without classes.
pub fn fit_multinomial<S: Scalar>(
    embeddings: &[S],
    labels: &[f64],
    start: &[(&[f64], f64)],
    config: &HeadConfig,
) -> Result<FittedClasses, Error> {
    let Some(((first, _), classes)) = start.first().zip(Some(start.len())) else {
        return Err(Error::Empty { what: "the set of classes" });
    };
    let dimension = first.len();
    let config = &HeadConfig { loss: Loss::Multinomial, ..*config };
    check(embeddings.len(), labels, dimension, config, classes)?;
    let objective = Objective::new(embeddings, labels, dimension, config)?;
    let size = dimension + 1;
    let mut origin = Vec::with_capacity(classes * size);
    for (weights, intercept) in start {
        check_length("weights of a class", dimension, weights.len())?;
        origin.extend_from_slice(weights);
        // Embeddings are centred inside: the intercept of centred embeddings.
        origin.push(intercept + objective.shift(weights));
    }
    // One metric serves every class: that of a curvature of ¼, the largest of p(1 − p).
    let metric = objective.constant_metric(0.25, dimension <= MAX_HESSIAN);
    let at = |step: &[f64]| {
        let mut point = step.to_vec();
        point.chunks_exact_mut(size).for_each(|class| metric.to_point(class));
        point.iter_mut().zip(&origin).for_each(|(value, start)| *value += start);
        point
    };
    let solution = config.solver.minimise(&vec![0.0; origin.len()], |step, gradient| {
        let value = value(&objective, &at(step), gradient, true);
        gradient.chunks_exact_mut(size).for_each(|class| metric.to_gradient(class));
        value
    });
    let point = at(&solution.point);
    let mean_loss = value(&objective, &point, &mut vec![0.0; point.len()], false);
    let heads = point.chunks_exact(size).map(|class| {
        let (weights, centred) = class.split_at(dimension);
        (weights.to_vec(), centred[0] - objective.shift(weights))
    });
    Ok(FittedClasses {
        heads: heads.collect(),
        mean_loss,
        iterations: solution.iterations,
        termination: solution.termination,
    })
}

/// Value at a point `[classes, dimension + 1]`, with or without the penalty; writes the gradient.
fn value(objective: &Objective<'_>, point: &[f64], gradient: &mut [f64], penalised: bool) -> f64 {
    let size = objective.size();
    let classes = point.len() / size;
    let partials: Vec<(f64, usize, Vec<f64>)> = (0..objective.tasks())
        .into_par_iter()
        .map(|task| {
            let (mut total, mut count, mut sum) = (0.0, 0, vec![0.0; point.len()]);
            let (mut scores, mut slopes) = (vec![0.0; classes], vec![0.0; classes]);
            let mut rows = Vec::with_capacity(classes);
            for (record, label) in objective.records(task) {
                rows.clear();
                for (score, class) in scores.iter_mut().zip(point.chunks_exact(size)) {
                    let (value, row) = objective.score(record, class);
                    *score = value;
                    rows.push(row);
                }
                total += Loss::Multinomial.gradient_row(&scores, label as usize, &mut slopes);
                count += 1;
                for ((slope, row), sum) in slopes.iter().zip(&rows).zip(sum.chunks_exact_mut(size)) {
                    sum.iter_mut().zip(*row).for_each(|(slot, value)| *slot += slope * value);
                }
            }
            (total, count, sum)
        })
        .collect();
    let count = partials.iter().map(|(_, count, _)| count).sum::<usize>() as f64;
    let mut total = 0.0;
    gradient.fill(0.0);
    for (value, _, sum) in &partials {
        total += value / count;
        gradient.iter_mut().zip(sum).for_each(|(slot, part)| *slot += part / count);
    }
    if penalised {
        for (class, gradient) in point.chunks_exact(size).zip(gradient.chunks_exact_mut(size)) {
            for (j, penalty) in objective.penalty().iter().enumerate() {
                total += 0.5 * penalty * class[j] * class[j];
                gradient[j] += penalty * class[j];
            }
        }
    }
    total
}
