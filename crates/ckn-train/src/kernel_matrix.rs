//! The kernel matrix of a set of sequences: written out, or an operator on tables of words.

mod tables;

use std::ops::ControlFlow;

use ckn_core::TokenView;
use ckn_core::machine::multiply_written;
use ckn_core::mismatch::{cross, cross_placed, gram};
use ckn_model::SequenceKernel;
use rayon::prelude::*;

use self::tables::Tables;

use crate::Error;
use crate::taken::taken;

/// Sequences up to which it can be, where there is no other way: 1 GiB.
pub(crate) const MOST_WRITTEN: usize = 16_000;

/// Pairs of windows that are compared between two looks at whether to go on: a second.
const BETWEEN_LOOKS: f64 = 1e10;

/// Sequences that are compared with all others, with the places of their windows, between two looks.
const PLACED_BAND: usize = 64;

/// A kernel matrix, normalised where the kernel is.
pub(crate) enum Matrix {
    /// `[sequences, sequences]`.
    Written { values: Vec<f32>, scales: Vec<f64> },
    /// As an operator on tables of words.
    Operator { tables: Box<Tables>, scales: Vec<f64> },
}

impl Matrix {
    /// The matrix of one kernel, `written` out or, where the kernel has a table of words, not. `watch` is asked now and then
    /// whether to go on.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if it said no.
    pub(crate) fn new(
        view: TokenView<'_>,
        kernel: &SequenceKernel,
        both_strands: bool,
        written: bool,
        watch: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<Self, Error> {
        let SequenceKernel { centre, gamma, places, .. } = kernel;
        if centre.is_some() || gamma.is_some() {
            let (name, got) = ("gamma", gamma.unwrap_or_default());
            let expected = "left out, as weights of windows are, where a machine is fitted";
            return Err(ckn_core::Error::Parameter { name, got, expected }.into());
        }
        let scales = kernel.scales(view, both_strands)?;
        if (places.is_some() || !written)
            && let Some(tables) = Tables::new(view, kernel, both_strands)?
        {
            return Ok(Self::Operator { tables: Box::new(tables), scales });
        }
        if view.len() > MOST_WRITTEN {
            return Err(Error::Written { sequences: view.len(), limit: MOST_WRITTEN });
        }
        let mut values = compared(view, kernel, both_strands, watch)?;
        values.par_chunks_mut(view.len().max(1)).enumerate().for_each(|(row, values)| {
            for (value, scale) in values.iter_mut().zip(&scales) {
                *value = (f64::from(*value) * scale * scales[row]) as f32;
            }
        });
        Ok(Self::Written { values, scales })
    }

    /// What coefficients are multiplied by, `[sequences]`.
    pub(crate) fn scales(&self) -> &[f64] {
        match self {
            Self::Written { scales, .. } | Self::Operator { scales, .. } => scales,
        }
    }

    /// Products with vectors, `[vectors, sequences]`; those of vectors that are zero are zero, and cost nothing.
    pub(crate) fn multiply(&mut self, vectors: &[f64], products: &mut [f64]) -> Result<(), ckn_core::Error> {
        match self {
            Self::Written { values, scales } => multiply_written(values, scales.len(), vectors, products),
            Self::Operator { tables, scales } => {
                let sequences = scales.len().max(1);
                for (vector, product) in vectors.chunks_exact(sequences).zip(products.chunks_exact_mut(sequences)) {
                    if vector.iter().all(|&value| value == 0.0) {
                        product.fill(0.0);
                        continue;
                    }
                    tables.clear();
                    for (record, (value, scale)) in vector.iter().zip(&*scales).enumerate() {
                        if *value != 0.0 {
                            tables.add(record, (value * scale) as f32);
                        }
                    }
                    tables.apply()?;
                    let tables = &*tables;
                    product.par_iter_mut().zip(&*scales).enumerate().for_each(|(record, (slot, scale))| {
                        *slot = scale * tables.sum(record);
                    });
                }
                Ok(())
            }
        }
    }
}

/// Kernel values of all pairs, `[sequences, sequences]`: in bands of rows, between which `watch` is asked, where there are many.
fn compared(
    view: TokenView<'_>,
    kernel: &SequenceKernel,
    both_strands: bool,
    watch: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Vec<f32>, Error> {
    let (width, profiles) = (kernel.width, [kernel.profile]);
    let bands = (pairs(view, width, both_strands) / BETWEEN_LOOKS).ceil() as usize;
    let band = match kernel.places {
        None if bands < 2 => return Ok(gram(view, width, both_strands, &profiles)?.into_values()),
        None => view.len().div_ceil(bands),
        Some(_) => PLACED_BAND,
    };
    let rows: Vec<usize> = (0..view.len()).collect();
    let mut values = Vec::with_capacity(view.len() * view.len());
    for band in rows.chunks(band) {
        if watch().is_break() {
            return Err(Error::Interrupted);
        }
        let (tokens, offsets) = taken(view, band);
        let left = TokenView::new(&tokens, &offsets, view.table())?;
        values.extend(match kernel.places {
            None => cross(left, view, width, both_strands, &profiles)?.into_values(),
            Some(places) => cross_placed(left, view, width, both_strands, &kernel.profile, places)?,
        });
    }
    Ok(values)
}

/// The matrix of a sum of kernels.
pub(crate) struct MatrixSum {
    /// Those that are written out are one.
    matrices: Vec<Matrix>,
    /// What coefficients are multiplied by, `[kernels, sequences]`.
    scales: Vec<Vec<f64>>,
    products: Vec<f64>,
}

impl MatrixSum {
    /// Kernels with a table of words are written out where that takes so many pairs of windows at most.
    ///
    /// # Errors
    /// [`Error::Written`] for more sequences than a matrix can be written of, where one of the kernels needs it;
    /// [`Error::Interrupted`] if `watch`, which is asked now and then, said to stop.
    pub(crate) fn new(
        view: TokenView<'_>,
        kernels: &[SequenceKernel],
        both_strands: bool,
        most_pairs: f64,
        watch: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<Self, Error> {
        check_written(view, kernels)?;
        let mut sum = Self { matrices: Vec::new(), scales: Vec::new(), products: Vec::new() };
        for kernel in kernels {
            let written = view.len() <= MOST_WRITTEN && pairs(view, kernel.width, both_strands) <= most_pairs;
            let matrix = Matrix::new(view, kernel, both_strands, written, watch)?;
            sum.scales.push(matrix.scales().to_vec());
            let written = sum.matrices.iter_mut().find_map(|matrix| match matrix {
                Matrix::Written { values, .. } => Some(values),
                Matrix::Operator { .. } => None,
            });
            match (written, matrix) {
                (Some(total), Matrix::Written { values, .. }) => {
                    total.iter_mut().zip(values).for_each(|(slot, value)| *slot += value);
                }
                (_, matrix) => sum.matrices.push(matrix),
            }
        }
        Ok(sum)
    }

    /// What coefficients are multiplied by, `[kernels, sequences]`.
    pub(crate) fn scales(&self) -> &[Vec<f64>] {
        &self.scales
    }

    /// Products with vectors, `[vectors, sequences]`.
    pub(crate) fn multiply(&mut self, vectors: &[f64], products: &mut [f64]) -> Result<(), ckn_core::Error> {
        let Some((first, others)) = self.matrices.split_first_mut() else {
            products.fill(0.0);
            return Ok(());
        };
        first.multiply(vectors, products)?;
        self.products.resize(products.len(), 0.0);
        for matrix in others {
            matrix.multiply(vectors, &mut self.products)?;
            products.iter_mut().zip(&self.products).for_each(|(slot, value)| *slot += value);
        }
        Ok(())
    }
}

/// Pairs of windows that a written matrix takes.
pub(crate) fn pairs(view: TokenView<'_>, width: usize, both_strands: bool) -> f64 {
    let windows = |record: usize| (view.sequence(record).len() + 1).saturating_sub(width);
    let all = (0..view.len()).map(windows).sum::<usize>() as f64;
    // Each pair of sequences once.
    if both_strands { all * all } else { 0.5 * all * all }
}

/// Checks that kernels without a table of words have few enough sequences for a written matrix.
pub(crate) fn check_written(view: TokenView<'_>, kernels: &[SequenceKernel]) -> Result<(), Error> {
    let letters = view.table().letters();
    let tables = kernels.iter().all(|kernel| kernel.has_word_table(letters));
    if tables || view.len() <= MOST_WRITTEN {
        return Ok(());
    }
    Err(Error::Written { sequences: view.len(), limit: MOST_WRITTEN })
}
