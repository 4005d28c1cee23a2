//! A one-layer network on sequences, from tokens to embeddings and back to the anchors' gradient.

use rayon::prelude::*;

use super::gradient::GradientTables;
use super::index::KmerIndex;
use super::maximum::{padded_rows, peaks};
use super::tables::{AnchorTables, Orientation};
use super::{LANES, Row};
use crate::error::check_length;
use crate::kernel::{DotProductKernel, gram, gram_pull_back};
use crate::pooling::{Pooling, Strands};
use crate::vectors::on_widest_vectors;
use crate::whitening::{InverseRoot, Regularisation};
use crate::{Error, LetterTable, Scalar};

/// Sequences of one parallel task. Results do not depend on the number of threads: tasks are cut by this number and
/// their gradients added in order.
const TASK: usize = 64;

/// Most partial gradients that exist at once.
const MAX_PARTIALS: usize = 16;

/// What a [`SequenceLayer`] is, beside its anchors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SequenceLayerConfig {
    /// Number of anchor points.
    pub filters: usize,
    /// Patch width, in letters.
    pub width: usize,
    /// Kernel between patches.
    pub kernel: DotProductKernel,
    /// Global pooling.
    pub pooling: Pooling,
    /// Strands that are embedded.
    pub strands: Strands,
    /// Regularisation of the inverse root.
    pub regularisation: Regularisation,
}

/// A layer with its tables and inverse root: everything that depends on the anchors and not on the data.
#[derive(Debug, Clone)]
pub struct SequenceLayer<'a, S> {
    config: SequenceLayerConfig,
    table: &'a LetterTable,
    anchors: Vec<f64>,
    strands: Vec<AnchorTables<S>>,
    inverse_root: InverseRoot,
    root: Vec<Row<S>>,
}

/// Embeddings of some sequences, with what their gradient needs.
#[derive(Debug, Clone)]
pub struct Forward<S> {
    /// `ψ`, `[records, strands, filters]`.
    pub embeddings: Vec<S>,
    /// Pooled `k` (mean and sum pooling), `[records, strands, filters]`.
    pooled: Vec<S>,
    /// Window of each coordinate's maximum (max pooling), `[records, strands, filters]`.
    peaks: Vec<u32>,
}

/// Gradient of a loss by a layer's parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct SequenceLayerGradient {
    /// By the anchors, `[filters, letters, width]`, not projected on the sphere's tangent.
    pub anchors: Vec<f64>,
    /// By the bandwidth `σ`; zero for kernels without one.
    pub sigma: f64,
}

struct Partial<S> {
    tables: Vec<GradientTables<S>>,
    root: Vec<f64>,
}

impl<'a, S: Scalar> SequenceLayer<'a, S> {
    /// Prepares tables and inverse root.
    ///
    /// # Shapes
    /// anchors `[filters, letters, width]`, of unit norm.
    ///
    /// # Errors
    /// Those of [`AnchorTables::new`] and [`InverseRoot::new`].
    pub fn new<T: Scalar>(anchors: &[T], config: SequenceLayerConfig, table: &'a LetterTable) -> Result<Self, Error> {
        let SequenceLayerConfig { filters, width, kernel, .. } = config;
        let inverse_root = InverseRoot::new(&gram(anchors, filters, &kernel)?, filters, config.regularisation)?;
        let orientations = [Orientation::Forward, Orientation::Reverse];
        let strands = orientations[..config.strands.count()]
            .iter()
            .map(|&orientation| AnchorTables::new(anchors, filters, width, kernel, table, orientation))
            .collect::<Result<Vec<_>, Error>>()?;
        let root = padded_rows(inverse_root.matrix(), filters);
        Ok(Self {
            config,
            table,
            anchors: anchors.iter().map(|value| value.wide()).collect(),
            strands,
            inverse_root,
            root,
        })
    }

    /// The configuration.
    pub fn config(&self) -> &SequenceLayerConfig {
        &self.config
    }

    /// The inverse root of the anchors' Gram matrix.
    pub fn inverse_root(&self) -> &InverseRoot {
        &self.inverse_root
    }

    /// Numbers of one record's embeddings: strands × filters.
    pub fn row(&self) -> usize {
        self.strands.len() * self.config.filters
    }

    /// Embeddings of some records.
    ///
    /// # Shapes
    /// out `[records, strands, filters]`.
    ///
    /// # Errors
    /// [`Error::Shape`] if the output does not fit.
    pub fn embed(&self, index: &KmerIndex<'_>, records: &[usize], out: &mut [S]) -> Result<(), Error> {
        check_length("embeddings", records.len() * self.row(), out.len())?;
        let row = self.row();
        records.par_chunks(TASK).zip(out.par_chunks_mut(TASK * row)).for_each(|(records, out)| {
            let mut scratch = Vec::new();
            self.forward_task(index, records, out, &mut [], &mut [], &mut scratch);
        });
        Ok(())
    }

    /// Embeddings of some records, keeping what [`Self::pull_back`] needs.
    pub fn forward(&self, index: &KmerIndex<'_>, records: &[usize]) -> Forward<S> {
        let row = self.row();
        let mut embeddings = vec![S::zero(); records.len() * row];
        let keeps_pooled = self.config.pooling != Pooling::Max;
        let mut pooled = vec![S::zero(); if keeps_pooled { embeddings.len() } else { 0 }];
        let mut at = vec![0u32; if keeps_pooled { 0 } else { embeddings.len() }];
        if keeps_pooled {
            let tasks = records.par_chunks(TASK).zip(embeddings.par_chunks_mut(TASK * row));
            tasks.zip(pooled.par_chunks_mut(TASK * row)).for_each(|((records, out), pooled)| {
                self.forward_task(index, records, out, pooled, &mut [], &mut Vec::new());
            });
        } else {
            let tasks = records.par_chunks(TASK).zip(embeddings.par_chunks_mut(TASK * row));
            tasks.zip(at.par_chunks_mut(TASK * row)).for_each(|((records, out), at)| {
                self.forward_task(index, records, out, &mut [], at, &mut Vec::new());
            });
        }
        Forward { embeddings, pooled, peaks: at }
    }

    fn forward_task(
        &self,
        index: &KmerIndex<'_>,
        records: &[usize],
        out: &mut [S],
        pooled: &mut [S],
        at: &mut [u32],
        map: &mut Vec<Row<S>>,
    ) {
        let (filters, row) = (self.config.filters, self.row());
        for (strand, tables) in self.strands.iter().enumerate() {
            if self.config.pooling == Pooling::Max {
                for (local, &record) in records.iter().enumerate() {
                    let place = local * row + strand * filters;
                    tables.map(index, record, map);
                    let at = if at.is_empty() { None } else { Some(&mut at[place..place + filters]) };
                    self.maximum(map, &mut out[place..place + filters], at);
                }
                continue;
            }
            let mut sums = vec![S::zero(); records.len() * filters];
            tables.sums(index, records, &mut sums);
            for (local, &record) in records.iter().enumerate() {
                let place = local * row + strand * filters;
                let share = self.share(index, record);
                let sums = &mut sums[local * filters..(local + 1) * filters];
                sums.iter_mut().for_each(|sum| *sum *= share);
                if !pooled.is_empty() {
                    pooled[place..place + filters].copy_from_slice(sums);
                }
            }
            for local in 0..records.len() {
                let sums = &sums[local * filters..(local + 1) * filters];
                self.apply_root(sums, &mut out[local * row + strand * filters..][..filters]);
            }
        }
    }

    /// Weight of one window in the pooled sum.
    fn share(&self, index: &KmerIndex<'_>, record: usize) -> S {
        match self.config.pooling {
            Pooling::Mean => S::one() / S::of(index.windows(record) as f64),
            Pooling::Sum | Pooling::Max => S::one(),
        }
    }

    /// `R v`, accumulated in `f64`.
    fn apply_root(&self, values: &[S], out: &mut [S]) {
        let matrix = self.inverse_root.matrix();
        for (slot, row) in out.iter_mut().zip(matrix.chunks_exact(values.len())) {
            *slot = S::of(row.iter().zip(values).map(|(a, b)| a * b.wide()).sum::<f64>());
        }
    }

    fn maximum(&self, map: &[Row<S>], out: &mut [S], at: Option<&mut [u32]>) {
        let lane_blocks = self.config.filters.div_ceil(LANES);
        let mut best = vec![[S::zero(); LANES]; lane_blocks];
        let mut windows = vec![[0u32; LANES]; lane_blocks];
        on_widest_vectors(
            #[inline(always)]
            || peaks(map, &self.root, self.config.filters, &mut best, &mut windows),
        );
        for (filter, slot) in out.iter_mut().enumerate() {
            *slot = best[filter / LANES][filter % LANES];
        }
        if let Some(at) = at {
            for (filter, slot) in at.iter_mut().enumerate() {
                *slot = windows[filter / LANES][filter % LANES];
            }
        }
    }

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
    ) -> Result<SequenceLayerGradient, Error> {
        let row = self.row();
        check_length("gradient by the embeddings", records.len() * row, upstream.len())?;
        check_length("embeddings", records.len() * row, forward.embeddings.len())?;
        let task = TASK.max(records.len().div_ceil(MAX_PARTIALS));
        let partials: Vec<Partial<S>> = records
            .par_chunks(task)
            .enumerate()
            .map(|(number, records)| {
                let from = number * task * row;
                self.pull_back_task(index, records, forward, from, &upstream[from..from + records.len() * row])
            })
            .collect();
        let mut partials = partials.into_iter();
        let Some(mut total) = partials.next() else {
            return Ok(SequenceLayerGradient { anchors: vec![0.0; self.anchors.len()], sigma: 0.0 });
        };
        for partial in partials {
            total.tables.iter_mut().zip(&partial.tables).for_each(|(sum, part)| sum.add(part));
            total.root.iter_mut().zip(&partial.root).for_each(|(sum, part)| *sum += part);
        }
        self.gather(&total)
    }

    fn pull_back_task(
        &self,
        index: &KmerIndex<'_>,
        records: &[usize],
        forward: &Forward<S>,
        from: usize,
        upstream: &[S],
    ) -> Partial<S> {
        let (filters, row) = (self.config.filters, self.row());
        let mut root = vec![0.0; filters * filters];
        let mut tables: Vec<GradientTables<S>> = self.strands.iter().map(GradientTables::zeros).collect();
        for (strand, (anchors, gradient)) in self.strands.iter().zip(&mut tables).enumerate() {
            if self.config.pooling == Pooling::Max {
                for (local, &record) in records.iter().enumerate() {
                    let place = local * row + strand * filters;
                    let peaks = &forward.peaks[from + place..][..filters];
                    let upstream = &upstream[place..place + filters];
                    self.pull_back_peaks(anchors, index, record, peaks, upstream, &mut root, gradient);
                }
                continue;
            }
            let mut by_sums = vec![S::zero(); records.len() * filters];
            for (local, &record) in records.iter().enumerate() {
                let place = local * row + strand * filters;
                let upstream = &upstream[place..place + filters];
                outer_product(upstream, &forward.pooled[from + place..][..filters], &mut root);
                let target = &mut by_sums[local * filters..(local + 1) * filters];
                self.apply_root(upstream, target);
                let share = self.share(index, record);
                target.iter_mut().for_each(|value| *value *= share);
            }
            anchors.pull_back_sums(index, records, &by_sums, gradient);
        }
        Partial { tables, root }
    }

    fn pull_back_peaks(
        &self,
        tables: &AnchorTables<S>,
        index: &KmerIndex<'_>,
        record: usize,
        peaks: &[u32],
        upstream: &[S],
        root: &mut [f64],
        gradient: &mut GradientTables<S>,
    ) {
        let filters = self.config.filters;
        let matrix = self.inverse_root.matrix();
        let mut order: Vec<usize> = (0..filters).collect();
        order.sort_by_key(|&filter| peaks[filter]);
        let mut kernel = vec![[S::zero(); LANES]; filters.div_ceil(LANES)];
        let mut by_kernel = vec![0.0f64; filters];
        for group in order.chunk_by(|&a, &b| peaks[a] == peaks[b]) {
            let window = peaks[group[0]] as usize;
            tables.window(index, record, window, &mut kernel);
            by_kernel.fill(0.0);
            for &filter in group {
                let weight = upstream[filter].wide();
                for other in 0..filters {
                    by_kernel[other] += weight * matrix[filter * filters + other];
                    root[filter * filters + other] += weight * kernel[other / LANES][other % LANES].wide();
                }
            }
            let by_kernel: Vec<S> = by_kernel.iter().map(|&value| S::of(value)).collect();
            tables.pull_back_window(index, record, window, &by_kernel, gradient);
        }
    }

    fn gather(&self, total: &Partial<S>) -> Result<SequenceLayerGradient, Error> {
        let by_gram = self.inverse_root.training_adjoint(&total.root)?;
        let mut anchors = vec![0.0; self.anchors.len()];
        let mut sigma = 0.0;
        for (tables, gradient) in self.strands.iter().zip(&total.tables) {
            let part = gradient.fold(tables, self.table);
            anchors.iter_mut().zip(&part.anchors).for_each(|(sum, value)| *sum += value);
            sigma += part.sigma;
        }
        gram_pull_back(&self.anchors, self.config.filters, &self.config.kernel, &by_gram, &mut anchors)?;
        let cosines = crate::kernel::cosines(&self.anchors, self.config.filters)?;
        for (cosine, weight) in cosines.iter().zip(&by_gram) {
            sigma += weight * self.config.kernel.derivative_by_sigma(*cosine).unwrap_or(0.0);
        }
        Ok(SequenceLayerGradient { anchors, sigma })
    }
}

fn outer_product<S: Scalar>(left: &[S], right: &[S], sum: &mut [f64]) {
    for (row, a) in sum.chunks_exact_mut(right.len()).zip(left) {
        for (slot, b) in row.iter_mut().zip(right) {
            *slot += a.wide() * b.wide();
        }
    }
}
