//! Gradient of a map: every window has its own.

use super::direct::DirectWindow;
use super::gradient::GradientTables;
use super::index::KmerIndex;
use super::sweep::{Combine, Cosine, Product, Visitor, scatter, sweep};
use super::tables::{AnchorTables, Orientation};
use super::{LANES, Row};
use crate::Scalar;
use crate::map::SparseMap;
use crate::vectors::on_widest_vectors;

impl<S: Scalar> AnchorTables<S> {
    /// Gradient of [`Self::kernel_map`]: adds to the gradient by the tables.
    ///
    /// # Shapes
    /// upstream over windows, in the order of the strand; rows is scratch.
    pub(crate) fn pull_back_kernel_map(
        &self,
        index: &KmerIndex<'_>,
        record: usize,
        upstream: &SparseMap<S>,
        rows: &mut Vec<Row<S>>,
        gradient: &mut GradientTables<S>,
    ) {
        let width = self.lane_blocks();
        let windows = index.windows(record);
        rows.clear();
        rows.resize(windows * width, [S::zero(); LANES]);
        for (&window, values) in upstream.positions.iter().zip(upstream.rows.chunks_exact(width)) {
            let at = match self.orientation {
                Orientation::Forward => window,
                Orientation::Reverse => windows - 1 - window,
            };
            rows[at * width..][..width].copy_from_slice(values);
        }
        match self.kernel.alpha() {
            Some(_) => on_widest_vectors(
                #[inline(always)]
                || self.regular_pull_back_map(Product, index, record, rows, gradient),
            ),
            None => on_widest_vectors(
                #[inline(always)]
                || self.regular_pull_back_map(Cosine(self.kernel), index, record, rows, gradient),
            ),
        }
        let before = self.before(index);
        let mut window = DirectWindow::default();
        for start in index.irregular(record, before) {
            let at = (start + before as i64) as usize * width;
            window.read(self, index.view(), record, start);
            window.pull_back(self, &rows[at..at + width], gradient);
        }
    }

    #[inline(always)]
    fn regular_pull_back_map<C: Combine<S>>(
        &self,
        combine: C,
        index: &KmerIndex<'_>,
        record: usize,
        upstream: &[Row<S>],
        gradient: &mut GradientTables<S>,
    ) {
        let (width, before) = (self.lane_blocks(), self.before(index));
        for lane_block in 0..width {
            let rows = self.lane_rows(lane_block);
            let slots = &mut gradient.rows[lane_block * rows.len()..][..rows.len()];
            for run in index.runs(record) {
                let run = run.start as usize..run.end as usize;
                let upstream = &upstream[(run.start + before) * width + lane_block..];
                let scale = self.scale[lane_block];
                let mut scatter = ScatterEach { combine, scale, stride: width, upstream, gradient: &mut *slots };
                sweep(combine, rows, &self.blocks, index.codes(record), std::iter::once(run), &mut scatter);
            }
        }
    }
}

/// Adds each window's gradient to the rows of its k-mers.
struct ScatterEach<'a, S, C> {
    combine: C,
    scale: Row<S>,
    stride: usize,
    upstream: &'a [Row<S>],
    gradient: &'a mut [Row<S>],
}

impl<S: Scalar, C: Combine<S>> Visitor<S> for ScatterEach<'_, S, C> {
    #[inline(always)]
    fn visit(&mut self, window: usize, joined: &Row<S>, places: impl Iterator<Item = usize>) {
        let upstream = &self.upstream[window * self.stride];
        let mut weight = [S::zero(); LANES];
        for lane in 0..LANES {
            weight[lane] = upstream[lane] * self.scale[lane] * self.combine.slope(joined[lane]);
        }
        scatter(self.gradient, places, &weight);
    }
}
