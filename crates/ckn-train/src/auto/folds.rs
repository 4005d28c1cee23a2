//! Folds of groups, and scores judged fold by fold.

use std::collections::HashMap;

use ckn_core::metrics::auroc;
use ckn_core::seed::Seed;

use super::AutoData;
use super::subset::Subset;
use crate::Error;

/// Checks that there are two classes, and returns the number of folds: as many as are asked for, or as a class has sequences.
pub(super) fn check(data: AutoData<'_>, folds: usize) -> Result<usize, Error> {
    let sequences = data.view.len();
    if folds < 2 {
        return Err(Error::Setting { name: "folds", got: folds as f64, expected: "at least 2" });
    }
    if data.labels.len() != sequences || data.groups.len() != sequences {
        return Err(Error::Labels { labels: data.labels.len().min(data.groups.len()), sequences });
    }
    if let Some(label) = data.labels.iter().find(|&&label| label != 0.0 && label != 1.0) {
        return Err(Error::Setting { name: "a label", got: *label, expected: "0 or 1" });
    }
    let positives = data.labels.iter().filter(|&&label| label > 0.5).count();
    let negatives = sequences - positives;
    // Positives and their shuffles are in one fold; a fold needs both classes.
    let folds = folds.min(positives).min(negatives);
    if folds < 2 {
        return Err(Error::Folds { folds: 2, positives, negatives });
    }
    Ok(folds)
}

/// Groups numbered from 0 without gaps.
pub(super) fn renumbered(groups: &[usize]) -> Vec<usize> {
    let mut numbers = HashMap::new();
    let number = |&group: &usize| {
        let next = numbers.len();
        *numbers.entry(group).or_insert(next)
    };
    groups.iter().map(number).collect()
}

/// Sequences that candidates are judged on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged<'a> {
    pub(super) subset: &'a Subset<'a>,
    /// `[sequences]`.
    pub(super) fold_of: &'a [usize],
    pub(super) folds: usize,
    pub(super) seed: Seed,
}

impl Judged<'_> {
    /// AUROC of the scores of one fold; `None` where it has one class.
    pub(super) fn auroc_of(&self, fold: usize, scores: &[f64]) -> Option<f64> {
        let inside = || self.fold_of.iter().enumerate().filter(move |(_, of)| **of == fold).map(|(record, _)| record);
        let scores: Vec<f64> = inside().map(|record| scores[record]).collect();
        let labels: Vec<f64> = inside().map(|record| self.subset.labels[record]).collect();
        auroc(&scores, &labels).value()
    }

    /// Mean and standard deviation over folds of the AUROC of scores.
    pub(super) fn auroc(&self, scores: &[f64]) -> (f64, f64) {
        let values: Vec<f64> = (0..self.folds).filter_map(|fold| self.auroc_of(fold, scores)).collect();
        let count = values.len().max(1) as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        (mean, (squares / (count - 1.0).max(1.0)).sqrt())
    }
}

/// Weights that give both classes the same weight as a whole: 1 for positives.
pub(super) fn balanced(labels: &[f64]) -> Vec<f64> {
    let positives = labels.iter().filter(|&&label| label > 0.5).count();
    let share = positives as f64 / (labels.len() - positives).max(1) as f64;
    labels.iter().map(|&label| if label > 0.5 { 1.0 } else { share }).collect()
}
