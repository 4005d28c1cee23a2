//! Layers on maps: what comes after the first layer, one sequence at a time.
//!
//! A map is `[positions, channels]`, row-major, so that the patch of `width` positions is one contiguous slice.

use faer::{Accum, MatMut, MatRef, Par};

use crate::kernel::DotProductKernel;
use crate::pooling::{Border, Pooling, gaussian_filter, subsampled_length};

/// Anchors of a layer on maps, in the order of a map's patches.
#[derive(Debug, Clone)]
pub struct MapLayer {
    filters: usize,
    channels: usize,
    width: usize,
    kernel: DotProductKernel,
    border: Border,
    /// `[width · channels, filters]`.
    anchors: Vec<f32>,
}

impl MapLayer {
    /// Prepares unit-norm anchors.
    ///
    /// # Shapes
    /// anchors `[filters, channels, width]`.
    ///
    /// # Errors
    /// [`crate::Error::Shape`] if the anchors do not fit.
    pub fn new(
        anchors: &[f32],
        filters: usize,
        channels: usize,
        width: usize,
        kernel: DotProductKernel,
        border: Border,
    ) -> Result<Self, crate::Error> {
        crate::error::check_length("anchor points", filters * channels * width, anchors.len())?;
        let mut ordered = vec![0.0; anchors.len()];
        for filter in 0..filters {
            for channel in 0..channels {
                for position in 0..width {
                    ordered[(position * channels + channel) * filters + filter] =
                        anchors[(filter * channels + channel) * width + position];
                }
            }
        }
        Ok(Self { filters, channels, width, kernel, border, anchors: ordered })
    }

    /// Patches of a map, row after row, with zero positions where the border is padded.
    ///
    /// # Shapes
    /// map `[positions, channels]` → `[windows, width · channels]`.
    pub fn patches(&self, map: &[f32]) -> Vec<f32> {
        let (before, after) = (self.border.before(self.width), self.border.after(self.width));
        let mut padded = vec![0.0; before * self.channels];
        padded.extend_from_slice(map);
        padded.resize(padded.len() + after * self.channels, 0.0);
        let size = self.width * self.channels;
        if padded.len() < size {
            return Vec::new();
        }
        let starts = (0..=padded.len() - size).step_by(self.channels);
        starts.flat_map(|start| padded[start..start + size].iter().copied()).collect()
    }

    /// `k_i(z_t) = ‖z_t‖ κ(⟨z_i, z_t⟩/‖z_t‖)` at every window; zero for a zero patch.
    ///
    /// # Shapes
    /// map `[positions, channels]` → `[windows, filters]`.
    pub fn kernel_map(&self, map: &[f32]) -> Vec<f32> {
        let size = self.width * self.channels;
        let patches = self.patches(map);
        let windows = patches.len() / size;
        let mut values = vec![0.0f32; windows * self.filters];
        faer::linalg::matmul::matmul(
            MatMut::from_row_major_slice_mut(&mut values, windows, self.filters),
            Accum::Replace,
            MatRef::from_row_major_slice(&patches, windows, size),
            MatRef::from_row_major_slice(&self.anchors, size, self.filters),
            1.0,
            Par::Seq,
        );
        for (patch, row) in patches.chunks_exact(size).zip(values.chunks_exact_mut(self.filters)) {
            let norm = patch.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt() as f32;
            for value in row {
                *value = if norm > 0.0 { norm * self.kernel.value((*value / norm).clamp(-1.0, 1.0)) } else { 0.0 };
            }
        }
        values
    }
}

/// Gaussian pooling with stride: linear, so it may come before the inverse root.
///
/// # Shapes
/// map `[positions, channels]` → `[⌊(positions − 1)/subsampling⌋ + 1, channels]`.
pub fn pool_locally(map: &[f32], channels: usize, subsampling: usize) -> Vec<f32> {
    if subsampling <= 1 {
        return map.to_vec();
    }
    let filter = gaussian_filter(subsampling);
    let length = map.len() / channels;
    let mut pooled = vec![0.0; subsampled_length(length, subsampling) * channels];
    for (at, row) in pooled.chunks_exact_mut(channels).enumerate() {
        for (tap, &weight) in filter.iter().enumerate() {
            let Some(from) = (at * subsampling + tap).checked_sub(subsampling - 1).filter(|&t| t < length) else {
                continue;
            };
            for (slot, value) in row.iter_mut().zip(&map[from * channels..]) {
                *slot += weight as f32 * value;
            }
        }
    }
    pooled
}

/// `R` applied to every position, accumulated in `f64`.
///
/// # Shapes
/// map `[positions, filters]`, root `[filters, filters]` → `[positions, filters]`.
pub fn apply_root(map: &[f32], root: &[f64], filters: usize) -> Vec<f32> {
    let mut out = Vec::with_capacity(map.len());
    for position in map.chunks_exact(filters) {
        out.extend(
            root.chunks_exact(filters).map(|row| {
                row.iter().zip(position).map(|(weight, &value)| weight * f64::from(value)).sum::<f64>() as f32
            }),
        );
    }
    out
}

/// Global pooling of a kernel map, with the inverse root where the pooling wants it.
///
/// # Shapes
/// kernel map `[windows, filters]`, root `[filters, filters]` → `[filters]`; zeros for a map without windows.
pub fn pool_globally(kernel_map: &[f32], root: &[f64], filters: usize, pooling: Pooling) -> Vec<f32> {
    let windows = kernel_map.len() / filters;
    if windows == 0 {
        return vec![0.0; filters];
    }
    if pooling == Pooling::Max {
        let whitened = apply_root(kernel_map, root, filters);
        let mut best = whitened[..filters].to_vec();
        for position in whitened.chunks_exact(filters) {
            best.iter_mut().zip(position).for_each(|(slot, &value)| *slot = slot.max(value));
        }
        return best;
    }
    let mut sums = vec![0.0f64; filters];
    for position in kernel_map.chunks_exact(filters) {
        sums.iter_mut().zip(position).for_each(|(sum, &value)| *sum += f64::from(value));
    }
    let share = if pooling == Pooling::Mean { 1.0 / windows as f64 } else { 1.0 };
    root.chunks_exact(filters)
        .map(|row| (row.iter().zip(&sums).map(|(weight, sum)| weight * sum).sum::<f64>() * share) as f32)
        .collect()
}
