//! Layers on maps: what comes after the first layer, one sequence at a time.
//!
//! A map is `[positions, channels]`, row-major, so that the patch of `width` positions is one contiguous slice.

mod layer;
mod local;

pub use layer::{MapEvaluation, MapLayer};
pub(crate) use local::{pool_locally, pull_back_local};

use faer::{Accum, MatMut, MatRef, Par};

use crate::Scalar;

/// `target (+)= left · right` of row-major matrices.
pub(crate) fn multiply<S: Scalar>(target: &mut [S], accumulate: Accum, left: MatRef<'_, S>, right: MatRef<'_, S>) {
    let target = MatMut::from_row_major_slice_mut(target, left.nrows(), right.ncols());
    faer::linalg::matmul::matmul(target, accumulate, left, right, S::one(), Par::Seq);
}
