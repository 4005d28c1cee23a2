//! A one-layer network on sequences, ready to compute: everything that depends on the anchors and not on the data.

use super::tables::{AnchorTables, Orientation};
use super::{LANES, Row};
use crate::error::check_length;
use crate::network::CheckedConfig;
use crate::pooling::WindowPooling;
use crate::rows::PaddedMatrix;
use crate::whitening::InverseRoot;
use crate::{Error, LetterTable, Scalar};

/// A layer with its tables and inverse root.
#[derive(Debug, Clone)]
pub struct SequenceLayer<S> {
    pub(super) config: CheckedConfig,
    pub(super) pooling: WindowPooling,
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
    /// [`Error::WholeMap`] for a pooling that windows alone do not give; [`Error::Shape`] for a network of several layers;
    /// [`Error::Parameter`] for gapped patches; those of [`AnchorTables::new`] and [`InverseRoot::new`].
    pub fn new<T: Scalar>(anchors: &[T], config: &CheckedConfig, table: &LetterTable) -> Result<Self, Error> {
        check_length("layers", 1, config.layers.len())?;
        if config.has_gaps() {
            return Err(Error::Parameter {
                name: "gap decay",
                got: config.gap_decay,
                expected: "0 for a layer of tables",
            });
        }
        let pooling = config.pooling.by_windows().ok_or(Error::WholeMap { pooling: config.pooling })?;
        let layer = &config.layers[0];
        let inverse_root = config.inverse_root(0, anchors)?;
        let letters = config.letter_space(table)?;
        let orientations = [Orientation::Forward, Orientation::Reverse];
        let strands = orientations[..config.strands.count()]
            .iter()
            .map(|&orientation| AnchorTables::new(anchors, layer, &letters, orientation))
            .collect::<Result<Vec<_>, Error>>()?;
        let mut layer = Self {
            config: config.clone(),
            pooling,
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
        // Until all is done, the layer is ready for no anchors.
        self.anchors.fill(f64::NAN);
        let (inverse_root, tables) = rayon::join(
            || self.config.inverse_root(0, anchors),
            || self.strands.iter_mut().try_for_each(|strand| strand.set_anchors(anchors)),
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
        let filters = self.filters();
        match self.pooling {
            WindowPooling::Maxima => self.root.set(self.inverse_root.matrix(), filters),
            WindowPooling::Sums => self.wide_root.set(self.inverse_root.matrix(), filters),
        }
    }

    /// The configuration.
    pub fn config(&self) -> &CheckedConfig {
        &self.config
    }

    pub(super) fn filters(&self) -> usize {
        self.config.layers[0].filters
    }

    /// What tokens mean.
    pub(crate) fn table(&self) -> &LetterTable {
        self.strands[0].letters.table()
    }

    /// Whether these are the anchors that the layer is prepared for.
    pub(crate) fn is_ready_for<T: Scalar>(&self, anchors: &[&[T]]) -> bool {
        anchors.len() == 1 && same(&self.anchors, anchors[0])
    }

    /// The inverse root of the anchors' Gram matrix.
    pub fn inverse_root(&self) -> &InverseRoot {
        &self.inverse_root
    }

    /// Numbers of one record's embeddings: strands × filters.
    pub fn row(&self) -> usize {
        self.strands.len() * self.filters()
    }

    pub(super) fn lane_blocks(&self) -> usize {
        self.strands[0].lane_blocks()
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

/// Whether values are the same, number by number.
pub(crate) fn same<T: Scalar>(wide: &[f64], values: &[T]) -> bool {
    wide.len() == values.len() && wide.iter().zip(values).all(|(wide, value)| *wide == value.wide())
}

/// Buffers of a product in `f64`.
#[derive(Debug, Clone, Default)]
pub(super) struct WideBuffers {
    vectors: Vec<Row<f64>>,
    product: Vec<Row<f64>>,
}
