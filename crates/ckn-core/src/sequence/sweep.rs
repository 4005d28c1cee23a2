//! The inner loops: walk the windows of a run and join the rows of their k-mers.
//!
//! Everything is inlined into the caller's dispatch on the processor's vector width. Table heights and, for windows of
//! up to six blocks, their number are constants, so that the compiler drops bounds checks and keeps rows in registers.

use std::ops::Range;

use super::blocks::Blocks;
use super::{LANES, Row};
use crate::Scalar;
use crate::kernel::DotProductKernel;

/// How the rows of a window's k-mers become a kernel value.
pub(crate) trait Combine<S>: Copy + Sync {
    /// Joins two rows' entries.
    fn join(self, left: S, right: S) -> S;
    /// The kernel value, up to the anchor's scale.
    fn value(self, joined: S) -> S;
    /// Derivative of the value by the table's terms: logarithms of factors, or cosines.
    fn slope(self, joined: S) -> S;
}

/// The exponential kernel: factors multiply, and the derivative by a factor's logarithm is the product itself.
#[derive(Clone, Copy)]
pub(crate) struct Product;

impl<S: Scalar> Combine<S> for Product {
    #[inline(always)]
    fn join(self, left: S, right: S) -> S {
        left * right
    }
    #[inline(always)]
    fn value(self, joined: S) -> S {
        joined
    }
    #[inline(always)]
    fn slope(self, joined: S) -> S {
        joined
    }
}

/// Any other kernel: cosines add, then `κ`.
#[derive(Clone, Copy)]
pub(crate) struct Cosine(pub(crate) DotProductKernel);

impl<S: Scalar> Combine<S> for Cosine {
    #[inline(always)]
    fn join(self, left: S, right: S) -> S {
        left + right
    }
    #[inline(always)]
    fn value(self, joined: S) -> S {
        self.0.value(joined)
    }
    #[inline(always)]
    fn slope(self, joined: S) -> S {
        self.0.derivative(joined)
    }
}

/// What is done at every window of a run.
pub(crate) trait Visitor<S> {
    /// `window` counts from the start of the run; `places` are the rows of its k-mers.
    fn visit(&mut self, window: usize, joined: &Row<S>, places: impl Iterator<Item = usize>);
}

/// Visits the windows of some runs of a sequence with the rows of one lane block.
#[inline(always)]
pub(crate) fn sweep<S: Scalar, C: Combine<S>, V: Visitor<S>>(
    combine: C,
    rows: &[Row<S>],
    blocks: &Blocks,
    codes: &[u16],
    runs: impl Iterator<Item = Range<usize>>,
    visitor: &mut V,
) {
    if blocks.rows() == 256 {
        match blocks.count() {
            1 => fixed::<S, C, V, 256, 1>(combine, rows, blocks, codes, runs, visitor),
            2 => fixed::<S, C, V, 256, 2>(combine, rows, blocks, codes, runs, visitor),
            3 => fixed::<S, C, V, 256, 3>(combine, rows, blocks, codes, runs, visitor),
            4 => fixed::<S, C, V, 256, 4>(combine, rows, blocks, codes, runs, visitor),
            5 => fixed::<S, C, V, 256, 5>(combine, rows, blocks, codes, runs, visitor),
            6 => fixed::<S, C, V, 256, 6>(combine, rows, blocks, codes, runs, visitor),
            _ => any::<S, C, V, 256>(combine, rows, blocks, codes, runs, visitor),
        }
    } else {
        match blocks.count() {
            6 => fixed::<S, C, V, 512, 6>(combine, rows, blocks, codes, runs, visitor),
            _ => any::<S, C, V, 512>(combine, rows, blocks, codes, runs, visitor),
        }
    }
}

#[inline(always)]
fn fixed<S: Scalar, C: Combine<S>, V: Visitor<S>, const ROWS: usize, const BLOCKS: usize>(
    combine: C,
    rows: &[Row<S>],
    blocks: &Blocks,
    codes: &[u16],
    runs: impl Iterator<Item = Range<usize>>,
    visitor: &mut V,
) {
    let rows = &rows[..BLOCKS * ROWS];
    // Plain loops: the closures of `array::from_fn` are not inlined everywhere.
    let mut offsets = [0; BLOCKS];
    offsets.copy_from_slice(&blocks.offsets[..BLOCKS]);
    let mut places = [0; BLOCKS];
    for run in runs {
        let length = run.len();
        let mut streams: [&[u16]; BLOCKS] = [&[]; BLOCKS];
        for block in 0..BLOCKS {
            streams[block] = &codes[run.start + offsets[block]..][..length];
        }
        for window in 0..length {
            for block in 0..BLOCKS {
                places[block] = block * ROWS + (usize::from(streams[block][window]) & (ROWS - 1));
            }
            let mut joined = rows[places[0]];
            for place in &places[1..] {
                let row = &rows[*place];
                for lane in 0..LANES {
                    joined[lane] = combine.join(joined[lane], row[lane]);
                }
            }
            visitor.visit(window, &joined, places.into_iter());
        }
    }
}

#[inline(always)]
fn any<S: Scalar, C: Combine<S>, V: Visitor<S>, const ROWS: usize>(
    combine: C,
    rows: &[Row<S>],
    blocks: &Blocks,
    codes: &[u16],
    runs: impl Iterator<Item = Range<usize>>,
    visitor: &mut V,
) {
    for run in runs {
        for window in 0..run.len() {
            let codes = &codes[run.start + window..];
            let place = |block: usize| block * ROWS + (usize::from(codes[blocks.offsets[block]]) & (ROWS - 1));
            let mut joined = rows[place(0)];
            for block in 1..blocks.count() {
                let row = &rows[place(block)];
                for lane in 0..LANES {
                    joined[lane] = combine.join(joined[lane], row[lane]);
                }
            }
            visitor.visit(window, &joined, (0..blocks.count()).map(place));
        }
    }
}

/// Sums kernel values over windows.
pub(crate) struct Sum<S, C> {
    pub(crate) combine: C,
    pub(crate) total: Row<S>,
}

impl<S: Scalar, C: Combine<S>> Visitor<S> for Sum<S, C> {
    #[inline(always)]
    fn visit(&mut self, _window: usize, joined: &Row<S>, _places: impl Iterator<Item = usize>) {
        for lane in 0..LANES {
            self.total[lane] += self.combine.value(joined[lane]);
        }
    }
}

/// Writes scaled kernel values of one lane block, `stride` lane blocks a window.
pub(crate) struct Write<'a, S, C> {
    pub(crate) combine: C,
    pub(crate) scale: Row<S>,
    pub(crate) stride: usize,
    pub(crate) rows: &'a mut [Row<S>],
}

impl<S: Scalar, C: Combine<S>> Visitor<S> for Write<'_, S, C> {
    #[inline(always)]
    fn visit(&mut self, window: usize, joined: &Row<S>, _places: impl Iterator<Item = usize>) {
        let row = &mut self.rows[window * self.stride];
        for lane in 0..LANES {
            row[lane] = self.scale[lane] * self.combine.value(joined[lane]);
        }
    }
}

/// Adds the gradient of a sum over windows to the rows of their k-mers.
pub(crate) struct Scatter<'a, S, C> {
    pub(crate) combine: C,
    pub(crate) upstream: Row<S>,
    pub(crate) gradient: &'a mut [Row<S>],
}

impl<S: Scalar, C: Combine<S>> Visitor<S> for Scatter<'_, S, C> {
    #[inline(always)]
    fn visit(&mut self, _window: usize, joined: &Row<S>, places: impl Iterator<Item = usize>) {
        let mut weight = [S::zero(); LANES];
        for lane in 0..LANES {
            weight[lane] = self.upstream[lane] * self.combine.slope(joined[lane]);
        }
        scatter(self.gradient, places, &weight);
    }
}

/// Adds a window's gradient to the rows of its k-mers.
#[inline(always)]
pub(crate) fn scatter<S: Scalar>(gradient: &mut [Row<S>], places: impl Iterator<Item = usize>, weight: &Row<S>) {
    for place in places {
        let row = &mut gradient[place];
        for lane in 0..LANES {
            row[lane] += weight[lane];
        }
    }
}
