//! Sequences as tensors: the one place where letters become unit vectors.

use burn::tensor::{DType, Device, Element, Tensor, TensorData};
use ckn_core::pooling::Strands;
use ckn_core::{Scalar, TokenView};

use crate::Error;
use crate::transfer::check_number_type;

/// A batch of encoded sequences.
#[derive(Debug, Clone)]
pub struct Encoded {
    /// `[batch · strands, letters, length]`, strands of a sequence next to each other, zero beyond each sequence.
    pub map: Tensor<3>,
    /// Length of each row.
    pub lengths: Vec<usize>,
}

/// Encodes records: a letter is a unit vector, an IUPAC code the mixture of its letters, the outside of a sequence zero.
///
/// With two strands, row `2i` is record `i` and row `2i + 1` its reverse complement.
///
/// # Shapes
/// → `[records · strands, letters, length of the longest]`.
///
/// # Errors
/// [`Error::Record`] for a record that does not exist; [`ckn_core::Error::NoComplement`] for two strands of an alphabet
/// without one; [`ckn_core::Error::Empty`] for no records.
pub fn encode(
    view: TokenView<'_>,
    records: &[usize],
    strands: Strands,
    device: &Device,
    dtype: DType,
) -> Result<Encoded, Error> {
    let (map, lengths) = encode_positions(view, records, strands, device, dtype)?;
    Ok(Encoded { map: map.swap_dims(1, 2), lengths })
}

/// [`encode`] with channels last, as layers compute.
pub(crate) fn encode_positions(
    view: TokenView<'_>,
    records: &[usize],
    strands: Strands,
    device: &Device,
    dtype: DType,
) -> Result<(Tensor<3>, Vec<usize>), Error> {
    check_number_type(dtype)?;
    check_records(view, records)?;
    let longest = records.iter().map(|&record| view.sequence(record).len()).max().unwrap_or(0).max(1);
    let shape = [records.len() * strands.count(), longest, view.table().letters()];
    let data = match dtype {
        DType::F64 => TensorData::new(vectors::<f64>(view, records, strands, longest)?, shape),
        _ => TensorData::new(vectors::<f32>(view, records, strands, longest)?, shape),
    };
    let lengths =
        records.iter().flat_map(|&record| std::iter::repeat_n(view.sequence(record).len(), strands.count())).collect();
    Ok((Tensor::from_data(data, (device, dtype)), lengths))
}

/// Checks that there are records, and that each exists.
pub(crate) fn check_records(view: TokenView<'_>, records: &[usize]) -> Result<(), Error> {
    if records.is_empty() {
        return Err(ckn_core::Error::Empty { what: "the batch" }.into());
    }
    match records.iter().find(|&&record| record >= view.len()) {
        Some(&record) => Err(Error::Record { record, records: view.len() }),
        None => Ok(()),
    }
}

fn vectors<S: Scalar + Element>(
    view: TokenView<'_>,
    records: &[usize],
    strands: Strands,
    longest: usize,
) -> Result<Vec<S>, Error> {
    let table = view.table();
    let letters = table.letters();
    let complement = match strands {
        Strands::Forward => None,
        Strands::Max | Strands::Mean => Some(table.complement().ok_or(ckn_core::Error::NoComplement)?),
    };
    let rows: Vec<S> =
        (0..table.tokens()).flat_map(|token| table.vector(token as u8).iter().map(|&weight| S::of(weight))).collect();
    let vector = |token: u8| &rows[usize::from(token) * letters..][..letters];
    let mut values = vec![<S as Default>::default(); records.len() * strands.count() * longest * letters];
    let mut targets = values.chunks_exact_mut(longest * letters);
    for &record in records {
        let tokens = view.sequence(record);
        if let Some(target) = targets.next() {
            for (slot, &token) in target.chunks_exact_mut(letters).zip(tokens) {
                slot.copy_from_slice(vector(token));
            }
        }
        if let (Some(complement), Some(target)) = (complement, complement.and_then(|_| targets.next())) {
            for (slot, &token) in target.chunks_exact_mut(letters).zip(tokens.iter().rev()) {
                slot.copy_from_slice(vector(complement[usize::from(token)]));
            }
        }
    }
    Ok(values)
}
