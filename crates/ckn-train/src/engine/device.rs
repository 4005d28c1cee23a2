use std::ops::ControlFlow;

use burn::tensor::Device;
use ckn_burn::{DevicePass, Moments, Resident};
use ckn_core::TokenView;
use ckn_model::Network;

use super::{Engine, Gradient, Pass, Progress, Upstream};
use crate::Error;
use crate::adam::Adam;

/// Networks of one layer on a graphics card: the sequences live there, and a whole pass over minibatches is made there.
///
/// k-means and the heads' convex problems stay on the CPU.
#[derive(Debug)]
pub struct DeviceEngine {
    resident: Resident,
    name: String,
}

impl DeviceEngine {
    /// Tries the kernels on a device, and copies the sequences there.
    ///
    /// # Errors
    /// [`ckn_burn::Error::Inaccurate`] if the device computes wrongly; those of [`Resident::new`].
    pub fn new(view: TokenView<'_>, network: &Network, device: &Device) -> Result<Self, Error> {
        Resident::self_test(device)?.require(device)?;
        Ok(Self { resident: Resident::new(device, view, network)?, name: format!("kernels on {device:?}") })
    }

    /// The sequences on the device, and what was asked of it.
    pub fn resident(&self) -> &Resident {
        &self.resident
    }
}

impl Engine for DeviceEngine {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn embed(&mut self, network: &Network, records: &[usize], out: &mut [f32]) -> Result<(), Error> {
        Ok(self.resident.embed(network, records, out)?)
    }

    fn pull_back(&mut self, network: &Network, records: &[usize], upstream: &Upstream<'_>) -> Result<Gradient, Error> {
        let mut whole = |embeddings: &[f32], gradient: &mut [f32]| upstream(0..records.len(), embeddings, gradient);
        Ok(Gradient { anchors: vec![self.resident.pull_back(network, records, &mut whole)?], sigma: None })
    }

    fn descend(
        &mut self,
        network: &mut Network,
        optimisers: &mut [Adam],
        pass: &Pass<'_>,
        progress: &mut Progress<'_>,
    ) -> Result<Option<ControlFlow<()>>, Error> {
        let [adam] = optimisers else { return Ok(None) };
        let (labels, weights) = pass.labels();
        let (first, second, steps) = adam.moments();
        let narrow = |values: &[f64]| values.iter().map(|&value| value as f32).collect();
        let mut moments = Moments { first: narrow(first), second: narrow(second), steps };
        let passed = DevicePass {
            order: pass.order,
            batch: pass.batch,
            heads: pass.heads,
            loss: pass.loss(),
            labels: &labels,
            weights: &weights,
            learning_rate: pass.learning_rate,
        };
        let flow = self.resident.descend(network, &mut moments, &passed, progress)?;
        let wide = |values: &[f32]| values.iter().map(|&value| f64::from(value)).collect();
        adam.set_moments(wide(&moments.first), wide(&moments.second), moments.steps);
        Ok(Some(flow))
    }
}
