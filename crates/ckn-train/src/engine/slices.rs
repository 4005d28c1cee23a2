use ckn_core::TokenView;
use ckn_core::network::{Prepared, PullBackBuffers};
use ckn_core::sequence::KmerIndex;
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
    prepared: Prepared<f32>,
    buffers: PullBackBuffers<f32>,
    awake: AwakeThreads,
}

impl<'a> SliceEngine<'a> {
    /// Codes the sequences for networks of this shape.
    ///
    /// # Errors
    /// [`ckn_core::Error::TooShort`] names a sequence without a window; those of [`Prepared::new`].
    pub fn new(view: TokenView<'a>, network: &Network) -> Result<Self, Error> {
        let index = network.config().index(view)?;
        let prepared = network.prepared(view.table())?;
        Ok(Self { index, prepared, buffers: PullBackBuffers::default(), awake: AwakeThreads::new() })
    }
}

impl Engine for SliceEngine<'_> {
    fn name(&self) -> String {
        "slices on the CPU".into()
    }

    fn embed(&mut self, network: &Network, records: &[usize], out: &mut [f32]) -> Result<(), Error> {
        self.prepared.update(network.config(), &network.anchors())?;
        Ok(self.prepared.embed(&self.index, records, out)?)
    }

    fn pull_back(&mut self, network: &Network, records: &[usize], upstream: &Upstream<'_>) -> Result<Gradient, Error> {
        self.awake.ensure();
        self.prepared.update(network.config(), &network.anchors())?;
        let gradient = self.prepared.pull_back(&self.index, records, upstream, &mut self.buffers)?;
        let narrow = |values: Vec<f64>| values.into_iter().map(|value| value as f32).collect();
        Ok(Gradient { anchors: gradient.anchors.into_iter().map(narrow).collect(), sigma: Some(gradient.sigma) })
    }
}
