//! Sequences as tensors: the one place where letters become unit vectors.

use burn::tensor::{DType, Device, Element, Tensor, TensorData};
use ckn_core::pooling::Strands;
use ckn_core::{Scalar, TokenView};

use crate::transfer::check_number_type;
use crate::{Error, TokenBatch};

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
/// [`Error::NumberType`]; those of [`TokenBatch::of_records`].
///
/// ```
/// use burn::tensor::DType;
/// use ckn_burn::{DeviceChoice, encode};
/// use ckn_core::pooling::Strands;
/// use ckn_core::{LetterTable, TokenView};
///
/// let table = LetterTable::new(4, &[], Some(&[3, 2, 1, 0]))?;
/// let view = TokenView::new(&[0, 1, 2], &[0, 3], &table)?;
/// let encoded = encode(view, &[0], Strands::Max, &DeviceChoice::Cpu.open()?, DType::F32)?;
/// assert_eq!(encoded.map.dims(), [2, 4, 3]);
/// # Ok::<(), ckn_burn::Error>(())
/// ```
pub fn encode(
    view: TokenView<'_>,
    records: &[usize],
    strands: Strands,
    device: &Device,
    dtype: DType,
) -> Result<Encoded, Error> {
    check_number_type(dtype)?;
    let batch = TokenBatch::of_records(view, records, strands)?;
    Ok(Encoded { map: unit_vectors(&batch, device, dtype).swap_dims(1, 2), lengths: batch.lengths() })
}

/// The tokens of every sequence as vectors, with channels last, as layers compute.
///
/// # Shapes
/// → `[sequences, length of the longest, letters]`, zero beyond each sequence.
pub(crate) fn unit_vectors(batch: &TokenBatch, device: &Device, dtype: DType) -> Tensor<3> {
    let lengths = batch.lengths();
    let longest = lengths.iter().copied().max().unwrap_or(0).max(1);
    let shape = [lengths.len(), longest, batch.table().letters()];
    let data = match dtype {
        DType::F64 => TensorData::new(vectors::<f64>(batch, shape), shape),
        _ => TensorData::new(vectors::<f32>(batch, shape), shape),
    };
    Tensor::from_data(data, (device, dtype))
}

fn vectors<S: Scalar + Element>(batch: &TokenBatch, [count, longest, letters]: [usize; 3]) -> Vec<S> {
    let table = batch.table();
    let rows: Vec<S> =
        (0..table.tokens()).flat_map(|token| table.vector(token as u8).iter().map(|&weight| S::of(weight))).collect();
    let mut values = vec![<S as Default>::default(); count * longest * letters];
    for (target, tokens) in values.chunks_exact_mut(longest * letters).zip(batch.rows()) {
        for (slot, &token) in target.chunks_exact_mut(letters).zip(tokens) {
            slot.copy_from_slice(&rows[usize::from(token) * letters..][..letters]);
        }
    }
    values
}
