//! Products of row-major square matrices.

use faer::{Accum, MatMut, MatRef, Par};

/// Whether a factor is transposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transpose {
    No,
    Yes,
}

/// `out = a b` of row-major matrices, on one thread.
///
/// ```
/// use ckn_core::whitening::multiply;
/// let mut out = [0.0; 2];
/// multiply(&[1.0, 2.0, 3.0, 4.0], &[1.0, 10.0], &mut out, 2, 2, 1);
/// assert_eq!(out, [21.0, 43.0]);
/// ```
///
/// # Shapes
/// a `[rows, inner]`, b `[inner, columns]`, out `[rows, columns]`; the lengths of the slices must fit.
pub fn multiply(a: &[f64], b: &[f64], out: &mut [f64], rows: usize, inner: usize, columns: usize) {
    let a = MatRef::from_row_major_slice(a, rows, inner);
    let b = MatRef::from_row_major_slice(b, inner, columns);
    let out = MatMut::from_row_major_slice_mut(out, rows, columns);
    faer::linalg::matmul::matmul(out, Accum::Replace, a, b, 1.0, Par::Seq);
}

/// Product of two `size × size` matrices, either of them transposed.
pub(crate) fn product(a: &[f64], ta: Transpose, b: &[f64], tb: Transpose, size: usize) -> Vec<f64> {
    let view = |slice, transpose| {
        let matrix = MatRef::from_row_major_slice(slice, size, size);
        if transpose == Transpose::Yes { matrix.transpose() } else { matrix }
    };
    let mut out = vec![0.0; size * size];
    let target = MatMut::from_row_major_slice_mut(&mut out, size, size);
    faer::linalg::matmul::matmul(target, Accum::Replace, view(a, ta), view(b, tb), 1.0, Par::Seq);
    out
}

/// `(m + mᵀ)/2`.
pub(crate) fn symmetrised(matrix: &[f64], size: usize) -> Vec<f64> {
    let mut out = vec![0.0; size * size];
    for i in 0..size {
        for j in 0..size {
            out[i * size + j] = 0.5 * (matrix[i * size + j] + matrix[j * size + i]);
        }
    }
    out
}
