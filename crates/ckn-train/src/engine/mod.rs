//! How embeddings and their gradient are computed; what they are is the network's matter.

mod awake;
#[cfg(feature = "wgpu")]
mod device;
mod pass;
#[cfg(feature = "tensors")]
mod reference;
mod slices;

use std::ops::{ControlFlow, Range};

use ckn_model::Network;

use crate::Error;
use crate::adam::Adam;

#[cfg(feature = "wgpu")]
pub use device::DeviceEngine;
pub use pass::Pass;
#[cfg(feature = "tensors")]
pub use reference::ReferenceEngine;
pub use slices::SliceEngine;

/// Writes the gradient by some embeddings: given a range of the records, their embeddings, and as many zeros, both
/// `[records, strands, dimension]`.
pub type Upstream<'a> = dyn Fn(Range<usize>, &[f32], &mut [f32]) + Sync + 'a;

/// Gradient of a function of embeddings.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradient {
    /// By the anchors: one `[filters, channels, width]` a layer, not projected on the sphere's tangent.
    pub anchors: Vec<Vec<f32>>,
    /// By the bandwidth `σ` of each layer; `None` from an engine that does not compute it.
    pub sigma: Option<Vec<f64>>,
}

/// Is told the records of a pass that are done, and may end it.
pub type Progress<'a> = dyn FnMut(usize) -> ControlFlow<()> + 'a;

/// Answers the trainer's two questions about one set of sequences.
pub trait Engine {
    /// Name of the engine and its device, for people.
    fn name(&self) -> String;

    /// Embeds some records.
    ///
    /// # Shapes
    /// out `[records, strands, dimension]`.
    ///
    /// # Errors
    /// Failures of the inverse root, or of the device.
    fn embed(&mut self, network: &Network, records: &[usize], out: &mut [f32]) -> Result<(), Error>;

    /// Gradient by the parameters of every layer of a function of the embeddings of some records.
    ///
    /// # Errors
    /// Failures of the inverse root, or of the device.
    fn pull_back(&mut self, network: &Network, records: &[usize], upstream: &Upstream<'_>) -> Result<Gradient, Error>;

    /// Moves the anchors of a network through all minibatches of a pass: one optimiser a layer. `None` leaves it to the trainer, which
    /// asks for one gradient after the other.
    ///
    /// # Errors
    /// As [`Self::pull_back`].
    fn descend(
        &mut self,
        _network: &mut Network,
        _optimisers: &mut [Adam],
        _pass: &Pass<'_>,
        _progress: &mut Progress<'_>,
    ) -> Result<Option<ControlFlow<()>>, Error> {
        Ok(None)
    }
}
