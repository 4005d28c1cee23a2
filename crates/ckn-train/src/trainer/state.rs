//! The state of a training between two epochs: what goes on from it ends as if there had been no break.

use ckn_core::head::LinearHead;
use ckn_core::solver::Termination;
use ckn_model::Network;
use serde::{Deserialize, Serialize};

use super::{Best, Trainer};
use crate::adam::Adam;
use crate::plateau::Plateau;
use crate::targets::Targets;
use crate::{CheckedTrainConfig, Engine, EpochRecord, Error, Event, Observer, TrainingData};

/// Everything that a training has beside its data and settings, after some epochs.
///
/// Random streams are named and numbered by epochs, so that they have no state of their own. Numbers keep every bit in a format
/// that does.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainerState {
    network: Parameters,
    heads: Vec<Head>,
    termination: Termination,
    optimisers: Vec<Adam>,
    sigma_optimiser: Adam,
    plateau: Plateau,
    learning_rate: f64,
    l2: f64,
    epochs: Vec<EpochRecord>,
    best: Option<BestState>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BestState {
    epoch: usize,
    network: Parameters,
    heads: Vec<Head>,
    termination: Termination,
}

/// What is learned of a network.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    anchors: Vec<Vec<f32>>,
    /// Of the layers that have a bandwidth.
    sigmas: Vec<Option<f64>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    weights: Vec<f64>,
    intercept: f64,
}

impl TrainerState {
    /// Epochs that are done, the k-means start first.
    pub fn epochs(&self) -> &[EpochRecord] {
        &self.epochs
    }

    pub(super) fn set_epochs(&mut self, epochs: &[EpochRecord]) {
        self.epochs = epochs.to_vec();
    }
}

impl Parameters {
    fn of(network: &Network) -> Self {
        let layers = network.layers();
        Self {
            anchors: layers.iter().map(|layer| layer.anchors().to_vec()).collect(),
            sigmas: layers.iter().map(|layer| layer.kernel().sigma()).collect(),
        }
    }

    /// The network that they are of, by its configuration.
    fn restore(self, like: &Network) -> Result<Network, Error> {
        let mut network = Network::new(like.config().clone(), self.anchors)?;
        for (layer, sigma) in self.sigmas.into_iter().enumerate().take(network.layers().len()) {
            if let Some(sigma) = sigma {
                network.set_sigma(layer, sigma)?;
            }
        }
        Ok(network)
    }
}

fn stored(heads: &[LinearHead]) -> Vec<Head> {
    heads.iter().map(|head| Head { weights: head.weights().to_vec(), intercept: head.intercept() }).collect()
}

/// As many heads of as many weights as there are.
fn restored(heads: Vec<Head>, outputs: usize, dimension: usize) -> Result<Vec<LinearHead>, Error> {
    if heads.len() != outputs || heads.iter().any(|head| head.weights.len() != dimension) {
        return Err(Error::State { what: "heads" });
    }
    let heads = heads.into_iter().map(|head| Ok(LinearHead::new(head.weights, head.intercept)?));
    heads.collect()
}

impl<'a, E: Engine> Trainer<'a, E> {
    /// What a training goes on from that begins where this one stands.
    pub fn state(&self) -> TrainerState {
        TrainerState { epochs: self.epochs.clone(), ..self.state_but_epochs() }
    }

    /// The state, its list of epochs still empty.
    pub(super) fn state_but_epochs(&self) -> TrainerState {
        let best = self.best.as_ref().map(|best| BestState {
            epoch: best.epoch,
            network: Parameters::of(&best.network),
            heads: stored(&best.heads),
            termination: best.termination,
        });
        TrainerState {
            network: Parameters::of(&self.network),
            heads: stored(&self.heads),
            termination: self.termination,
            optimisers: self.optimisers.clone(),
            sigma_optimiser: self.sigma_optimiser.clone(),
            plateau: self.plateau.clone(),
            learning_rate: self.learning_rate,
            l2: self.l2,
            epochs: Vec::new(),
            best,
        }
    }

    /// Starts as [`Self::init`] does, or goes on as [`Self::resume`] does where there is a state.
    ///
    /// # Errors
    /// Those of both.
    pub fn begin(
        config: CheckedTrainConfig,
        engine: &'a mut E,
        data: TrainingData<'a>,
        network: Network,
        state: Option<TrainerState>,
        observer: &mut dyn Observer,
    ) -> Result<Self, Error> {
        match state {
            Some(state) => Self::resume(config, engine, data, &network, state, observer),
            None => Self::init(config, engine, data, network, observer),
        }
    }

    /// Goes on from a state of a training on the same data, with the same settings and a network of the same configuration; its
    /// numbers of epochs may differ.
    ///
    /// # Errors
    /// [`Error::State`] if the state does not fit; those of [`Self::init`].
    pub fn resume(
        config: CheckedTrainConfig,
        engine: &'a mut E,
        data: TrainingData<'a>,
        network: &Network,
        state: TrainerState,
        observer: &mut dyn Observer,
    ) -> Result<Self, Error> {
        let all: Vec<usize> = (0..data.view.len()).collect();
        let split = data.split(&config, &all)?;
        let records = split.records(data.view.len())?;
        let targets = Targets::new(data, &records, config.loss, config.class_weight)?;
        let network = state.network.restore(network)?;
        let (outputs, dimension) = (targets.outputs(), network.dimension());
        let fits = |(adam, layer): (&Adam, &ckn_model::Layer)| adam.parameters() == layer.anchors().len();
        let layers = network.layers();
        if state.optimisers.len() != layers.len() || !state.optimisers.iter().zip(layers).all(fits) {
            return Err(Error::State { what: "moments of Adam" });
        }
        if state.sigma_optimiser.parameters() != layers.len() {
            return Err(Error::State { what: "moments of the bandwidths" });
        }
        let best = state.best.map(|best| {
            if best.epoch >= state.epochs.len() {
                return Err(Error::State { what: "best epoch" });
            }
            Ok(Best {
                epoch: best.epoch,
                network: best.network.restore(&network)?,
                heads: restored(best.heads, outputs, dimension)?,
                termination: best.termination,
            })
        });
        let _ = observer.observe(Event::Started {
            engine: &engine.name(),
            training: split.training.len(),
            validation: split.validation.len(),
            epochs: config.epochs,
        });
        for epoch in &state.epochs {
            let _ = observer.observe(Event::Epoch(epoch));
        }
        Ok(Self {
            heads: restored(state.heads, outputs, dimension)?,
            best: best.transpose()?,
            config,
            engine,
            targets,
            split,
            network,
            termination: state.termination,
            optimisers: state.optimisers,
            sigma_optimiser: state.sigma_optimiser,
            plateau: state.plateau,
            learning_rate: state.learning_rate,
            l2: state.l2,
            epochs: state.epochs,
            reason: None,
        })
    }
}
