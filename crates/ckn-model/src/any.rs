//! A model of any kind.

use ckn_core::TokenView;

use crate::{DeepBindModel, Ensemble, Error, MachineModel, Model, ModelCard};

/// A trained model of any kind: what scores sequences, whatever it is.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AnyModel {
    /// A convolutional kernel network.
    Ckn(Model),
    /// A convolutional network after DeepBind.
    DeepBind(DeepBindModel),
    /// A machine on exact kernels.
    Machine(MachineModel),
    /// Several models as one.
    Ensemble(Ensemble),
}

impl AnyModel {
    /// What the model is for and where it comes from.
    pub fn card(&self) -> &ModelCard {
        match self {
            Self::Ckn(model) => model.card(),
            Self::DeepBind(model) => model.card(),
            Self::Machine(model) => model.card(),
            Self::Ensemble(model) => model.card(),
        }
    }

    /// Shortest sequence that has a score, in letters.
    pub fn shortest_sequence(&self) -> usize {
        match self {
            Self::Ckn(model) => model.network().config().shortest_sequence(),
            Self::DeepBind(_) => 1,
            Self::Machine(model) => model.machine().shortest_sequence(),
            Self::Ensemble(model) => model.members().iter().map(Self::shortest_sequence).max().unwrap_or(1),
        }
    }

    /// Scores of sequences, on all threads; the result does not depend on their number.
    ///
    /// # Errors
    /// Those of the kind's `scores`.
    pub fn scores(&self, view: TokenView<'_>) -> Result<Vec<f64>, Error> {
        match self {
            Self::Ckn(model) => model.scores(view),
            Self::DeepBind(model) => model.scores(view),
            Self::Machine(model) => model.scores(view),
            Self::Ensemble(model) => model.scores(view),
        }
    }

    /// The kind, in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Ckn(_) => "CKN",
            Self::DeepBind(_) => "DeepBind",
            Self::Machine(_) => "kernel-machine",
            Self::Ensemble(_) => "joint",
        }
    }
}

impl From<Model> for AnyModel {
    fn from(model: Model) -> Self {
        Self::Ckn(model)
    }
}

impl From<MachineModel> for AnyModel {
    fn from(model: MachineModel) -> Self {
        Self::Machine(model)
    }
}

impl From<Ensemble> for AnyModel {
    fn from(model: Ensemble) -> Self {
        Self::Ensemble(model)
    }
}

impl From<DeepBindModel> for AnyModel {
    fn from(model: DeepBindModel) -> Self {
        Self::DeepBind(model)
    }
}
