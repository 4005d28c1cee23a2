//! One strand of one record, forward and backward.

use super::Stack;
use super::pass::Partial;
use super::pool::PoolTape;
use crate::map::{MapEvaluation, SparseMap, pool_locally, pull_back_local};
use crate::rows::{LANES, Row, add_outer_products, lane_blocks};
use crate::sequence::KmerIndex;
use crate::{Error, Scalar};

/// What is computed of one strand of one record; buffers are kept from record to record.
#[derive(Debug, Clone)]
pub struct Tape<S: Scalar> {
    /// The first layer's kernel values, `[windows, filters]`.
    first: Vec<Row<S>>,
    /// Of the layers between: the pooled kernel map, and the map after the root with the margins of the next layer.
    pooled: Vec<Vec<Row<S>>>,
    maps: Vec<Vec<Row<S>>>,
    evaluations: Vec<MapEvaluation<S>>,
    pool: PoolTape<S>,
    product: Vec<Row<S>>,
    /// Gradients by a kernel map, by a map, and by a pooled map.
    by_kernel: SparseMap<S>,
    by_map: SparseMap<S>,
    by_pooled: SparseMap<S>,
    /// Scratch of the first layer.
    first_rows: Vec<Row<S>>,
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
        self.strands[strand].map(index, record, &mut tape.first_rows, &mut tape.first);
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
        let width = lane_blocks(below.filters);
        let kernel_map = if depth == 0 { &tape.first } else { &tape.evaluations[depth - 1].values };
        let pooled = &mut tape.pooled[depth];
        pool_locally(kernel_map, width, &self.filters[depth], below.subsampling, pooled);
        self.root_rows[depth].apply(pooled, width, pooled.len() / width, &mut tape.product);
        let (before, after) = self.layers[depth].margins();
        let map = &mut tape.maps[depth];
        map.clear();
        map.resize(before * width, [S::zero(); LANES]);
        map.extend_from_slice(&tape.product);
        map.resize(map.len() + after * width, [S::zero(); LANES]);
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
            let width = lane_blocks(below.filters);
            let by_map = &mut tape.by_map;
            partial.by_sigma[depth + 1] += self.layers[depth].pull_back(
                &mut tape.evaluations[depth],
                &tape.maps[depth],
                &by_kernel,
                &mut partial.by_anchors[depth],
                by_map,
            );
            let starts = by_map.positions.iter().map(|position| position * width);
            add_outer_products(&tape.pooled[depth], starts, width, &by_map.rows, width, &mut partial.by_root[depth]);
            self.root_rows[depth].apply(&by_map.rows, width, by_map.positions.len(), &mut tape.by_pooled.rows);
            tape.by_pooled.positions.clone_from(&by_map.positions);
            let windows = tape.top(depth).len() / width;
            let filter = &self.filters[depth];
            pull_back_local(&tape.by_pooled, width, filter, below.subsampling, windows, &mut by_kernel);
        }
        let (first, gradient) = (&self.strands[strand], &mut partial.tables[strand]);
        first.pull_back_map(index, record, &by_kernel, &mut tape.first_rows, gradient);
        tape.by_kernel = by_kernel;
        Ok(())
    }
}

// By hand: deriving it would ask that `S::Index` has a default.
impl<S: Scalar> Default for Tape<S> {
    fn default() -> Self {
        Self {
            first: Vec::new(),
            pooled: Vec::new(),
            maps: Vec::new(),
            evaluations: Vec::new(),
            pool: PoolTape::default(),
            product: Vec::new(),
            by_kernel: SparseMap::default(),
            by_map: SparseMap::default(),
            by_pooled: SparseMap::default(),
            first_rows: Vec::new(),
        }
    }
}

impl<S: Scalar> Tape<S> {
    /// The kernel map of a layer, the first being 0.
    fn top(&self, layer: usize) -> &[Row<S>] {
        match layer.checked_sub(1) {
            None => &self.first,
            Some(depth) => &self.evaluations[depth].values,
        }
    }
}
