//! From k-mers to embeddings.

use faer::traits::IndexCore;
use rayon::prelude::*;

use super::index::KmerIndex;
use super::layer::{SequenceLayer, WideBuffers};
use super::{LANES, Row};
use crate::error::check_length;
use crate::pooling::WindowPooling;
use crate::rows::{Peaks, unpad};
use crate::{Error, Scalar};

/// Sequences of one parallel task.
const TASK: usize = 64;

/// Embeddings of some sequences, with what their gradient needs.
#[derive(Debug, Clone, Default)]
pub struct Forward<S> {
    /// `ψ`, `[records, strands, filters]`.
    pub embeddings: Vec<S>,
    /// Pooled `k` (mean and sum pooling), `[records, strands, filters]`.
    pub(super) pooled: Vec<S>,
    /// Window of each coordinate's maximum (max pooling), `[records, strands, filters]`.
    pub(super) peaks: Vec<u32>,
}

/// Buffers of one task.
#[derive(Debug, Clone, Default)]
pub(super) struct Scratch<S: Scalar> {
    sums: Vec<Row<S>>,
    wide: WideBuffers,
    map: Vec<Row<S>>,
    peaks: Peaks<S>,
}

impl<S: Scalar> SequenceLayer<S> {
    /// Embeddings of some records, on all threads; the result does not depend on their number.
    ///
    /// # Shapes
    /// out `[records, strands, filters]`.
    ///
    /// # Errors
    /// [`Error::Shape`] if the output does not fit.
    pub fn embed(&self, index: &KmerIndex<'_>, records: &[usize], out: &mut [S]) -> Result<(), Error> {
        check_length("embeddings", records.len() * self.row(), out.len())?;
        let row = self.row();
        records.par_chunks(TASK).zip(out.par_chunks_mut(TASK * row)).for_each_init(
            Scratch::default,
            |scratch, task| match self.pooling {
                WindowPooling::Maxima => self.maxima(index, task.0, task.1, &mut [], scratch),
                WindowPooling::Sums => self.sums(index, task.0, task.1, &mut [], scratch),
            },
        );
        Ok(())
    }

    /// Embeddings of some records, keeping what [`Self::pull_back`] needs.
    pub fn forward(&self, index: &KmerIndex<'_>, records: &[usize]) -> Forward<S> {
        let mut forward = Forward::default();
        self.forward_into(index, records, &mut forward);
        forward
    }

    /// [`Self::forward`] in the buffers of an earlier one.
    pub fn forward_into(&self, index: &KmerIndex<'_>, records: &[usize], forward: &mut Forward<S>) {
        let task = TASK * self.row();
        let size = records.len() * self.row();
        forward.embeddings.resize(size, S::zero());
        let tasks = records.par_chunks(TASK).zip(forward.embeddings.par_chunks_mut(task));
        match self.pooling {
            WindowPooling::Maxima => {
                forward.peaks.resize(size, 0);
                tasks
                    .zip(forward.peaks.par_chunks_mut(task))
                    .for_each_init(Scratch::default, |scratch, ((records, out), peaks)| {
                        self.maxima(index, records, out, peaks, scratch)
                    });
            }
            WindowPooling::Sums => {
                forward.pooled.resize(size, S::zero());
                tasks
                    .zip(forward.pooled.par_chunks_mut(task))
                    .for_each_init(Scratch::default, |scratch, ((records, out), pooled)| {
                        self.sums(index, records, out, pooled, scratch)
                    });
            }
        }
    }

    /// [`Self::forward_into`] on this thread.
    pub(super) fn forward_here(
        &self,
        index: &KmerIndex<'_>,
        records: &[usize],
        forward: &mut Forward<S>,
        scratch: &mut Scratch<S>,
    ) {
        let size = records.len() * self.row();
        forward.embeddings.resize(size, S::zero());
        match self.pooling {
            WindowPooling::Maxima => {
                forward.peaks.resize(size, 0);
                self.maxima(index, records, &mut forward.embeddings, &mut forward.peaks, scratch);
            }
            WindowPooling::Sums => {
                forward.pooled.resize(size, S::zero());
                self.sums(index, records, &mut forward.embeddings, &mut forward.pooled, scratch);
            }
        }
    }

    /// Pools first, then applies the inverse root: the same, for a linear pooling, and cheaper.
    fn sums(
        &self,
        index: &KmerIndex<'_>,
        records: &[usize],
        out: &mut [S],
        pooled: &mut [S],
        scratch: &mut Scratch<S>,
    ) {
        let (filters, row, width) = (self.filters(), self.row(), self.lane_blocks());
        for (strand, tables) in self.strands.iter().enumerate() {
            scratch.sums.resize(records.len() * width, [S::zero(); LANES]);
            tables.sums(index, records, &mut scratch.sums);
            for (local, (sums, &record)) in scratch.sums.chunks_exact_mut(width).zip(records).enumerate() {
                let share = S::of(self.config.pooling.share(index.windows(record)));
                sums.as_flattened_mut().iter_mut().for_each(|value| *value *= share);
                if !pooled.is_empty() {
                    unpad(sums, &mut pooled[local * row + strand * filters..][..filters]);
                }
            }
            self.apply_root(&mut scratch.sums, &mut scratch.wide);
            for (sums, out) in scratch.sums.chunks_exact(width).zip(out.chunks_exact_mut(row)) {
                unpad(sums, &mut out[strand * filters..][..filters]);
            }
        }
    }

    /// Applies the inverse root at every window, then takes the largest value of each coordinate.
    fn maxima(
        &self,
        index: &KmerIndex<'_>,
        records: &[usize],
        out: &mut [S],
        peaks: &mut [u32],
        scratch: &mut Scratch<S>,
    ) {
        let (filters, row) = (self.filters(), self.row());
        for (strand, tables) in self.strands.iter().enumerate() {
            for (local, &record) in records.iter().enumerate() {
                let place = local * row + strand * filters;
                tables.map(index, record, &mut scratch.map);
                self.root.peaks(&scratch.map, &mut scratch.peaks);
                unpad(&scratch.peaks.best, &mut out[place..][..filters]);
                if !peaks.is_empty() {
                    for (filter, slot) in peaks[place..][..filters].iter_mut().enumerate() {
                        *slot = scratch.peaks.at[filter / LANES][filter % LANES].zx() as u32;
                    }
                }
            }
        }
    }
}
