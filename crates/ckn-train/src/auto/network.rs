//! Networks: judged, and fitted.

use ckn_core::TokenView;
use ckn_core::seed::Seed;
use ckn_model::{Network, NetworkConfig};

use super::clock::Clock;
use super::folds::Judged;
use super::join::{Outcome, Part, Verdict};
use crate::{Error, Fitted, SliceEngine, StopReason, TrainConfig, Trainer, TrainingData, cross_validate};

/// Most trainings of a network that was chosen.
const STARTS: usize = 4;

/// How far below what cross-validation found a training's AUROC is when it is done again.
const SHORT_OF: f64 = 0.05;

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

/// How a network is trained that was chosen.
pub(super) struct Fit<'a> {
    pub(super) network: &'a NetworkConfig,
    pub(super) learning: &'a TrainConfig,
    pub(super) view: TokenView<'a>,
    pub(super) labels: &'a [f64],
    /// What it reached on the folds left out: a training that stays far below is done again.
    pub(super) expected: f64,
    pub(super) seed: Seed,
}

impl Fit<'_> {
    /// Trains the network, and again from other starts where it does not get where it should; the best of the trainings, and what each
    /// reached on the records that chose its epoch. Nothing where the time was up before there was one.
    pub(super) fn run(&self, clock: &mut Clock<'_>) -> Result<Option<(Fitted, Vec<f64>)>, Error> {
        let mut best: Option<(Fitted, f64)> = None;
        let mut reached = Vec::new();
        for start in 0..STARTS {
            let seed = if start == 0 { self.seed } else { self.seed.child(&format!("start/{start}")) };
            let Some(fitted) = self.once(seed, clock)? else { break };
            let auroc = fitted.epochs.get(fitted.best).and_then(|epoch| epoch.validation_auroc).unwrap_or(1.0);
            reached.push(auroc);
            if best.as_ref().is_none_or(|(_, highest)| auroc > *highest) {
                best = Some((fitted, auroc));
            }
            if auroc >= self.expected - SHORT_OF {
                break;
            }
        }
        Ok(best.map(|(fitted, _)| (fitted, reached)))
    }

    fn once(&self, seed: Seed, clock: &mut Clock<'_>) -> Result<Option<Fitted>, Error> {
        let network = Network::random(self.network.clone().check()?, &mut seed.stream("network"))?;
        let mut engine = SliceEngine::new(self.view, &network)?;
        let config = TrainConfig { seed: seed.0, ..*self.learning }.check()?;
        let data = TrainingData::of_one_task(self.view, self.labels);
        let fitted = Trainer::init(config, &mut engine, data, network, clock)?.run(clock)?;
        Ok((fitted.reason != StopReason::Interrupted).then_some(fitted))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ckn_core::LetterTable;

    use super::super::{Candidate, Family};
    use super::*;
    use crate::Ignore;

    #[test]
    fn a_training_that_stays_below_what_is_expected_is_done_again_and_the_best_is_kept() -> Result<(), Error> {
        let table = LetterTable::new(4, &[], None)?;
        let (mut tokens, labels): (Vec<u8>, Vec<f64>) =
            ((0..80 * 20u32).map(|at| (at * at / 7 % 4) as u8).collect(), (0..80).map(|i| f64::from(i % 2)).collect());
        for (record, sequence) in tokens.chunks_exact_mut(20).enumerate().filter(|(record, _)| record % 6 == 1) {
            sequence[record % 14..][..6].copy_from_slice(&[0, 2, 3, 1, 2, 2]);
        }
        let offsets: Vec<usize> = (0..=80).map(|record| record * 20).collect();
        let view = TokenView::new(&tokens, &offsets, &table)?;
        let family = Family { letters: 4, both_strands: false, typical: 6, aligned: false };
        let Candidate::Network { network, learning } = family.learnt(4, 3) else { return Err(Error::NothingTried) };
        let reached = |expected: f64| {
            let (network, learning) = (&network, &*learning);
            let fit = Fit { network, learning, view, labels: &labels, expected, seed: Seed(3) };
            let mut observer = Ignore;
            let fitted = fit.run(&mut Clock::new(&mut observer, None, Duration::ZERO))?;
            fitted.ok_or(Error::NothingTried)
        };
        let (fitted, all) = reached(2.0)?;
        assert_eq!(all.len(), STARTS);
        assert!(all[1..].iter().any(|auroc| *auroc != all[0]), "{all:?}");
        let kept = fitted.epochs[fitted.best].validation_auroc;
        assert_eq!(kept, all.iter().copied().reduce(f64::max));
        assert_eq!(reached(0.0)?.1, all[..1]);
        Ok(())
    }
}
