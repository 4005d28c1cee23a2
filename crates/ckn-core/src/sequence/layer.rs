//! A one-layer network on sequences, ready to compute: everything that depends on the anchors and not on the data.

use super::tables::{AnchorTables, Orientation};
use super::{LANES, Row};
use crate::error::check_length;
use crate::kernel::{DotProductKernel, gram};
use crate::pooling::{Pooling, Strands};
use crate::rows::PaddedMatrix;
use crate::whitening::{InverseRoot, Regularisation};
use crate::{Error, LetterTable, Scalar};

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

/// A layer with its tables and inverse root.
#[derive(Debug, Clone)]
pub struct SequenceLayer<S> {
    pub(super) config: SequenceLayerConfig,
    pub(super) table: LetterTable,
    pub(super) anchors: Vec<f64>,
    pub(super) strands: Vec<AnchorTables<S>>,
    pub(super) inverse_root: InverseRoot,
    /// For values of every window.
    pub(super) root: PaddedMatrix<S>,
    /// For pooled values: the root multiplies their rounding, so that products of its own are kept exact.
    pub(super) wide_root: PaddedMatrix<f64>,
}

impl<S: Scalar> SequenceLayer<S> {
    /// Prepares tables and inverse root.
    ///
    /// # Shapes
    /// anchors `[filters, letters, width]`, of unit norm.
    ///
    /// # Errors
    /// [`Error::WholeMap`] for generalised max pooling; those of [`AnchorTables::new`] and [`InverseRoot::new`].
    pub fn new<T: Scalar>(anchors: &[T], config: SequenceLayerConfig, table: &LetterTable) -> Result<Self, Error> {
        let SequenceLayerConfig { filters, width, kernel, regularisation, pooling, .. } = config;
        if pooling == Pooling::Gmp {
            return Err(Error::WholeMap { pooling });
        }
        let inverse_root = InverseRoot::new(&gram(anchors, filters, &kernel)?, filters, regularisation)?;
        let orientations = [Orientation::Forward, Orientation::Reverse];
        let strands = orientations[..config.strands.count()]
            .iter()
            .map(|&orientation| AnchorTables::new(anchors, filters, width, kernel, table, orientation))
            .collect::<Result<Vec<_>, Error>>()?;
        let mut layer = Self {
            config,
            table: table.clone(),
            anchors: anchors.iter().map(|value| value.wide()).collect(),
            strands,
            inverse_root,
            root: PaddedMatrix::default(),
            wide_root: PaddedMatrix::default(),
        };
        layer.pad_root();
        Ok(layer)
    }

    /// Prepares the layer for other anchors, in the buffers that it has.
    ///
    /// # Shapes
    /// anchors `[filters, letters, width]`, of unit norm.
    ///
    /// # Errors
    /// [`Error::Shape`] if there are more or fewer anchors; those of [`InverseRoot::new`], after which the layer must not
    /// be used before other anchors were set.
    pub fn set_anchors<T: Scalar>(&mut self, anchors: &[T]) -> Result<(), Error> {
        check_length("anchor points", self.anchors.len(), anchors.len())?;
        let SequenceLayerConfig { filters, kernel, regularisation, .. } = self.config;
        let gram = gram(anchors, filters, &kernel)?;
        let (inverse_root, tables) = rayon::join(
            || InverseRoot::new(&gram, filters, regularisation),
            || self.strands.iter_mut().try_for_each(|strand| strand.set_anchors(anchors, &self.table)),
        );
        tables?;
        self.inverse_root = inverse_root?;
        for (slot, value) in self.anchors.iter_mut().zip(anchors) {
            *slot = value.wide();
        }
        self.pad_root();
        Ok(())
    }

    fn pad_root(&mut self) {
        match self.config.pooling {
            Pooling::Max => self.root.set(self.inverse_root.matrix(), self.config.filters),
            _ => self.wide_root.set(self.inverse_root.matrix(), self.config.filters),
        }
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

    pub(super) fn lane_blocks(&self) -> usize {
        self.strands[0].lane_blocks()
    }

    /// Weight of one of a record's windows in the pooled sum.
    pub(super) fn share(&self, windows: usize) -> f64 {
        match self.config.pooling {
            Pooling::Mean => 1.0 / windows as f64,
            _ => 1.0,
        }
    }

    /// Multiplies vectors by the inverse root, in `f64`.
    ///
    /// # Shapes
    /// vectors and wide `[vectors, lane blocks]`.
    pub(super) fn apply_root(&self, vectors: &mut [Row<S>], wide: &mut WideBuffers) {
        wide.vectors.resize(vectors.len(), [0.0; LANES]);
        for (wide, value) in wide.vectors.as_flattened_mut().iter_mut().zip(vectors.as_flattened()) {
            *wide = value.wide();
        }
        let width = self.lane_blocks();
        self.wide_root.apply(&wide.vectors, width, wide.vectors.len() / width, &mut wide.product);
        for (value, wide) in vectors.as_flattened_mut().iter_mut().zip(wide.product.as_flattened()) {
            *value = S::of(*wide);
        }
    }
}

/// Buffers of a product in `f64`.
#[derive(Debug, Clone, Default)]
pub(super) struct WideBuffers {
    vectors: Vec<Row<f64>>,
    product: Vec<Row<f64>>,
}
