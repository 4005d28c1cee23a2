//! Models that motifs are read from.

use std::borrow::Cow;

use ckn_model::{Body, DeepBind, Model, ModelCard, NetworkView};

use crate::Error;

/// What motifs of a model are read from.
#[derive(Debug, Clone, Copy)]
pub enum MotifSource<'a> {
    /// Anchor points of a network.
    Network(NetworkView<'a>),
    /// Detectors of a network after DeepBind.
    Detectors(&'a DeepBind, &'a ModelCard),
    /// Scores of any model: what letters of sequences add to them, or words.
    Scores(&'a Model),
}

impl<'a> MotifSource<'a> {
    /// Anchor points or detectors of a model that has them, else its scores.
    pub fn of(model: &'a Model) -> Self {
        match (model.body(), model.network()) {
            (_, Some(network)) => Self::Network(network),
            (Body::Baseline(network), _) => Self::Detectors(network, model.card()),
            _ => Self::Scores(model),
        }
    }

    /// The card of the model.
    pub fn card(self) -> &'a ModelCard {
        match self {
            Self::Network(model) => model.card(),
            Self::Detectors(_, card) => card,
            Self::Scores(model) => model.card(),
        }
    }

    /// The network, if it is read from anchor points.
    pub fn network(self) -> Option<NetworkView<'a>> {
        match self {
            Self::Network(model) => Some(model),
            Self::Detectors(..) | Self::Scores(_) => None,
        }
    }

    /// Letters of a filter; of a model read from its scores those of the shortest sequence that it sees.
    pub fn width(self) -> usize {
        match self {
            Self::Network(model) => model.network().layers()[0].width(),
            Self::Detectors(network, _) => network.config().width,
            Self::Scores(model) => model.shortest_sequence(),
        }
    }
}

impl<'a> From<NetworkView<'a>> for MotifSource<'a> {
    fn from(model: NetworkView<'a>) -> Self {
        Self::Network(model)
    }
}

/// The model of one output of a model.
pub(crate) fn of_output(model: &Model, output: usize) -> Result<Cow<'_, Model>, Error> {
    let outputs = &model.card().outputs;
    if outputs.is_empty() && output == 0 {
        return Ok(Cow::Borrowed(model));
    }
    let one = outputs.get(output).and_then(|name| model.output(name));
    one.map(Cow::Owned).ok_or(Error::Output { got: output, heads: outputs.len().max(1) })
}
