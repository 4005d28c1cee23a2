//! From trials to one model: how many are averaged, and on which scale.

use ckn_core::head::{HeadConfig, fit_head};
use ckn_core::loss::Loss;
use ckn_core::pooling::Strands;
use ckn_core::seed::Seed;
use ckn_core::solver::Lbfgs;
use ckn_model::SequenceKernel;

use super::folds::Judged;
use super::machine;
use super::subset::{Subset, screening};
use super::{AutoData, AutoFitted, Candidate, network};
use crate::kernel_matrix::MOST_WRITTEN;
use crate::taken::supported;
use crate::{Error, Observer};

/// Scores of the sequences left out.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) scores: Vec<f64>,
    pub(super) penalty: Option<f64>,
}

/// A candidate that was tried.
#[derive(Debug, Clone)]
pub(super) struct Tried {
    pub(super) candidate: Candidate,
    pub(super) outcome: Outcome,
    pub(super) auroc: f64,
}

/// A member: what is trained, and the weight of its scores.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    candidate: Candidate,
    penalty: Option<f64>,
    weight: f64,
    auroc: f64,
}

/// The members of a model.
#[derive(Debug)]
pub(super) struct Joined {
    /// Places among the trials.
    pub(super) members: Vec<usize>,
    pub(super) choices: Vec<Choice>,
    pub(super) intercept: f64,
    pub(super) auroc: f64,
    /// Scores of the sequences left out.
    pub(super) scores: Vec<f64>,
}

/// Averages the standardised scores of the best one, two, … candidates, and keeps as many as are best on the folds left out;
/// their scale is that of log-odds of balanced classes, by a logistic regression on the same scores (Platt 1999).
pub(super) fn choose(tried: &[Tried], most: usize, judged: &Judged<'_>) -> Result<Joined, Error> {
    let mut order: Vec<usize> = (0..tried.len()).collect();
    // Stable: of equals the earlier trial.
    order.sort_by(|&one, &other| tried[other].auroc.total_cmp(&tried[one].auroc));
    let standardised: Vec<(f64, f64)> = tried.iter().map(|one| moments(&one.outcome.scores)).collect();
    let mut sums = vec![0.0; judged.fold_of.len()];
    let mut best: Option<(usize, f64, Vec<f64>)> = None;
    for (place, &index) in order.iter().take(most.max(1)).enumerate() {
        let (mean, deviation) = standardised[index];
        sums.iter_mut().zip(&tried[index].outcome.scores).for_each(|(sum, score)| *sum += (score - mean) / deviation);
        let (auroc, _) = judged.auroc(&sums);
        if best.as_ref().is_none_or(|(_, highest, _)| auroc > *highest) {
            best = Some((place + 1, auroc, sums.clone()));
        }
    }
    let Some((count, auroc, sums)) = best else { return Err(Error::NothingTried) };
    let (slope, intercept) = log_odds(&sums, &judged.subset.labels)?;
    let members: Vec<usize> = order[..count].to_vec();
    let centre: f64 = members.iter().map(|&index| standardised[index].0 / standardised[index].1).sum();
    let choice = |&index: &usize| Choice {
        candidate: tried[index].candidate.clone(),
        penalty: tried[index].outcome.penalty,
        weight: slope / standardised[index].1,
        auroc: tried[index].auroc,
    };
    Ok(Joined {
        choices: members.iter().map(choice).collect(),
        members,
        intercept: intercept - slope * centre,
        auroc,
        scores: sums.iter().map(|sum| slope * sum + intercept).collect(),
    })
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

/// AUROC of the machine, where it is one candidate and no sum of several, and of each network.
pub(super) fn aurocs(choices: &[Choice]) -> (Option<f64>, Vec<f64>) {
    let of = |wanted: fn(&Candidate) -> bool| -> Vec<f64> {
        choices.iter().filter(|choice| wanted(&choice.candidate)).map(|choice| choice.auroc).collect()
    };
    let machine = match of(|candidate| matches!(candidate, Candidate::Machine(_)))[..] {
        [auroc] => Some(auroc),
        _ => None,
    };
    (machine, of(|candidate| matches!(candidate, Candidate::Network { .. })))
}

pub(super) fn fit(
    choices: &[Choice],
    intercept: f64,
    data: AutoData<'_>,
    screened: &[usize],
    seed: Seed,
    observer: &mut dyn Observer,
) -> Result<AutoFitted, Error> {
    let mut fitted = AutoFitted { machine: None, networks: Vec::new(), intercept };
    let kernels: Vec<(&SequenceKernel, f64, f64)> = choices
        .iter()
        .filter_map(|choice| match &choice.candidate {
            Candidate::Machine(kernel) => Some((kernel, choice.penalty?, choice.weight)),
            Candidate::Network { .. } => None,
        })
        .collect();
    if !kernels.is_empty() {
        // Kernels without a table of words need their matrix.
        let letters = data.view.table().letters();
        let written = kernels.iter().any(|(kernel, ..)| !kernel.has_word_table(letters));
        let most = if written { MOST_WRITTEN } else { usize::MAX };
        let records = if data.view.len() > most { screening(data, most, seed) } else { (0..data.view.len()).collect() };
        let support = Subset::new(data, &records);
        let part = support.data()?;
        let (mut coefficients, mut sum) = (Vec::new(), 0.0);
        for (kernel, penalty, weight) in &kernels {
            let (of_kernel, own) = machine::fit_on_all(kernel, *penalty, part.view, part.labels, seed)?;
            coefficients.extend(of_kernel.into_iter().map(|value| weight * value));
            sum += weight * own;
        }
        let both = data.view.table().complement().is_some();
        let kernels: Vec<SequenceKernel> = kernels.iter().map(|(kernel, ..)| **kernel).collect();
        fitted.machine = Some(supported(part.view, both, kernels, &coefficients, vec![sum])?);
    }
    // Networks on as many as they were judged on: more shuffles bring them little and cost them most.
    let screened = Subset::new(data, screened);
    let part = screened.data()?;
    for choice in choices {
        if let Candidate::Network { network, learning, .. } = &choice.candidate {
            let trained = network::fit(network, learning, part.view, part.labels, seed, observer)?;
            let head = trained.heads.into_iter().next().ok_or(Error::NothingTried)?;
            fitted.networks.push((trained.network, head, choice.weight));
        }
    }
    Ok(fitted)
}
