//! Vectors padded to whole rows of lanes, and products of a matrix with many of them.

mod products;

use faer::traits::{IndexCore, SimdArch};

use crate::Scalar;

use products::{Product, Raise};

pub(crate) use products::add_outer_products;

/// Numbers of one row: anchors that are computed together.
pub(crate) const LANES: usize = 16;

/// [`LANES`] numbers of one vector.
pub(crate) type Row<S> = [S; LANES];

/// Rows that a vector of `size` numbers takes.
pub(crate) fn lane_blocks(size: usize) -> usize {
    size.div_ceil(LANES)
}

/// A matrix `M`, padded with zeros to whole lane blocks: `[lane blocks of its rows · LANES, lane blocks of its columns]`.
#[derive(Debug, Clone, Default)]
pub(crate) struct PaddedMatrix<S> {
    rows: Vec<Row<S>>,
    /// Of a row of the matrix.
    lane_blocks: usize,
}

impl<S: Scalar> PaddedMatrix<S> {
    /// A matrix of zeros, for [`Self::slot`].
    pub(crate) fn zeros(rows: usize, columns: usize) -> Self {
        let mut matrix = Self::default();
        matrix.clear(rows, columns);
        matrix
    }

    fn clear(&mut self, rows: usize, columns: usize) {
        self.lane_blocks = lane_blocks(columns);
        self.rows.clear();
        self.rows.resize(lane_blocks(rows) * LANES * self.lane_blocks, [S::zero(); LANES]);
    }

    /// Reads a square matrix, `[size, size]`.
    pub(crate) fn set(&mut self, matrix: &[f64], size: usize) {
        self.clear(size, size);
        for (values, row) in matrix.chunks_exact(size).zip(self.rows.chunks_exact_mut(self.lane_blocks)) {
            pad(values, row);
        }
    }

    /// One number.
    pub(crate) fn slot(&mut self, row: usize, column: usize) -> &mut S {
        &mut self.rows[row * self.lane_blocks + column / LANES][column % LANES]
    }

    /// `vᵀ M` of some vectors `v` of the matrix's rows, which may overlap: `step` is the way from one to the next, in lane
    /// blocks.
    ///
    /// # Shapes
    /// vectors `[(count − 1) step + lane blocks of the rows]` at least, product `[count, lane blocks of the columns]`.
    pub(crate) fn apply(&self, vectors: &[Row<S>], step: usize, count: usize, product: &mut Vec<Row<S>>) {
        // Every row is written below.
        product.resize(count * self.lane_blocks, [S::zero(); LANES]);
        S::Arch::default().dispatch(Product { matrix: self, vectors, step, product });
    }

    /// Lane blocks of one vector that [`Self::apply`] takes.
    fn depth(&self) -> usize {
        self.rows.len() / (LANES * self.lane_blocks.max(1))
    }

    /// `sum += weight · R_i`, the `i`-th row.
    #[inline(always)]
    pub(crate) fn add_row(&self, i: usize, weight: S, sum: &mut [Row<S>]) {
        for (sum, row) in sum.iter_mut().zip(&self.rows[i * self.lane_blocks..]) {
            add_scaled(sum, weight, row);
        }
    }

    /// One lane block of the `i`-th row, and its place among all.
    #[inline(always)]
    pub(crate) fn square(&self, i: usize, lane_block: usize) -> (usize, &Row<S>) {
        let at = i * self.lane_blocks + lane_block;
        (at, &self.rows[at])
    }

    /// The largest value of every coordinate of `R k_t` over windows, and the first window that reaches it.
    ///
    /// # Shapes
    /// map `[windows, lane blocks]`; peaks `[lane blocks]`.
    pub(crate) fn peaks(&self, map: &[Row<S>], peaks: &mut Peaks<S>) {
        peaks.best.clear();
        peaks.best.resize(self.lane_blocks, [S::neg_infinity(); LANES]);
        peaks.at.clear();
        peaks.at.resize(self.lane_blocks, [S::Index::truncate(0); LANES]);
        S::Arch::default().dispatch(Raise { root: self, map, peaks });
    }

    /// The root as vectors: `[lane blocks][LANES, vectors of a padded row]`.
    #[inline(always)]
    fn vectors<V: pulp::Simd>(&self) -> (std::slice::ChunksExact<'_, S::SimdVec<V>>, usize) {
        let stride = self.lane_blocks * (size_of::<Row<S>>() / size_of::<S::SimdVec<V>>());
        let vectors: &[S::SimdVec<V>] = bytemuck::cast_slice(self.rows.as_flattened());
        (vectors.chunks_exact(LANES * stride), stride)
    }
}

/// Maxima over windows, one of each coordinate.
#[derive(Debug, Clone)]
pub(crate) struct Peaks<S: Scalar> {
    /// `[lane blocks]`.
    pub(crate) best: Vec<Row<S>>,
    /// The window of each, `[lane blocks]`.
    pub(crate) at: Vec<Row<S::Index>>,
}

// By hand: deriving it would ask that `S::Index` has a default.
impl<S: Scalar> Default for Peaks<S> {
    fn default() -> Self {
        Self { best: Vec::new(), at: Vec::new() }
    }
}

/// `sum += factor · row`.
#[inline(always)]
pub(crate) fn add_scaled<S: Scalar>(sum: &mut Row<S>, factor: S, row: &Row<S>) {
    for lane in 0..LANES {
        sum[lane] += factor * row[lane];
    }
}

/// Reads values, `[filters]`, into padded rows of another precision.
#[inline(always)]
pub(crate) fn pad<S: Scalar, T: Scalar>(values: &[S], rows: &mut [Row<T>]) {
    for (row, values) in rows.iter_mut().zip(values.chunks(LANES)) {
        *row = [T::zero(); LANES];
        for (slot, value) in row.iter_mut().zip(values) {
            *slot = T::of(value.wide());
        }
    }
}

/// Writes padded rows to values, `[filters]`.
#[inline(always)]
pub(crate) fn unpad<S: Scalar, T: Scalar>(rows: &[Row<T>], values: &mut [S]) {
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
            let mut root = PaddedMatrix::<f64>::default();
            root.set(&symmetric, size);
            let lane_blocks = size.div_ceil(LANES);
            let values: Vec<f64> = (0..vectors * size).map(|at| f64::from((at * 13 % 23) as i32 - 11) / 5.0).collect();
            let mut rows = vec![[0.0; LANES]; vectors * lane_blocks];
            for (value, row) in values.chunks_exact(size).zip(rows.chunks_exact_mut(lane_blocks)) {
                pad(value, row);
            }
            let mut peaks = Peaks::default();
            root.peaks(&rows, &mut peaks);
            let Peaks { best, at } = peaks;
            let mut product = Vec::new();
            root.apply(&rows, lane_blocks, vectors, &mut product);
            for filter in 0..size {
                let by_definition: Vec<f64> = values
                    .chunks_exact(size)
                    .map(|value| value.iter().enumerate().map(|(j, v)| symmetric[filter * size + j] * v).sum())
                    .collect();
                let largest = by_definition.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                for (vector, want) in by_definition.iter().enumerate() {
                    let got = product[vector * lane_blocks + filter / LANES][filter % LANES];
                    assert!((got - want).abs() < 1e-12 * (1.0 + want.abs()), "{got} {want}");
                }
                let place = at[filter / LANES][filter % LANES] as usize;
                assert!((best[filter / LANES][filter % LANES] - largest).abs() < 1e-12 * (1.0 + largest.abs()));
                assert!((by_definition[place] - largest).abs() < 1e-12 * (1.0 + largest.abs()));
            }
        }
    }
}
