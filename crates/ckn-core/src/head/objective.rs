//! Objective of the head: value, gradient and Hessian on centred embeddings.

use faer::{MatRef, Side};
use rayon::prelude::*;

use super::HeadConfig;
use crate::error::check_finite;
use crate::loss::Loss;
use crate::pooling::Strands;
use crate::vectors::{interleaved_dot as dot, on_widest_vectors};
use crate::{Error, Scalar};

/// Records of one parallel task; partial sums are added in order.
const TASK: usize = 2048;

/// `(1/n) Σ L(y_i, f_i) + (A/2n) ‖s ∘ w‖²` over `(w, b)`, on centred embeddings.
pub(super) struct Objective<'a> {
    /// Centred embeddings with a trailing one, `[records, strands, dimension + 1]`.
    rows: Vec<f64>,
    labels: &'a [f64],
    means: Vec<f64>,
    /// Penalty of each squared weight: `A s²/n`.
    penalty: Vec<f64>,
    loss: Loss,
    positive_weight: f64,
    strands: usize,
}

/// The change of variables of the solver: `point = G⁻ᵀ v`.
pub(super) enum Metric {
    /// `G`, lower triangular, row-major.
    Hessian { factor: Vec<f64>, size: usize },
    /// Square roots of the Hessian's diagonal.
    Diagonal(Vec<f64>),
}

impl<'a> Objective<'a> {
    pub(super) fn new<S: Scalar>(
        embeddings: &[S],
        labels: &'a [f64],
        dimension: usize,
        config: &HeadConfig,
    ) -> Result<Self, Error> {
        // The mean of both strands' scores is the score of the mean embedding.
        let averaged = config.strands == Strands::Mean;
        let strands = if averaged { 1 } else { config.strands.count() };
        let size = dimension + 1;
        let mut rows = vec![1.0; labels.len() * strands * size];
        if averaged {
            for (row, pair) in rows.chunks_exact_mut(size).zip(embeddings.chunks_exact(2 * dimension)) {
                for (j, slot) in row[..dimension].iter_mut().enumerate() {
                    *slot = 0.5 * (pair[j].wide() + pair[dimension + j].wide());
                }
            }
        } else {
            for (row, embedding) in rows.chunks_exact_mut(size).zip(embeddings.chunks_exact(dimension)) {
                row.iter_mut().zip(embedding).for_each(|(slot, value)| *slot = value.wide());
            }
        }
        let count = (rows.len() / size) as f64;
        let mut means = vec![0.0; dimension];
        for row in rows.chunks_exact(size) {
            means.iter_mut().zip(row).for_each(|(mean, value)| *mean += value / count);
        }
        check_finite("embeddings", &means)?;
        let mut variances = vec![0.0; dimension];
        for row in rows.chunks_exact_mut(size) {
            for j in 0..dimension {
                row[j] -= means[j];
                variances[j] += row[j] * row[j] / count;
            }
        }
        let weight = config.l2 / labels.len() as f64;
        let penalty = variances.iter().map(|v| if config.standardise { weight * v } else { weight }).collect();
        Ok(Self { rows, labels, means, penalty, loss: config.loss, positive_weight: config.positive_weight, strands })
    }

    /// `⟨w, mean embedding⟩`: what centring moves into the intercept.
    pub(super) fn shift(&self, weights: &[f64]) -> f64 {
        weights.iter().zip(&self.means).map(|(a, b)| a * b).sum()
    }

    /// Weight of a record's loss.
    #[inline(always)]
    fn weight(&self, label: f64) -> f64 {
        if label > 0.5 { self.positive_weight } else { 1.0 }
    }

    pub(super) fn size(&self) -> usize {
        self.means.len() + 1
    }

    /// Score of a record and the strand it comes from.
    #[inline(always)]
    pub(super) fn score<'r>(&self, record: &'r [f64], point: &[f64]) -> (f64, &'r [f64]) {
        let size = self.size();
        let score = |row: &[f64]| dot(row, point);
        let (forward, rest) = record.split_at(size);
        let first = score(forward);
        if rest.is_empty() {
            return (first, forward);
        }
        let second = score(rest);
        if second > first { (second, rest) } else { (first, forward) }
    }

    /// Penalty of each squared weight.
    pub(super) fn penalty(&self) -> &[f64] {
        &self.penalty
    }

    pub(super) fn records(&self, task: usize) -> impl Iterator<Item = (&[f64], f64)> {
        let stride = self.strands * self.size();
        let labels = &self.labels[task * TASK..self.labels.len().min((task + 1) * TASK)];
        self.rows[task * TASK * stride..].chunks_exact(stride).zip(labels.iter().copied())
    }

    pub(super) fn tasks(&self) -> usize {
        self.labels.len().div_ceil(TASK)
    }

    /// Value at a point; writes the gradient.
    pub(super) fn value(&self, point: &[f64], gradient: &mut [f64]) -> f64 {
        let partials: Vec<(f64, Vec<f64>)> = (0..self.tasks())
            .into_par_iter()
            .map(|task| {
                on_widest_vectors(
                    #[inline(always)]
                    || {
                        let mut total = 0.0;
                        let mut sum = vec![0.0; point.len()];
                        for (record, label) in self.records(task) {
                            let (score, row) = self.score(record, point);
                            let weight = self.weight(label);
                            total += weight * self.loss.value(score, label);
                            let slope = weight * self.loss.derivative(score, label);
                            sum.iter_mut().zip(row).for_each(|(slot, value)| *slot += slope * value);
                        }
                        (total, sum)
                    },
                )
            })
            .collect();
        let count = self.labels.len() as f64;
        let mut total = 0.0;
        gradient.fill(0.0);
        for (value, sum) in &partials {
            total += value / count;
            gradient.iter_mut().zip(sum).for_each(|(slot, part)| *slot += part / count);
        }
        for (j, penalty) in self.penalty.iter().enumerate() {
            total += 0.5 * penalty * point[j] * point[j];
            gradient[j] += penalty * point[j];
        }
        total
    }

    /// `(1/n) Σ L` at a point.
    pub(super) fn mean_loss(&self, point: &[f64]) -> f64 {
        let mut gradient = vec![0.0; point.len()];
        let value = self.value(point, &mut gradient);
        let penalty: f64 = self.penalty.iter().zip(point).map(|(weight, w)| 0.5 * weight * w * w).sum();
        value - penalty
    }

    /// The Hessian at a point, factored, or the root of its diagonal.
    pub(super) fn metric(&self, point: &[f64], full: bool) -> Metric {
        let size = self.size();
        let mut scaled = Vec::with_capacity(self.labels.len() * size);
        for task in 0..self.tasks() {
            for (record, label) in self.records(task) {
                let (score, row) = self.score(record, point);
                // A floor keeps directions that no record bends from looking flat.
                let curvature = self.weight(label) * self.loss.curvature(score, label);
                let weight = (curvature.max(1e-3) / self.labels.len() as f64).sqrt();
                scaled.extend(row.iter().map(|value| weight * value));
            }
        }
        self.factored(&scaled, full)
    }

    /// The Hessian of a loss of constant curvature, factored, or the root of its diagonal.
    pub(super) fn constant_metric(&self, curvature: f64, full: bool) -> Metric {
        let weight = (curvature / self.rows.len() as f64 * self.size() as f64).sqrt();
        self.factored(&self.rows.iter().map(|value| weight * value).collect::<Vec<_>>(), full)
    }

    /// `scaledᵀ scaled` and the penalty.
    fn factored(&self, scaled: &[f64], full: bool) -> Metric {
        let size = self.size();
        let mut diagonal = vec![0.0; size];
        for row in scaled.chunks_exact(size) {
            diagonal.iter_mut().zip(row).for_each(|(slot, value)| *slot += value * value);
        }
        diagonal.iter_mut().zip(&self.penalty).for_each(|(slot, penalty)| *slot += penalty);
        let largest = diagonal.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        if full {
            let rows = MatRef::from_row_major_slice(scaled, scaled.len() / size, size);
            let mut hessian = vec![0.0; size * size];
            faer::linalg::matmul::matmul(
                faer::MatMut::from_row_major_slice_mut(&mut hessian, size, size),
                faer::Accum::Replace,
                rows.transpose(),
                rows,
                1.0,
                faer::Par::Seq,
            );
            for (j, penalty) in self.penalty.iter().enumerate() {
                hessian[j * size + j] += penalty;
            }
            let mut ridge = 1e-12;
            while ridge < 1e-2 {
                for j in 0..size {
                    hessian[j * size + j] += ridge * diagonal[j].max(1e-12 * largest);
                }
                if let Ok(solved) = MatRef::from_row_major_slice(&hessian, size, size).llt(Side::Lower) {
                    let mut factor = vec![0.0; size * size];
                    for i in 0..size {
                        for j in 0..=i {
                            factor[i * size + j] = solved.L()[(i, j)];
                        }
                    }
                    return Metric::Hessian { factor, size };
                }
                ridge *= 100.0;
            }
        }
        Metric::Diagonal(diagonal.iter().map(|value| value.max(1e-12 * largest).sqrt()).collect())
    }
}

impl Metric {
    /// `v → G⁻ᵀ v`, in place.
    pub(super) fn to_point(&self, vector: &mut [f64]) {
        match self {
            Self::Hessian { factor, size } => {
                for i in (0..*size).rev() {
                    let value = vector[i] / factor[i * size + i];
                    vector[i] = value;
                    for j in 0..i {
                        vector[j] -= factor[i * size + j] * value;
                    }
                }
            }
            Self::Diagonal(roots) => vector.iter_mut().zip(roots).for_each(|(slot, root)| *slot /= root),
        }
    }

    /// `g → G⁻¹ g`, in place.
    pub(super) fn to_gradient(&self, vector: &mut [f64]) {
        match self {
            Self::Hessian { factor, size } => {
                for i in 0..*size {
                    let known: f64 = dot(&factor[i * size..i * size + i], &vector[..i]);
                    vector[i] = (vector[i] - known) / factor[i * size + i];
                }
            }
            Self::Diagonal(roots) => vector.iter_mut().zip(roots).for_each(|(slot, root)| *slot /= root),
        }
    }
}
