//! Models that motifs are read from.

use std::path::Path;

use ckn::model::{AnyModel, DeepBindModel, Model, ModelCard};

use crate::exit::Usage;

/// A model that motifs are read from.
#[derive(Clone, Copy)]
pub enum Subject<'a> {
    Network(&'a Model),
    Detectors(&'a DeepBindModel),
}

impl<'a> Subject<'a> {
    /// What can be read of a model.
    pub fn of(model: &'a AnyModel, path: &Path) -> anyhow::Result<Self> {
        match model {
            AnyModel::Ckn(model) => Ok(Self::Network(model)),
            AnyModel::DeepBind(model) => Ok(Self::Detectors(model)),
            _ => {
                let path = path.display();
                let message = format!(
                    "{path} is a machine on the exact kernel, or several models as one, and has no anchor points: give the \
                     network of a few that `ckn train --auto` wrote beside it, {path}.few.ckn"
                );
                Err(Usage(message).into())
            }
        }
    }

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

impl<'a> From<&'a Model> for Subject<'a> {
    fn from(model: &'a Model) -> Self {
        Self::Network(model)
    }
}
