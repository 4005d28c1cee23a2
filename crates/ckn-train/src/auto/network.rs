//! Networks: judged, and fitted.

use ckn_core::TokenView;
use ckn_core::seed::Seed;
use ckn_model::{Network, NetworkConfig};

use super::clock::Clock;
use super::folds::Judged;
use super::join::{Outcome, Part, Verdict};
use crate::{Error, Fitted, SliceEngine, StopReason, TrainConfig, Trainer, TrainingData, cross_validate};

/// Scores of every sequence by the network that had not seen its fold; nothing where the time was up.
pub(super) fn try_out(
    network: &NetworkConfig,
    learning: &TrainConfig,
    judged: &Judged<'_>,
    clock: &mut Clock<'_>,
) -> Result<Option<Verdict>, Error> {
    let data = judged.subset.data()?;
    let config = TrainConfig { seed: judged.seed.0, ..*learning }.check()?;
    let training = TrainingData::of_one_task(data.view, data.labels);
    let folds = cross_validate(&network.clone().check()?, config, training, judged.fold_of, clock)?;
    if folds.len() < judged.folds {
        return Ok(None);
    }
    let (mut scores, mut networks) = (vec![0.0; data.labels.len()], Vec::new());
    for fold in folds {
        fold.records.iter().zip(fold.scores).for_each(|(&record, score)| scores[record] = score);
        networks.extend(fold.fitted.heads.into_iter().next().map(|head| (fold.fitted.network, head)));
    }
    Ok(Some(Verdict::Judged(Outcome { scores, penalty: None, part: Part::Networks(networks) })))
}

/// Trains a network; nothing where the time was up.
pub(super) fn fit(
    network: &NetworkConfig,
    learning: &TrainConfig,
    view: TokenView<'_>,
    labels: &[f64],
    seed: Seed,
    clock: &mut Clock<'_>,
) -> Result<Option<Fitted>, Error> {
    let network = Network::random(network.clone().check()?, &mut seed.stream("network"))?;
    let mut engine = SliceEngine::new(view, &network)?;
    let config = TrainConfig { seed: seed.0, ..*learning }.check()?;
    let data = TrainingData::of_one_task(view, labels);
    let fitted = Trainer::init(config, &mut engine, data, network, clock)?.run(clock)?;
    Ok((fitted.reason != StopReason::Interrupted).then_some(fitted))
}
