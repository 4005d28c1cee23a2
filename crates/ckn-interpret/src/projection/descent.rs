//! Spectral projected gradients on matrices of probabilities.
//!
//! Steps of Barzilai and Borwein's length, projected, and accepted against the largest of the last values (Birgin, Martínez
//! and Raydan 2000, algorithm 2.2).

use std::collections::VecDeque;

use super::objective::{Evaluation, Objective};
use crate::simplex::project_on_simplex;

/// Values among which the largest must be beaten.
const MEMORY: usize = 10;
/// Sufficient decrease.
const DECREASE: f64 = 1e-4;
const SHORTEST_STEP: f64 = 1e-10;
const LONGEST_STEP: f64 = 1e10;

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stop {
    pub(super) iterations: usize,
    /// Largest entry of the projected step at unit length.
    pub(super) tolerance: f64,
}

/// Where a descent ended.
#[derive(Debug, Clone)]
pub(super) struct Descent {
    pub(super) matrix: Vec<f64>,
    pub(super) value: f64,
    pub(super) iterations: usize,
    pub(super) converged: bool,
}

/// Goes down from a matrix of probabilities.
pub(super) fn descend(objective: &Objective<'_>, start: Vec<f64>, letters: usize, stop: Stop) -> Descent {
    let size = start.len();
    let mut evaluation = Evaluation::default();
    let mut matrix = start;
    let mut value = objective.value(&matrix, &mut evaluation);
    let mut gradient = vec![0.0; size];
    objective.gradient(&matrix, &evaluation, &mut gradient);
    let mut best = (value, matrix.clone());
    let mut last = VecDeque::from([value]);
    let (mut trial, mut next_gradient, mut direction) = (vec![0.0; size], vec![0.0; size], vec![0.0; size]);
    let mut length = 1.0 / largest(&gradient).max(SHORTEST_STEP);
    for iteration in 0..stop.iterations {
        step(&matrix, &gradient, 1.0, letters, &mut direction);
        if largest(&direction) <= stop.tolerance {
            return Descent { matrix: best.1, value: best.0, iterations: iteration, converged: true };
        }
        step(&matrix, &gradient, length, letters, &mut direction);
        let slope: f64 = direction.iter().zip(&gradient).map(|(d, g)| d * g).sum();
        let ceiling = last.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut share = 1.0;
        loop {
            for ((slot, from), way) in trial.iter_mut().zip(&matrix).zip(&direction) {
                *slot = from + share * way;
            }
            value = objective.value(&trial, &mut evaluation);
            if value <= ceiling + DECREASE * share * slope || share < 1e-12 {
                break;
            }
            // The minimum of the parabola through both values and the slope, kept within safe limits.
            let from = last.back().copied().unwrap_or(ceiling);
            let parabola = -0.5 * share * share * slope / (value - from - share * slope);
            share = if (0.1 * share..=0.9 * share).contains(&parabola) { parabola } else { 0.5 * share };
        }
        objective.gradient(&trial, &evaluation, &mut next_gradient);
        let (mut squared, mut curvature) = (0.0, 0.0);
        for at in 0..size {
            let moved = trial[at] - matrix[at];
            squared += moved * moved;
            curvature += moved * (next_gradient[at] - gradient[at]);
        }
        length = if curvature > 0.0 { (squared / curvature).clamp(SHORTEST_STEP, LONGEST_STEP) } else { LONGEST_STEP };
        std::mem::swap(&mut matrix, &mut trial);
        std::mem::swap(&mut gradient, &mut next_gradient);
        if last.len() == MEMORY {
            last.pop_front();
        }
        last.push_back(value);
        if value < best.0 {
            best.0 = value;
            best.1.copy_from_slice(&matrix);
        }
    }
    Descent { matrix: best.1, value: best.0, iterations: stop.iterations, converged: false }
}

/// `P(µ − length · g) − µ`.
fn step(matrix: &[f64], gradient: &[f64], length: f64, letters: usize, direction: &mut [f64]) {
    for ((slot, from), slope) in direction.iter_mut().zip(matrix).zip(gradient) {
        *slot = from - length * slope;
    }
    direction.chunks_exact_mut(letters).for_each(project_on_simplex);
    direction.iter_mut().zip(matrix).for_each(|(slot, from)| *slot -= from);
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest, value| value.abs().max(largest))
}
