//! The inverse root as padded rows, and its products with kernel values.

use faer::{Accum, MatMut, MatRef, Par};

use super::{LANES, Row};
use crate::Scalar;
use crate::vectors::on_widest_vectors;

/// Vectors multiplied at once: their sums are independent, which hides the latency of additions.
const TOGETHER: usize = 4;

/// A symmetric matrix, padded with zeros to whole lane blocks: `[rows, lane blocks]`.
#[derive(Debug, Clone, Default)]
pub(super) struct PaddedRoot<S> {
    rows: Vec<Row<S>>,
    lane_blocks: usize,
}

impl<S: Scalar> PaddedRoot<S> {
    /// Reads a matrix, `[size, size]`.
    pub(super) fn set(&mut self, matrix: &[f64], size: usize) {
        self.lane_blocks = size.div_ceil(LANES);
        self.rows.clear();
        self.rows.resize(self.lane_blocks * LANES * self.lane_blocks, [S::zero(); LANES]);
        for (values, row) in matrix.chunks_exact(size).zip(self.rows.chunks_exact_mut(self.lane_blocks)) {
            pad(values, row);
        }
    }

    /// One block of columns of `R v` for four vectors of `lane_blocks` rows each.
    ///
    /// The four sums are variables of their own, not an array of arrays: the compiler then keeps each in a register.
    #[inline(always)]
    fn product(&self, block: usize, vectors: [&[Row<S>]; TOGETHER]) -> [Row<S>; TOGETHER] {
        let rows = self.rows[block..].iter().step_by(self.lane_blocks);
        let [a, b, c, d] = vectors.map(|vector| &vector.as_flattened()[..self.lane_blocks * LANES]);
        let (mut by_a, mut by_b) = ([S::zero(); LANES], [S::zero(); LANES]);
        let (mut by_c, mut by_d) = ([S::zero(); LANES], [S::zero(); LANES]);
        for (i, row) in rows.enumerate() {
            add_scaled(&mut by_a, a[i], row);
            add_scaled(&mut by_b, b[i], row);
            add_scaled(&mut by_c, c[i], row);
            add_scaled(&mut by_d, d[i], row);
        }
        [by_a, by_b, by_c, by_d]
    }

    /// Replaces vectors, `[vectors, lane blocks]`, by `R v`.
    pub(super) fn apply(&self, vectors: &mut [Row<S>]) {
        on_widest_vectors(
            #[inline(always)]
            || self.multiply(vectors),
        );
    }

    #[inline(always)]
    fn multiply(&self, vectors: &mut [Row<S>]) {
        let width = self.lane_blocks;
        let mut out = vec![[S::zero(); LANES]; TOGETHER * width];
        let mut groups = vectors.chunks_exact_mut(TOGETHER * width);
        for group in &mut groups {
            for block in 0..width {
                let sums = self.product(block, quarters(group, width));
                for (at, sum) in sums.into_iter().enumerate() {
                    out[at * width + block] = sum;
                }
            }
            group.copy_from_slice(&out);
        }
        for vector in groups.into_remainder().chunks_exact_mut(width) {
            for block in 0..width {
                out[block] = self.product(block, [&*vector; TOGETHER])[0];
            }
            vector.copy_from_slice(&out[..width]);
        }
    }

    /// `sum += weight · R_i`, the `i`-th row.
    #[inline(always)]
    pub(super) fn add_row(&self, i: usize, weight: S, sum: &mut [Row<S>]) {
        for (sum, row) in sum.iter_mut().zip(&self.rows[i * self.lane_blocks..]) {
            add_scaled(sum, weight, row);
        }
    }

    /// The largest value of every coordinate of `R k_t` over windows, and the first window that reaches it.
    ///
    /// # Shapes
    /// map `[windows, lane blocks]`; product is scratch; best and at `[lane blocks]`.
    pub(super) fn peaks(&self, map: &[Row<S>], product: &mut Vec<Row<S>>, best: &mut [Row<S>], at: &mut [Row<u32>]) {
        let (windows, size) = (map.len() / self.lane_blocks, self.lane_blocks * LANES);
        product.resize(map.len(), [S::zero(); LANES]);
        faer::linalg::matmul::matmul(
            MatMut::from_row_major_slice_mut(product.as_flattened_mut(), windows, size),
            Accum::Replace,
            MatRef::from_row_major_slice(map.as_flattened(), windows, size),
            MatRef::from_row_major_slice(self.rows.as_flattened(), size, size),
            S::one(),
            Par::Seq,
        );
        on_widest_vectors(
            #[inline(always)]
            || raise_peaks(product, best, at),
        );
    }
}

#[inline(always)]
fn raise_peaks<S: Scalar>(values: &[Row<S>], best: &mut [Row<S>], at: &mut [Row<u32>]) {
    let width = best.len();
    for block in 0..width {
        let (mut highest, mut places) = ([S::neg_infinity(); LANES], [0u32; LANES]);
        for (window, value) in values[block..].iter().step_by(width).enumerate() {
            for lane in 0..LANES {
                let better = value[lane] > highest[lane];
                highest[lane] = if better { value[lane] } else { highest[lane] };
                places[lane] = if better { window as u32 } else { places[lane] };
            }
        }
        (best[block], at[block]) = (highest, places);
    }
}

#[inline(always)]
fn quarters<S>(group: &[Row<S>], width: usize) -> [&[Row<S>]; TOGETHER] {
    [&group[..width], &group[width..2 * width], &group[2 * width..3 * width], &group[3 * width..4 * width]]
}

#[inline(always)]
fn add_scaled<S: Scalar>(sum: &mut Row<S>, factor: S, row: &Row<S>) {
    for lane in 0..LANES {
        sum[lane] += factor * row[lane];
    }
}

/// Reads values, `[filters]`, into padded rows of another precision.
#[inline(always)]
pub(super) fn pad<S: Scalar, T: Scalar>(values: &[S], rows: &mut [Row<T>]) {
    for (row, values) in rows.iter_mut().zip(values.chunks(LANES)) {
        *row = [T::zero(); LANES];
        for (slot, value) in row.iter_mut().zip(values) {
            *slot = T::of(value.wide());
        }
    }
}

/// Writes padded rows to values, `[filters]`.
#[inline(always)]
pub(super) fn unpad<S: Scalar, T: Scalar>(rows: &[Row<T>], values: &mut [S]) {
    for (row, values) in rows.iter().zip(values.chunks_mut(LANES)) {
        for (value, slot) in values.iter_mut().zip(row) {
            *value = S::of(slot.wide());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_and_peaks_equal_their_definition() {
        for (size, vectors) in [(1, 1), (5, 3), (16, 9), (37, 6)] {
            let matrix: Vec<f64> = (0..size * size).map(|at| f64::from((at * 37 % 19) as i32 - 9) / 7.0).collect();
            let symmetric: Vec<f64> =
                (0..size * size).map(|at| matrix[at] + matrix[at % size * size + at / size]).collect();
            let mut root = PaddedRoot::<f64>::default();
            root.set(&symmetric, size);
            let lane_blocks = size.div_ceil(LANES);
            let values: Vec<f64> = (0..vectors * size).map(|at| f64::from((at * 13 % 23) as i32 - 11) / 5.0).collect();
            let mut rows = vec![[0.0; LANES]; vectors * lane_blocks];
            for (value, row) in values.chunks_exact(size).zip(rows.chunks_exact_mut(lane_blocks)) {
                pad(value, row);
            }
            let (mut best, mut at) = (vec![[0.0; LANES]; lane_blocks], vec![[0u32; LANES]; lane_blocks]);
            root.peaks(&rows, &mut Vec::new(), &mut best, &mut at);
            root.apply(&mut rows);
            for filter in 0..size {
                let by_definition: Vec<f64> = values
                    .chunks_exact(size)
                    .map(|value| value.iter().enumerate().map(|(j, v)| symmetric[filter * size + j] * v).sum())
                    .collect();
                let largest = by_definition.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                for (vector, want) in by_definition.iter().enumerate() {
                    let got = rows[vector * lane_blocks + filter / LANES][filter % LANES];
                    assert!((got - want).abs() < 1e-12 * (1.0 + want.abs()), "{got} {want}");
                }
                let place = at[filter / LANES][filter % LANES] as usize;
                assert!((best[filter / LANES][filter % LANES] - largest).abs() < 1e-12 * (1.0 + largest.abs()));
                assert!((by_definition[place] - largest).abs() < 1e-12 * (1.0 + largest.abs()));
            }
        }
    }
}
