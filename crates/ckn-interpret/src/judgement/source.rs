//! Models that motifs are read from.

use ckn_model::{Body, DeepBind, Model, ModelCard, NetworkView};

/// A model that motifs are read from.
#[derive(Debug, Clone, Copy)]
pub enum MotifSource<'a> {
    /// Anchor points of a network.
    Network(NetworkView<'a>),
    /// Detectors of a network after DeepBind.
    Detectors(&'a DeepBind, &'a ModelCard),
}

impl<'a> MotifSource<'a> {
    /// What can be read of a model; `None` of one without anchor points or detectors.
    pub fn of(model: &'a Model) -> Option<Self> {
        match model.body() {
            Body::Network(_) => model.network().map(Self::Network),
            Body::Baseline(network) => Some(Self::Detectors(network, model.card())),
            _ => None,
        }
    }

    /// The card of the model.
    pub fn card(self) -> &'a ModelCard {
        match self {
            Self::Network(model) => model.card(),
            Self::Detectors(_, card) => card,
        }
    }

    /// The network, if it has anchor points.
    pub fn network(self) -> Option<NetworkView<'a>> {
        match self {
            Self::Network(model) => Some(model),
            Self::Detectors(..) => None,
        }
    }

    /// Letters of a filter.
    pub fn width(self) -> usize {
        match self {
            Self::Network(model) => model.network().layers()[0].width(),
            Self::Detectors(network, _) => network.config().width,
        }
    }
}

impl<'a> From<NetworkView<'a>> for MotifSource<'a> {
    fn from(model: NetworkView<'a>) -> Self {
        Self::Network(model)
    }
}
