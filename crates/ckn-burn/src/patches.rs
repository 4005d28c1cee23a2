//! Patches of a map: directions and norms.

use burn::tensor::ops::PadMode;
use burn::tensor::{DType, Device, Tensor};
use ckn_core::pooling::Border;

use crate::Error;
use crate::error::check_size;
use crate::transfer::upload;

/// Windows of every sequence of a batch.
#[derive(Debug, Clone)]
pub(crate) struct Windows {
    /// Windows of each sequence.
    pub(crate) counts: Vec<usize>,
    /// Windows that are computed for every sequence: the largest count, rounded up to whole strides.
    pub(crate) positions: usize,
    before: usize,
    after: usize,
    longest: usize,
}

impl Windows {
    /// Windows of width `width` in sequences of given lengths; `stride` must divide the number of positions.
    pub(crate) fn new(lengths: &[usize], width: usize, border: Border, stride: usize) -> Result<Self, Error> {
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let counts: Vec<usize> = lengths.iter().map(|&length| border.windows(length, width)).collect();
        if let Some(record) = counts.iter().position(|&count| count == 0) {
            return Err(ckn_core::Error::TooShort { record, length: lengths[record], width }.into());
        }
        let most = counts.iter().copied().max().unwrap_or(0);
        let positions = most.div_ceil(stride) * stride;
        let after = border.after(width) + positions - most;
        Ok(Self { counts, positions, before: border.before(width), after, longest })
    }

    /// A factor for each window: `own(count)` inside of the sequence's own windows, 0 beyond.
    ///
    /// # Shapes
    /// → `[batch, positions]`.
    pub(crate) fn factors(&self, own: impl Fn(usize) -> f64, device: &Device, dtype: DType) -> Tensor<2> {
        factors(&self.counts, self.positions, own, device, dtype)
    }

    /// Whether every position is a window of its own sequence.
    pub(crate) fn full(&self) -> bool {
        self.counts.iter().all(|&count| count == self.positions)
    }
}

/// `own(count)` at the first `count` positions of each row, 0 at the others.
pub(crate) fn factors(
    counts: &[usize],
    positions: usize,
    own: impl Fn(usize) -> f64,
    device: &Device,
    dtype: DType,
) -> Tensor<2> {
    let mut values = vec![0.0; counts.len() * positions];
    for (row, &count) in values.chunks_exact_mut(positions.max(1)).zip(counts) {
        row[..count].fill(own(count));
    }
    upload(values, [counts.len(), positions], device, dtype)
}

/// Patches on the unit sphere, with the norms that they had.
#[derive(Debug, Clone)]
pub(crate) struct UnitPatches {
    /// `z/‖z‖`, 0 for a zero patch: `[batch, positions, width · channels]`, position by position.
    pub(crate) directions: Tensor<3>,
    /// `‖z‖`: `[batch, positions]`.
    pub(crate) norms: Tensor<2>,
}

/// Cuts a map into unit patches.
///
/// # Shapes
/// map `[batch, length, channels]`, zero beyond each sequence's own length.
pub(crate) fn unit_patches(map: Tensor<3>, windows: &Windows, width: usize) -> UnitPatches {
    let [batch, length, channels] = map.dims();
    let map = if length > windows.longest { map.slice([0..batch, 0..windows.longest]) } else { map };
    let map = if windows.before + windows.after > 0 {
        map.pad([(0, 0), (windows.before, windows.after), (0, 0)], PadMode::Constant(0.0))
    } else {
        map
    };
    let energies = map.clone().square().sum_dim(2);
    let squares = slide(energies, windows.positions, width).sum_dim(2);
    let patches = slide(map, windows.positions, width);
    debug_assert_eq!(patches.dims(), [batch, windows.positions, width * channels]);
    // The root of zero has no finite derivative: zero patches go through it as ones and come out as zeros.
    let zero = squares.clone().equal_scalar(0.0);
    let norms = squares.mask_fill(zero.clone(), 1.0).sqrt();
    UnitPatches {
        directions: patches / norms.clone(),
        norms: norms.mask_fill(zero, 0.0).reshape([batch, windows.positions]),
    }
}

/// Every window of `width` positions as one row: `[batch, length, channels]` → `[batch, positions, width · channels]`.
fn slide(map: Tensor<3>, positions: usize, width: usize) -> Tensor<3> {
    let [batch, length, channels] = map.dims();
    if map.is_tracked() {
        // burn pulls gradients back through `unfold` window by window; through slices it is position by position.
        let shifted = (0..width).map(|shift| map.clone().slice([0..batch, shift..shift + positions])).collect();
        return Tensor::cat(shifted, 2);
    }
    // Rows overlap in a view of the map: nothing is copied where the device can see memory that way.
    map.reshape([batch, length * channels]).unfold::<3, _>(1, width * channels, channels)
}

/// Sets a map to zero beyond each sequence's own length, whatever it held there.
///
/// # Shapes
/// map `[batch, length, channels]` → the same.
pub(crate) fn clear_beyond(map: Tensor<3>, lengths: &[usize]) -> Tensor<3> {
    let [batch, length, channels] = map.dims();
    if lengths.iter().all(|&own| own == length) {
        return map;
    }
    let own = factors(lengths, length, |_| 1.0, &map.device(), map.dtype());
    let beyond = own.equal_scalar(0.0).reshape([batch, length, 1]).expand([batch, length, channels]);
    map.mask_fill(beyond, 0.0)
}

/// Checks that lengths fit a map.
pub(crate) fn check_lengths(lengths: &[usize], batch: usize, limit: usize) -> Result<(), Error> {
    check_size("lengths of the batch", batch, lengths.len())?;
    if batch == 0 {
        return Err(ckn_core::Error::Empty { what: "the batch" }.into());
    }
    match lengths.iter().position(|&length| length > limit) {
        Some(record) => Err(Error::Length { record, length: lengths[record], limit }),
        None => Ok(()),
    }
}
