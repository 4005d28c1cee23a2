//! Whitening of patches by the covariance of many.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};

use super::power::{add_gram, matrix_power};
use crate::error::Error;
use crate::shape::area;

/// Patches that are worked on at once.
const BLOCK: usize = 512;

/// Whitening of patches: `x ↦ (C + εI)^{−1/2} (x − μ)`, with the mean `μ` and the covariance `C` of the patches it was fitted to.
///
/// # Source
/// A. Bell and T. Sejnowski, *The "independent components" of natural scenes are edge filters*, Vision Research 1997 (ZCA).
#[derive(Debug, Clone, PartialEq)]
pub struct PatchWhitening {
    mean: Vec<f64>,
    root: Vec<f64>,
}

impl PatchWhitening {
    /// Fits mean and covariance, `C = (1/n) Σ (x − μ)(x − μ)ᵀ`, to patches.
    ///
    /// # Shapes
    /// patches `[patches, size]`, row-major.
    ///
    /// # Errors
    /// [`Error::Shape`] if there are no patches or no whole number of them; [`Error::Setting`] for an `epsilon` that is negative
    /// or not finite; [`Error::NotFinite`]; [`Error::Covariance`] if `C + εI` is singular.
    pub fn fit(patches: &[f32], size: usize, epsilon: f64) -> Result<Self, Error> {
        if !(epsilon >= 0.0 && epsilon.is_finite()) {
            return Err(Error::Setting {
                name: "epsilon",
                got: epsilon,
                allowed: "take a number from 0, such as 1e-3",
            });
        }
        check_rows(patches, size)?;
        if let Some(index) = patches.iter().position(|value| !value.is_finite()) {
            return Err(Error::NotFinite { what: "patches", index });
        }
        let count = (patches.len() / size) as f64;
        let mut mean = vec![0.0; size];
        for patch in patches.chunks_exact(size) {
            mean.iter_mut().zip(patch).for_each(|(sum, &value)| *sum += f64::from(value));
        }
        mean.iter_mut().for_each(|sum| *sum /= count);
        let mut covariance = Mat::zeros(size, size);
        let mut rows = Vec::with_capacity(BLOCK * size);
        for block in patches.chunks(BLOCK * size) {
            centre(block, &mean, &mut rows);
            add_gram(&rows, size, covariance.as_mut());
        }
        let covariance = Mat::from_fn(size, size, |row, column| {
            covariance[(row, column)] / count + if row == column { epsilon } else { 0.0 }
        });
        let smallest = std::cell::Cell::new(f64::INFINITY);
        let power = |value: f64, largest: f64| {
            smallest.set(smallest.get().min(if value > f64::EPSILON * largest { value } else { value.min(0.0) }));
            1.0 / value.sqrt()
        };
        let root = matrix_power(covariance.as_ref(), power).ok_or(Error::Covariance { size, smallest: f64::NAN })?;
        if smallest.get() <= 0.0 {
            return Err(Error::Covariance { size, smallest: smallest.get() });
        }
        let root = (0..size * size).map(|entry| root[(entry / size, entry % size)]).collect();
        Ok(Self { mean, root })
    }

    /// The mean `μ`, `[size]`.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The matrix `(C + εI)^{−1/2}`, `[size, size]`, symmetric.
    pub fn matrix(&self) -> &[f64] {
        &self.root
    }

    /// Whitens patches in place.
    ///
    /// # Shapes
    /// patches `[patches, size]`, row-major.
    ///
    /// # Errors
    /// [`Error::Shape`] if they are no whole number of patches.
    pub fn apply(&self, patches: &mut [f32]) -> Result<(), Error> {
        let size = self.mean.len();
        check_rows(patches, size)?;
        let root = MatRef::from_row_major_slice(&self.root, size, size);
        let (mut rows, mut whitened) = (Vec::with_capacity(BLOCK * size), vec![0.0; BLOCK * size]);
        for block in patches.chunks_mut(BLOCK * size) {
            centre(block, &self.mean, &mut rows);
            let (count, whitened) = (block.len() / size, &mut whitened[..block.len()]);
            matmul(
                MatMut::from_row_major_slice_mut(whitened, count, size),
                Accum::Replace,
                MatRef::from_row_major_slice(&rows, count, size),
                root,
                1.0,
                Par::Seq,
            );
            block.iter_mut().zip(whitened.iter()).for_each(|(value, &white)| *value = white as f32);
        }
        Ok(())
    }
}

fn check_rows(patches: &[f32], size: usize) -> Result<(), Error> {
    let rows = patches.len().checked_div(size).unwrap_or(0);
    let expected = area([rows.max(1), size.max(1)])?;
    if expected == patches.len() {
        Ok(())
    } else {
        Err(Error::Shape { what: "matrix of patches", expected, got: patches.len() })
    }
}

fn centre(patches: &[f32], mean: &[f64], rows: &mut Vec<f64>) {
    rows.clear();
    for patch in patches.chunks_exact(mean.len()) {
        rows.extend(patch.iter().zip(mean).map(|(&value, mean)| f64::from(value) - mean));
    }
}
