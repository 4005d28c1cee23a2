//! Powers of symmetric matrices.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par, Side};

/// `U diag(power(δ)) Uᵀ` of a symmetric matrix `U diag(δ) Uᵀ`, whose lower triangle is read; `None` if the solver fails.
///
/// `power` is given each eigenvalue and the largest of them.
pub(super) fn matrix_power(symmetric: MatRef<'_, f64>, power: impl Fn(f64, f64) -> f64) -> Option<Mat<f64>> {
    let size = symmetric.nrows();
    let eigen = symmetric.self_adjoint_eigen(Side::Lower).ok()?;
    let values = eigen.S().column_vector();
    let largest = values.iter().copied().fold(0.0, f64::max);
    let scales: Vec<f64> = values.iter().map(|&value| power(value, largest)).collect();
    let scaled = Mat::from_fn(size, size, |row, column| eigen.U()[(row, column)] * scales[column]);
    let mut result = Mat::zeros(size, size);
    matmul(result.as_mut(), Accum::Replace, scaled.as_ref(), eigen.U().transpose(), 1.0, Par::Seq);
    Some(result)
}

/// Adds `PᵀP` of the rows of a row-major matrix.
pub(super) fn add_gram(rows: &[f64], size: usize, gram: MatMut<'_, f64>) {
    let rows = MatRef::from_row_major_slice(rows, rows.len() / size, size);
    matmul(gram, Accum::Add, rows.transpose(), rows, 1.0, Par::Seq);
}
