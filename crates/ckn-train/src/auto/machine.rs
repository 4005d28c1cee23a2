//! Machines on exact kernels: judged, and fitted.

use std::ops::ControlFlow;

use ckn_core::TokenView;
use ckn_core::machine::{Dual, Problem, fit, fit_by_products};
use ckn_core::mismatch::{WordOperator, Words, gram};
use ckn_core::seed::Seed;
use ckn_model::SequenceKernel;
use rayon::prelude::*;

use super::folds::{Judged, balanced};
use super::join::Outcome;
use crate::Error;

/// Penalties, from the strongest: positives have weight 1, negatives as much as a whole.
const PENALTIES: [f64; 5] = [1.0, 0.3, 0.1, 0.03, 0.01];

/// Distance of a sample from its optimum at which a fit stops, in units of the margin: rankings do not change below it.
const TOLERANCE: f64 = 0.01;

/// Sequences up to which the kernel matrix is written out.
const WRITTEN: usize = 6_000;

/// Sequences up to which it can be, where there is no other way: 1 GiB.
pub(super) const MOST_WRITTEN: usize = 16_000;

/// A kernel matrix, normalised where the kernel is.
pub(super) enum Matrix {
    /// `[sequences, sequences]`.
    Written { values: Vec<f32>, scales: Vec<f64> },
    /// As an operator on tables of words.
    Operator { words: Words, operator: WordOperator, scales: Vec<f64>, table: Vec<f32> },
}

impl Matrix {
    pub(super) fn new(view: TokenView<'_>, kernel: &SequenceKernel) -> Result<Self, Error> {
        let both = view.table().complement().is_some();
        let SequenceKernel { width, profile, centre, gamma, .. } = kernel;
        if centre.is_some() || gamma.is_some() {
            let (name, got) = ("gamma", gamma.unwrap_or_default());
            let expected = "left out, as weights of windows are, where a machine is fitted";
            return Err(ckn_core::Error::Parameter { name, got, expected }.into());
        }
        let scales = kernel.scales(view, both)?;
        let letters = view.table().letters();
        if kernel.has_word_table(letters) && view.len() > WRITTEN {
            let operator = WordOperator::new(*width, profile)?;
            let table = vec![0.0; operator.words()];
            return Ok(Self::Operator { words: Words::new(view, *width, both)?, operator, scales, table });
        }
        let mut values = gram(view, *width, both, &[*profile])?.into_values();
        values.par_chunks_mut(view.len().max(1)).enumerate().for_each(|(row, values)| {
            for (value, scale) in values.iter_mut().zip(&scales) {
                *value = (f64::from(*value) * scale * scales[row]) as f32;
            }
        });
        Ok(Self::Written { values, scales })
    }

    /// What coefficients are multiplied by, `[sequences]`.
    pub(super) fn scales(&self) -> &[f64] {
        match self {
            Self::Written { scales, .. } | Self::Operator { scales, .. } => scales,
        }
    }

    fn row(values: &[f32], sequences: usize, row: usize) -> &[f32] {
        &values[row * sequences..][..sequences]
    }

    pub(super) fn fit(&mut self, problem: Problem<'_>, start: &[f64], seed: Seed) -> Result<Dual, Error> {
        let sequences = problem.labels.len();
        match self {
            Self::Written { values, .. } => Ok(fit(|row| Self::row(values, sequences, row), problem, &[], seed)?),
            Self::Operator { words, operator, scales, table } => Ok(fit_by_products(
                |vector, product| {
                    table.fill(0.0);
                    for (record, (value, scale)) in vector.iter().zip(&*scales).enumerate() {
                        if *value != 0.0 {
                            words.add(record, (value * scale) as f32, table);
                        }
                    }
                    operator.apply(table)?;
                    let table = &*table;
                    product.par_iter_mut().zip(&*scales).enumerate().for_each(|(record, (slot, scale))| {
                        *slot = scale * words.sum(record, table);
                    });
                    Ok(())
                },
                problem,
                start,
            )?),
        }
    }
}

/// Labels −1 and 1.
pub(super) fn signs(labels: &[f64]) -> Vec<f64> {
    labels.iter().map(|&label| if label > 0.5 { 1.0 } else { -1.0 }).collect()
}

/// Scores of every sequence by the machine that had not seen its fold, at the best penalty.
pub(super) fn try_out(kernel: &SequenceKernel, judged: &Judged<'_>) -> Result<Outcome, Error> {
    let data = judged.subset.data()?;
    let mut matrix = Matrix::new(data.view, kernel)?;
    let labels = signs(data.labels);
    let weights: Vec<Vec<f64>> = (0..judged.folds)
        .map(|fold| {
            let kept = |record: usize| judged.fold_of[record] != fold;
            let inside: Vec<f64> =
                data.labels.iter().enumerate().filter(|(record, _)| kept(*record)).map(|(_, label)| *label).collect();
            let mut inside = balanced(&inside).into_iter();
            (0..data.labels.len()).map(|record| if kept(record) { inside.next().unwrap_or(0.0) } else { 0.0 }).collect()
        })
        .collect();
    let mut starts: Vec<Vec<f64>> = vec![Vec::new(); judged.folds];
    let (mut best, mut worse) = (None::<(f64, Outcome)>, 0);
    let attempts = PENALTIES.iter().try_fold((), |(), &penalty| -> ControlFlow<Result<(), Error>> {
        let problem =
            |fold: usize| Problem { labels: &labels, weights: &weights[fold], l2: penalty, tolerance: TOLERANCE };
        let duals: Result<Vec<Dual>, Error> = match &mut matrix {
            Matrix::Written { values, .. } => {
                let values: &[f32] = values;
                let row = |row: usize| Matrix::row(values, labels.len(), row);
                (0..judged.folds).into_par_iter().map(|fold| Ok(fit(row, problem(fold), &[], judged.seed)?)).collect()
            }
            operator => (0..judged.folds).map(|fold| operator.fit(problem(fold), &starts[fold], judged.seed)).collect(),
        };
        let duals = match duals {
            Ok(duals) => duals,
            Err(error) => return ControlFlow::Break(Err(error)),
        };
        let scores: Vec<f64> =
            judged.fold_of.iter().enumerate().map(|(record, &fold)| duals[fold].scores[record]).collect();
        starts = duals.into_iter().map(|dual| dual.coefficients).collect();
        let (auroc, _) = judged.auroc(&scores);
        if best.as_ref().is_none_or(|(highest, _)| auroc > *highest) {
            best = Some((auroc, Outcome { scores, penalty: Some(penalty) }));
            worse = 0;
        } else {
            worse += 1;
        }
        if worse < 2 { ControlFlow::Continue(()) } else { ControlFlow::Break(Ok(())) }
    });
    if let ControlFlow::Break(Err(error)) = attempts {
        return Err(error);
    }
    best.map(|(_, outcome)| outcome).ok_or(Error::NothingTried)
}

/// Coefficients of the support sequences, their scales included, and the intercept.
pub(super) fn fit_on_all(
    kernel: &SequenceKernel,
    penalty: f64,
    view: TokenView<'_>,
    labels: &[f64],
    seed: Seed,
) -> Result<(Vec<f64>, f64), Error> {
    let mut matrix = Matrix::new(view, kernel)?;
    let (signs, weights) = (signs(labels), balanced(labels));
    let problem = Problem { labels: &signs, weights: &weights, l2: penalty, tolerance: TOLERANCE };
    let dual = matrix.fit(problem, &[], seed)?;
    let coefficients = dual.coefficients.iter().zip(matrix.scales()).map(|(value, scale)| value * scale).collect();
    Ok((coefficients, dual.intercept))
}
