//! A recipe whose options fit each other, and what comes of following it.

use std::collections::BTreeMap;

use ckn::bio::LabelledSequences;
use ckn::core::loss::Loss;
use ckn::core::seed::Seed;
use ckn::model::{Body, CheckedConfig, DeepBindConfig, Model, Network};
use ckn::train::auto::{AutoSettings, Found};
use ckn::train::{
    CheckedDeepBindSettings, CheckedTrainConfig, EpochRecord, ExactSettings, GridTrial, LeftOut, PenaltyTrial,
    StopReason, TrainConfig, TrainingData, Trial, train_deepbind,
};

use super::auto::Chosen;
use super::checkpoint::Checkpoint;
use super::engine::ChosenEngine;
use super::{ANCHORS, auto, exact, grid, outcome};
use crate::exit;
use crate::progress::Progress;

/// A recipe whose options fit each other, ready to be followed.
pub struct Plan {
    pub engine: ChosenEngine,
    pub(super) method: Method,
}

pub(super) enum Method {
    Ckn {
        network: CheckedConfig,
        /// The network to begin with, where k-means does not place its anchor points.
        start: Option<Network>,
        learning: CheckedTrainConfig,
    },
    /// Several networks, of which one is kept.
    Grid {
        networks: Vec<CheckedConfig>,
        learning: CheckedTrainConfig,
    },
    DeepBind {
        network: DeepBindConfig,
        learning: CheckedDeepBindSettings,
    },
    /// The labels say which.
    Open,
    Auto(AutoSettings),
    Exact(ExactSettings),
}

/// What a training of either kind leaves.
pub struct Trained {
    pub model: Model,
    pub epochs: Vec<EpochRecord>,
    pub best: usize,
    pub reason: StopReason,
    pub calibration: Vec<Trial>,
    pub penalties: Vec<PenaltyTrial>,
    /// Networks of which this one was kept.
    pub grid: Vec<GridTrial>,
    /// Records that the epoch was chosen by; none where that is not told.
    pub validation: Vec<usize>,
    /// Scores of records by models that had not seen them, where a choice was made by such scores.
    pub left_out: Option<LeftOut>,
    /// What a search found.
    pub auto: Option<Chosen>,
    /// The exit code.
    pub status: u8,
}

impl Plan {
    /// Loss of the scores.
    pub fn loss(&self) -> Loss {
        match &self.method {
            Method::Ckn { learning, .. } | Method::Grid { learning, .. } => learning.loss,
            Method::DeepBind { learning, .. } => learning.loss,
            Method::Open | Method::Auto(_) => Loss::Logistic,
            Method::Exact(settings) => settings.loss,
        }
    }

    /// Settings of the network, or of the machine that was made, for the record.
    pub fn network(&self, model: &Model) -> serde_json::Result<serde_json::Value> {
        match &self.method {
            Method::Ckn { network, .. } => serde_json::to_value(&**network),
            Method::DeepBind { network, .. } => serde_json::to_value(network),
            Method::Grid { .. } | Method::Open | Method::Auto(_) | Method::Exact(_) => match model.body() {
                Body::Machine(machine) => serde_json::to_value(machine.config()),
                Body::Network(network) => serde_json::to_value(&**network.network().config()),
                _ => Ok(serde_json::Value::Null),
            },
        }
    }

    /// Tries candidates on some data, without training what is chosen; nothing where nothing is chosen.
    pub fn search(&self, data: &LabelledSequences, progress: &mut Progress) -> anyhow::Result<Option<Found>> {
        match &self.method {
            Method::Auto(settings) => auto::try_out(settings, data, progress).map(Some),
            _ => Ok(None),
        }
    }

    /// Trains on some data.
    pub fn fit(
        &self,
        data: &LabelledSequences,
        hashes: BTreeMap<String, String>,
        progress: &mut Progress,
        checkpoint: &mut Checkpoint,
    ) -> anyhow::Result<Trained> {
        match &self.method {
            Method::Ckn { network, start, learning } => {
                // The number of epochs is no part of it: a training may go on for longer than it was to.
                let lasting = TrainConfig { epochs: 0, ..**learning };
                let mut settings = serde_json::to_string(&(&**network, lasting, self.engine.name()))?;
                // Without given anchor points the words are those of older states.
                hashes.get(ANCHORS).into_iter().for_each(|anchors| settings.push_str(anchors));
                let state = checkpoint.begin(data, &settings, progress.is_quiet())?;
                let network = match start {
                    Some(start) => start.clone(),
                    None => Network::random(network.clone(), &mut Seed(learning.seed).stream("network"))?,
                };
                let view = data.sequences().view();
                let training = TrainingData { view, labels: data.labels(), tasks: data.task_count() };
                let fitted = self.engine.fit(*learning, training, network, state, progress, checkpoint)?;
                outcome::trained(fitted, learning, data, &hashes)
            }
            Method::Grid { networks, learning } => grid::fit(&self.engine, networks, learning, data, &hashes, progress),
            Method::DeepBind { network, learning } => {
                let training = TrainingData::of_one_task(data.sequences().view(), data.labels());
                let (learning, network) = (*learning, network.check()?);
                let fitted = train_deepbind(learning, network, &self.engine.deepbind(), training, progress)?;
                let interrupted = fitted.reason == StopReason::Interrupted;
                Ok(Trained {
                    status: if interrupted { exit::INTERRUPTED } else { exit::DONE },
                    epochs: fitted.epochs.clone(),
                    best: fitted.best,
                    reason: fitted.reason,
                    calibration: fitted.trials.clone(),
                    penalties: Vec::new(),
                    grid: Vec::new(),
                    validation: fitted.validation.clone(),
                    left_out: None,
                    auto: None,
                    model: fitted.into_model(outcome::provenance(data, &hashes))?,
                })
            }
            Method::Open => Err(anyhow::anyhow!("data are trained on before they are read")),
            Method::Auto(settings) => auto::fit(settings, data, &hashes, progress),
            Method::Exact(settings) => exact::fit(settings, data, &hashes, progress),
        }
    }
}
