//! Machines on `exp(γ (K − 1))` of a normalised kernel `K`: no sum over windows, so each support sequence is asked.

use ckn_core::TokenView;
use ckn_core::mismatch::{WordOperator, Words, cross};
use rayon::prelude::*;

use super::{KernelMachine, ROWS, SequenceKernel, rows};
use crate::Error;

/// Support sequences that one task sums up: sums do not depend on the number of threads.
const TASK: usize = 256;

impl KernelMachine {
    /// A machine that decides by `Σ_i a_i K(x_i, x) + b`, `K` one whole kernel, its norms and its exponential included: the
    /// coefficients are those of a support vector machine.
    ///
    /// # Shapes
    /// coefficients `[support]`.
    ///
    /// # Errors
    /// Those of [`Self::new`] and [`SequenceKernel::scales`].
    pub fn of_vectors(
        support: TokenView<'_>,
        both_strands: bool,
        kernel: SequenceKernel,
        mut coefficients: Vec<f64>,
        intercept: f64,
    ) -> Result<Self, Error> {
        kernel.check(0, support.table().letters())?;
        if kernel.gamma.is_none() {
            let scales = kernel.scales(support, both_strands)?;
            coefficients.iter_mut().zip(scales).for_each(|(coefficient, scale)| *coefficient *= scale);
        }
        Self::new(support, both_strands, vec![kernel], coefficients, intercept)
    }
}

/// `Σ_i a_i exp(γ (K(x_i, x) − 1))` of every sequence.
pub(super) fn sums(
    kernel: &SequenceKernel,
    gamma: f64,
    coefficients: &[f64],
    support: TokenView<'_>,
    both_strands: bool,
    view: TokenView<'_>,
) -> Result<Vec<f64>, Error> {
    let (own, scales) = (kernel.scales(support, both_strands)?, kernel.scales(view, both_strands)?);
    let value = |coefficient: f64, kernel: f64| coefficient * (gamma * (kernel - 1.0)).exp();
    if kernel.has_word_table(support.table().letters()) {
        let (there, here) = (Words::new(support, kernel.width, false)?, Words::new(view, kernel.width, both_strands)?);
        let operator = WordOperator::new(kernel.width, &kernel.profile)?;
        let mut table = vec![0.0f64; operator.words()];
        let mut sums = Vec::with_capacity(view.len());
        for (record, scale) in scales.iter().enumerate() {
            // The kernel of one sequence with any other is a table of words, too.
            table.fill(0.0);
            match kernel.weights(view, record) {
                None => here.add(record, *scale, &mut table),
                Some(weights) => here.add_weighted(record, *scale, &weights, &mut table),
            }
            operator.apply(&mut table)?;
            let of_vector = |vector: usize| {
                let sum = match kernel.weights(support, vector) {
                    None => there.sum(vector, &table),
                    Some(weights) => there.weighted_sum(vector, &weights, &table),
                };
                value(coefficients[vector], own[vector] * sum)
            };
            let tasks = (0..support.len().div_ceil(TASK)).into_par_iter();
            let task = |task: usize| (task * TASK..support.len().min((task + 1) * TASK)).map(of_vector).sum();
            sums.push(tasks.map(task).collect::<Vec<f64>>().iter().sum());
        }
        return Ok(sums);
    }
    let mut sums = Vec::with_capacity(view.len());
    for first in (0..view.len()).step_by(ROWS) {
        let (tokens, offsets) = rows(view, first);
        let part = TokenView::new(tokens, &offsets, view.table())?;
        let grams = cross(part, support, kernel.width, both_strands, &[kernel.profile])?;
        sums.extend((0..part.len()).map(|row| -> f64 {
            let scale = scales[first + row];
            let values = grams.row(0, row).iter().zip(&own).zip(coefficients);
            values.map(|((&gram, own), &coefficient)| value(coefficient, scale * own * f64::from(gram))).sum()
        }));
    }
    Ok(sums)
}
