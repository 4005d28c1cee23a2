use burn::tensor::{DType, Device};
use ckn_burn::{FirstLayer, SequenceCkn, anchor_gradients};
use ckn_core::TokenView;
use ckn_core::sequence::KmerIndex;
use ckn_model::Network;

use super::{Engine, Gradient, Upstream};
use crate::Error;

/// Networks of any depth through the one-hot layers of `ckn_burn`, on any device.
///
/// Gradients come from the tensors' graph. Whole data sets are embedded on slices, as prediction does, so that a model
/// predicts what its training saw, to the bit.
#[derive(Debug)]
pub struct ReferenceEngine<'a> {
    view: TokenView<'a>,
    index: KmerIndex<'a>,
    device: Device,
}

impl<'a> ReferenceEngine<'a> {
    /// An engine on a device (without autodiff: it is added here).
    ///
    /// # Errors
    /// [`ckn_core::Error::TooShort`] names a sequence without a window.
    pub fn new(view: TokenView<'a>, network: &Network, device: &Device) -> Result<Self, Error> {
        let index = network.config().index(view)?;
        Ok(Self { view, index, device: device.clone().autodiff() })
    }
}

impl Engine for ReferenceEngine<'_> {
    fn name(&self) -> String {
        format!("reference on {:?}", self.device)
    }

    fn embed(&mut self, network: &Network, records: &[usize], out: &mut [f32]) -> Result<(), Error> {
        Ok(network.prepared::<f32>(self.view.table())?.embed(&self.index, records, out)?)
    }

    fn pull_back(&mut self, network: &Network, records: &[usize], upstream: &Upstream<'_>) -> Result<Gradient, Error> {
        let module =
            SequenceCkn::from_network(network, &self.device, DType::F32)?.with_first_layer(FirstLayer::Reference);
        let mut whole = |embeddings: &[f32], gradient: &mut [f32]| upstream(0..records.len(), embeddings, gradient);
        Ok(Gradient { anchors: anchor_gradients(&module, self.view, records, &mut whole)?, sigma: None })
    }
}
