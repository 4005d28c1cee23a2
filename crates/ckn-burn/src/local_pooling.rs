//! Gaussian pooling with subsampling, as one small product for each block of positions.

use burn::tensor::{DType, Device, Tensor};
use ckn_core::pooling::gaussian_filter;

use crate::transfer::upload;

/// `pooled[t] = Σ_o g[o] · norms[s·t + o] · values[s·t + o]`, `o` from `−(s − 1)` to `s − 1`, zero outside of the map.
///
/// Positions come in blocks of `s`. Block `t` gives its whole to output `t` (`o ≥ 0`) and all but its first position to
/// output `t + 1` (`o < 0`).
///
/// # Shapes
/// values `[batch, positions, filters]`, norms `[batch, positions]`, `s` divides positions →
/// `[batch, positions / s, filters]`.
pub(crate) fn pool_locally(values: Tensor<3>, norms: Tensor<2>, subsampling: usize) -> Tensor<3> {
    let [batch, positions, filters] = values.dims();
    if subsampling == 1 {
        return values * norms.reshape([batch, positions, 1]);
    }
    let blocks = positions / subsampling;
    let filter = block_filter(subsampling, &values.device(), values.dtype());
    let weights = norms.reshape([batch * blocks, 1, subsampling]) * filter;
    let parts = weights.matmul(values.reshape([batch * blocks, subsampling, filters]));
    let parts = parts.reshape([batch, blocks, 2 * filters]);
    let own = parts.clone().slice([0..batch, 0..blocks, 0..filters]);
    if blocks == 1 {
        return own;
    }
    let next = parts.slice([0..batch, 0..blocks - 1, filters..2 * filters]);
    let first = Tensor::zeros([batch, 1, filters], (&own.device(), own.dtype()));
    own + Tensor::cat(vec![first, next], 1)
}

/// Weights of a block's positions for its own output and for the next: `[1, 2, s]`.
fn block_filter(subsampling: usize, device: &Device, dtype: DType) -> Tensor<3> {
    let weights = gaussian_filter(subsampling);
    let own = weights[subsampling - 1..].iter().copied();
    let next = std::iter::once(0.0).chain(weights[..subsampling - 1].iter().copied());
    upload(own.chain(next).collect(), [1, 2, subsampling], device, dtype)
}
