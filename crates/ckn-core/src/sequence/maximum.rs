//! Max pooling: per position, the inverse root first, then the largest value of each coordinate.

use super::{LANES, Row};
use crate::Scalar;

/// The largest value of every coordinate of `R k_t` over windows, and the first window that reaches it.
///
/// # Shapes
/// map `[windows, lane blocks]`, root `[filters, lane blocks]` (rows of the symmetric `R`, padded), peaks
/// `[lane blocks]`.
#[inline(always)]
pub(super) fn peaks<S: Scalar>(
    map: &[Row<S>],
    root: &[Row<S>],
    filters: usize,
    best: &mut [Row<S>],
    at: &mut [Row<u32>],
) {
    let lane_blocks = best.len();
    best.fill([S::neg_infinity(); LANES]);
    at.fill([0; LANES]);
    for (window, kernel) in map.chunks_exact(lane_blocks).enumerate() {
        for block in 0..lane_blocks {
            let mut value = [S::zero(); LANES];
            for filter in 0..filters {
                let factor = kernel[filter / LANES][filter % LANES];
                let row = &root[filter * lane_blocks + block];
                for lane in 0..LANES {
                    value[lane] += factor * row[lane];
                }
            }
            let (best, at) = (&mut best[block], &mut at[block]);
            for lane in 0..LANES {
                let better = value[lane] > best[lane];
                best[lane] = if better { value[lane] } else { best[lane] };
                at[lane] = if better { window as u32 } else { at[lane] };
            }
        }
    }
}

/// Rows of a square matrix, padded to whole lane blocks.
pub(super) fn padded_rows<S: Scalar>(matrix: &[f64], size: usize) -> Vec<Row<S>> {
    let lane_blocks = size.div_ceil(LANES);
    let mut rows = vec![[S::zero(); LANES]; size * lane_blocks];
    for (i, values) in matrix.chunks_exact(size).enumerate() {
        for (j, &value) in values.iter().enumerate() {
            rows[i * lane_blocks + j / LANES][j % LANES] = S::of(value);
        }
    }
    rows
}
