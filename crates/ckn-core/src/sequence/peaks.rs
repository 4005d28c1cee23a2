//! Gradient of maxima over windows: only the window that is a coordinate's maximum has one.

use super::direct::DirectWindow;
use super::gradient::GradientTables;
use super::index::KmerIndex;
use super::sweep::{Combine, Cosine, Product, Visitor, scatter, sweep};
use super::tables::AnchorTables;
use super::{LANES, Row};
use crate::Scalar;
use crate::rows::{PaddedMatrix, add_scaled};

/// The gradient by `ψ_j`, the maximum over windows of `(R k_t)_j`, of every coordinate `j` of one record.
#[derive(Clone, Copy)]
pub(super) struct PeakGradient<'a, S> {
    /// The maximum's window, in the order of the strand, `[filters]`.
    pub(super) windows: &'a [u32],
    /// `[filters]`.
    pub(super) upstream: &'a [S],
}

/// Peaks of a record, kept from record to record.
#[derive(Debug, Clone, Default)]
pub(super) struct PeakScratch<S> {
    /// Windows of the tables: the coordinate, and the start on the forward strand.
    regular: Vec<(usize, usize)>,
    /// Other windows: the start, and the coordinate.
    irregular: Vec<(i64, usize)>,
    window: DirectWindow,
    values: Vec<Row<S>>,
    by_kernel: Vec<Row<S>>,
}

impl<S: Scalar> AnchorTables<S> {
    /// Adds the gradients by tables and by the root.
    ///
    /// # Shapes
    /// by_root `[lane blocks · LANES, lane blocks]`.
    #[inline(always)]
    pub(super) fn pull_back_peaks(
        &self,
        index: &KmerIndex<'_>,
        record: usize,
        peaks: PeakGradient<'_, S>,
        root: &PaddedMatrix<S>,
        scratch: &mut PeakScratch<S>,
        gradient: &mut GradientTables<S>,
        by_root: &mut [Row<S>],
    ) {
        let width = self.lane_blocks();
        let runs = index.runs(record);
        scratch.regular.clear();
        scratch.irregular.clear();
        for (filter, &window) in peaks.windows.iter().enumerate() {
            let start = self.start(index, record, window as usize);
            match u32::try_from(start).ok().filter(|start| runs.iter().any(|run| run.contains(start))) {
                Some(start) => scratch.regular.push((filter, start as usize)),
                None => scratch.irregular.push((start, filter)),
            }
        }
        scratch.irregular.sort_unstable();
        for same in scratch.irregular.chunk_by(|left, right| left.0 == right.0) {
            scratch.window.read(self, index.view(), record, same[0].0);
            scratch.values.clear();
            scratch.values.extend((0..width).map(|block| scratch.window.values(self, block).map(S::of)));
            scratch.by_kernel.clear();
            scratch.by_kernel.resize(width, [S::zero(); LANES]);
            for &(_, filter) in same {
                let weight = peaks.upstream[filter];
                let by_root = by_root[filter * width..].iter_mut();
                by_root.zip(&scratch.values).for_each(|(sum, values)| add_scaled(sum, weight, values));
                root.add_row(filter, weight, &mut scratch.by_kernel);
            }
            scratch.window.pull_back(self, &scratch.by_kernel, gradient);
        }
        match self.kernel.alpha() {
            Some(_) => {
                self.regular_peaks(Product, index.codes(record), peaks, root, &scratch.regular, gradient, by_root)
            }
            None => {
                let combine = Cosine(self.kernel);
                self.regular_peaks(combine, index.codes(record), peaks, root, &scratch.regular, gradient, by_root)
            }
        }
    }

    #[inline(always)]
    fn regular_peaks<C: Combine<S>>(
        &self,
        combine: C,
        codes: &[u16],
        peaks: PeakGradient<'_, S>,
        root: &PaddedMatrix<S>,
        regular: &[(usize, usize)],
        gradient: &mut GradientTables<S>,
        by_root: &mut [Row<S>],
    ) {
        for lane_block in 0..self.lane_blocks() {
            let rows = self.lane_rows(lane_block);
            let mut pull_back = PullBack {
                combine,
                scale: self.scale[lane_block],
                lane_block,
                filters: regular.iter(),
                upstream: peaks.upstream,
                root,
                by_root: &mut *by_root,
                gradient: &mut gradient.rows[lane_block * rows.len()..][..rows.len()],
            };
            let windows = regular.iter().map(|&(_, start)| start..start + 1);
            sweep(combine, rows, &self.blocks, codes, windows, &mut pull_back);
        }
    }
}

/// Computes the kernel values of one peak again, and adds their gradients.
struct PullBack<'a, S, C> {
    combine: C,
    scale: Row<S>,
    lane_block: usize,
    /// Coordinates of the windows to come.
    filters: std::slice::Iter<'a, (usize, usize)>,
    upstream: &'a [S],
    root: &'a PaddedMatrix<S>,
    by_root: &'a mut [Row<S>],
    gradient: &'a mut [Row<S>],
}

impl<S: Scalar, C: Combine<S>> Visitor<S> for PullBack<'_, S, C> {
    #[inline(always)]
    fn visit(&mut self, _window: usize, joined: &Row<S>, places: impl Iterator<Item = usize>) {
        let Some(&(filter, _)) = self.filters.next() else { return };
        let upstream = self.upstream[filter];
        let (at, root) = self.root.square(filter, self.lane_block);
        let (mut kernel, mut weight) = ([S::zero(); LANES], [S::zero(); LANES]);
        for lane in 0..LANES {
            kernel[lane] = self.scale[lane] * self.combine.value(joined[lane]);
            weight[lane] = upstream * root[lane] * self.scale[lane] * self.combine.slope(joined[lane]);
        }
        add_scaled(&mut self.by_root[at], upstream, &kernel);
        scatter(self.gradient, places, &weight);
    }
}
