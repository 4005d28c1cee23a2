//! From sequences to embeddings, on slices.

use ckn_core::pooling::{Border, Pooling};
use ckn_core::sequence::{KmerIndex, SequenceLayer, SequenceLayerConfig};
use ckn_core::stack::{Stack, StackConfig, StackLayer};
use ckn_core::{LetterTable, TokenView};

use crate::{Error, Network};

/// A network made ready for the sequences of one alphabet: tables, reordered anchors, inverse roots.
#[derive(Debug)]
pub struct Encoder<'a> {
    network: &'a Network,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// One layer and a pooling of its windows: everything from tables.
    Layer(Box<SequenceLayer<f32>>),
    /// First layer from tables, the others on maps.
    Stack(Box<Stack<f32>>),
}

impl Network {
    /// Makes the network ready for sequences of an alphabet.
    ///
    /// # Errors
    /// [`ckn_core::Error::NoComplement`] if both strands are asked for and the alphabet has no complement; failures of
    /// the inverse root.
    pub fn encoder<'a>(&'a self, table: &'a LetterTable) -> Result<Encoder<'a>, Error> {
        let kind = match self.sequence_layer_config() {
            Some(config) => Kind::Layer(Box::new(SequenceLayer::new(self.layers()[0].anchors(), config, table)?)),
            None => Kind::Stack(Box::new(Stack::new(&self.all_anchors(), self.stack_config(), table)?)),
        };
        Ok(Encoder { network: self, kind })
    }

    /// The network as a [`SequenceLayer`], if it is one: one layer, and a pooling that needs no whole map.
    pub fn sequence_layer_config(&self) -> Option<SequenceLayerConfig> {
        let ([layer], config) = (self.layers(), self.config()) else { return None };
        (config.pooling != Pooling::Gmp).then(|| SequenceLayerConfig {
            filters: layer.filters(),
            width: layer.width(),
            kernel: layer.kernel(),
            pooling: config.pooling,
            strands: config.strands,
            regularisation: config.regularisation,
        })
    }

    /// The network as a [`Stack`], which any network is.
    pub fn stack_config(&self) -> StackConfig {
        let layer = |layer: &crate::Layer| StackLayer {
            filters: layer.filters(),
            width: layer.width(),
            kernel: layer.kernel(),
            subsampling: layer.subsampling(),
        };
        let config = self.config();
        StackConfig {
            layers: self.layers().iter().map(layer).collect(),
            pooling: config.pooling,
            strands: config.strands,
            border: config.border,
            regularisation: config.regularisation,
        }
    }

    /// Codes sequences for the first layer.
    pub(crate) fn index<'v>(&self, view: TokenView<'v>) -> Result<KmerIndex<'v>, Error> {
        let config = self.config();
        if config.border == Border::Valid {
            view.check_width(config.shortest_sequence())?;
        }
        Ok(KmerIndex::new(view, config.layers[0].width, config.border)?)
    }

    /// Anchor points of every layer.
    ///
    /// # Shapes
    /// one `[filters, channels, width]` a layer.
    pub fn all_anchors(&self) -> Vec<&[f32]> {
        self.layers().iter().map(crate::Layer::anchors).collect()
    }
}

impl Encoder<'_> {
    /// Numbers of one record's embeddings: strands × dimension.
    pub fn row(&self) -> usize {
        self.network.dimension() * self.network.config().strands.count()
    }

    /// Codes the sequences for the first layer.
    ///
    /// # Errors
    /// [`ckn_core::Error::TooShort`] names a sequence that gives the last layer no window.
    pub fn index<'v>(&self, view: TokenView<'v>) -> Result<KmerIndex<'v>, Error> {
        self.network.index(view)
    }

    /// Embeddings of some records, on all threads; the result does not depend on their number.
    ///
    /// # Shapes
    /// out `[records, strands, dimension]`.
    ///
    /// # Errors
    /// [`ckn_core::Error::Shape`] if the output does not fit; those of generalised max pooling.
    pub fn embed(&self, index: &KmerIndex<'_>, records: &[usize], out: &mut [f32]) -> Result<(), Error> {
        let row = self.row();
        if out.len() != records.len() * row {
            let (expected, got) = (records.len() * row, out.len());
            return Err(ckn_core::Error::Shape { what: "embeddings", expected, got }.into());
        }
        match &self.kind {
            Kind::Layer(layer) => layer.embed(index, records, out)?,
            Kind::Stack(stack) => stack.embed(index, records, out)?,
        }
        Ok(())
    }

    /// Patches that a deeper layer sees on the forward strand of a record (`layer` counted from 0, at least 1).
    ///
    /// # Shapes
    /// `[windows, width · channels]`, positions first.
    pub fn patches(&self, index: &KmerIndex<'_>, record: usize, layer: usize) -> Vec<f32> {
        match &self.kind {
            Kind::Layer(_) => Vec::new(),
            Kind::Stack(stack) => stack.patches(index, record, layer),
        }
    }
}
