//! A width or a bandwidth that is chosen: a network of each is trained, and one is kept.

use std::collections::BTreeMap;

use ckn::bio::LabelledSequences;
use ckn::core::seed::Seed;
use ckn::model::{CheckedConfig, Network};
use ckn::train::{CheckedTrainConfig, Ignore, TrainingData, train_best};

use super::engine::ChosenEngine;
use super::plan::Method;
use super::{Recipe, Trained, outcome};
use crate::exit::Usage;
use crate::progress::Progress;
use crate::talk::say;

impl Recipe {
    /// Leaves out networks that some sequence is too short for, of which at least the narrowest fits.
    pub(super) fn retain_fitting(&self, method: &mut Method, data: &LabelledSequences) {
        let Method::Grid { networks, .. } = method else { return };
        let shortest = data.sequences().iter().map(<[u8]>::len).min().unwrap_or(0);
        let before = networks.len();
        networks.retain(|network| network.shortest_sequence() <= shortest);
        if networks.len() < before && !self.quiet {
            let (left, of) = (networks.len(), before);
            say(format_args!("the shortest sequence has {shortest} letters, enough for {left} of {of} networks"));
        }
    }
}

/// Trains each network, and makes a model of the one of the lowest validation loss.
pub(super) fn fit(
    engine: &ChosenEngine,
    networks: &[CheckedConfig],
    learning: &CheckedTrainConfig,
    data: &LabelledSequences,
    hashes: &BTreeMap<String, String>,
    progress: &mut Progress,
) -> anyhow::Result<Trained> {
    let view = data.sequences().view();
    let training = TrainingData { view, labels: data.labels(), tasks: data.task_count() };
    let mut seconds = Vec::new();
    let found = train_best(networks.iter().cloned(), |config| -> anyhow::Result<_> {
        let first = config.layers[0];
        let network = Network::random(config, &mut Seed(learning.seed).stream("network"))?;
        let fitted = engine.fit(*learning, training, network, None, progress, &mut Ignore)?;
        seconds.push(progress.seconds.clone());
        let sigma = first.kernel.sigma().map(|sigma| format!(", σ {sigma}")).unwrap_or_default();
        if let Some(best) = fitted.epochs.get(fitted.best) {
            let (number, of, loss) = (seconds.len(), networks.len(), best.validation_loss);
            progress
                .note(format_args!("network {number}/{of}, width {}{sigma}: validation loss {loss:.4}", first.width));
        }
        Ok(fitted)
    })?;
    let Some((fitted, grid)) = found else {
        return Err(Usage("there is no network to train".into()).into());
    };
    if let Some((seconds, trial)) = seconds.into_iter().zip(&grid).find(|(_, trial)| trial.chosen) {
        progress.seconds = seconds;
        let sigma = trial.sigma.map(|sigma| format!(", σ {sigma}")).unwrap_or_default();
        progress.note(format_args!("kept the network of width {}{sigma}, of the lowest validation loss", trial.width));
    }
    Ok(Trained { grid, ..outcome::trained(fitted, learning, data, hashes)? })
}
