//! The first layer on any device without patches: rows of k-mer tables, gathered and multiplied.
//!
//! `κ(⟨z, x⟩/√l) = Π_b E_b[k-mer b of x]`: the tables come from the anchor points by one small product and an
//! exponential each, a window costs one row of each table. Ordinary tensor operations, so that gradients and devices
//! are burn's.

use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use ckn_core::pooling::Border;

use crate::axes::by_position;
use crate::patches::Windows;
use crate::transfer::upload;
use crate::unit_layer::Evaluations;
use crate::{Error, TokenBatch};

/// Most rows of a table.
const MAX_ROWS: usize = 256;

/// Whether every window of a batch is a product of table rows: known letters only, and no border to hang over.
pub(crate) fn is_possible(batch: &TokenBatch, border: Border) -> bool {
    let table = batch.table();
    let known = |sequence: &[u8]| sequence.iter().all(|&token| table.is_letter(token));
    border == Border::Valid && table.letters() <= MAX_ROWS && batch.rows().all(known)
}

/// Codes of the `size` letters from `from` on in every window; windows beyond a sequence's own have code 0.
fn codes(batch: &TokenBatch, windows: &Windows, from: usize, size: usize, device: &Device) -> Tensor<1, Int> {
    let alphabet = batch.table().letters() as i32;
    let mut codes = vec![0i32; windows.counts.len() * windows.positions];
    for ((row, &count), codes) in batch.rows().zip(&windows.counts).zip(codes.chunks_exact_mut(windows.positions)) {
        for (window, code) in codes[..count].iter_mut().enumerate() {
            let letters = &row[window + from..][..size];
            *code = letters.iter().fold(0, |code, &letter| code * alphabet + i32::from(letter));
        }
    }
    let length = codes.len();
    Tensor::from_data(TensorData::new(codes, [length]), device)
}

/// The values of the exponential kernel at every window of a batch for which that [`is_possible`].
///
/// # Shapes
/// anchors `[filters, letters, width]`.
pub(crate) fn evaluations(
    anchors: Tensor<3>,
    alpha: f64,
    batch: &TokenBatch,
    windows: Windows,
) -> Result<Evaluations, Error> {
    let [filters, alphabet, width] = anchors.dims();
    let (device, dtype) = (anchors.device(), anchors.dtype());
    let norm = (width as f64).sqrt();
    let by_position = by_position(anchors);
    let mut kmer = 1;
    while kmer < width && alphabet.pow(kmer as u32 + 1) <= MAX_ROWS {
        kmer += 1;
    }
    let mut product: Option<Tensor<2>> = None;
    for from in (0..width).step_by(kmer) {
        let size = kmer.min(width - from);
        let block = by_position.clone().narrow(0, from, size).reshape([size * alphabet, filters]);
        // Each block takes its part of the −1 in exp(α(u − 1)), by its letters: no factor grows out of range.
        let part = size as f64 / width as f64;
        let cosines = words(alphabet, size, &device, dtype).matmul(block).div_scalar(norm);
        let table = cosines.sub_scalar(part).mul_scalar(alpha).exp();
        let rows = table.select(0, codes(batch, &windows, from, size, &device));
        product = Some(match product {
            None => rows,
            Some(product) => product * rows,
        });
    }
    let Some(product) = product else {
        return Err(ckn_core::Error::Empty { what: "the patch" }.into());
    };
    let values = product.reshape([windows.counts.len(), windows.positions, filters]);
    Ok(Evaluations { values, norms: windows.factors(|_| norm, &device, dtype), windows })
}

/// Every word of `size` letters as unit vectors, position after position: `[words, size · letters]`.
fn words(alphabet: usize, size: usize, device: &Device, dtype: DType) -> Tensor<2> {
    let count = alphabet.pow(size as u32);
    let mut values = vec![0.0; count * size * alphabet];
    for (word, row) in values.chunks_exact_mut(size * alphabet).enumerate() {
        let mut rest = word;
        for column in row.chunks_exact_mut(alphabet).rev() {
            column[rest % alphabet] = 1.0;
            rest /= alphabet;
        }
    }
    upload(values, [count, size * alphabet], device, dtype)
}
