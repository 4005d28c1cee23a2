//! A guarded eigendecomposition of symmetric matrices.

use faer::{MatRef, Side};

use super::matrix::{Transpose, product};
use crate::error::{Error, check_finite, check_length};

/// `A = U diag(δ) Uᵀ`, eigenvalues ascending.
#[derive(Debug, Clone)]
pub struct Eigen {
    /// Rows of the matrix.
    pub size: usize,
    /// Eigenvalues `δ`, ascending, `[size]`.
    pub values: Vec<f64>,
    /// Eigenvectors `U` as columns of a row-major matrix, `[size, size]`.
    pub vectors: Vec<f64>,
}

/// Largest accepted `‖AU − UΛ‖_F / ‖A‖_F`, per row of the matrix.
const RESIDUAL_PER_ROW: f64 = 1e-12;

/// Eigendecomposition of a symmetric matrix (its lower triangle is read), checked before it is given out.
///
/// ```
/// use ckn_core::whitening::symmetric_eigen;
/// let eigen = symmetric_eigen(&[2.0, 1.0, 1.0, 2.0], 2)?;
/// let mut values = eigen.values.clone();
/// values.sort_by(f64::total_cmp);
/// assert!((values[0] - 1.0).abs() < 1e-12 && (values[1] - 3.0).abs() < 1e-12);
/// # Ok::<(), ckn_core::Error>(())
/// ```
///
/// # Shapes
/// matrix `[size, size]`.
///
/// # Errors
/// [`Error::Shape`]; [`Error::NotFinite`] if the input holds NaN or infinity; [`Error::Eigen`], with the size, the
/// condition number and the residual, if the solver fails or its result does not reconstruct the matrix.
pub fn symmetric_eigen(matrix: &[f64], size: usize) -> Result<Eigen, Error> {
    check_length("symmetric matrix", size * size, matrix.len())?;
    if size == 0 {
        return Err(Error::Empty { what: "the symmetric matrix" });
    }
    check_finite("symmetric matrix", matrix)?;
    let failed = Error::Eigen { size, condition: f64::NAN, residual: f64::NAN };
    let solved =
        MatRef::from_row_major_slice(matrix, size, size).self_adjoint_eigen(Side::Lower).map_err(|_| failed)?;
    let mut vectors = vec![0.0; size * size];
    for i in 0..size {
        for j in 0..size {
            vectors[i * size + j] = solved.U()[(i, j)];
        }
    }
    let diagonal = solved.S();
    let values: Vec<f64> = diagonal.column_vector().iter().copied().collect();
    let eigen = Eigen { size, values, vectors };
    let residual = eigen.residual(matrix);
    if residual.is_nan() || residual > RESIDUAL_PER_ROW * size as f64 {
        return Err(Error::Eigen { size, condition: eigen.condition(), residual });
    }
    Ok(eigen)
}

impl Eigen {
    /// Ratio of the largest to the smallest absolute eigenvalue.
    pub fn condition(&self) -> f64 {
        let magnitudes = self.values.iter().map(|value| value.abs());
        magnitudes.clone().fold(0.0, f64::max) / magnitudes.fold(f64::INFINITY, f64::min)
    }

    /// `U diag(scale) Uᵀ`.
    pub(crate) fn rebuild(&self, scale: impl Fn(f64) -> f64) -> Vec<f64> {
        let mut scaled = self.vectors.clone();
        for row in scaled.chunks_exact_mut(self.size) {
            for (entry, &value) in row.iter_mut().zip(&self.values) {
                *entry *= scale(value);
            }
        }
        let full = product(&scaled, Transpose::No, &self.vectors, Transpose::Yes, self.size);
        super::matrix::symmetrised(&full, self.size)
    }

    fn residual(&self, matrix: &[f64]) -> f64 {
        let size = self.size;
        let image = product(matrix, Transpose::No, &self.vectors, Transpose::No, size);
        let mut squared = 0.0;
        for i in 0..size {
            for j in 0..size {
                let difference = image[i * size + j] - self.vectors[i * size + j] * self.values[j];
                squared += difference * difference;
            }
        }
        let norm: f64 = matrix.iter().map(|value| value * value).sum::<f64>().sqrt();
        squared.sqrt() / norm.max(f64::MIN_POSITIVE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_two_by_two_matrix_has_its_textbook_eigenvalues() {
        let eigen = symmetric_eigen(&[2.0, 1.0, 1.0, 2.0], 2).unwrap();
        assert!((eigen.values[0] - 1.0).abs() < 1e-14 && (eigen.values[1] - 3.0).abs() < 1e-14);
        assert!((eigen.condition() - 3.0).abs() < 1e-13);
    }

    #[test]
    fn nan_and_wrong_shapes_are_named() {
        let error = symmetric_eigen(&[1.0, f64::NAN, f64::NAN, 1.0], 2).unwrap_err();
        assert_eq!(error, Error::NotFinite { what: "symmetric matrix", count: 2, first: 1 });
        assert!(matches!(symmetric_eigen(&[1.0; 3], 2), Err(Error::Shape { expected: 4, got: 3, .. })));
        assert!(matches!(symmetric_eigen(&[], 0), Err(Error::Empty { .. })));
    }

    #[test]
    fn zeros_ones_and_identity_of_many_sizes_are_reconstructed() {
        for size in [1, 2, 4, 10, 15, 20, 50, 100] {
            let identity: Vec<f64> = (0..size * size).map(|k| if k / size == k % size { 1.0 } else { 0.0 }).collect();
            for matrix in [vec![0.0; size * size], vec![1.0; size * size], identity] {
                let eigen = symmetric_eigen(&matrix, size).unwrap();
                for (got, want) in eigen.rebuild(|value| value).iter().zip(&matrix) {
                    assert!((got - want).abs() < 1e-13 * size as f64);
                }
            }
        }
    }
}
