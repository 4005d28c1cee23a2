//! Machines whose windows have places: a table of words for every place, or all pairs of windows.

use ckn_core::TokenView;
use ckn_core::mismatch::{PlacedOperator, PlacedWords, cross_placed};
use rayon::prelude::*;

use super::{ROWS, SequenceKernel, rows};
use crate::Error;

/// `Σ_i c_i K(x_i, x)` of every sequence.
pub(super) fn sums(
    kernel: &SequenceKernel,
    places: f64,
    coefficients: &[f64],
    support: TokenView<'_>,
    both_strands: bool,
    view: TokenView<'_>,
) -> Result<Vec<f64>, Error> {
    let SequenceKernel { width, profile, .. } = kernel;
    let operator = match kernel.has_word_table(view.table().letters()) {
        true => PlacedOperator::between([support, view], *width, profile, places)?,
        false => None,
    };
    if let Some(operator) = operator {
        let (mut table, mut buffer) = (vec![0.0f64; operator.numbers()], Vec::new());
        let words = PlacedWords::new(support, *width, both_strands)?;
        for (record, &coefficient) in coefficients.iter().enumerate() {
            operator.add(&words, record, coefficient, &mut table);
        }
        operator.apply(&mut table, &mut buffer)?;
        let words = PlacedWords::new(view, *width, false)?;
        return Ok((0..view.len()).into_par_iter().map(|record| operator.sum(&words, record, &table)).collect());
    }
    let mut sums = Vec::with_capacity(view.len());
    for first in (0..view.len()).step_by(ROWS) {
        let (tokens, offsets) = rows(view, first);
        let part = TokenView::new(tokens, &offsets, view.table())?;
        let kernels = cross_placed(part, support, *width, both_strands, profile, places)?;
        let sum = |row: &[f32]| row.iter().zip(coefficients).map(|(&value, c)| f64::from(value) * c).sum::<f64>();
        sums.extend(kernels.chunks_exact(support.len().max(1)).map(sum));
    }
    Ok(sums)
}
