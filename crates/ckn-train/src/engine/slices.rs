use ckn_core::TokenView;
use ckn_core::sequence::{KmerIndex, PullBackBuffers, SequenceLayer, SequenceLayerConfig};
use ckn_model::Network;

use super::awake::AwakeThreads;
use super::{Engine, Upstream};
use crate::Error;

/// Networks of one layer on the CPU, from k-mer tables: no tensors, no graph.
///
/// Tables and buffers are made once and filled again for every minibatch.
#[derive(Debug)]
pub struct SliceEngine<'a> {
    index: KmerIndex<'a>,
    layer: SequenceLayer<f32>,
    buffers: PullBackBuffers<f32>,
    awake: AwakeThreads,
}

impl<'a> SliceEngine<'a> {
    /// Codes the sequences for networks of this shape.
    ///
    /// # Errors
    /// [`Error::TooDeep`] for more than one layer; [`ckn_core::Error::TooShort`] names a sequence without a window;
    /// those of [`SequenceLayer::new`].
    pub fn new(view: TokenView<'a>, network: &Network) -> Result<Self, Error> {
        let config = network.config();
        let [layer] = network.layers() else {
            return Err(Error::TooDeep { layers: network.layers().len() });
        };
        let layer_config = SequenceLayerConfig {
            filters: layer.filters(),
            width: layer.width(),
            kernel: layer.kernel(),
            pooling: config.pooling,
            strands: config.strands,
            regularisation: config.regularisation,
        };
        Ok(Self {
            index: KmerIndex::new(view, layer.width(), config.border)?,
            layer: SequenceLayer::new(layer.anchors(), layer_config, view.table())?,
            buffers: PullBackBuffers::default(),
            awake: AwakeThreads::default(),
        })
    }
}

impl Engine for SliceEngine<'_> {
    fn name(&self) -> String {
        "slices on the CPU".into()
    }

    fn embed(&mut self, network: &Network, records: &[usize], out: &mut [f32]) -> Result<(), Error> {
        self.layer.set_anchors(network.layers()[0].anchors())?;
        Ok(self.layer.embed(&self.index, records, out)?)
    }

    fn pull_back(
        &mut self,
        network: &Network,
        records: &[usize],
        upstream: &Upstream<'_>,
    ) -> Result<Vec<Vec<f32>>, Error> {
        self.awake.ensure();
        self.layer.set_anchors(network.layers()[0].anchors())?;
        let gradient = self.layer.pass(&self.index, records, upstream, &mut self.buffers)?;
        Ok(vec![gradient.anchors.into_iter().map(|value| value as f32).collect()])
    }
}
