use ckn_core::TokenView;
use ckn_core::sequence::{KmerIndex, SequenceLayer, SequenceLayerConfig};
use ckn_model::Network;

use super::{Engine, Upstream};
use crate::Error;

/// Networks of one layer on the CPU, from k-mer tables: no tensors, no graph.
#[derive(Debug)]
pub struct SliceEngine<'a> {
    index: KmerIndex<'a>,
}

impl<'a> SliceEngine<'a> {
    /// Codes the sequences for networks of this shape.
    ///
    /// # Errors
    /// [`Error::TooDeep`] for more than one layer; [`ckn_core::Error::TooShort`] names a sequence without a window.
    pub fn new(view: TokenView<'a>, network: &Network) -> Result<Self, Error> {
        let config = network.config();
        match config.layers.as_slice() {
            [layer] => Ok(Self { index: KmerIndex::new(view, layer.width, config.border)? }),
            layers => Err(Error::TooDeep { layers: layers.len() }),
        }
    }

    fn layer(&self, network: &Network) -> Result<SequenceLayer<'a, f32>, Error> {
        let (config, layer) = (network.config(), &network.layers()[0]);
        let layer_config = SequenceLayerConfig {
            filters: layer.filters(),
            width: layer.width(),
            kernel: layer.kernel(),
            pooling: config.pooling,
            strands: config.strands,
            regularisation: config.regularisation,
        };
        Ok(SequenceLayer::new(layer.anchors(), layer_config, self.index.view().table())?)
    }
}

impl Engine for SliceEngine<'_> {
    fn name(&self) -> String {
        "slices on the CPU".into()
    }

    fn embed(&self, network: &Network, records: &[usize], out: &mut [f32]) -> Result<(), Error> {
        Ok(self.layer(network)?.embed(&self.index, records, out)?)
    }

    fn pull_back(
        &self,
        network: &Network,
        records: &[usize],
        upstream: &mut Upstream<'_>,
    ) -> Result<Vec<Vec<f32>>, Error> {
        let layer = self.layer(network)?;
        let forward = layer.forward(&self.index, records);
        let mut by_embeddings = vec![0.0; forward.embeddings.len()];
        upstream(&forward.embeddings, &mut by_embeddings);
        let gradient = layer.pull_back(&self.index, records, &forward, &by_embeddings)?;
        Ok(vec![gradient.anchors.into_iter().map(|value| value as f32).collect()])
    }
}
