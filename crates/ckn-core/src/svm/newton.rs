//! Newton's method with conjugate gradients, for all classes in step (Keerthi and DeCoste 2005).

use super::moments::Factors;
use super::passes::{products, transposed, weighted_sums};
use super::{FittedSvm, Svm, SvmConfig, SvmProblem};
use crate::Error;
use crate::solver::bisected;

/// Most conjugate-gradient steps within one Newton step.
const MAX_INNER: usize = 60;

/// Conjugate gradients of a class stop where their last step, times their number, gave this share of all they gave (Nash and
/// Sofer 1990): unlike the gradient's norm, which a few steep directions decide, it knows what is still to be won.
const INNER_TOLERANCE: f64 = 0.5;

/// The finest tolerance: scores are `f32`, and what a step gives below it is rounding.
const RESOLUTION: f64 = 1e-9;

pub(super) fn fit(problem: SvmProblem<'_>, start: &Svm, config: SvmConfig) -> Result<FittedSvm, Error> {
    let SvmProblem { features, dimension, rows, class_count: classes, .. } = problem;
    let narrowed = |weights: &[f64]| -> Vec<f32> { weights.iter().map(|&value| value as f32).collect() };
    // Everything runs as [dimension, classes], with the intercepts as a last row.
    let mut point = interleaved(start, dimension);
    let mut scores = products(features, dimension, rows, &transposed(&start.weights, classes), classes);
    for row in scores.chunks_exact_mut(classes) {
        row.iter_mut().zip(&start.intercepts).for_each(|(score, &intercept)| *score += intercept as f32);
    }
    if let Some(first) = scores.iter().position(|score| !score.is_finite()) {
        return Err(Error::NotFinite { what: "features", count: 1, first: first / classes });
    }
    let signs: Vec<bool> = rows
        .iter()
        .flat_map(|&row| {
            let own = problem.classes[row as usize] as usize;
            (0..classes).map(move |class| class == own)
        })
        .collect();
    let sign = |positive: bool| if positive { 1.0f32 } else { -1.0 };
    let cost = config.cost;
    let mut multipliers = vec![0.0f32; scores.len()];
    let mut preconditioner: Option<Preconditioner> = None;
    let (mut passes, mut steps) = (1, 0);
    let tolerance = config.tolerance.max(RESOLUTION);
    let mut settled = vec![false; classes];
    while steps < config.max_steps && settled.contains(&false) {
        for ((slot, &score), &positive) in multipliers.iter_mut().zip(&scores).zip(&signs) {
            let t = sign(positive);
            *slot = -t * (1.0 - t * score).max(0.0);
        }
        let (sums, totals) = weighted_sums(features, dimension, rows, &multipliers, classes, None);
        let mut gradient = joined(sums, totals, 2.0 * cost);
        let penalised = dimension * classes;
        gradient[..penalised].iter_mut().zip(&point).for_each(|(slot, &weight)| *slot += weight);
        // Inside the margin, 1 for classes that still move.
        for ((slot, &score), (at, &positive)) in multipliers.iter_mut().zip(&scores).zip(signs.iter().enumerate()) {
            let inside = sign(positive) * score < 1.0 && !settled[at % classes];
            *slot = f32::from(u8::from(inside));
        }
        let multiply = |direction: &[f64]| {
            let narrow = narrowed(direction);
            let (weights, intercepts) = narrow.split_at(penalised);
            let (sums, totals) =
                weighted_sums(features, dimension, rows, &multipliers, classes, Some((weights, intercepts)));
            let mut out = joined(sums, totals, 2.0 * cost);
            out[..penalised].iter_mut().zip(direction).for_each(|(slot, &value)| *slot += value);
            out
        };
        let current = Preconditioner::renewed(preconditioner.take(), &problem, cost, &multipliers, &settled);
        let Descent { step, gains, inner } = conjugate_gradients(&gradient, &settled, &current, multiply);
        preconditioner = Some(current);
        let narrow = narrowed(&step);
        let (weights, intercepts) = narrow.split_at(penalised);
        let mut moved = products(features, dimension, rows, weights, classes);
        for row in moved.chunks_exact_mut(classes) {
            row.iter_mut().zip(intercepts).for_each(|(score, &intercept)| *score += intercept);
        }
        for class in 0..classes {
            let length =
                step_length(class, classes, cost, (&point[..penalised], &step[..penalised]), (&scores, &moved, &signs));
            point.iter_mut().zip(&step).skip(class).step_by(classes).for_each(|(slot, &along)| *slot += length * along);
            let along = moved.iter().skip(class).step_by(classes);
            scores
                .iter_mut()
                .skip(class)
                .step_by(classes)
                .zip(along)
                .for_each(|(slot, &along)| *slot += length as f32 * along);
        }
        passes += inner + 2;
        steps += 1;
        let objectives = objectives(&point[..penalised], &scores, &signs, cost, classes);
        // A class without samples has an objective of next to nothing: the mean is what to compare with.
        let mean = objectives.iter().sum::<f64>() / classes as f64;
        settled.iter_mut().zip(gains).for_each(|(settled, gain)| *settled |= gain <= tolerance * mean);
    }
    let converged = !settled.contains(&false);
    let objective = objectives(&point[..dimension * classes], &scores, &signs, cost, classes).iter().sum();
    Ok(FittedSvm { machine: separated(&point, dimension, classes), objective, steps, passes, converged })
}

/// The objective of every class.
fn objectives(weights: &[f64], scores: &[f32], signs: &[bool], cost: f64, classes: usize) -> Vec<f64> {
    let mut sums = vec![0.0; classes];
    for row in weights.chunks_exact(classes) {
        sums.iter_mut().zip(row).for_each(|(slot, weight)| *slot += 0.5 * weight * weight);
    }
    for (scores, signs) in scores.chunks_exact(classes).zip(signs.chunks_exact(classes)) {
        for ((slot, &score), &positive) in sums.iter_mut().zip(scores).zip(signs) {
            let margin = f64::from(if positive { score } else { -score });
            *slot += cost * (1.0 - margin).max(0.0).powi(2);
        }
    }
    sums
}

/// What the Hessian of every class is like: `1 + 2C a Σ x xᵀ`, `a` the mean share of samples inside a margin.
struct Preconditioner {
    factors: Factors,
    /// Curvature along the intercepts.
    intercepts: Vec<f64>,
}

impl Preconditioner {
    /// Factors are made anew only for another weight of the moments.
    fn renewed(before: Option<Self>, problem: &SvmProblem<'_>, cost: f64, inside: &[f32], settled: &[bool]) -> Self {
        let classes = settled.len();
        let mut counts = vec![0.0; classes];
        for row in inside.chunks_exact(classes) {
            counts.iter_mut().zip(row).for_each(|(slot, &value)| *slot += f64::from(value));
        }
        let open = settled.iter().filter(|settled| !**settled).count().max(1);
        let weight = 2.0 * cost * counts.iter().sum::<f64>() / open as f64;
        let near = |factors: &Factors| (0.5..=2.0).contains(&(weight / factors.weight));
        let factors = before.map(|before| before.factors).filter(near);
        let intercepts = counts.iter().map(|count| (2.0 * cost * count).max(1.0)).collect();
        Self { factors: factors.unwrap_or_else(|| problem.moments.factors(weight)), intercepts }
    }

    fn solve(&self, residual: &[f64]) -> Vec<f64> {
        let classes = self.intercepts.len();
        let mut solution = residual.to_vec();
        self.factors.solve(&mut solution, classes);
        let last = solution.len() - classes;
        solution[last..].iter_mut().zip(&self.intercepts).for_each(|(slot, curvature)| *slot /= curvature);
        solution
    }
}

/// A Newton step of every class, what its quadratic model gains by it, and how many products with the Hessian it took.
struct Descent {
    step: Vec<f64>,
    gains: Vec<f64>,
    inner: usize,
}

/// Solves `H_c s_c = −g_c` for every class that is not settled.
fn conjugate_gradients(
    gradient: &[f64],
    settled: &[bool],
    preconditioner: &Preconditioner,
    mut multiply: impl FnMut(&[f64]) -> Vec<f64>,
) -> Descent {
    let classes = settled.len();
    let mut descent = Descent { step: vec![0.0; gradient.len()], gains: vec![0.0; classes], inner: 0 };
    let mut residual: Vec<f64> = gradient.iter().map(|value| -value).collect();
    let mut direction = preconditioner.solve(&residual);
    let mut descents = products_by_class(&residual, &direction, classes);
    let mut open: Vec<bool> = settled.iter().zip(&descents).map(|(settled, &along)| !settled && along > 0.0).collect();
    while descent.inner < MAX_INNER && open.contains(&true) {
        for row in direction.chunks_exact_mut(classes) {
            for (slot, _) in row.iter_mut().zip(&open).filter(|(_, open)| !**open) {
                *slot = 0.0;
            }
        }
        let image = multiply(&direction);
        descent.inner += 1;
        let curvatures = products_by_class(&direction, &image, classes);
        let lengths: Vec<f64> =
            (0..classes).map(|class| if open[class] { descents[class] / curvatures[class] } else { 0.0 }).collect();
        let rows = descent.step.chunks_exact_mut(classes).zip(residual.chunks_exact_mut(classes));
        let rows = rows.zip(direction.chunks_exact(classes).zip(image.chunks_exact(classes)));
        for ((step, residual), (direction, image)) in rows {
            for class in 0..classes {
                step[class] += lengths[class] * direction[class];
                residual[class] -= lengths[class] * image[class];
            }
        }
        let solved = preconditioner.solve(&residual);
        let next = products_by_class(&residual, &solved, classes);
        for class in 0..classes {
            if !open[class] {
                continue;
            }
            let gain = 0.5 * lengths[class] * descents[class];
            descent.gains[class] += gain;
            let share = descent.inner as f64 * gain / descent.gains[class];
            open[class] = share > INNER_TOLERANCE && next[class] > 0.0;
        }
        for (direction, solved) in direction.chunks_exact_mut(classes).zip(solved.chunks_exact(classes)) {
            for class in (0..classes).filter(|&class| open[class]) {
                direction[class] = solved[class] + next[class] / descents[class] * direction[class];
            }
        }
        descents = next;
    }
    descent
}

/// Products of the columns of every class.
fn products_by_class(left: &[f64], right: &[f64], classes: usize) -> Vec<f64> {
    let mut sums = vec![0.0; classes];
    for (left, right) in left.chunks_exact(classes).zip(right.chunks_exact(classes)) {
        (0..classes).for_each(|class| sums[class] += left[class] * right[class]);
    }
    sums
}

/// The step length in (0, 1] at which a class's objective, convex and piecewise quadratic, is lowest.
fn step_length(
    class: usize,
    classes: usize,
    cost: f64,
    (point, step): (&[f64], &[f64]),
    (scores, moved, signs): (&[f32], &[f32], &[bool]),
) -> f64 {
    let own = || point.iter().zip(step).skip(class).step_by(classes);
    let (linear, square): (f64, f64) =
        own().fold((0.0, 0.0), |(linear, square), (weight, along)| (linear + weight * along, square + along * along));
    let slope = |length: f64| {
        let samples = scores.iter().zip(moved).zip(signs).skip(class).step_by(classes);
        let losses: f64 = samples
            .map(|((&score, &along), &positive)| {
                let (t, along) = (if positive { 1.0 } else { -1.0 }, f64::from(along));
                -t * (1.0 - t * (f64::from(score) + length * along)).max(0.0) * along
            })
            .sum();
        linear + length * square + 2.0 * cost * losses
    };
    if square == 0.0 { 1.0 } else { bisected(slope, 24) }
}

/// Sums by weights, then sums by intercepts, scaled.
fn joined(mut sums: Vec<f64>, totals: Vec<f64>, scale: f64) -> Vec<f64> {
    sums.extend(totals);
    sums.iter_mut().for_each(|value| *value *= scale);
    sums
}

/// `[dimension + 1, classes]`.
fn interleaved(machine: &Svm, dimension: usize) -> Vec<f64> {
    let classes = machine.classes();
    let mut point = vec![0.0; dimension * classes];
    for (class, row) in machine.weights.chunks_exact(dimension).enumerate() {
        point.iter_mut().skip(class).step_by(classes).zip(row).for_each(|(slot, &value)| *slot = value);
    }
    point.extend(&machine.intercepts);
    point
}

fn separated(point: &[f64], dimension: usize, classes: usize) -> Svm {
    let weights =
        (0..classes).flat_map(|class| point[..dimension * classes].iter().skip(class).step_by(classes).copied());
    Svm { weights: weights.collect(), intercepts: point[dimension * classes..].to_vec() }
}
