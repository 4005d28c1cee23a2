//! From what was chosen and trained to one model.

use ckn_model::{Ensemble, KernelMachine, LinearHead, Model, ModelCard, Network};

use super::Found;
use super::reader::FewAnchors;
use crate::Error;

/// What was chosen: machines trained on all sequences, networks on those that they were judged on.
#[derive(Debug, Clone)]
pub struct AutoFitted {
    /// The machines as one, if any was chosen.
    pub machine: Option<KernelMachine>,
    /// Networks, their heads and the weights of their scores; the machine's weight is 1.
    pub networks: Vec<(Network, LinearHead, f64)>,
    /// What is added to the sum.
    pub intercept: f64,
}

impl AutoFitted {
    /// The weighted sum of the members as a model, with a card for each part (`machine`, `network` or `whole`) and its own AUROC
    /// on the folds left out, where it was measured.
    ///
    /// # Errors
    /// Those of the cards; [`Error::Model`] if the alphabet of a card is not that of the members.
    pub fn into_model(
        self,
        found: &Found,
        card: impl Fn(&str, Option<f64>) -> Result<ModelCard, Error>,
    ) -> Result<Model, Error> {
        let (machine_auroc, network_aurocs) = found.member_aurocs();
        let mut parts: Vec<(Model, f64)> = Vec::new();
        if let Some(machine) = self.machine {
            parts.push((Model::new(machine, card("machine", machine_auroc)?)?, 1.0));
        }
        for ((network, head, weight), auroc) in self.networks.into_iter().zip(network_aurocs) {
            parts.push((Model::of_network(network, vec![head], card("network", Some(auroc))?)?, weight));
        }
        let (members, weights) = parts.into_iter().unzip();
        Ok(Model::new(Ensemble::new(members, weights, self.intercept)?, card("whole", Some(found.auroc))?)?)
    }
}

impl FewAnchors {
    /// The network as a model, whose card also has the AUROC of the model that it was taught by.
    ///
    /// # Errors
    /// [`Error::Model`] if the alphabet of the card is not that of the network.
    pub fn into_model(self, mut card: ModelCard) -> Result<Model, Error> {
        card.measured.insert("model_auroc".to_owned(), self.model_auroc);
        Ok(Model::of_network(self.network, vec![self.head], card)?)
    }
}
