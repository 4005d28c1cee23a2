//! Tables of all words: what a window adds to a score.

use ckn_core::mismatch::{WordOperator, Words};
use ckn_core::{LetterTable, Scalar, TokenView};
use rayon::prelude::*;

use super::{KernelMachine, SequenceKernel};
use crate::Error;

impl SequenceKernel {
    /// The support sequences as a table of all words: `c(v) = Σ_i c_i · (times that word v stands in sequence i)`, windows of either
    /// strand if both are read.
    pub(super) fn support_table<S: Scalar>(
        &self,
        coefficients: &[f64],
        support: TokenView<'_>,
        both_strands: bool,
    ) -> Result<Vec<S>, Error> {
        let words = Words::new(support, self.width, both_strands)?;
        let mut table = vec![S::zero(); 1 << (2 * self.width)];
        for (record, &coefficient) in coefficients.iter().enumerate().filter(|(_, coefficient)| **coefficient != 0.0) {
            match self.weights(support, record) {
                None => words.add(record, S::of(coefficient), &mut table),
                Some(weights) => words.add_weighted(record, coefficient, &weights, &mut table),
            }
        }
        Ok(table)
    }

    /// `Σ_i c_i K(x_i, ·)` as a table of all words.
    pub(super) fn word_table<S: Scalar>(
        &self,
        coefficients: &[f64],
        support: TokenView<'_>,
        both_strands: bool,
    ) -> Result<Vec<S>, Error> {
        let mut table = self.support_table(coefficients, support, both_strands)?;
        WordOperator::new(self.width, &self.profile)?.apply(&mut table)?;
        Ok(table)
    }

    /// `Σ_i c_i K(x_i, x)` of every sequence, through the table of all words.
    pub(super) fn table_sums(
        &self,
        coefficients: &[f64],
        support: TokenView<'_>,
        both_strands: bool,
        view: TokenView<'_>,
    ) -> Result<Vec<f64>, Error> {
        let table: Vec<f64> = self.word_table(coefficients, support, both_strands)?;
        let words = Words::new(view, self.width, false)?;
        let sum = |record| match self.weights(view, record) {
            None => words.sum(record, &table),
            Some(weights) => words.weighted_sum(record, &weights, &table),
        };
        Ok((0..view.len()).into_par_iter().map(sum).collect())
    }
}

impl KernelMachine {
    /// `G(u)`, what a window adds to a score under one kernel of the machine, for every word `u`: the score is the intercept and,
    /// for each kernel, the sum of its table over the sequence's windows times the sequence's scale. Where both strands are read, a
    /// word and its reverse complement have the same value. `None` if the kernel's score is no such sum
    /// ([`SequenceKernel::is_window_sum`]), or there is no such kernel.
    ///
    /// # Shapes
    /// `[4^width]`; the first letter of a word is the most significant digit of base 4.
    ///
    /// # Errors
    /// Those of [`Self::support`].
    pub fn word_weights(&self, kernel: usize, table: &LetterTable) -> Result<Option<Vec<f64>>, Error> {
        let support = self.support(table)?;
        let of_kernel = self.config.kernels.get(kernel).map(|found| (found, self.coefficients_of(kernel)));
        let Some((kernel, coefficients)) = of_kernel.filter(|(kernel, _)| kernel.is_window_sum(table.letters())) else {
            return Ok(None);
        };
        kernel.word_table(coefficients, support, self.config.both_strands).map(Some)
    }
}
