//! Square patches of maps as rows of a matrix.

use burn::tensor::Tensor;
use burn::tensor::ops::PadMode;
use ckn_core::image::{ImageLayerSpec, MapShape};

/// Patches of a batch of maps, one a row.
#[derive(Debug, Clone)]
pub(super) struct Patches {
    /// `[rows, patch · patch · channels]`, channels last.
    pub(super) rows: Tensor<2>,
    /// `‖x‖`: `[rows, 1]`.
    pub(super) norms: Tensor<2>,
    /// `‖x‖`, and 1 for a blank patch: `[rows, 1]`.
    pub(super) divisors: Tensor<2>,
}

impl Patches {
    /// Cuts maps into patches, of which `encoded` says how many there are.
    ///
    /// # Shapes
    /// map `[batch, height, width, channels]`.
    pub(super) fn cut(map: Tensor<4>, spec: &ImageLayerSpec, encoded: MapShape) -> Self {
        let [batch, _, _, channels] = map.dims();
        let (side, places) = (spec.patch, spec.patch * spec.patch);
        let (before, after) = (spec.border.before(side), spec.border.after(side));
        let map = if before + after > 0 {
            map.pad([(0, 0), (before, after), (before, after), (0, 0)], PadMode::Constant(0.0))
        } else {
            map
        };
        let rows = batch * encoded.positions();
        let (patches, squares) = if spec.centred {
            let patches = slide(map, side, encoded).reshape([rows, places, channels]);
            let patches = (patches.clone() - patches.mean_dim(1)).reshape([rows, places * channels]);
            let squares = patches.clone().square().sum_dim(1);
            (patches, squares)
        } else {
            let energies = map.clone().square().sum_dim(3);
            let squares = slide(energies, side, encoded).sum_dim(3).reshape([rows, 1]);
            (slide(map, side, encoded).reshape([rows, places * channels]), squares)
        };
        // The root of zero has no finite derivative: blank patches go through it as ones and come out as zeros.
        let blank = squares.clone().equal_scalar(0.0);
        let divisors = squares.mask_fill(blank.clone(), 1.0).sqrt();
        Self { rows: patches, norms: divisors.clone().mask_fill(blank, 0.0), divisors }
    }
}

/// Every patch: `[batch, height, width, channels]` → `[batch, height after, width after, side · side · channels]`.
///
/// One axis after the other, so that there are `2 · side` slices and not `side²`.
fn slide(map: Tensor<4>, side: usize, encoded: MapShape) -> Tensor<4> {
    if side == 1 {
        return map;
    }
    let [batch, height, _, _] = map.dims();
    let columns =
        (0..side).map(|shift| map.clone().slice([0..batch, 0..height, shift..shift + encoded.width])).collect();
    let lines: Tensor<4> = Tensor::cat(columns, 3);
    let rows = (0..side).map(|shift| lines.clone().slice([0..batch, shift..shift + encoded.height])).collect();
    Tensor::cat(rows, 3)
}
