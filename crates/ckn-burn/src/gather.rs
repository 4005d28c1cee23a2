//! The first layer on any device without patches: rows of k-mer tables, gathered and multiplied.
//!
//! `κ(⟨z, x⟩/√l) = Π_b E_b[k-mer b of x]`: the tables come from the anchor points by one small product and an
//! exponential each, a window costs one row of each table. Ordinary tensor operations, so that gradients and devices
//! are burn's.

use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use ckn_core::TokenView;
use ckn_core::kernel::DotProductKernel;
use ckn_core::pooling::{Border, Strands};

use crate::Error;
use crate::patches::Windows;
use crate::transfer::upload;

/// Most rows of a table.
const MAX_ROWS: usize = 256;

/// Letters of the sequences of a batch that can be gathered, strands of a sequence next to each other.
pub(crate) struct Letters {
    rows: Vec<Vec<u8>>,
    alphabet: usize,
}

impl Letters {
    /// The letters of some records, if every window of theirs is a product of table rows: known letters only, no border
    /// to hang over, and an exponential kernel.
    pub(crate) fn of(
        view: TokenView<'_>,
        records: &[usize],
        strands: Strands,
        border: Border,
        kernel: DotProductKernel,
    ) -> Option<Self> {
        let alphabet = view.table().letters();
        let known = |&record: &usize| view.sequence(record).iter().all(|&token| usize::from(token) < alphabet);
        if border != Border::Valid || kernel.alpha().is_none() || alphabet > MAX_ROWS || !records.iter().all(known) {
            return None;
        }
        let complement = if strands == Strands::Forward { None } else { Some(view.table().complement()?) };
        let rows = records
            .iter()
            .flat_map(|&record| {
                let sequence = view.sequence(record);
                let reverse = complement.map(|map| sequence.iter().rev().map(|&t| map[usize::from(t)]).collect());
                std::iter::once(sequence.to_vec()).chain(reverse)
            })
            .collect();
        Some(Self { rows, alphabet })
    }

    pub(crate) fn lengths(&self) -> Vec<usize> {
        self.rows.iter().map(Vec::len).collect()
    }

    /// Codes of the `size` letters from `from` on in every window; windows beyond a sequence's own have code 0.
    fn codes(&self, windows: &Windows, from: usize, size: usize, device: &Device) -> Tensor<1, Int> {
        let mut codes = vec![0i32; self.rows.len() * windows.positions];
        for ((row, &count), codes) in
            self.rows.iter().zip(&windows.counts).zip(codes.chunks_exact_mut(windows.positions))
        {
            for (window, code) in codes[..count].iter_mut().enumerate() {
                let letters = &row[window + from..][..size];
                *code = letters.iter().fold(0, |code, &letter| code * self.alphabet as i32 + i32::from(letter));
            }
        }
        let length = codes.len();
        Tensor::from_data(TensorData::new(codes, [length]), device)
    }
}

/// `κ(Zᵀz/‖z‖)` `[batch, positions, filters]` and `‖z‖` `[batch, positions]`, the latter 0 beyond own windows.
///
/// # Shapes
/// anchors `[filters, letters, width]`.
pub(crate) fn evaluations(
    anchors: Tensor<3>,
    alpha: f64,
    letters: &Letters,
    windows: &Windows,
) -> Result<(Tensor<3>, Tensor<2>), Error> {
    let [filters, alphabet, width] = anchors.dims();
    let (device, dtype) = (anchors.device(), anchors.dtype());
    let norm = (width as f64).sqrt();
    let by_position = anchors.permute([2, 1, 0]);
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
        let rows = table.select(0, letters.codes(windows, from, size, &device));
        product = Some(match product {
            None => rows,
            Some(product) => product * rows,
        });
    }
    let Some(product) = product else {
        return Err(ckn_core::Error::Empty { what: "the patch" }.into());
    };
    let values = product.reshape([letters.rows.len(), windows.positions, filters]);
    Ok((values, windows.factors(|_| norm, &device, dtype)))
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
