//! The inverse root as padded rows, and its products with kernel values.

use faer::traits::{IndexCore, SimdArch};

use super::{LANES, Row};
use crate::Scalar;

/// Vectors multiplied at once: their sums are independent, which hides the latency of additions.
const TOGETHER: usize = 8;

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

    /// `R v` of some vectors.
    ///
    /// # Shapes
    /// vectors and product `[vectors, lane blocks]`.
    pub(super) fn apply(&self, vectors: &[Row<S>], product: &mut Vec<Row<S>>) {
        product.resize(vectors.len(), [S::zero(); LANES]);
        S::Arch::default().dispatch(Product { root: self, vectors, product });
    }

    /// `sum += weight · R_i`, the `i`-th row.
    #[inline(always)]
    pub(super) fn add_row(&self, i: usize, weight: S, sum: &mut [Row<S>]) {
        for (sum, row) in sum.iter_mut().zip(&self.rows[i * self.lane_blocks..]) {
            add_scaled(sum, weight, row);
        }
    }

    /// One lane block of the `i`-th row, and its place among all.
    #[inline(always)]
    pub(super) fn square(&self, i: usize, lane_block: usize) -> (usize, &Row<S>) {
        let at = i * self.lane_blocks + lane_block;
        (at, &self.rows[at])
    }

    /// The largest value of every coordinate of `R k_t` over windows, and the first window that reaches it.
    ///
    /// # Shapes
    /// map `[windows, lane blocks]`; peaks `[lane blocks]`.
    pub(super) fn peaks(&self, map: &[Row<S>], peaks: &mut Peaks<S>) {
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
pub(super) struct Peaks<S: Scalar> {
    /// `[lane blocks]`.
    pub(super) best: Vec<Row<S>>,
    /// The window of each, `[lane blocks]`.
    pub(super) at: Vec<Row<S::Index>>,
}

// By hand: deriving it would ask that `S::Index` has a default.
impl<S: Scalar> Default for Peaks<S> {
    fn default() -> Self {
        Self { best: Vec::new(), at: Vec::new() }
    }
}

/// `R v` of every vector, in explicit vectors: left to itself, the compiler shuffles lanes of different ones.
struct Product<'a, S> {
    root: &'a PaddedRoot<S>,
    /// `[vectors, lane blocks]`.
    vectors: &'a [Row<S>],
    product: &'a mut [Row<S>],
}

impl<S: Scalar> pulp::WithSimd for Product<'_, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<V: pulp::Simd>(self, simd: V) {
        let Self { root, vectors, product } = self;
        let ctx = S::simd_ctx(simd);
        let width = root.lane_blocks;
        let (rows, stride) = root.vectors::<V>();
        let out: &mut [S::SimdVec<V>] = bytemuck::cast_slice_mut(product.as_flattened_mut());
        let mut sources = vectors.chunks_exact(TOGETHER * width);
        let mut targets = out.chunks_exact_mut(TOGETHER * stride);
        for (source, target) in (&mut sources).zip(&mut targets) {
            for part in 0..stride {
                let sums = part_of_products::<S, V, TOGETHER>(&ctx, rows.clone(), source, width, stride, part);
                for (at, sum) in sums.into_iter().enumerate() {
                    target[at * stride + part] = sum;
                }
            }
        }
        let rest = sources.remainder().chunks_exact(width).zip(targets.into_remainder().chunks_exact_mut(stride));
        for (source, target) in rest {
            for (part, slot) in target.iter_mut().enumerate() {
                [*slot] = part_of_products::<S, V, 1>(&ctx, rows.clone(), source, width, stride, part);
            }
        }
    }
}

/// The largest of the products, which never leave the registers.
struct Raise<'a, S: Scalar> {
    root: &'a PaddedRoot<S>,
    /// `[windows, lane blocks]`.
    map: &'a [Row<S>],
    peaks: &'a mut Peaks<S>,
}

impl<S: Scalar> pulp::WithSimd for Raise<'_, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<V: pulp::Simd>(self, simd: V) {
        let Self { root, map, peaks } = self;
        let ctx = S::simd_ctx(simd);
        let width = root.lane_blocks;
        let (rows, stride) = root.vectors::<V>();
        let best: &mut [S::SimdVec<V>] = bytemuck::cast_slice_mut(peaks.best.as_flattened_mut());
        let at: &mut [S::SimdIndex<V>] = bytemuck::cast_slice_mut(peaks.at.as_flattened_mut());
        let one = S::simd_index_splat(&ctx, S::Index::truncate(1));
        let mut window = S::simd_index_splat(&ctx, S::Index::truncate(0));
        let mut groups = map.chunks_exact(TOGETHER * width);
        for group in &mut groups {
            let first = window;
            for (part, (best, at)) in best.iter_mut().zip(at.iter_mut()).enumerate() {
                // Copies, so that the comparisons that follow one another stay in registers.
                let (mut highest, mut place) = (*best, *at);
                window = first;
                for value in part_of_products::<S, V, TOGETHER>(&ctx, rows.clone(), group, width, stride, part) {
                    let better = S::simd_greater_than(&ctx, value, highest);
                    highest = S::simd_select(&ctx, better, value, highest);
                    place = S::simd_index_select(&ctx, better, window, place);
                    window = S::simd_index_add(&ctx, window, one);
                }
                (*best, *at) = (highest, place);
            }
        }
        for source in groups.remainder().chunks_exact(width) {
            for (part, (best, at)) in best.iter_mut().zip(at.iter_mut()).enumerate() {
                let [value] = part_of_products::<S, V, 1>(&ctx, rows.clone(), source, width, stride, part);
                let better = S::simd_greater_than(&ctx, value, *best);
                *best = S::simd_select(&ctx, better, value, *best);
                *at = S::simd_index_select(&ctx, better, window, *at);
            }
            window = S::simd_index_add(&ctx, window, one);
        }
    }
}

/// One vector of coordinates of `R v`, of `N` vectors `v` at once.
///
/// # Shapes
/// rows `[lane blocks][LANES, stride]`; source `[N, width]`.
#[inline(always)]
fn part_of_products<S: Scalar, V: pulp::Simd, const N: usize>(
    ctx: &S::SimdCtx<V>,
    rows: std::slice::ChunksExact<'_, S::SimdVec<V>>,
    source: &[Row<S>],
    width: usize,
    stride: usize,
    part: usize,
) -> [S::SimdVec<V>; N] {
    let mut sums = [S::simd_splat(ctx, &S::zero()); N];
    for (block, rows) in rows.enumerate() {
        let mut values = [&source[0]; N];
        for (at, value) in values.iter_mut().enumerate() {
            *value = &source[at * width + block];
        }
        for lane in 0..LANES {
            let row = rows[lane * stride + part];
            for at in 0..N {
                sums[at] = S::simd_mul_add(ctx, S::simd_splat(ctx, &values[at][lane]), row, sums[at]);
            }
        }
    }
    sums
}

/// `sum += factor · row`.
#[inline(always)]
pub(super) fn add_scaled<S: Scalar>(sum: &mut Row<S>, factor: S, row: &Row<S>) {
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
            let mut peaks = Peaks::default();
            root.peaks(&rows, &mut peaks);
            let Peaks { best, at } = peaks;
            let mut product = Vec::new();
            root.apply(&rows, &mut product);
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
