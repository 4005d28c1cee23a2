//! Matrix products in explicit vectors (SIMD), whose partial sums stay in registers.

use faer::traits::{IndexCore, SimdArch};

use super::{LANES, PaddedMatrix, Peaks, Row};
use crate::Scalar;

/// Vectors multiplied at once: their sums are independent, which hides the latency of additions.
const TOGETHER: usize = 8;

/// `vᵀ M` of every vector, in explicit vectors: left to itself, the compiler shuffles lanes of different ones.
pub(super) struct Product<'a, S> {
    pub(super) matrix: &'a PaddedMatrix<S>,
    pub(super) vectors: &'a [Row<S>],
    pub(super) step: usize,
    pub(super) product: &'a mut [Row<S>],
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
pub(super) struct Raise<'a, S: Scalar> {
    pub(super) root: &'a PaddedMatrix<S>,
    /// `[windows, lane blocks]`.
    pub(super) map: &'a [Row<S>],
    pub(super) peaks: &'a mut Peaks<S>,
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
