//! Vectors padded to whole rows of lanes, and products of a matrix with many of them.

use faer::traits::{IndexCore, SimdArch};

use crate::Scalar;

/// Numbers of one row: anchors that are computed together.
pub(crate) const LANES: usize = 16;

/// [`LANES`] numbers of one vector.
pub(crate) type Row<S> = [S; LANES];

/// Vectors multiplied at once: their sums are independent, which hides the latency of additions.
const TOGETHER: usize = 8;

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

/// `vᵀ M` of every vector, in explicit vectors: left to itself, the compiler shuffles lanes of different ones.
struct Product<'a, S> {
    matrix: &'a PaddedMatrix<S>,
    vectors: &'a [Row<S>],
    step: usize,
    product: &'a mut [Row<S>],
}

impl<S: Scalar> pulp::WithSimd for Product<'_, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<V: pulp::Simd>(self, simd: V) {
        let Self { matrix, vectors, step, product } = self;
        let ctx = S::simd_ctx(simd);
        let depth = matrix.depth();
        let (rows, stride) = matrix.vectors::<V>();
        let out: &mut [S::SimdVec<V>] = bytemuck::cast_slice_mut(product.as_flattened_mut());
        let mut first = 0;
        let mut targets = out.chunks_exact_mut(TOGETHER * stride);
        for target in &mut targets {
            let source = &vectors[first * step..];
            // Two at a time where there are two: each number that is read then serves twice.
            for part in (0..stride - stride % 2).step_by(2) {
                let rows = rows.clone();
                let sums = part_of_products::<S, V, TOGETHER, 2>(&ctx, rows, source, (step, depth), stride, part);
                for (at, sums) in sums.into_iter().enumerate() {
                    target[at * stride + part..][..2].copy_from_slice(&sums);
                }
            }
            if stride % 2 == 1 {
                let (rows, part) = (rows.clone(), stride - 1);
                let sums = part_of_products::<S, V, TOGETHER, 1>(&ctx, rows, source, (step, depth), stride, part);
                for (at, [sum]) in sums.into_iter().enumerate() {
                    target[at * stride + part] = sum;
                }
            }
            first += TOGETHER;
        }
        for target in targets.into_remainder().chunks_exact_mut(stride) {
            let source = &vectors[first * step..];
            for (part, slot) in target.iter_mut().enumerate() {
                let rows = rows.clone();
                [[*slot]] = part_of_products::<S, V, 1, 1>(&ctx, rows, source, (step, depth), stride, part);
            }
            first += 1;
        }
    }
}

/// `M += Σ_n left_n right_nᵀ`.
///
/// # Shapes
/// left: vectors of `depth` rows that start at `starts`; right `[starts, width]`; sum `[depth · LANES, width]`.
pub(crate) fn add_outer_products<S: Scalar>(
    left: &[Row<S>],
    starts: impl Iterator<Item = usize> + Clone,
    depth: usize,
    right: &[Row<S>],
    width: usize,
    sum: &mut [Row<S>],
) {
    debug_assert_eq!(sum.len(), depth * LANES * width);
    S::Arch::default().dispatch(OuterProducts { left, starts, depth, right, width, sum });
}

struct OuterProducts<'a, S, I> {
    left: &'a [Row<S>],
    starts: I,
    depth: usize,
    right: &'a [Row<S>],
    width: usize,
    sum: &'a mut [Row<S>],
}

impl<S: Scalar, I: Iterator<Item = usize> + Clone> pulp::WithSimd for OuterProducts<'_, S, I> {
    type Output = ();

    #[inline(always)]
    fn with_simd<V: pulp::Simd>(self, simd: V) {
        let Self { left, starts, depth, right, width, sum } = self;
        let ctx = S::simd_ctx(simd);
        let stride = width * (size_of::<Row<S>>() / size_of::<S::SimdVec<V>>());
        let right: &[S::SimdVec<V>] = bytemuck::cast_slice(right.as_flattened());
        let sum: &mut [S::SimdVec<V>] = bytemuck::cast_slice_mut(sum.as_flattened_mut());
        for block in 0..depth {
            for (group, sum) in sum[block * LANES * stride..].chunks_exact_mut(TOGETHER * stride).enumerate() {
                if group * TOGETHER == LANES {
                    break;
                }
                for part in 0..stride {
                    let mut sums = [S::simd_splat(&ctx, &S::zero()); TOGETHER];
                    for (start, right) in starts.clone().zip(right.chunks_exact(stride)) {
                        let (values, right) = (&left[start + block], right[part]);
                        for at in 0..TOGETHER {
                            let value = S::simd_splat(&ctx, &values[group * TOGETHER + at]);
                            sums[at] = S::simd_mul_add(&ctx, value, right, sums[at]);
                        }
                    }
                    for (at, value) in sums.into_iter().enumerate() {
                        let slot = &mut sum[at * stride + part];
                        *slot = S::simd_add(&ctx, *slot, value);
                    }
                }
            }
        }
    }
}

/// The largest of the products, which never leave the registers.
struct Raise<'a, S: Scalar> {
    root: &'a PaddedMatrix<S>,
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
                let values =
                    part_of_products::<S, V, TOGETHER, 1>(&ctx, rows.clone(), group, (width, width), stride, part);
                for [value] in values {
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
                let [[value]] =
                    part_of_products::<S, V, 1, 1>(&ctx, rows.clone(), source, (width, width), stride, part);
                let better = S::simd_greater_than(&ctx, value, *best);
                *best = S::simd_select(&ctx, better, value, *best);
                *at = S::simd_index_select(&ctx, better, window, *at);
            }
            window = S::simd_index_add(&ctx, window, one);
        }
    }
}

/// `P` vectors of coordinates of `vᵀ M` from the `part`-th on, of `N` vectors `v` at once.
///
/// # Shapes
/// rows `[lane blocks][LANES, stride]`; source: vectors of `depth` rows, `step` rows apart.
#[inline(always)]
fn part_of_products<S: Scalar, V: pulp::Simd, const N: usize, const P: usize>(
    ctx: &S::SimdCtx<V>,
    rows: std::slice::ChunksExact<'_, S::SimdVec<V>>,
    source: &[Row<S>],
    (step, depth): (usize, usize),
    stride: usize,
    part: usize,
) -> [[S::SimdVec<V>; P]; N] {
    let mut sums = [[S::simd_splat(ctx, &S::zero()); P]; N];
    for (block, rows) in rows.take(depth).enumerate() {
        let mut values = [&source[0]; N];
        for (at, value) in values.iter_mut().enumerate() {
            *value = &source[at * step + block];
        }
        for lane in 0..LANES {
            let row = &rows[lane * stride + part..][..P];
            for at in 0..N {
                let value = S::simd_splat(ctx, &values[at][lane]);
                for column in 0..P {
                    sums[at][column] = S::simd_mul_add(ctx, value, row[column], sums[at][column]);
                }
            }
        }
    }
    sums
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
