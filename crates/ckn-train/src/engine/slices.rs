use ckn_core::TokenView;
use ckn_core::sequence::{KmerIndex, PullBackBuffers, SequenceLayer};
use ckn_core::stack::{PassBuffers, Stack};
use ckn_model::Network;

use super::awake::AwakeThreads;
use super::{Engine, Gradient, Upstream};
use crate::Error;

/// Networks on the CPU, their first layer from k-mer tables: no tensors, no graph.
///
/// Tables and buffers are made once and filled again for every minibatch.
#[derive(Debug)]
pub struct SliceEngine<'a> {
    index: KmerIndex<'a>,
    kind: Kind,
    awake: AwakeThreads,
}

#[derive(Debug)]
enum Kind {
    Layer { layer: Box<SequenceLayer<f32>>, buffers: PullBackBuffers<f32> },
    Stack { stack: Box<Stack<f32>>, buffers: PassBuffers<f32> },
}

impl Kind {
    fn new(view: TokenView<'_>, network: &Network) -> Result<Self, Error> {
        Ok(match network.sequence_layer_config() {
            Some(config) => Self::Layer {
                layer: Box::new(SequenceLayer::new(network.layers()[0].anchors(), config, view.table())?),
                buffers: PullBackBuffers::default(),
            },
            None => Self::Stack {
                stack: Box::new(Stack::new(&network.all_anchors(), network.stack_config(), view.table())?),
                buffers: PassBuffers::default(),
            },
        })
    }

    /// Prepares for the anchors of a network of the same shape; bandwidths may have moved.
    fn set(&mut self, view: TokenView<'_>, network: &Network) -> Result<(), Error> {
        let same = match self {
            Self::Layer { layer, .. } => Some(layer.config()) == network.sequence_layer_config().as_ref(),
            Self::Stack { stack, .. } => *stack.config() == network.stack_config(),
        };
        if !same {
            *self = Self::new(view, network)?;
            return Ok(());
        }
        match self {
            Self::Layer { layer, .. } => layer.set_anchors(network.layers()[0].anchors())?,
            Self::Stack { stack, .. } => stack.set_anchors(&network.all_anchors())?,
        }
        Ok(())
    }
}

impl<'a> SliceEngine<'a> {
    /// Codes the sequences for networks of this shape.
    ///
    /// # Errors
    /// [`ckn_core::Error::TooShort`] names a sequence without a window; those of [`SequenceLayer::new`] and
    /// [`Stack::new`].
    pub fn new(view: TokenView<'a>, network: &Network) -> Result<Self, Error> {
        let index = network.prepared::<f32>(view.table())?.index(view)?;
        Ok(Self { index, kind: Kind::new(view, network)?, awake: AwakeThreads::new() })
    }
}

impl Engine for SliceEngine<'_> {
    fn name(&self) -> String {
        "slices on the CPU".into()
    }

    fn embed(&mut self, network: &Network, records: &[usize], out: &mut [f32]) -> Result<(), Error> {
        self.kind.set(self.index.view(), network)?;
        match &self.kind {
            Kind::Layer { layer, .. } => layer.embed(&self.index, records, out)?,
            Kind::Stack { stack, .. } => stack.embed(&self.index, records, out)?,
        }
        Ok(())
    }

    fn pull_back(&mut self, network: &Network, records: &[usize], upstream: &Upstream<'_>) -> Result<Gradient, Error> {
        self.awake.ensure();
        self.kind.set(self.index.view(), network)?;
        Ok(match &mut self.kind {
            Kind::Layer { layer, buffers } => {
                let gradient = layer.pass(&self.index, records, upstream, buffers)?;
                Gradient { anchors: vec![narrow(gradient.anchors)], sigma: Some(vec![gradient.sigma]) }
            }
            Kind::Stack { stack, buffers } => {
                let gradient = stack.pass(&self.index, records, upstream, buffers)?;
                let anchors = gradient.anchors.into_iter().map(narrow).collect();
                Gradient { anchors, sigma: Some(gradient.sigma) }
            }
        })
    }
}

fn narrow(gradient: Vec<f64>) -> Vec<f32> {
    gradient.into_iter().map(|value| value as f32).collect()
}
