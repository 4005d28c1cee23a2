//! Pooling of maps as two small products, one for each axis.

use burn::tensor::{DType, Device, Tensor};
use ckn_core::image::SpatialPooling;

use crate::Error;
use crate::transfer::upload;

/// Maps pooled with the weights of [`SpatialPooling::weights`].
///
/// # Shapes
/// maps `[batch, channels, height, width]` → `[batch, channels, height after, width after]`.
///
/// # Errors
/// Those of [`SpatialPooling::length`].
pub(super) fn pool(maps: Tensor<4>, pooling: SpatialPooling) -> Result<Tensor<4>, Error> {
    if pooling == SpatialPooling::None {
        return Ok(maps);
    }
    let [batch, channels, height, width] = maps.dims();
    let (device, dtype) = (maps.device(), maps.dtype());
    let rows = axis(pooling, height, &device, dtype)?;
    let columns = axis(pooling, width, &device, dtype)?;
    let (lines, cells) = (rows.dims()[0], columns.dims()[0]);
    let half = maps.reshape([batch * channels * height, width]).matmul(columns.transpose());
    let pooled = rows.unsqueeze::<3>().matmul(half.reshape([batch * channels, height, cells]));
    Ok(pooled.reshape([batch, channels, lines, cells]))
}

/// `[length after, length]`.
fn axis(pooling: SpatialPooling, length: usize, device: &Device, dtype: DType) -> Result<Tensor<2>, Error> {
    Ok(upload(pooling.weights(length)?, [pooling.length(length)?, length], device, dtype))
}
