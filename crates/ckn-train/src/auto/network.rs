//! Networks: judged, and fitted.

use ckn_core::TokenView;
use ckn_core::seed::Seed;
use ckn_model::{Network, NetworkConfig};

use super::folds::Judged;
use super::join::Outcome;
use super::subset::Subset;
use crate::{Error, Event, Fitted, Observer, SliceEngine, StopReason, TrainConfig, Trainer, TrainingData};

/// Scores of every sequence by the network that had not seen its fold; `None` if the observer asked to stop.
pub(super) fn try_out(
    network: &NetworkConfig,
    learning: &TrainConfig,
    judged: &Judged<'_>,
    observer: &mut dyn Observer,
) -> Result<Option<Outcome>, Error> {
    let data = judged.subset.data()?;
    let mut scores = vec![0.0; data.labels.len()];
    for fold in 0..judged.folds {
        let (test, training): (Vec<usize>, Vec<usize>) =
            (0..data.labels.len()).partition(|&record| judged.fold_of[record] == fold);
        let training = Subset::new(data, &training);
        let part = training.data()?;
        let fitted = fit(network, learning, part.view, part.labels, judged.seed, observer)?;
        if fitted.reason == StopReason::Interrupted {
            return Ok(None);
        }
        let test_set = Subset::new(data, &test);
        let left_out = fitted.network.scores(&fitted.heads, test_set.data()?.view)?;
        test.iter().zip(left_out).for_each(|(&record, score)| scores[record] = score);
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
    let mut silent = |event: Event<'_>| match event {
        Event::Batch { .. } | Event::Epoch(_) => observer.observe(Event::Working),
        _ => std::ops::ControlFlow::Continue(()),
    };
    let data = TrainingData::of_one_task(view, labels);
    Trainer::init(config, &mut engine, data, network, &mut silent)?.run(&mut silent)
}
