//! Orders of axes: what `ckn_core` has on slices, and what burn's operations take.

use burn::tensor::Tensor;

/// Anchor points on sequences, in the order of patches: position after position.
///
/// # Shapes
/// `[filters, channels, width]` → `[width, channels, filters]`.
pub(crate) fn by_position(anchors: Tensor<3>) -> Tensor<3> {
    anchors.permute([2, 1, 0])
}

/// Images, maps or square filters as burn's convolutions take them.
///
/// # Shapes
/// `[count, rows, columns, channels]` → `[count, channels, rows, columns]`.
pub(crate) fn channels_first(maps: Tensor<4>) -> Tensor<4> {
    maps.permute([0, 3, 1, 2])
}

/// Images, maps or square filters as `ckn_core` holds them: the inverse of [`channels_first`].
pub(crate) fn channels_last(maps: Tensor<4>) -> Tensor<4> {
    maps.permute([0, 2, 3, 1])
}
