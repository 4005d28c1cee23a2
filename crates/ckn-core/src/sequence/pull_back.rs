//! From a gradient by embeddings to the gradient by anchors and bandwidth.

use std::ops::Range;

use rayon::prelude::*;

use super::forward::{Forward, Scratch};
use super::gradient::GradientTables;
use super::index::KmerIndex;
use super::layer::{SequenceLayer, WideBuffers};
use super::peaks::{PeakGradient, PeakScratch};
use super::{LANES, Row};
use crate::error::check_length;
use crate::kernel::gram_pull_back;
use crate::network::NetworkGradient;
use crate::pooling::WindowPooling;
use crate::rows::{add_outer_products, pad};
use crate::vectors::on_widest_vectors;
use crate::{Error, Scalar};

/// Fewest sequences of one parallel task. Results do not depend on the number of threads: tasks are cut by this number
/// and their gradients added in order.
const TASK: usize = 64;

/// Most partial gradients that exist at once.
const MAX_PARTIALS: usize = 16;

/// Buffers of [`SequenceLayer::pull_back`], kept from minibatch to minibatch.
#[derive(Debug, Clone, Default)]
pub struct PullBackBuffers<S: Scalar> {
    partials: Vec<Partial<S>>,
}

/// The gradient of one task.
#[derive(Debug, Clone)]
struct Partial<S: Scalar> {
    /// One for each strand.
    tables: Vec<GradientTables<S>>,
    /// By the inverse root, `[lane blocks · LANES, lane blocks]`.
    root: Vec<Row<S>>,
    upstream: Vec<Row<S>>,
    pooled: Vec<Row<S>>,
    wide: WideBuffers,
    scratch: Scratch<S>,
    peaks: PeakScratch<S>,
    forward: Forward<S>,
    by_embeddings: Vec<S>,
}

impl<S: Scalar> Partial<S> {
    fn new(layer: &SequenceLayer<S>) -> Self {
        Self {
            tables: layer.strands.iter().map(GradientTables::zeros).collect(),
            root: vec![[S::zero(); LANES]; LANES * layer.lane_blocks().pow(2)],
            upstream: Vec::new(),
            pooled: Vec::new(),
            wide: WideBuffers::default(),
            scratch: Scratch::default(),
            peaks: PeakScratch::default(),
            forward: Forward::default(),
            by_embeddings: Vec::new(),
        }
    }

    /// Whether the buffers were made for a layer of this shape.
    fn fits(&self, layer: &SequenceLayer<S>) -> bool {
        self.tables.len() == layer.strands.len()
            && self.tables.iter().zip(&layer.strands).all(|(buffer, tables)| buffer.fits(tables))
    }
}

impl<S: Scalar> SequenceLayer<S> {
    /// Gradient by the anchors (through patches, Gram matrix and inverse root) and by the bandwidth.
    ///
    /// # Shapes
    /// upstream `[records, strands, filters]`: the gradient by [`Forward::embeddings`] of the same records.
    ///
    /// # Errors
    /// [`Error::Shape`] if the upstream gradient does not fit.
    pub fn pull_back(
        &self,
        index: &KmerIndex<'_>,
        records: &[usize],
        forward: &Forward<S>,
        upstream: &[S],
        buffers: &mut PullBackBuffers<S>,
    ) -> Result<NetworkGradient, Error> {
        let row = self.row();
        check_length("gradient by the embeddings", records.len() * row, upstream.len())?;
        check_length("embeddings", records.len() * row, forward.embeddings.len())?;
        self.in_tasks(records.len(), buffers, |range, partial| {
            self.pull_back_task(index, records, range, forward, upstream, partial);
        })
    }

    /// Embeds some records and pulls a gradient by their embeddings back, task by task: one wait for other threads, and
    /// embeddings that are still in the cache.
    ///
    /// # Shapes
    /// `upstream` is handed a range of the records, their embeddings `[records, strands, filters]`, and as many zeros to
    /// write the gradient into.
    ///
    /// # Errors
    /// Those of [`Self::pull_back`].
    pub fn pass(
        &self,
        index: &KmerIndex<'_>,
        records: &[usize],
        upstream: impl Fn(Range<usize>, &[S], &mut [S]) + Sync,
        buffers: &mut PullBackBuffers<S>,
    ) -> Result<NetworkGradient, Error> {
        self.in_tasks(records.len(), buffers, |range, partial| {
            let records = &records[range.clone()];
            let mut forward = std::mem::take(&mut partial.forward);
            let mut by_embeddings = std::mem::take(&mut partial.by_embeddings);
            self.forward_here(index, records, &mut forward, &mut partial.scratch);
            by_embeddings.clear();
            by_embeddings.resize(forward.embeddings.len(), S::zero());
            upstream(range, &forward.embeddings, &mut by_embeddings);
            self.pull_back_task(index, records, 0..records.len(), &forward, &by_embeddings, partial);
            (partial.forward, partial.by_embeddings) = (forward, by_embeddings);
        })
    }

    /// Runs a task for every part of the records, each with its own partial gradient, and joins those in order.
    fn in_tasks(
        &self,
        records: usize,
        buffers: &mut PullBackBuffers<S>,
        task: impl Fn(Range<usize>, &mut Partial<S>) + Sync,
    ) -> Result<NetworkGradient, Error> {
        let size = TASK.max(records.div_ceil(MAX_PARTIALS));
        let tasks = records.div_ceil(size).max(1);
        if !buffers.partials.iter().all(|partial| partial.fits(self)) {
            buffers.partials.clear();
        }
        buffers.partials.resize_with(tasks.max(buffers.partials.len()), || Partial::new(self));
        let partials = &mut buffers.partials[..tasks];
        partials.par_iter_mut().enumerate().for_each(|(number, partial)| {
            partial.tables.iter_mut().for_each(GradientTables::clear);
            partial.root.fill([S::zero(); LANES]);
            task(number * size..records.min((number + 1) * size), partial);
        });
        let filters = self.filters();
        let mut by_root = vec![0.0; filters * filters];
        for partial in &*partials {
            let padded = partial.root.chunks_exact(self.lane_blocks());
            for (sums, values) in by_root.chunks_exact_mut(filters).zip(padded) {
                sums.iter_mut().zip(values.as_flattened()).for_each(|(sum, value)| *sum += value.wide());
            }
        }
        if let [total, rest @ ..] = partials {
            for partial in rest {
                total.tables.iter_mut().zip(&partial.tables).for_each(|(sum, part)| sum.add(part));
            }
        }
        self.gather(&partials[0].tables, &by_root)
    }

    fn pull_back_task(
        &self,
        index: &KmerIndex<'_>,
        records: &[usize],
        range: Range<usize>,
        forward: &Forward<S>,
        upstream: &[S],
        partial: &mut Partial<S>,
    ) {
        match self.pooling {
            WindowPooling::Maxima => on_widest_vectors(
                #[inline(always)]
                || self.pull_back_maxima(index, records, range.clone(), forward, upstream, partial),
            ),
            WindowPooling::Sums => self.pull_back_sums(index, records, range, forward, upstream, partial),
        }
    }

    fn pull_back_sums(
        &self,
        index: &KmerIndex<'_>,
        records: &[usize],
        range: Range<usize>,
        forward: &Forward<S>,
        upstream: &[S],
        partial: &mut Partial<S>,
    ) {
        let (filters, row, width) = (self.filters(), self.row(), self.lane_blocks());
        let size = range.len() * width;
        partial.upstream.resize(size, [S::zero(); LANES]);
        partial.pooled.resize(size, [S::zero(); LANES]);
        for (strand, (anchors, gradient)) in self.strands.iter().zip(&mut partial.tables).enumerate() {
            for (local, record) in range.clone().enumerate() {
                let place = record * row + strand * filters;
                pad(&upstream[place..][..filters], &mut partial.upstream[local * width..][..width]);
                pad(&forward.pooled[place..][..filters], &mut partial.pooled[local * width..][..width]);
            }
            let starts = (0..range.len()).map(|record| record * width);
            add_outer_products(&partial.upstream, starts, width, &partial.pooled, width, &mut partial.root);
            self.apply_root(&mut partial.upstream, &mut partial.wide);
            let records = &records[range.clone()];
            for (rows, &record) in partial.upstream.chunks_exact_mut(width).zip(records) {
                let share = S::of(self.config.pooling.share(index.windows(record)));
                rows.as_flattened_mut().iter_mut().for_each(|value| *value *= share);
            }
            anchors.pull_back_sums(index, records, &partial.upstream, gradient);
        }
    }

    /// Only windows that are a coordinate's maximum have a gradient.
    #[inline(always)]
    fn pull_back_maxima(
        &self,
        index: &KmerIndex<'_>,
        records: &[usize],
        range: Range<usize>,
        forward: &Forward<S>,
        upstream: &[S],
        partial: &mut Partial<S>,
    ) {
        let (filters, row) = (self.filters(), self.row());
        let Partial { tables, root, peaks: scratch, .. } = partial;
        for (strand, (anchors, gradient)) in self.strands.iter().zip(tables).enumerate() {
            for record in range.clone() {
                let place = record * row + strand * filters..record * row + (strand + 1) * filters;
                let peaks = PeakGradient { windows: &forward.peaks[place.clone()], upstream: &upstream[place] };
                anchors.pull_back_peaks(index, records[record], peaks, &self.root, scratch, gradient, root);
            }
        }
    }

    fn gather(&self, tables: &[GradientTables<S>], by_root: &[f64]) -> Result<NetworkGradient, Error> {
        let by_gram = self.inverse_root.training_adjoint(by_root)?;
        let mut anchors = vec![0.0; self.anchors.len()];
        let mut sigma = 0.0;
        for (strand, gradient) in self.strands.iter().zip(tables) {
            let part = gradient.fold(strand);
            anchors.iter_mut().zip(&part.anchors).for_each(|(sum, value)| *sum += value);
            sigma += part.sigma;
        }
        sigma += gram_pull_back(&self.anchors, self.filters(), &self.config.layers[0].kernel, &by_gram, &mut anchors)?;
        Ok(NetworkGradient { anchors: vec![anchors], sigma: vec![sigma] })
    }
}
