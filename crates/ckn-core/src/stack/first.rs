//! The first layer of a stack: contiguous patches from k-mer tables, or gapped ones by recursion.

use crate::map::SparseMap;
use crate::network::NetworkConfig;
use crate::rows::Row;
use crate::sequence::{AnchorGradient, AnchorTables, GappedAnchors, GradientTables, KmerIndex, Orientation};
use crate::{Error, LetterSpace, Scalar};

/// The anchors of the first layer, ready to read one strand.
#[derive(Debug, Clone)]
pub(super) enum FirstLayer<S> {
    Contiguous(AnchorTables<S>),
    Gapped(GappedAnchors<S>),
}

impl<S: Scalar> FirstLayer<S> {
    /// Prepares unit-norm anchors for one strand.
    ///
    /// # Shapes
    /// anchors `[filters, letters, width]`.
    pub(super) fn new<T: Scalar>(
        anchors: &[T],
        config: &NetworkConfig,
        letters: &LetterSpace,
        orientation: Orientation,
    ) -> Result<Self, Error> {
        let layer = &config.layers[0];
        Ok(if config.has_gaps() {
            Self::Gapped(GappedAnchors::new(anchors, layer, config.gap_decay, letters, orientation)?)
        } else {
            Self::Contiguous(AnchorTables::new(anchors, layer, letters, orientation)?)
        })
    }

    /// Prepares other anchors.
    pub(super) fn set_anchors<T: Scalar>(&mut self, anchors: &[T]) -> Result<(), Error> {
        match self {
            Self::Contiguous(tables) => tables.set_anchors(anchors),
            Self::Gapped(gapped) => gapped.set_anchors(anchors),
        }
    }

    /// The kernel map of a record, in the order of the strand; rows is scratch.
    pub(super) fn map(&self, index: &KmerIndex<'_>, record: usize, rows: &mut Vec<Row<S>>, map: &mut Vec<Row<S>>) {
        match self {
            Self::Contiguous(tables) => tables.map(index, record, map),
            Self::Gapped(gapped) => gapped.map(index, record, rows, map),
        }
    }

    /// A gradient of zeros.
    pub(super) fn zeros(&self) -> GradientTables<S> {
        match self {
            Self::Contiguous(tables) => GradientTables::zeros(tables),
            Self::Gapped(gapped) => gapped.zeros(),
        }
    }

    /// Whether this is a gradient by a layer of this kind and size.
    pub(super) fn fits(&self, gradient: &GradientTables<S>) -> bool {
        match self {
            Self::Contiguous(tables) => gradient.fits(tables),
            Self::Gapped(gapped) => gapped.fits(gradient),
        }
    }

    /// Gradient of [`Self::map`]: adds to the gradient by tables or factors.
    ///
    /// # Shapes
    /// upstream over windows, in the order of the strand; rows is scratch.
    pub(super) fn pull_back_map(
        &self,
        index: &KmerIndex<'_>,
        record: usize,
        upstream: &SparseMap<S>,
        rows: &mut Vec<Row<S>>,
        gradient: &mut GradientTables<S>,
    ) {
        match self {
            Self::Contiguous(tables) => tables.pull_back_kernel_map(index, record, upstream, rows, gradient),
            Self::Gapped(gapped) => gapped.pull_back_map(index, record, upstream, rows, gradient),
        }
    }

    /// From the gradient by tables or factors to that by anchors and bandwidth.
    pub(super) fn fold(&self, gradient: &GradientTables<S>) -> AnchorGradient {
        match self {
            Self::Contiguous(tables) => gradient.fold(tables),
            Self::Gapped(gapped) => gapped.fold(gradient),
        }
    }
}
