//! Passes over samples that serve all classes at once.

use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

use super::Svm;

/// Samples multiplied at once.
const BLOCK: usize = 64;

/// Parts that samples are cut into; their sums are added in order, so that the number of threads changes nothing.
const TASKS: usize = 8;

/// `[dimension, classes]` of `[classes, dimension]`, narrowed: the order in which products run along classes.
pub(super) fn transposed(weights: &[f64], classes: usize) -> Vec<f32> {
    let dimension = weights.len() / classes;
    let mut out = vec![0.0; weights.len()];
    for (class, row) in weights.chunks_exact(dimension).enumerate() {
        for (at, &value) in row.iter().enumerate() {
            out[at * classes + class] = value as f32;
        }
    }
    out
}

/// Rows of a matrix, one after the other; as they lie where they already do.
fn gathered<'a>(features: &'a [f32], dimension: usize, rows: &[u32], scratch: &'a mut Vec<f32>) -> &'a [f32] {
    let first = rows[0] as usize;
    if rows.iter().zip(first..).all(|(&row, at)| row as usize == at) {
        return &features[first * dimension..(first + rows.len()) * dimension];
    }
    scratch.clear();
    rows.iter().for_each(|&row| scratch.extend_from_slice(&features[row as usize * dimension..][..dimension]));
    scratch
}

fn multiply(rows: &[f32], weights: &[f32], out: &mut [f32], count: usize, classes: usize) {
    let dimension = rows.len() / count;
    faer::linalg::matmul::matmul(
        MatMut::from_row_major_slice_mut(out, count, classes),
        Accum::Replace,
        MatRef::from_row_major_slice(rows, count, dimension),
        MatRef::from_row_major_slice(weights, dimension, classes),
        1.0,
        Par::Seq,
    );
}

/// Scores `[rows, classes]`.
pub(super) fn scores(machine: &Svm, features: &[f32], rows: &[u32]) -> Vec<f32> {
    let (classes, dimension) = (machine.classes(), machine.dimension());
    let weights = transposed(&machine.weights, classes);
    let mut scores = products(features, dimension, rows, &weights, classes);
    for row in scores.chunks_exact_mut(classes) {
        row.iter_mut().zip(&machine.intercepts).for_each(|(score, &intercept)| *score += intercept as f32);
    }
    scores
}

/// Products of samples with weights `[dimension, classes]`, without intercepts: `[rows, classes]`.
pub(super) fn products(features: &[f32], dimension: usize, rows: &[u32], weights: &[f32], classes: usize) -> Vec<f32> {
    let mut out = vec![0.0; rows.len() * classes];
    out.par_chunks_mut(BLOCK * classes).zip(rows.par_chunks(BLOCK)).for_each_init(Vec::new, |scratch, (out, rows)| {
        multiply(gathered(features, dimension, rows, scratch), weights, out, rows.len(), classes);
    });
    out
}

/// `Σ_i x_i m_iᵀ` and `Σ_i m_i` over samples, `m_i` a number for every class; samples without any are skipped. If weights are
/// given, `m_i` is multiplied by `⟨w_c, x_i⟩ + b_c` first: a product with the Hessian.
///
/// # Shapes
/// multipliers `[rows, classes]`, weights `[dimension, classes]`, intercepts `[classes]` → `[dimension, classes]`, `[classes]`.
pub(super) fn weighted_sums(
    features: &[f32],
    dimension: usize,
    rows: &[u32],
    multipliers: &[f32],
    classes: usize,
    weights: Option<(&[f32], &[f32])>,
) -> (Vec<f64>, Vec<f64>) {
    let per_task = rows.len().div_ceil(TASKS).max(1);
    let parts: Vec<(Vec<f32>, Vec<f64>)> = rows
        .par_chunks(per_task)
        .zip(multipliers.par_chunks(per_task * classes))
        .map(|(rows, multipliers)| {
            let (mut sum, mut totals) = (vec![0.0f32; dimension * classes], vec![0.0f64; classes]);
            let (mut scratch, mut active, mut wanted) = (Vec::new(), Vec::with_capacity(BLOCK), Vec::new());
            let mut products = vec![0.0f32; BLOCK * classes];
            let mut flush = |active: &mut Vec<u32>, wanted: &mut Vec<f32>| {
                if active.is_empty() {
                    return;
                }
                let samples = gathered(features, dimension, active, &mut scratch);
                if let Some((weights, intercepts)) = weights {
                    let products = &mut products[..active.len() * classes];
                    multiply(samples, weights, products, active.len(), classes);
                    let scores = products.chunks_exact(classes).zip(wanted.chunks_exact_mut(classes));
                    for (products, wanted) in scores {
                        for class in 0..classes {
                            wanted[class] *= products[class] + intercepts[class];
                        }
                    }
                }
                for row in wanted.chunks_exact(classes) {
                    totals.iter_mut().zip(row).for_each(|(slot, &value)| *slot += f64::from(value));
                }
                faer::linalg::matmul::matmul(
                    MatMut::from_row_major_slice_mut(&mut sum, dimension, classes),
                    Accum::Add,
                    MatRef::from_row_major_slice(samples, active.len(), dimension).transpose(),
                    MatRef::from_row_major_slice(wanted, active.len(), classes),
                    1.0,
                    Par::Seq,
                );
                active.clear();
                wanted.clear();
            };
            for (&row, multipliers) in rows.iter().zip(multipliers.chunks_exact(classes)) {
                if multipliers.iter().any(|&value| value != 0.0) {
                    active.push(row);
                    wanted.extend_from_slice(multipliers);
                    if active.len() == BLOCK {
                        flush(&mut active, &mut wanted);
                    }
                }
            }
            flush(&mut active, &mut wanted);
            (sum, totals)
        })
        .collect();
    let (mut sum, mut totals) = (vec![0.0; dimension * classes], vec![0.0; classes]);
    for (part, part_totals) in parts {
        sum.iter_mut().zip(part).for_each(|(slot, value)| *slot += f64::from(value));
        totals.iter_mut().zip(part_totals).for_each(|(slot, value)| *slot += value);
    }
    (sum, totals)
}
