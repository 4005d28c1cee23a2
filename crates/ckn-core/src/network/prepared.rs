//! A network made ready to compute.

use std::ops::Range;

use super::{CheckedConfig, NetworkGradient};
use crate::sequence::{KmerIndex, PullBackBuffers as LayerBuffers, SequenceLayer};
use crate::stack::{PassBuffers, Stack};
use crate::whitening::InverseRoot;
use crate::{Error, LetterTable, Scalar};

/// A network made ready for the sequences of one alphabet: k-mer tables, maps, inverse roots.
#[derive(Debug, Clone)]
pub struct Prepared<S: Scalar>(Path<S>);

/// How a network is computed.
#[derive(Debug, Clone)]
enum Path<S: Scalar> {
    /// One layer whose windows are pooled one by one: everything from tables.
    Windows(Box<SequenceLayer<S>>),
    /// The first layer from tables or on gapped patches, the others on maps.
    Maps(Box<Stack<S>>),
}

/// Buffers of [`Prepared::pull_back`], kept from minibatch to minibatch.
#[derive(Debug, Clone, Default)]
pub struct PullBackBuffers<S: Scalar> {
    windows: LayerBuffers<S>,
    maps: PassBuffers<S>,
}

impl<S: Scalar> Prepared<S> {
    /// Prepares tables, maps and inverse roots.
    ///
    /// # Shapes
    /// anchors: one `[filters, channels, width]` a layer, of unit norm.
    ///
    /// # Errors
    /// [`Error::Shape`] if the anchors do not fit; [`Error::NoComplement`] if both strands are asked for and the alphabet has
    /// no complement; failures of the inverse root.
    pub fn new<T: Scalar>(config: &CheckedConfig, anchors: &[&[T]], table: &LetterTable) -> Result<Self, Error> {
        Ok(Self(match (anchors, config.is_windowed()) {
            ([anchors], true) => Path::Windows(Box::new(SequenceLayer::new(anchors, config, table)?)),
            _ => Path::Maps(Box::new(Stack::new(anchors, config, table)?)),
        }))
    }

    /// Prepares for other anchors or bandwidths, in the memory that is there where the configuration is the same. Nothing is
    /// computed for anchors that are prepared already.
    ///
    /// # Shapes
    /// as in [`Self::new`].
    ///
    /// # Errors
    /// Those of [`Self::new`], after which nothing must be computed before other anchors were set.
    pub fn update<T: Scalar>(&mut self, config: &CheckedConfig, anchors: &[&[T]]) -> Result<(), Error> {
        let (before, table, ready) = match &self.0 {
            Path::Windows(layer) => (layer.config(), layer.table(), layer.is_ready_for(anchors)),
            Path::Maps(stack) => (stack.config(), stack.table(), stack.is_ready_for(anchors)),
        };
        if before != config {
            *self = Self::new(config, anchors, &table.clone())?;
            return Ok(());
        }
        match (&mut self.0, anchors) {
            _ if ready => Ok(()),
            (Path::Windows(layer), [anchors]) => layer.set_anchors(anchors),
            (Path::Windows(_), _) => {
                Err(Error::Shape { what: "layers of anchor points", expected: 1, got: anchors.len() })
            }
            (Path::Maps(stack), _) => stack.set_anchors(anchors),
        }
    }

    /// The configuration.
    pub fn config(&self) -> &CheckedConfig {
        match &self.0 {
            Path::Windows(layer) => layer.config(),
            Path::Maps(stack) => stack.config(),
        }
    }

    /// The inverse root of a layer's Gram matrix.
    pub fn inverse_root(&self, layer: usize) -> &InverseRoot {
        match &self.0 {
            Path::Windows(only) => only.inverse_root(),
            Path::Maps(stack) => &stack.inverse_roots()[layer],
        }
    }

    /// Numbers of one record's embeddings: strands × dimension.
    pub fn row(&self) -> usize {
        let config = self.config();
        config.strands.count() * config.dimension()
    }

    /// Embeddings of some records, on all threads; the result does not depend on their number.
    ///
    /// # Shapes
    /// out `[records, strands, dimension]`.
    ///
    /// # Errors
    /// [`Error::Shape`] if the output does not fit; those of generalised max pooling.
    pub fn embed(&self, index: &KmerIndex<'_>, records: &[usize], out: &mut [S]) -> Result<(), Error> {
        match &self.0 {
            Path::Windows(layer) => layer.embed(index, records, out),
            Path::Maps(stack) => stack.embed(index, records, out),
        }
    }

    /// Embeds some records and pulls a gradient by their embeddings back to the parameters.
    ///
    /// # Shapes
    /// `upstream` is handed a range of the records, their embeddings `[records, strands, dimension]`, and as many zeros to
    /// write the gradient into.
    ///
    /// # Errors
    /// Those of [`Self::embed`]; failures of a root's adjoint.
    pub fn pull_back(
        &self,
        index: &KmerIndex<'_>,
        records: &[usize],
        upstream: impl Fn(Range<usize>, &[S], &mut [S]) + Sync,
        buffers: &mut PullBackBuffers<S>,
    ) -> Result<NetworkGradient, Error> {
        match &self.0 {
            Path::Windows(layer) => layer.pass(index, records, upstream, &mut buffers.windows),
            Path::Maps(stack) => stack.pass(index, records, upstream, &mut buffers.maps),
        }
    }

    /// Patches that a deeper layer sees on the forward strand of a record (`layer` counted from 0, at least 1).
    ///
    /// # Shapes
    /// `[windows, width · channels]`, positions first; none for a layer that is not there.
    pub fn patches(&self, index: &KmerIndex<'_>, record: usize, layer: usize) -> Vec<S> {
        match &self.0 {
            Path::Windows(_) => Vec::new(),
            Path::Maps(stack) => stack.patches(index, record, layer),
        }
    }
}
