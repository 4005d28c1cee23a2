use std::ops::Range;

use ckn_core::seed::Seed;
use rand::seq::SliceRandom;
use rayon::prelude::*;
use serde::Serialize;

use super::{CheckedDeepBindSettings, DeepBindEngine, Task};
use crate::{Error, Event, Ignore, Observer, Split};

/// Parts of the data, each left out once.
const FOLDS: usize = 3;
/// Trials between two reports to the observer.
const BLOCK: usize = 8;

/// Drawn settings and what they are worth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Trial {
    /// The settings.
    pub settings: CheckedDeepBindSettings,
    /// Mean over the folds of the lowest loss on the fold left out.
    pub loss: f64,
}

/// The best of the drawn settings, and all that were tried. Interrupted, the best so far; if there is none, the settings
/// as they are.
pub(super) fn calibrate(
    settings: CheckedDeepBindSettings,
    task: Task<'_>,
    observer: &mut dyn Observer,
) -> Result<(CheckedDeepBindSettings, Vec<Trial>), Error> {
    let mut trials: Vec<Trial> = Vec::new();
    if settings.calibrations == 0 {
        return Ok((settings, trials));
    }
    let folds = folds(task.data.labels, settings.loss.is_classification(), Seed(settings.seed))?;
    'all: for start in (0..settings.calibrations).step_by(BLOCK) {
        for trial in block(settings, start..settings.calibrations.min(start + BLOCK), task, &folds)? {
            trials.push(trial);
            let best = trials.iter().fold(f64::INFINITY, |best, trial| best.min(trial.loss));
            let event = Event::Calibration { trial: trials.len(), of: settings.calibrations, loss: trial.loss, best };
            if observer.observe(event).is_break() {
                break 'all;
            }
        }
    }
    // The first of equals.
    let best = trials.iter().min_by(|a, b| a.loss.total_cmp(&b.loss));
    Ok((best.map_or(settings, |trial| trial.settings), trials))
}

fn block(
    settings: CheckedDeepBindSettings,
    trials: Range<usize>,
    task: Task<'_>,
    folds: &[Split],
) -> Result<Vec<Trial>, Error> {
    let jobs: Vec<(CheckedDeepBindSettings, &Split)> = trials
        .flat_map(|trial| {
            let drawn = settings.drawn(trial);
            folds.iter().map(move |split| (drawn, split))
        })
        .collect();
    let judge = |(settings, split): &(CheckedDeepBindSettings, &Split)| -> Result<f64, Error> {
        let run = task.run(*settings, split, &mut Ignore)?;
        Ok(run.epochs[run.best].validation_loss)
    };
    // A device does one thing at a time.
    let losses: Vec<f64> = match task.engine {
        DeepBindEngine::Slices => jobs.par_iter().map(judge).collect::<Result<_, _>>()?,
        #[cfg(feature = "tensors")]
        DeepBindEngine::Tensors(_) => jobs.iter().map(judge).collect::<Result<_, _>>()?,
    };
    let trials = jobs.chunks_exact(folds.len()).zip(losses.chunks_exact(folds.len()));
    Ok(trials
        .map(|(jobs, losses)| Trial { settings: jobs[0].0, loss: losses.iter().sum::<f64>() / losses.len() as f64 })
        .collect())
}

/// Three splits, whose validation parts are disjoint and make up all records; classes keep their share.
fn folds(labels: &[f64], classes: bool, seed: Seed) -> Result<Vec<Split>, Error> {
    let mut random = seed.stream("folds");
    let mut fold_of = vec![0; labels.len()];
    for class in [false, true] {
        let mut members: Vec<usize> =
            (0..labels.len()).filter(|&record| (classes && labels[record] > 0.5) == class).collect();
        if classes && members.len() < FOLDS {
            let positives = labels.iter().filter(|&&label| label > 0.5).count();
            return Err(Error::Folds { folds: FOLDS, positives, negatives: labels.len() - positives });
        }
        members.shuffle(&mut random);
        members.iter().enumerate().for_each(|(place, &record)| fold_of[record] = place % FOLDS);
    }
    if labels.len() < FOLDS {
        return Err(ckn_core::Error::Empty { what: "a fold of the calibration" }.into());
    }
    let split = |fold| {
        let (validation, training) = (0..labels.len()).partition(|&record| fold_of[record] == fold);
        Split { training, validation }
    };
    Ok((0..FOLDS).map(split).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_cut_the_records_into_three_and_keep_the_share_of_classes() {
        let labels: Vec<f64> = (0..60).map(|record| f64::from(record % 5 == 0)).collect();
        let folds = folds(&labels, true, Seed(1)).unwrap();
        let mut all: Vec<usize> = folds.iter().flat_map(|split| split.validation.clone()).collect();
        all.sort_unstable();
        assert_eq!(all, (0..60).collect::<Vec<_>>());
        for split in &folds {
            assert_eq!((split.training.len(), split.validation.len()), (40, 20));
            assert_eq!(split.validation.iter().filter(|&&record| labels[record] > 0.5).count(), 4);
        }
        assert!(super::folds(&labels[..12], true, Seed(1)).is_ok());
        assert!(matches!(super::folds(&labels[..6], true, Seed(1)), Err(Error::Folds { positives: 2, .. })));
    }
}
