//! The penalty, by cross-validation inside the training data.

use ckn_core::TokenView;
use ckn_core::metrics::auroc;
use ckn_core::seed::Seed;
use ckn_model::SequenceKernel;
use rand::seq::SliceRandom;
use serde::Serialize;

use super::ExactSettings;
use super::problem::Posed;
use crate::cross_validation::deal;
use crate::kernel_matrix::{MatrixSum, pairs};
use crate::taken::taken;
use crate::targets::{Targets, mean_loss};
use crate::{Error, Event, LeftOut, Observer};

/// Penalties, from the strongest.
const PENALTIES: [f64; 10] = [30.0, 10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001];

/// Pairs of windows of a kernel that are compared at most: half a minute of one core. All fits share the matrix.
const PAIRS: f64 = 2e11;

/// Fewest sequences that are judged, however long they are.
const FEWEST: usize = 500;

/// The path is followed to here at least.
const FOLLOWED: f64 = 0.3;

/// What a weaker penalty must be better by: of equals the stronger one is the safer, and the faster.
const BETTER: f64 = 1e-4;

/// Penalties in a row that are no better than the best so far, after which the path ends.
const WORSE: usize = 2;

/// Distance from the optimum at which a fit stops, in units of the slope of a loss: rankings do not change below it.
const TOLERANCE: f64 = 0.01;

/// What a penalty was worth on the folds left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PenaltyTrial {
    /// The trial, counted from 1.
    pub trial: usize,
    /// The penalty.
    pub l2: f64,
    /// Mean loss, of all tasks alike; of squared losses the mean squared error.
    pub loss: f64,
    /// Mean over folds and tasks of the AUROC, where labels are two classes: the highest is chosen, elsewhere the lowest loss.
    pub auroc: Option<f64>,
    /// AUROC of each task, if there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub task_aurocs: Vec<Option<f64>>,
    /// Whether it is the machine's.
    pub chosen: bool,
}

/// What judging penalties came to.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) trials: Vec<PenaltyTrial>,
    /// Scores by the machines of the penalty that was chosen.
    pub(super) left_out: Option<LeftOut>,
    /// Whether the observer ended it.
    pub(super) interrupted: bool,
}

/// Judges penalties from the strongest on, until they get no better.
pub(super) fn search(
    settings: &ExactSettings,
    targets: &Targets<'_>,
    view: TokenView<'_>,
    groups: &[usize],
    observer: &mut dyn Observer,
) -> Result<Judged, Error> {
    let (folds, seed) = (settings.folds, Seed(settings.seed));
    let alone: Vec<usize>;
    let groups = if groups.is_empty() {
        alone = (0..view.len()).collect();
        &alone
    } else {
        groups
    };
    let records = screened(groups, settings.screening.min(affordable(settings, view)), seed);
    let own: Vec<usize> = records.iter().map(|&record| groups[record]).collect();
    check_folds(targets, &records, &own, folds)?;
    let fold_of = deal(&own, |place| std::cmp::Reverse(targets.pattern(records[place])), folds, seed);
    let (tokens, offsets) = taken(view, &records);
    let part = TokenView::new(&tokens, &offsets, view.table())?;
    let (both, mut go_on) = (settings.both_strands, || observer.observe(Event::Working));
    let mut matrix = match MatrixSum::new(part, &settings.kernels, both, f64::INFINITY, &mut go_on) {
        Err(Error::Interrupted) => return Ok(Judged { interrupted: true, ..Judged::default() }),
        matrix => matrix?,
    };
    let posed = Posed::by_folds(targets, &records, &fold_of, folds);
    let (mut trials, mut left_out) = (Vec::<PenaltyTrial>::new(), Vec::new());
    let (mut start, mut best, mut worse) = (Vec::new(), None::<(f64, usize)>, 0);
    let mut interrupted = observer.observe(Event::Working).is_break();
    for (number, &l2) in PENALTIES.iter().enumerate() {
        if interrupted {
            break;
        }
        let fitted = posed.fit(&mut matrix, l2, TOLERANCE, &start, |_, _| {
            let flow = observer.observe(Event::Working);
            interrupted = flow.is_break();
            flow
        })?;
        if interrupted {
            break;
        }
        let scores = posed.left_out(&fitted, &fold_of);
        let (trial, worth) = judged(targets, &posed, (&records, &fold_of, folds), &scores);
        trials.push(PenaltyTrial { trial: number + 1, l2, ..trial });
        if best.is_none_or(|(highest, _)| worth > highest + BETTER) {
            (best, worse, left_out) = (Some((worth, number)), 0, scores);
        } else {
            worse += 1;
        }
        interrupted = observer.observe(Event::Penalty { trial: &trials[number], of: PENALTIES.len() }).is_break();
        if worse >= WORSE && l2 <= FOLLOWED {
            break;
        }
        start = fitted.coefficients;
    }
    if let Some((_, number)) = best {
        trials[number].chosen = true;
    }
    let left_out = best.map(|_| LeftOut { records, scores: left_out });
    Ok(Judged { trials, left_out, interrupted })
}

/// Sequences of which a matrix can be written in reasonable time.
fn affordable(settings: &ExactSettings, view: TokenView<'_>) -> usize {
    let of = |kernel: &SequenceKernel| {
        let all = pairs(view, kernel.width, settings.both_strands);
        view.len() as f64 * (PAIRS / all.max(1.0)).sqrt()
    };
    (settings.kernels.iter().map(of).fold(f64::INFINITY, f64::min) as usize).max(FEWEST)
}

/// The records of groups at random, ascending, at most `most`.
fn screened(groups: &[usize], most: usize, seed: Seed) -> Vec<usize> {
    if groups.len() <= most {
        return (0..groups.len()).collect();
    }
    let mut order: Vec<usize> = groups.to_vec();
    order.sort_unstable();
    order.dedup();
    order.shuffle(&mut seed.stream("screening"));
    let place: std::collections::BTreeMap<usize, usize> =
        order.into_iter().enumerate().map(|(place, group)| (group, place)).collect();
    let mut records: Vec<usize> = (0..groups.len()).collect();
    records.sort_by_key(|&record| (place[&groups[record]], record));
    records.truncate(most);
    records.sort_unstable();
    records
}

/// Checks that there is enough for every fold.
fn check_folds(targets: &Targets<'_>, records: &[usize], groups: &[usize], folds: usize) -> Result<(), Error> {
    let mut distinct = groups.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < folds {
        let expected = "at least as many as folds, to choose the penalty by cross-validation";
        return Err(Error::Setting { name: "groups of sequences", got: distinct.len() as f64, expected });
    }
    if targets.is_binary() && targets.tasks() == 1 {
        let positives = records.iter().filter(|&&record| targets.label(record, 0) > Some(0.5)).count();
        let negatives = records.len() - positives;
        if positives < folds || negatives < folds {
            return Err(Error::Folds { folds, positives, negatives });
        }
    }
    Ok(())
}

/// What scores of records left out say, and what the choice goes by: the higher, the better.
fn judged(
    targets: &Targets<'_>,
    posed: &Posed<'_>,
    (records, fold_of, folds): (&[usize], &[usize], usize),
    scores: &[f64],
) -> (PenaltyTrial, f64) {
    let (tasks, outputs) = (targets.tasks(), targets.outputs());
    let mut sums = vec![(0.0, 0); tasks];
    for (&record, row) in records.iter().zip(scores.chunks_exact(outputs)) {
        targets.add_losses(record, row, &mut sums);
    }
    let loss = targets.reported(mean_loss(&sums));
    let mut trial = PenaltyTrial { trial: 0, l2: 0.0, loss, auroc: None, task_aurocs: Vec::new(), chosen: false };
    if !targets.is_binary() {
        let shares = sums.iter().zip(posed.variances());
        let relative: Vec<(f64, usize)> = shares.map(|(&(sum, count), variance)| (sum / variance, count)).collect();
        return (trial, -mean_loss(&relative));
    }
    let of = |task: usize, fold: usize| {
        let inside = records.iter().zip(scores.chunks_exact(outputs)).zip(fold_of).filter(|(_, of)| **of == fold);
        let known = inside.filter_map(|((&record, row), _)| Some((row[task], targets.label(record, task)?)));
        let (scores, labels): (Vec<f64>, Vec<f64>) = known.unzip();
        auroc(&scores, &labels).value()
    };
    let mean = |values: Vec<f64>| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
    let aurocs: Vec<Option<f64>> =
        (0..tasks).map(|task| mean((0..folds).filter_map(|fold| of(task, fold)).collect())).collect();
    trial.auroc = mean(aurocs.iter().copied().flatten().collect());
    if tasks > 1 {
        trial.task_aurocs = aurocs;
    }
    // Where no fold has both classes, the loss decides.
    let worth = trial.auroc.unwrap_or(-loss);
    (trial, worth)
}
