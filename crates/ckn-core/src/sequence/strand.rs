//! One strand of a set of sequences: sums over windows, maps, and their gradients, on one thread.

use std::iter::once;

use super::direct::DirectWindow;
use super::gradient::GradientTables;
use super::index::KmerIndex;
use super::sweep::{Combine, Cosine, Product, Scatter, Sum, Write, sweep};
use super::tables::{AnchorTables, Orientation};
use super::{LANES, Row};
use crate::Scalar;
use crate::vectors::on_widest_vectors;

/// Windows summed before they join the total, so that long sequences keep their digits.
const PARTIAL_SUM: usize = 512;

impl<S: Scalar> AnchorTables<S> {
    /// `Σ_t k_i(z_t)` over the windows of each sequence.
    ///
    /// # Shapes
    /// out `[records, lane blocks]`; lanes beyond `filters` are zero.
    pub(crate) fn sums(&self, index: &KmerIndex<'_>, records: &[usize], out: &mut [Row<S>]) {
        debug_assert_eq!(out.len(), records.len() * self.lane_blocks());
        match self.kernel.alpha() {
            Some(_) => on_widest_vectors(
                #[inline(always)]
                || self.regular_sums(Product, index, records, out),
            ),
            None => on_widest_vectors(
                #[inline(always)]
                || self.regular_sums(Cosine(self.kernel), index, records, out),
            ),
        }
        let mut window = DirectWindow::default();
        for (&record, sums) in records.iter().zip(out.chunks_exact_mut(self.lane_blocks())) {
            for start in index.irregular(record, self.before(index)) {
                window.read(self, index.view(), record, start);
                for (lane_block, sums) in sums.iter_mut().enumerate() {
                    let values = window.values(self, lane_block);
                    for lane in 0..LANES {
                        sums[lane] += S::of(values[lane]);
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn regular_sums<C: Combine<S>>(&self, combine: C, index: &KmerIndex<'_>, records: &[usize], out: &mut [Row<S>]) {
        for lane_block in 0..self.lane_blocks() {
            let rows = self.lane_rows(lane_block);
            let scale = self.scale[lane_block];
            for (&record, sums) in records.iter().zip(out.chunks_exact_mut(self.lane_blocks())) {
                let codes = index.codes(record);
                let mut total = [S::zero(); LANES];
                for run in index.runs(record) {
                    let (mut start, end) = (run.start as usize, run.end as usize);
                    while start < end {
                        let stop = end.min(start + PARTIAL_SUM);
                        let mut part = Sum { combine, total: [S::zero(); LANES] };
                        sweep(combine, rows, &self.blocks, codes, once(start..stop), &mut part);
                        for lane in 0..LANES {
                            total[lane] += part.total[lane];
                        }
                        start = stop;
                    }
                }
                for lane in 0..LANES {
                    sums[lane_block][lane] = scale[lane] * total[lane];
                }
            }
        }
    }

    /// Gradient of [`Self::sums`]: adds to the gradient by the tables.
    ///
    /// # Shapes
    /// upstream `[records, lane blocks]`.
    pub(crate) fn pull_back_sums(
        &self,
        index: &KmerIndex<'_>,
        records: &[usize],
        upstream: &[Row<S>],
        gradient: &mut GradientTables<S>,
    ) {
        match self.kernel.alpha() {
            Some(_) => on_widest_vectors(
                #[inline(always)]
                || self.regular_pull_back(Product, index, records, upstream, gradient),
            ),
            None => on_widest_vectors(
                #[inline(always)]
                || self.regular_pull_back(Cosine(self.kernel), index, records, upstream, gradient),
            ),
        }
        let mut window = DirectWindow::default();
        for (&record, upstream) in records.iter().zip(upstream.chunks_exact(self.lane_blocks())) {
            for start in index.irregular(record, self.before(index)) {
                window.read(self, index.view(), record, start);
                window.pull_back(self, upstream, gradient);
            }
        }
    }

    #[inline(always)]
    fn regular_pull_back<C: Combine<S>>(
        &self,
        combine: C,
        index: &KmerIndex<'_>,
        records: &[usize],
        upstream: &[Row<S>],
        gradient: &mut GradientTables<S>,
    ) {
        for lane_block in 0..self.lane_blocks() {
            let rows = self.lane_rows(lane_block);
            let slots = &mut gradient.rows[lane_block * rows.len()..][..rows.len()];
            for (&record, upstream) in records.iter().zip(upstream.chunks_exact(self.lane_blocks())) {
                let upstream = self.scaled(lane_block, &upstream[lane_block]);
                let runs = index.runs(record).iter().map(|run| run.start as usize..run.end as usize);
                let mut scatter = Scatter { combine, upstream, gradient: &mut *slots };
                sweep(combine, rows, &self.blocks, index.codes(record), runs, &mut scatter);
            }
        }
    }

    /// `k_i(z_t)` of every window of one sequence, in the order of the strand.
    ///
    /// # Shapes
    /// map `[windows, lane blocks]`; lanes beyond `filters` are zero.
    pub(crate) fn map(&self, index: &KmerIndex<'_>, record: usize, map: &mut Vec<Row<S>>) {
        self.forward_map(index, record, map);
        if self.orientation == Orientation::Reverse {
            let (windows, lane_blocks) = (index.windows(record), self.lane_blocks());
            for window in 0..windows / 2 {
                for block in 0..lane_blocks {
                    map.swap(window * lane_blocks + block, (windows - 1 - window) * lane_blocks + block);
                }
            }
        }
    }

    /// [`Self::map`] in the order of the forward strand, whatever the orientation.
    pub(super) fn forward_map(&self, index: &KmerIndex<'_>, record: usize, map: &mut Vec<Row<S>>) {
        let lane_blocks = self.lane_blocks();
        // Every row is written below.
        map.resize(index.windows(record) * lane_blocks, [S::zero(); LANES]);
        match self.kernel.alpha() {
            Some(_) => on_widest_vectors(
                #[inline(always)]
                || self.regular_map(Product, index, record, map),
            ),
            None => on_widest_vectors(
                #[inline(always)]
                || self.regular_map(Cosine(self.kernel), index, record, map),
            ),
        }
        let before = self.before(index);
        let mut window = DirectWindow::default();
        for start in index.irregular(record, before) {
            let at = (start + before as i64) as usize * lane_blocks;
            if index.repeats(record, start) {
                map.copy_within(at - lane_blocks..at, at);
                continue;
            }
            window.read(self, index.view(), record, start);
            for (lane_block, row) in map[at..at + lane_blocks].iter_mut().enumerate() {
                *row = window.values(self, lane_block).map(S::of);
            }
        }
    }

    #[inline(always)]
    fn regular_map<C: Combine<S>>(&self, combine: C, index: &KmerIndex<'_>, record: usize, map: &mut [Row<S>]) {
        let lane_blocks = self.lane_blocks();
        let before = self.before(index);
        for lane_block in 0..lane_blocks {
            for run in index.runs(record) {
                let run = run.start as usize..run.end as usize;
                let rows = &mut map[(run.start + before) * lane_blocks + lane_block..];
                let mut write = Write { combine, scale: self.scale[lane_block], stride: lane_blocks, rows };
                sweep(combine, self.lane_rows(lane_block), &self.blocks, index.codes(record), once(run), &mut write);
            }
        }
    }

    /// `k_i(z_t)` of every window of one sequence, in the order of the strand.
    ///
    /// # Shapes
    /// `[windows, filters]`.
    pub fn kernel_map(&self, index: &KmerIndex<'_>, record: usize) -> Vec<S> {
        let mut rows = Vec::new();
        self.map(index, record, &mut rows);
        let mut values = Vec::with_capacity(index.windows(record) * self.filters);
        for row in rows.chunks_exact(self.lane_blocks()) {
            values.extend_from_slice(&row.as_flattened()[..self.filters]);
        }
        values
    }

    /// The anchor of the largest cosine, the first of equals, and that cosine, for windows of known letters given by record
    /// and start. Not for tables of the exponential kernel, which hold factors and not terms.
    ///
    /// # Shapes
    /// closest `[windows]`.
    pub(crate) fn closest(&self, index: &KmerIndex<'_>, windows: &[(u32, u32)], closest: &mut [(u32, S)]) {
        on_widest_vectors(
            #[inline(always)]
            || self.regular_closest(index, windows, closest),
        );
    }

    #[inline(always)]
    fn regular_closest(&self, index: &KmerIndex<'_>, windows: &[(u32, u32)], closest: &mut [(u32, S)]) {
        debug_assert!(self.kernel.alpha().is_none());
        let last = self.lane_blocks() - 1;
        // Lanes without an anchor are nearest to nothing.
        let floor: Row<S> =
            std::array::from_fn(|lane| if lane < self.lanes_of(last) { S::zero() } else { S::neg_infinity() });
        let mut places = vec![0; self.blocks.count()];
        // Numbers of anchors as floating-point numbers, exact below 2^24: the compiler then chooses both in vectors.
        let (mut bests, mut anchors) = ([[S::zero(); LANES]; LANES], [[S::zero(); LANES]; LANES]);
        for (windows, closest) in windows.chunks(LANES).zip(closest.chunks_mut(LANES)) {
            for (window, &(record, start)) in windows.iter().enumerate() {
                let codes = &index.codes(record as usize)[start as usize..];
                for (block, place) in places.iter_mut().enumerate() {
                    *place = block * self.blocks.rows() + usize::from(codes[self.blocks.offsets[block]]);
                }
                // The best anchor of each lane: nothing leaves the registers.
                let (mut best, mut at) = ([S::neg_infinity(); LANES], [S::zero(); LANES]);
                for lane_block in 0..=last {
                    let rows = self.lane_rows(lane_block);
                    let mut joined = rows[places[0]];
                    for &place in &places[1..] {
                        let row = &rows[place];
                        for lane in 0..LANES {
                            joined[lane] += row[lane];
                        }
                    }
                    if lane_block == last {
                        for lane in 0..LANES {
                            joined[lane] += floor[lane];
                        }
                    }
                    let number = S::of((lane_block * LANES) as f64);
                    for lane in 0..LANES {
                        let better = joined[lane] > best[lane];
                        best[lane] = if better { joined[lane] } else { best[lane] };
                        at[lane] = if better { number } else { at[lane] };
                    }
                }
                for lane in 0..LANES {
                    bests[lane][window] = best[lane];
                    anchors[lane][window] = at[lane] + S::of(lane as f64);
                }
            }
            // The best lane of each window, for all of them at once.
            let (mut best, mut at) = (bests[0], anchors[0]);
            for (values, numbers) in bests[1..].iter().zip(&anchors[1..]) {
                for window in 0..LANES {
                    let (value, number) = (values[window], numbers[window]);
                    let better = (value > best[window]) | ((value == best[window]) & (number < at[window]));
                    best[window] = if better { value } else { best[window] };
                    at[window] = if better { number } else { at[window] };
                }
            }
            for ((closest, at), best) in closest.iter_mut().zip(at).zip(best) {
                *closest = (at.wide() as u32, best);
            }
        }
    }

    /// Zero positions before the forward strand's first window.
    pub(super) fn before(&self, index: &KmerIndex<'_>) -> usize {
        match self.orientation {
            Orientation::Forward => index.border().before(index.width()),
            Orientation::Reverse => index.border().after(index.width()),
        }
    }

    /// Start of a window on the forward strand, given its number in the order of the strand.
    pub(super) fn start(&self, index: &KmerIndex<'_>, record: usize, window: usize) -> i64 {
        let forward = match self.orientation {
            Orientation::Forward => window,
            Orientation::Reverse => index.windows(record) - 1 - window,
        };
        forward as i64 - self.before(index) as i64
    }

    #[inline(always)]
    pub(super) fn scaled(&self, lane_block: usize, upstream: &Row<S>) -> Row<S> {
        let mut row = self.scale[lane_block];
        for lane in 0..LANES {
            row[lane] *= upstream[lane];
        }
        row
    }

    /// Values of the filters of one lane block; zero where there is no filter.
    pub(super) fn lanes(&self, lane_block: usize, value: impl Fn(usize) -> S) -> Row<S> {
        let first = lane_block * LANES;
        std::array::from_fn(|lane| if first + lane < self.filters { value(first + lane) } else { S::zero() })
    }
}
