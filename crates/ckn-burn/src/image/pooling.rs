//! Pooling of maps as two small products, one for each axis.

use burn::tensor::{DType, Device, Tensor};
use ckn_core::image::SpatialPooling;

use crate::Error;
use crate::transfer::upload;

/// Maps pooled with the weights of [`SpatialPooling::weights`].
///
/// # Shapes
/// map `[batch, height, width, channels]` → `[batch, height after, width after, channels]`.
///
/// # Errors
/// Those of [`SpatialPooling::length`].
pub(super) fn pool(map: Tensor<4>, pooling: SpatialPooling) -> Result<Tensor<4>, Error> {
    if pooling == SpatialPooling::None {
        return Ok(map);
    }
    let [batch, height, width, channels] = map.dims();
    let (device, dtype) = (map.device(), map.dtype());
    let rows = axis(pooling, height, &device, dtype)?;
    let columns = axis(pooling, width, &device, dtype)?;
    let (lines, cells) = (rows.dims()[1], columns.dims()[1]);
    let half = rows.matmul(map.reshape([batch, height, width * channels]));
    let pooled = columns.matmul(half.reshape([batch * lines, width, channels]));
    Ok(pooled.reshape([batch, lines, cells, channels]))
}

/// `[1, length after, length]`.
fn axis(pooling: SpatialPooling, length: usize, device: &Device, dtype: DType) -> Result<Tensor<3>, Error> {
    Ok(upload(pooling.weights(length)?, [1, pooling.length(length)?, length], device, dtype))
}
