//! Many records on all threads.

use std::ops::Range;

use rayon::prelude::*;

use super::first::FirstLayer;
use super::{Stack, Tape};
use crate::error::check_length;
use crate::kernel::gram_pull_back;
use crate::map::MapLayer;
use crate::network::NetworkGradient;
use crate::rows::{LANES, Row, lane_blocks};
use crate::sequence::{GradientTables, KmerIndex};
use crate::{Error, Scalar};

/// Records of one parallel task of a gradient: partial gradients are added in order, so that results do not depend on
/// the number of threads.
const TASK: usize = 32;

/// Most partial gradients that exist at once.
const MAX_PARTIALS: usize = 16;

/// Buffers of [`Stack::pass`], kept from minibatch to minibatch.
#[derive(Debug, Clone, Default)]
pub struct PassBuffers<S: Scalar> {
    partials: Vec<Partial<S>>,
}

/// The gradient of one task.
#[derive(Debug, Clone)]
pub(super) struct Partial<S: Scalar> {
    /// One for each strand.
    pub(super) tables: Vec<GradientTables<S>>,
    /// Of the layers after the first, in the order of patches.
    pub(super) by_anchors: Vec<Vec<Row<S>>>,
    pub(super) by_root: Vec<Vec<Row<S>>>,
    pub(super) by_sigma: Vec<f64>,
    tapes: Vec<Tape<S>>,
    embeddings: Vec<S>,
    by_embeddings: Vec<S>,
}

impl<S: Scalar> Partial<S> {
    fn new(stack: &Stack<S>) -> Self {
        Self {
            tables: stack.strands.iter().map(FirstLayer::zeros).collect(),
            by_anchors: stack.layers.iter().map(|layer| zeros(layer.gradient_rows())).collect(),
            by_root: stack.config.layers.iter().map(|layer| zeros(root_rows(layer.filters))).collect(),
            by_sigma: vec![0.0; stack.roots.len()],
            tapes: Vec::new(),
            embeddings: Vec::new(),
            by_embeddings: Vec::new(),
        }
    }

    /// Whether the buffers were made for a network of this shape.
    fn fits(&self, stack: &Stack<S>) -> bool {
        let roots = stack.config.layers.iter().map(|layer| root_rows(layer.filters));
        self.by_anchors.iter().map(Vec::len).eq(stack.layers.iter().map(MapLayer::gradient_rows))
            && self.by_root.iter().map(Vec::len).eq(roots)
            && self.tables.len() == stack.strands.len()
            && self.tables.iter().zip(&stack.strands).all(|(buffer, first)| first.fits(buffer))
    }

    fn clear(&mut self) {
        self.tables.iter_mut().for_each(GradientTables::clear);
        self.by_anchors.iter_mut().chain(&mut self.by_root).for_each(|values| values.fill([S::zero(); LANES]));
        self.by_sigma.fill(0.0);
    }
}

fn zeros<S: Scalar>(rows: usize) -> Vec<Row<S>> {
    vec![[S::zero(); LANES]; rows]
}

/// Rows of a gradient by the root.
fn root_rows(filters: usize) -> usize {
    lane_blocks(filters) * LANES * lane_blocks(filters)
}

impl<S: Scalar> Stack<S> {
    /// Embeddings of some records, on all threads; the result does not depend on their number.
    ///
    /// # Shapes
    /// out `[records, strands, dimension]`.
    ///
    /// # Errors
    /// [`Error::Shape`] if the output does not fit; [`Error::Empty`] for a record that gives the last layer no window;
    /// those of generalised max pooling.
    pub fn embed(&self, index: &KmerIndex<'_>, records: &[usize], out: &mut [S]) -> Result<(), Error> {
        check_length("embeddings", records.len() * self.row(), out.len())?;
        let dimension = self.dimension();
        records.par_iter().zip(out.par_chunks_mut(self.row())).try_for_each_init(
            Tape::default,
            |tape, (&record, out)| {
                let mut strands = out.chunks_exact_mut(dimension).enumerate();
                strands.try_for_each(|(strand, out)| self.embed_strand(index, record, strand, tape, out))
            },
        )
    }

    /// Embeds some records and pulls a gradient by their embeddings back.
    ///
    /// # Shapes
    /// `upstream` is handed a range of the records, their embeddings `[records, strands, dimension]`, and as many zeros
    /// to write the gradient into.
    ///
    /// # Errors
    /// [`Error::Empty`] for a record that gives the last layer no window; failures of generalised max pooling, or of a
    /// root's adjoint.
    pub fn pass(
        &self,
        index: &KmerIndex<'_>,
        records: &[usize],
        upstream: impl Fn(Range<usize>, &[S], &mut [S]) + Sync,
        buffers: &mut PassBuffers<S>,
    ) -> Result<NetworkGradient, Error> {
        let size = TASK.max(records.len().div_ceil(MAX_PARTIALS));
        let tasks = records.len().div_ceil(size).max(1);
        if !buffers.partials.iter().all(|partial| partial.fits(self)) {
            buffers.partials.clear();
        }
        buffers.partials.resize_with(tasks.max(buffers.partials.len()), || Partial::new(self));
        let partials = &mut buffers.partials[..tasks];
        partials.par_iter_mut().enumerate().try_for_each(|(number, partial)| {
            partial.clear();
            let range = number * size..records.len().min((number + 1) * size);
            range.into_iter().try_for_each(|at| self.pass_record(index, records[at], at, &upstream, partial))
        })?;
        self.gather(partials)
    }

    /// One record, forward and backward, while everything is in the cache.
    fn pass_record(
        &self,
        index: &KmerIndex<'_>,
        record: usize,
        at: usize,
        upstream: &(impl Fn(Range<usize>, &[S], &mut [S]) + Sync),
        partial: &mut Partial<S>,
    ) -> Result<(), Error> {
        let dimension = self.dimension();
        let mut tapes = std::mem::take(&mut partial.tapes);
        let mut embeddings = std::mem::take(&mut partial.embeddings);
        let mut by_embeddings = std::mem::take(&mut partial.by_embeddings);
        tapes.resize_with(self.strands.len(), Tape::default);
        embeddings.resize(self.row(), S::zero());
        by_embeddings.resize(self.row(), S::zero());
        for (strand, (tape, out)) in tapes.iter_mut().zip(embeddings.chunks_exact_mut(dimension)).enumerate() {
            self.embed_strand(index, record, strand, tape, out)?;
        }
        by_embeddings.fill(S::zero());
        upstream(at..at + 1, &embeddings, &mut by_embeddings);
        for (strand, (tape, upstream)) in tapes.iter_mut().zip(by_embeddings.chunks_exact(dimension)).enumerate() {
            // Of two strands often one has no gradient.
            if upstream.iter().any(|value| *value != S::zero()) {
                self.pull_back_strand(index, record, strand, tape, upstream, partial)?;
            }
        }
        (partial.tapes, partial.embeddings, partial.by_embeddings) = (tapes, embeddings, by_embeddings);
        Ok(())
    }

    /// Joins partial gradients in order, and goes from tables and roots to anchors.
    fn gather(&self, partials: &mut [Partial<S>]) -> Result<NetworkGradient, Error> {
        let mut gradient = NetworkGradient { anchors: Vec::new(), sigma: vec![0.0; self.roots.len()] };
        for partial in &*partials {
            gradient.sigma.iter_mut().zip(&partial.by_sigma).for_each(|(sum, value)| *sum += value);
        }
        let total = |part: &dyn Fn(&Partial<S>) -> &Vec<Row<S>>| {
            let mut sums: Vec<f64> = Vec::new();
            for partial in &*partials {
                let values = part(partial).as_flattened();
                sums.resize(values.len(), 0.0);
                sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value.wide());
            }
            sums
        };
        let by_root: Vec<Vec<f64>> = (0..self.roots.len()).map(|layer| total(&|part| &part.by_root[layer])).collect();
        let by_anchors: Vec<Vec<f64>> =
            (0..self.layers.len()).map(|layer| total(&|part| &part.by_anchors[layer])).collect();
        if let [first, rest @ ..] = partials {
            for partial in rest {
                first.tables.iter_mut().zip(&partial.tables).for_each(|(sum, part)| sum.add(part));
            }
        }
        let mut anchors = vec![0.0; self.anchors[0].len()];
        for (strand, tables) in self.strands.iter().zip(&partials[0].tables) {
            let part = strand.fold(tables);
            anchors.iter_mut().zip(&part.anchors).for_each(|(sum, value)| *sum += value);
            gradient.sigma[0] += part.sigma;
        }
        gradient.anchors.push(anchors);
        let deeper = self.layers.iter().zip(&by_anchors).map(|(layer, values)| layer.by_anchors(values));
        gradient.anchors.extend(deeper);
        for (depth, (by_root, root)) in by_root.iter().zip(&self.roots).enumerate() {
            let layer = &self.config.layers[depth];
            let filters = self.config.layers[depth].filters;
            let padded = by_root.chunks_exact(lane_blocks(filters) * LANES);
            let by_root: Vec<f64> = padded.take(filters).flat_map(|row| &row[..filters]).copied().collect();
            let by_gram = root.training_adjoint(&by_root)?;
            let slots = &mut gradient.anchors[depth];
            gradient.sigma[depth] +=
                gram_pull_back(&self.anchors[depth], layer.filters, &layer.kernel, &by_gram, slots)?;
        }
        Ok(gradient)
    }
}
