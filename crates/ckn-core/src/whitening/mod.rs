//! Whitening of kernel evaluations: from `κ(Zᵀz)` to coordinates of the projection on the span of the anchors.
//!
//! Any `R` with `RᵀR = (A + εI)⁻¹` gives the same inner products between embeddings. [`InverseRoot`] is the symmetric one
//! (one coordinate per anchor, needed for max pooling and for reading weights); [`CholeskyRoot`] is the cheaper
//! triangular one.

mod cholesky;
mod eigen;
mod inverse_root;
mod matrix;

pub use cholesky::CholeskyRoot;
pub use eigen::{Eigen, symmetric_eigen};
pub use inverse_root::{InverseRoot, Regularisation};
pub use matrix::multiply;

#[cfg(test)]
mod tests;
