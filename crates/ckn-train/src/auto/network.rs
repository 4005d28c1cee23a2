//! Networks: judged, and fitted.

use std::ops::ControlFlow;

use ckn_core::TokenView;
use ckn_core::seed::Seed;
use ckn_model::{Network, NetworkConfig};

use super::folds::Judged;
use super::join::Outcome;
use crate::{Error, Event, Fitted, Observer, SliceEngine, TrainConfig, Trainer, TrainingData, cross_validate};

/// Scores of every sequence by the network that had not seen its fold; `None` if the observer asked to stop.
pub(super) fn try_out(
    network: &NetworkConfig,
    learning: &TrainConfig,
    judged: &Judged<'_>,
    observer: &mut dyn Observer,
) -> Result<Option<Outcome>, Error> {
    let data = judged.subset.data()?;
    let config = TrainConfig { seed: judged.seed.0, ..*learning }.check()?;
    let training = TrainingData::of_one_task(data.view, data.labels);
    let folds = cross_validate(&network.clone().check()?, config, training, judged.fold_of, &mut silent(observer))?;
    if folds.len() < judged.folds {
        return Ok(None);
    }
    let mut scores = vec![0.0; data.labels.len()];
    for fold in folds {
        fold.records.iter().zip(fold.scores).for_each(|(&record, score)| scores[record] = score);
    }
    Ok(Some(Outcome { scores, penalty: None }))
}

/// Trains a network; the observer is asked whether to stop, and told nothing.
pub(super) fn fit(
    network: &NetworkConfig,
    learning: &TrainConfig,
    view: TokenView<'_>,
    labels: &[f64],
    seed: Seed,
    observer: &mut dyn Observer,
) -> Result<Fitted, Error> {
    let network = Network::random(network.clone().check()?, &mut seed.stream("network"))?;
    let mut engine = SliceEngine::new(view, &network)?;
    let config = TrainConfig { seed: seed.0, ..*learning }.check()?;
    let mut silent = silent(observer);
    let data = TrainingData::of_one_task(view, labels);
    Trainer::init(config, &mut engine, data, network, &mut silent)?.run(&mut silent)
}

/// An observer that is asked whether to stop, and told nothing.
fn silent(observer: &mut dyn Observer) -> impl FnMut(Event<'_>) -> ControlFlow<()> {
    |event| match event {
        Event::Batch { .. } | Event::Epoch(_) => observer.observe(Event::Working),
        _ => ControlFlow::Continue(()),
    }
}
