//! Objective of an expansion of the Gaussian kernel: mean squared error of the kernel over pairs, and its gradient.

use faer::Accum;
use rayon::prelude::*;

use super::PatchPairs;
use crate::Scalar;
use crate::image::layer::{Transposed, accumulate, product};
use crate::vectors::on_widest_vectors;

/// Pairs multiplied at once.
const BLOCK: usize = 512;

/// Parts that the pairs are cut into: their sums are added in order, so that the number of threads changes nothing.
const TASKS: usize = 16;

/// The objective over `(w, t)`, `η = (√c + rate · t)²`.
pub(super) struct Problem<'a, S> {
    pairs: &'a PatchPairs<S>,
    filters: usize,
    /// `√c`.
    pub(super) root: f64,
    weight_rate: f64,
    /// `2/σ²`.
    slope: f64,
    /// Kernel values of the pairs.
    targets: Vec<f64>,
    tasks: Vec<Task<S>>,
}

/// Sums over one part of the pairs, and scratch.
#[derive(Default, Clone)]
struct Task<S> {
    /// `h_il`, then `r_i h_il`, `[BLOCK, filters]`.
    values: Vec<S>,
    /// Sums over one block.
    totals: Vec<S>,
    /// `Σ_i r_i h_il (x_i + y_i)`, `[filters, size]`.
    by_filters: Vec<S>,
    /// `Σ_i r_i h_il`.
    by_weights: Vec<f64>,
    /// `Σ_i r_i²`.
    squares: f64,
    /// `Σ_i k_i Σ_l h_il` and `Σ_i (Σ_l h_il)²`.
    moments: (f64, f64),
}

impl<'a, S: Scalar> Problem<'a, S> {
    pub(super) fn new(pairs: &'a PatchPairs<S>, filters: usize, sigma: f64, weight_rate: f64) -> Self {
        let targets = pairs.distances.iter().map(|d| (-0.5 * d * d / (sigma * sigma)).exp()).collect();
        let tasks = vec![Task::default(); TASKS];
        Self { pairs, filters, root: 1.0, weight_rate, slope: 2.0 / (sigma * sigma), targets, tasks }
    }

    /// `√η` of a variable of the solver.
    pub(super) fn root_of_weight(&self, moved: f64) -> f64 {
        self.root + self.weight_rate * moved
    }

    /// `Σ k t/Σ t²`, `t_i = Σ_l h_il`: the weight that fits best if all are equal.
    pub(super) fn best_constant(&mut self, point: &[f64]) -> f64 {
        self.visit(point);
        let (mut along, mut square) = (0.0, 0.0);
        for task in &self.tasks {
            along += task.moments.0;
            square += task.moments.1;
        }
        if square > 0.0 { (along / square).max(1e-12) } else { 1.0 }
    }

    pub(super) fn evaluate(&mut self, point: &[f64], gradient: &mut [f64]) -> f64 {
        self.visit(point);
        let (by_filters, by_moves) = gradient.split_at_mut(self.filters * self.pairs.size);
        let (filters, moves) = point.split_at(self.filters * self.pairs.size);
        let scale = 2.0 / self.pairs.len() as f64;
        by_filters.fill(0.0);
        by_moves.fill(0.0);
        let mut squares = 0.0;
        for task in &self.tasks {
            by_filters.iter_mut().zip(&task.by_filters).for_each(|(slot, value)| *slot += value.wide());
            by_moves.iter_mut().zip(&task.by_weights).for_each(|(slot, value)| *slot += value);
            squares += task.squares;
        }
        let rows = by_filters.chunks_exact_mut(self.pairs.size).zip(filters.chunks_exact(self.pairs.size));
        for ((by_filter, filter), (by_moved, &moved)) in rows.zip(by_moves.iter_mut().zip(moves)) {
            let (sum, root) = (*by_moved, self.root_of_weight(moved));
            let weight = scale * self.slope * root * root;
            by_filter.iter_mut().zip(filter).for_each(|(slot, &value)| *slot = weight * (*slot - 2.0 * sum * value));
            *by_moved = 2.0 * self.weight_rate * root * scale * sum;
        }
        squares / self.pairs.len() as f64
    }

    fn visit(&mut self, point: &[f64]) {
        let size = self.pairs.size;
        let (filters, moves) = point.split_at(self.filters * size);
        let narrow: Vec<S> = filters.iter().map(|&value| S::of(value)).collect();
        let offsets: Vec<S> = filters
            .chunks_exact(size)
            .map(|filter| S::of(-self.slope * (1.0 + filter.iter().map(|x| x * x).sum::<f64>())))
            .collect();
        let weights: Vec<S> = moves.iter().map(|&moved| S::of(self.root_of_weight(moved).powi(2))).collect();
        let per_task = self.pairs.len().div_ceil(TASKS);
        let slope = S::of(self.slope);
        let (pairs, targets) = (self.pairs, &self.targets);
        self.tasks.par_iter_mut().enumerate().for_each(|(at, task)| {
            let part = (at * per_task).min(pairs.len())..((at + 1) * per_task).min(pairs.len());
            task.clear(weights.len(), size);
            for first in part.clone().step_by(BLOCK) {
                let end = (first + BLOCK).min(part.end);
                let sums = &pairs.sums[first * size..end * size];
                task.add(sums, &targets[first..end], &narrow, (slope, &offsets), &weights);
            }
        });
    }
}

impl<S: Scalar> Task<S> {
    fn clear(&mut self, filters: usize, size: usize) {
        self.by_filters.clear();
        self.by_filters.resize(filters * size, S::zero());
        self.by_weights.clear();
        self.by_weights.resize(filters, 0.0);
        self.squares = 0.0;
        self.moments = (0.0, 0.0);
    }

    fn add(&mut self, sums: &[S], targets: &[f64], narrow: &[S], (slope, offsets): (S, &[S]), weights: &[S]) {
        let (pairs, filters) = (targets.len(), weights.len());
        let size = sums.len() / pairs;
        self.values.resize(pairs * filters, S::zero());
        product(sums, narrow, &mut self.values, (pairs, size, filters), Transposed::Right);
        let Self { values, totals, by_filters, by_weights, squares, moments } = self;
        totals.clear();
        totals.resize(filters, S::zero());
        on_widest_vectors(
            #[inline(always)]
            || {
                for (values, &target) in values.chunks_exact_mut(filters).zip(targets) {
                    for (value, &offset) in values.iter_mut().zip(offsets) {
                        *value = (slope * *value + offset).exponential();
                    }
                    let (mut weighted, mut plain) = ([S::zero(); 16], [S::zero(); 16]);
                    let chunks = values.chunks_exact(16).zip(weights.chunks_exact(16));
                    let done = filters / 16 * 16;
                    for (values, weights) in chunks {
                        for lane in 0..16 {
                            weighted[lane] += weights[lane] * values[lane];
                            plain[lane] += values[lane];
                        }
                    }
                    for at in done..filters {
                        weighted[0] += weights[at] * values[at];
                        plain[0] += values[at];
                    }
                    let residual = weighted.into_iter().sum::<S>().wide() - target;
                    let sum = plain.into_iter().sum::<S>().wide();
                    *squares += residual * residual;
                    moments.0 += target * sum;
                    moments.1 += sum * sum;
                    let residual = S::of(residual);
                    for (value, total) in values.iter_mut().zip(&mut *totals) {
                        *value *= residual;
                        *total += *value;
                    }
                }
            },
        );
        by_weights.iter_mut().zip(&*totals).for_each(|(slot, value)| *slot += value.wide());
        accumulate(values, sums, by_filters, (filters, pairs, size), Transposed::Left, Accum::Add);
    }
}
