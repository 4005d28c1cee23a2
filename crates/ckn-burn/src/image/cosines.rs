//! Cosines of square patches with filters, and norms of patches.

use burn::tensor::Tensor;
use burn::tensor::module::conv2d;
use burn::tensor::ops::{ConvOptions, PadMode};
use ckn_core::image::{ImageLayerSpec, MapShape};

use crate::axes::channels_last;

/// What a layer needs to know of the patches of a batch of maps.
#[derive(Debug, Clone)]
pub(super) struct Cosines {
    /// `⟨w_l, x⟩/‖x‖`, 0 for a blank patch: `[batch, filters, height, width]`.
    pub(super) values: Tensor<4>,
    /// `‖x‖`: `[batch, 1, height, width]`.
    pub(super) norms: Tensor<4>,
}

impl Cosines {
    /// Of all patches, of which `encoded` says how many there are.
    ///
    /// # Shapes
    /// maps `[batch, channels, height, width]`, filters `[filters, channels, patch, patch]`.
    pub(super) fn new(maps: Tensor<4>, filters: Tensor<4>, spec: &ImageLayerSpec, encoded: MapShape) -> Self {
        let (before, after) = (spec.border.before(spec.patch), spec.border.after(spec.patch));
        let maps = if before + after > 0 {
            maps.pad([(0, 0), (0, 0), (before, after), (before, after)], PadMode::Constant(0.0))
        } else {
            maps
        };
        let (products, squares) = if spec.centred {
            centred(maps, filters, encoded)
        } else {
            // Never all patches at once: they hold patch² times the numbers of the maps.
            let energies = maps.clone().square().sum_dim(1);
            let squares = shifts(energies, spec.patch, encoded, sum);
            (conv2d(maps, filters, None, ConvOptions::new([1, 1], [0, 0], [1, 1], 1)), squares)
        };
        // The root of zero has no finite derivative: blank patches go through it as ones and come out as zeros.
        let blank = squares.clone().equal_scalar(0.0);
        let norms = squares.mask_fill(blank.clone(), 1.0).sqrt();
        Self { values: products / norms.clone(), norms: norms.mask_fill(blank, 0.0) }
    }
}

/// Products with filters, and squared norms, of patches from which the mean of each channel is taken away.
///
/// Patch by patch: the difference of the squared norms of a patch and its mean would be rounding where contrast is low.
fn centred(maps: Tensor<4>, filters: Tensor<4>, encoded: MapShape) -> (Tensor<4>, Tensor<4>) {
    let batch = maps.dims()[0];
    let [count, channels, side, _] = filters.dims();
    let (places, positions) = (side * side, encoded.positions());
    let patches = shifts(maps, side, encoded, |shifted| Tensor::cat(shifted, 1));
    let patches = patches.reshape([batch, places, channels * positions]);
    let patches = (patches.clone() - patches.mean_dim(1)).reshape([batch, places * channels, positions]);
    // In the order of the shifts: rows, columns, channels.
    let filters = channels_last(filters).reshape([1, count, places * channels]);
    let shape = |channels| [batch, channels, encoded.height, encoded.width];
    (filters.matmul(patches.clone()).reshape(shape(count)), patches.square().sum_dim(1).reshape(shape(1)))
}

/// Joins the maps that hold, at every patch's position, one column of it, then those that hold one row.
///
/// One axis after the other, so that there are `2 · side` maps and not `side²`.
fn shifts(maps: Tensor<4>, side: usize, encoded: MapShape, join: impl Fn(Vec<Tensor<4>>) -> Tensor<4>) -> Tensor<4> {
    let lines = join((0..side).map(|shift| maps.clone().narrow(3, shift, encoded.width)).collect());
    join((0..side).map(|shift| lines.clone().narrow(2, shift, encoded.height)).collect())
}

fn sum(mut terms: Vec<Tensor<4>>) -> Tensor<4> {
    let first = terms.swap_remove(0);
    terms.into_iter().fold(first, |sum, term| sum + term)
}
