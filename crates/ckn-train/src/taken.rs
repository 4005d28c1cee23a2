//! Some of the sequences, as a set of their own.

use ckn_core::TokenView;
use ckn_model::{KernelMachine, SequenceKernel};

use crate::Error;

/// Tokens and offsets of the records of a view.
pub(crate) fn taken(view: TokenView<'_>, records: &[usize]) -> (Vec<u8>, Vec<usize>) {
    let (mut tokens, mut offsets) = (Vec::new(), vec![0]);
    for &record in records {
        tokens.extend_from_slice(view.sequence(record));
        offsets.push(tokens.len());
    }
    (tokens, offsets)
}

/// A machine without the sequences that none of its outputs needs, by none of its kernels.
///
/// # Shapes
/// coefficients `[outputs, kernels, sequences]`, intercepts `[outputs]`.
pub(crate) fn supported(
    view: TokenView<'_>,
    both_strands: bool,
    kernels: Vec<SequenceKernel>,
    coefficients: &[f64],
    intercepts: Vec<f64>,
) -> Result<KernelMachine, Error> {
    let sequences = view.len();
    let mut needed: Vec<usize> =
        (0..sequences).filter(|&record| coefficients[record..].iter().step_by(sequences).any(|&c| c != 0.0)).collect();
    if needed.is_empty() {
        // A machine that says the same of every sequence still compares with one.
        needed.push(0);
    }
    let coefficients = coefficients
        .chunks_exact(sequences)
        .flat_map(|of_kernel| needed.iter().map(|&record| of_kernel[record]))
        .collect();
    let (tokens, offsets) = taken(view, &needed);
    let support = TokenView::new(&tokens, &offsets, view.table())?;
    Ok(KernelMachine::of_outputs(support, both_strands, kernels, coefficients, intercepts)?)
}
