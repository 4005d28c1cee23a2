//! Models that motifs are read from.

use ckn_model::{Model, DeepBindModel, ModelCard};

/// A model that motifs are read from.
#[derive(Debug, Clone, Copy)]
pub enum MotifSource<'a> {
    /// Anchor points of a network.
    Network(&'a Model),
    /// Detectors of a network after DeepBind.
    Detectors(&'a DeepBindModel),
}

impl<'a> MotifSource<'a> {
    /// What can be read of a model; `None` of one without anchor points or detectors.
    pub fn of(model: &'a Model) -> Option<Self> {
        match model {
            Body::Network(model) => Some(Self::Network(model)),
            Body::Baseline(model) => Some(Self::Detectors(model)),
            _ => None,
        }
    }

    /// The card of the model.
    pub fn card(self) -> &'a ModelCard {
        match self {
            Self::Network(model) => model.card(),
            Self::Detectors(model) => model.card(),
        }
    }

    /// The network, if it has anchor points.
    pub fn network(self) -> Option<&'a Model> {
        match self {
            Self::Network(model) => Some(model),
            Self::Detectors(_) => None,
        }
    }

    /// Letters of a filter.
    pub fn width(self) -> usize {
        match self {
            Self::Network(model) => model.network().layers()[0].width(),
            Self::Detectors(model) => model.network().config().width,
        }
    }
}

impl<'a> From<&'a Model> for MotifSource<'a> {
    fn from(model: &'a Model) -> Self {
        Self::Network(model)
    }
}
