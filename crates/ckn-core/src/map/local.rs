//! Gaussian pooling with stride, between layers.

use super::SparseMap;
use crate::Scalar;
use crate::pooling::subsampled_length;
use crate::rows::{LANES, Row, add_scaled};
use crate::vectors::on_widest_vectors;

/// Gaussian pooling: linear, so it may come before the inverse root.
///
/// # Shapes
/// filter `[2 · subsampling − 1]`, map `[positions, width]` → `[⌊(positions − 1)/subsampling⌋ + 1, width]`.
pub(crate) fn pool_locally<S: Scalar>(
    map: &[Row<S>],
    width: usize,
    filter: &[S],
    subsampling: usize,
    pooled: &mut Vec<Row<S>>,
) {
    let positions = map.len() / width;
    let length = subsampled_length(positions, subsampling);
    // Every row is written below.
    pooled.resize(length * width, [S::zero(); LANES]);
    on_widest_vectors(
        #[inline(always)]
        || {
            for (to, pooled) in pooled.chunks_exact_mut(width).enumerate() {
                for (block, slot) in pooled.iter_mut().enumerate() {
                    let mut sum = [S::zero(); LANES];
                    for (from, weight) in taps(to, filter, subsampling, positions) {
                        add_scaled(&mut sum, weight, &map[from * width + block]);
                    }
                    *slot = sum;
                }
            }
        },
    );
}

/// The adjoint of [`pool_locally`].
///
/// # Shapes
/// upstream as the pooled map; gradient over `positions`, overwritten.
pub(crate) fn pull_back_local<S: Scalar>(
    upstream: &SparseMap<S>,
    width: usize,
    filter: &[S],
    subsampling: usize,
    positions: usize,
    gradient: &mut SparseMap<S>,
) {
    gradient.clear(positions);
    on_widest_vectors(
        #[inline(always)]
        || {
            for (&to, rows) in upstream.positions.iter().zip(upstream.rows.chunks_exact(width)) {
                for (from, weight) in taps(to, filter, subsampling, positions) {
                    let slots = gradient.at(from, width).iter_mut();
                    slots.zip(rows).for_each(|(slot, row)| add_scaled(slot, weight, row));
                }
            }
        },
    );
}

/// Positions under the filter at a position of the pooled map, ascending, and their weights.
#[inline(always)]
fn taps<S: Scalar>(to: usize, filter: &[S], subsampling: usize, positions: usize) -> impl Iterator<Item = (usize, S)> {
    let reach = subsampling - 1;
    let first = (to * subsampling).saturating_sub(reach);
    let skipped = first + reach - to * subsampling;
    (first..positions).zip(filter[skipped..].iter().copied())
}
