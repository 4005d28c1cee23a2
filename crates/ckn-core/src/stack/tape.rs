//! One strand of one record, forward and backward.

use faer::{Accum, MatRef};

use super::Stack;
use super::pass::Partial;
use super::pool::PoolTape;
use crate::map::{MapEvaluation, multiply, pool_locally, pull_back_local};
use crate::sequence::{KmerIndex, Row};
use crate::{Error, Scalar};

/// What is computed of one strand of one record; buffers are kept from record to record.
#[derive(Debug, Clone, Default)]
pub struct Tape<S> {
    /// The first layer's kernel values, `[windows, filters]`.
    first: Vec<S>,
    rows: Vec<Row<S>>,
    /// Of the layers between: the pooled kernel map and the map after the root.
    pooled: Vec<Vec<S>>,
    maps: Vec<Vec<S>>,
    evaluations: Vec<MapEvaluation<S>>,
    pool: PoolTape<S>,
    /// Gradients by a kernel map, and by a map.
    by_kernel: Vec<S>,
    by_map: Vec<S>,
    by_pooled: Vec<S>,
}

impl<S: Scalar> Stack<S> {
    /// The embedding of one strand of a record.
    ///
    /// # Shapes
    /// out `[dimension]`.
    pub(super) fn embed_strand(
        &self,
        index: &KmerIndex<'_>,
        record: usize,
        strand: usize,
        tape: &mut Tape<S>,
        out: &mut [S],
    ) -> Result<(), Error> {
        self.climb(index, record, strand, self.layers.len(), tape);
        let mut pool = std::mem::take(&mut tape.pool);
        let pooled = self.pool(tape.top(self.layers.len()), &mut pool, out);
        tape.pool = pool;
        pooled
    }

    /// Kernel maps up to that of a layer, the first being 0.
    pub(super) fn climb(&self, index: &KmerIndex<'_>, record: usize, strand: usize, to: usize, tape: &mut Tape<S>) {
        self.strands[strand].kernel_map_into(index, record, &mut tape.rows, &mut tape.first);
        tape.pooled.resize_with(self.layers.len(), Vec::new);
        tape.maps.resize_with(self.layers.len(), Vec::new);
        tape.evaluations.resize_with(self.layers.len(), MapEvaluation::default);
        for depth in 0..to {
            self.lift(depth, tape);
            self.layers[depth].evaluate(&tape.maps[depth], &mut tape.evaluations[depth]);
        }
    }

    /// From a layer's kernel map to the map that the next one sees.
    fn lift(&self, depth: usize, tape: &mut Tape<S>) {
        let below = &self.config.layers[depth];
        let kernel_map = if depth == 0 { &tape.first } else { &tape.evaluations[depth - 1].values };
        pool_locally(kernel_map, below.filters, below.subsampling, &mut tape.pooled[depth]);
        tape.maps[depth].resize(tape.pooled[depth].len(), S::zero());
        let positions = tape.pooled[depth].len() / below.filters;
        multiply(
            &mut tape.maps[depth],
            Accum::Replace,
            MatRef::from_row_major_slice(&tape.pooled[depth], positions, below.filters),
            MatRef::from_row_major_slice(&self.root_values[depth], below.filters, below.filters),
        );
    }

    /// Patches that a deeper layer sees on the forward strand of a record (`layer` counted from 0, at least 1).
    ///
    /// # Shapes
    /// `[windows, width · channels]`, positions first.
    pub fn patches(&self, index: &KmerIndex<'_>, record: usize, layer: usize) -> Vec<S> {
        let Some(depth) = layer.checked_sub(1).filter(|&depth| depth < self.layers.len()) else { return Vec::new() };
        let mut tape = Tape::default();
        self.climb(index, record, 0, depth, &mut tape);
        self.lift(depth, &mut tape);
        self.layers[depth].patches(&tape.maps[depth])
    }

    /// Adds the gradient of one strand, given that by its embedding.
    ///
    /// # Shapes
    /// upstream `[dimension]`.
    pub(super) fn pull_back_strand(
        &self,
        index: &KmerIndex<'_>,
        record: usize,
        strand: usize,
        tape: &mut Tape<S>,
        upstream: &[S],
        partial: &mut Partial<S>,
    ) -> Result<(), Error> {
        let depth = self.layers.len();
        let mut by_kernel = std::mem::take(&mut tape.by_kernel);
        let mut pool = std::mem::take(&mut tape.pool);
        self.pull_back_pool(tape.top(depth), &mut pool, upstream, &mut by_kernel, &mut partial.by_root[depth])?;
        tape.pool = pool;
        for depth in (0..depth).rev() {
            let below = &self.config.layers[depth];
            let positions = tape.maps[depth].len() / below.filters;
            tape.by_map.resize(tape.maps[depth].len(), S::zero());
            partial.by_sigma[depth + 1] += self.layers[depth].pull_back(
                &mut tape.evaluations[depth],
                &by_kernel,
                &mut partial.by_anchors[depth],
                &mut tape.by_map,
            );
            let by_map = MatRef::from_row_major_slice(&tape.by_map, positions, below.filters);
            let pooled = MatRef::from_row_major_slice(&tape.pooled[depth], positions, below.filters);
            let root = MatRef::from_row_major_slice(&self.root_values[depth], below.filters, below.filters);
            multiply(&mut partial.by_root[depth], Accum::Add, pooled.transpose(), by_map);
            tape.by_pooled.resize(tape.by_map.len(), S::zero());
            multiply(&mut tape.by_pooled, Accum::Replace, by_map, root);
            let windows = tape.top(depth).len() / below.filters;
            pull_back_local(&tape.by_pooled, below.filters, below.subsampling, windows, &mut by_kernel);
        }
        let (tables, gradient) = (&self.strands[strand], &mut partial.tables[strand]);
        tables.pull_back_kernel_map(index, record, &by_kernel, &mut partial.rows, gradient);
        tape.by_kernel = by_kernel;
        Ok(())
    }
}

impl<S> Tape<S> {
    /// The kernel map of a layer, the first being 0.
    fn top(&self, layer: usize) -> &[S] {
        match layer.checked_sub(1) {
            None => &self.first,
            Some(depth) => &self.evaluations[depth].values,
        }
    }
}
