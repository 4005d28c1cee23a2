//! From trials to one model: which are averaged, how often each counts, and on which scale.

use ckn_core::head::{HeadConfig, fit_head};
use ckn_core::loss::Loss;
use ckn_core::pooling::Strands;
use ckn_core::solver::Lbfgs;
use ckn_model::{LinearHead, Network};

use super::Candidate;
use super::folds::Judged;
use crate::Error;

/// What a greedy addition must be better by: of equals the model of fewer members is the faster, and the easier to read.
const BETTER: f64 = 2e-4;

/// A model of one candidate that has seen the sequences that it was judged on.
#[derive(Debug, Clone)]
pub(super) enum Part {
    /// Coefficients of the judged sequences, their scales included, `[sequences]`.
    Machine { coefficients: Vec<f64>, intercept: f64 },
    /// Networks whose scores are averaged.
    Networks(Vec<(Network, LinearHead)>),
}

/// How the trial of a candidate ended.
pub(super) enum Verdict {
    /// All folds were judged.
    Judged(Outcome),
    /// It was given up after its first fold, with this AUROC.
    GivenUp(f64),
}

/// Scores of the sequences left out.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) scores: Vec<f64>,
    pub(super) penalty: Option<f64>,
    /// The mean of the models of all folds.
    pub(super) part: Part,
}

/// A candidate that was tried.
#[derive(Debug, Clone)]
pub(super) struct Tried {
    /// Its place among the trials.
    pub(super) trial: usize,
    pub(super) candidate: Candidate,
    pub(super) outcome: Outcome,
    pub(super) auroc: f64,
}

/// A member: what is trained, and the weight of its scores.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub(super) candidate: Candidate,
    pub(super) penalty: Option<f64>,
    pub(super) weight: f64,
    pub(super) auroc: f64,
    pub(super) part: Part,
}

/// The members of a model.
#[derive(Debug)]
pub(super) struct Joined {
    /// Places among the trials.
    pub(super) members: Vec<usize>,
    pub(super) choices: Vec<Choice>,
    pub(super) intercept: f64,
    pub(super) auroc: f64,
    /// Scores of the sequences left out, on the scale of the model, `[sequences]`.
    pub(super) left_out: Vec<f64>,
}

/// Adds up standardised scores: those of the best candidate twice, then, again and again, those of the one that raises the AUROC
/// on the folds left out most, until none does (Caruana et al. 2004). The scale is that of log-odds of balanced classes, by a
/// logistic regression on the same scores (Platt 1999).
pub(super) fn choose(tried: &[Tried], most: usize, judged: &Judged<'_>) -> Result<Joined, Error> {
    // Of equals the earlier trial.
    let best = (0..tried.len()).rev().max_by(|&one, &other| tried[one].auroc.total_cmp(&tried[other].auroc));
    let Some(best) = best else { return Err(Error::NothingTried) };
    let standardised: Vec<(f64, f64)> = tried.iter().map(|one| moments(&one.outcome.scores)).collect();
    let with = |sums: &[f64], index: usize| -> Vec<f64> {
        let (mean, deviation) = standardised[index];
        sums.iter().zip(&tried[index].outcome.scores).map(|(sum, score)| sum + (score - mean) / deviation).collect()
    };
    let mut counts = vec![0usize; tried.len()];
    counts[best] = 2;
    let mut sums = with(&with(&vec![0.0; judged.fold_of.len()], best), best);
    let mut auroc = tried[best].auroc;
    while counts.iter().sum::<usize>() < 2 * most.max(1) {
        let added = (0..tried.len()).map(|index| {
            let sums = with(&sums, index);
            (judged.auroc(&sums).0, index, sums)
        });
        let Some(added) = added.reduce(|one, other| if other.0 > one.0 { other } else { one }) else { break };
        if added.0 <= auroc + BETTER {
            break;
        }
        (auroc, sums) = (added.0, added.2);
        counts[added.1] += 1;
    }
    let (slope, intercept) = log_odds(&sums, &judged.subset.labels)?;
    let members: Vec<usize> = (0..tried.len()).filter(|&index| counts[index] > 0).collect();
    let share = |index: usize| counts[index] as f64 / standardised[index].1;
    let centre: f64 = members.iter().map(|&index| share(index) * standardised[index].0).sum();
    let choice = |&index: &usize| Choice {
        candidate: tried[index].candidate.clone(),
        penalty: tried[index].outcome.penalty,
        weight: slope * share(index),
        auroc: tried[index].auroc,
        part: tried[index].outcome.part.clone(),
    };
    let choices = members.iter().map(choice).collect();
    let members = members.iter().map(|&index| tried[index].trial).collect();
    let left_out = sums.iter().map(|sum| intercept + slope * sum).collect();
    Ok(Joined { choices, members, intercept: intercept - slope * centre, auroc, left_out })
}

/// Mean and standard deviation, 1 where all are equal.
fn moments(values: &[f64]) -> (f64, f64) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    (mean, if deviation > 0.0 { deviation } else { 1.0 })
}

/// Slope and intercept that make log-odds of scores.
fn log_odds(scores: &[f64], labels: &[f64]) -> Result<(f64, f64), Error> {
    let positives = labels.iter().filter(|&&label| label > 0.5).count();
    let config = HeadConfig {
        loss: Loss::Logistic,
        positive_weight: (labels.len() - positives).max(1) as f64 / positives.max(1) as f64,
        // As much as one sequence: classes that scores part without an error have no finite slope.
        l2: 1.0,
        strands: Strands::Forward,
        standardise: false,
        solver: Lbfgs::default(),
    };
    let fitted = fit_head(scores, labels, (&[0.0], 0.0), &config)?;
    // Scores that order classes the wrong way round on average are kept as they are.
    Ok((fitted.weights[0].max(1e-3), fitted.intercept))
}
