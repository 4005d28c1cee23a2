//! Gaussian pooling with stride, between layers.

use crate::Scalar;
use crate::pooling::{gaussian_filter, subsampled_length};

/// Gaussian pooling: linear, so it may come before the inverse root.
///
/// # Shapes
/// map `[positions, channels]` → `[⌊(positions − 1)/subsampling⌋ + 1, channels]`.
pub(crate) fn pool_locally<S: Scalar>(map: &[S], channels: usize, subsampling: usize, pooled: &mut Vec<S>) {
    pooled.clear();
    if subsampling <= 1 {
        pooled.extend_from_slice(map);
        return;
    }
    pooled.resize(subsampled_length(map.len() / channels, subsampling) * channels, S::zero());
    for_each_pair(map.len() / channels, subsampling, |from, to, weight| {
        let row = &map[from * channels..][..channels];
        for (slot, value) in pooled[to * channels..][..channels].iter_mut().zip(row) {
            *slot += S::of(weight) * *value;
        }
    });
}

/// The adjoint of [`pool_locally`].
///
/// # Shapes
/// upstream as the pooled map; gradient `[positions, channels]`, overwritten.
pub(crate) fn pull_back_local<S: Scalar>(
    upstream: &[S],
    channels: usize,
    subsampling: usize,
    positions: usize,
    gradient: &mut Vec<S>,
) {
    gradient.clear();
    if subsampling <= 1 {
        gradient.extend_from_slice(upstream);
        return;
    }
    gradient.resize(positions * channels, S::zero());
    for_each_pair(positions, subsampling, |from, to, weight| {
        let row = &upstream[to * channels..][..channels];
        for (slot, value) in gradient[from * channels..][..channels].iter_mut().zip(row) {
            *slot += S::of(weight) * *value;
        }
    });
}

/// Position of the map, position of the pooled map, weight.
fn for_each_pair(positions: usize, subsampling: usize, mut act: impl FnMut(usize, usize, f64)) {
    let filter = gaussian_filter(subsampling);
    for to in 0..subsampled_length(positions, subsampling) {
        for (tap, &weight) in filter.iter().enumerate() {
            if let Some(from) = (to * subsampling + tap).checked_sub(subsampling - 1).filter(|&at| at < positions) {
                act(from, to, weight);
            }
        }
    }
}
