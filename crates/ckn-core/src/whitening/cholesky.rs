//! Triangular whitening: the same inner products for a third of the work.

use faer::{MatRef, Side};

use super::eigen::symmetric_eigen;
use super::matrix::{Transpose, product, symmetrised};
use crate::error::{Error, check_finite, check_length};

/// `R = L⁻¹` with `A + εI = L Lᵀ`, so that `RᵀR = (A + εI)⁻¹`.
///
/// Predictions equal those of the symmetric root once the head is refitted, but coordinates do not belong to anchors:
/// not for max pooling, and weights must be converted by [`Self::symmetric_weights`] before they are read.
#[derive(Debug, Clone)]
pub struct CholeskyRoot {
    size: usize,
    shifted: Vec<f64>,
    factor: Vec<f64>,
    inverse: Vec<f64>,
}

impl CholeskyRoot {
    /// Triangular root of `gram + epsilon I`.
    ///
    /// # Shapes
    /// gram `[size, size]`.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::NotFinite`], [`Error::NotPositiveDefinite`] (with the row of the failing pivot).
    pub fn new(gram: &[f64], size: usize, epsilon: f64) -> Result<Self, Error> {
        check_length("Gram matrix", size * size, gram.len())?;
        check_finite("Gram matrix", gram)?;
        let mut shifted = gram.to_vec();
        for i in 0..size {
            shifted[i * size + i] += epsilon;
        }
        let solved = MatRef::from_row_major_slice(&shifted, size, size).llt(Side::Lower).map_err(|error| {
            let faer::linalg::cholesky::llt::factor::LltError::NonPositivePivot { index } = error;
            Error::NotPositiveDefinite { size, row: index }
        })?;
        let mut factor = vec![0.0; size * size];
        for i in 0..size {
            for j in 0..=i {
                factor[i * size + j] = solved.L()[(i, j)];
            }
        }
        let inverse = lower_inverse(&factor, size);
        Ok(Self { size, shifted, factor, inverse })
    }

    /// `R = L⁻¹`, lower triangular, `[size, size]`.
    pub fn matrix(&self) -> &[f64] {
        &self.inverse
    }

    /// The gradient by the Gram matrix, given the gradient `R̄` by `R = L⁻¹`.
    ///
    /// `L̄ = −Rᵀ R̄ Rᵀ`; `Ā = sym(Rᵀ Φ(Lᵀ L̄) R)`, `Φ` the lower triangle with its diagonal halved.
    ///
    /// # Shapes
    /// upstream `[size, size]` → `[size, size]`, symmetric.
    ///
    /// # Errors
    /// [`Error::Shape`] if the upstream gradient has another size.
    pub fn adjoint(&self, upstream: &[f64]) -> Result<Vec<f64>, Error> {
        let size = self.size;
        check_length("gradient by the triangular root", size * size, upstream.len())?;
        let mut lower = upstream.to_vec();
        clear_upper(&mut lower, size);
        let left = product(&self.inverse, Transpose::Yes, &lower, Transpose::No, size);
        let mut by_factor = product(&left, Transpose::No, &self.inverse, Transpose::Yes, size);
        by_factor.iter_mut().for_each(|value| *value = -*value);
        clear_upper(&mut by_factor, size);
        let mut middle = product(&self.factor, Transpose::Yes, &by_factor, Transpose::No, size);
        clear_upper(&mut middle, size);
        for i in 0..size {
            middle[i * size + i] *= 0.5;
        }
        let left = product(&self.inverse, Transpose::Yes, &middle, Transpose::No, size);
        Ok(symmetrised(&product(&left, Transpose::No, &self.inverse, Transpose::No, size), size))
    }

    /// Weights in the coordinates of the symmetric root that give the same function: `(A + εI)^(1/2) L⁻ᵀ w`.
    ///
    /// # Errors
    /// [`Error::Shape`]; those of the eigendecomposition.
    pub fn symmetric_weights(&self, weights: &[f64]) -> Result<Vec<f64>, Error> {
        let size = self.size;
        check_length("weights", size, weights.len())?;
        let root = symmetric_eigen(&self.shifted, size)?.rebuild(|value| value.max(0.0).sqrt());
        let mut by_anchor = vec![0.0; size];
        for i in 0..size {
            for j in 0..=i {
                by_anchor[j] += self.inverse[i * size + j] * weights[i];
            }
        }
        Ok(root.chunks_exact(size).map(|row| row.iter().zip(&by_anchor).map(|(a, b)| a * b).sum()).collect())
    }
}

fn clear_upper(matrix: &mut [f64], size: usize) {
    for i in 0..size {
        matrix[i * size + i + 1..(i + 1) * size].fill(0.0);
    }
}

fn lower_inverse(factor: &[f64], size: usize) -> Vec<f64> {
    let mut inverse = vec![0.0; size * size];
    for column in 0..size {
        inverse[column * size + column] = 1.0 / factor[column * size + column];
        for row in column + 1..size {
            let dot: f64 = (column..row).map(|k| factor[row * size + k] * inverse[k * size + column]).sum();
            inverse[row * size + column] = -dot / factor[row * size + row];
        }
    }
    inverse
}
