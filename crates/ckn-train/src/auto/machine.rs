//! Machines on exact kernels: judged, and fitted.

use std::ops::ControlFlow;

use ckn_core::TokenView;
use ckn_core::machine::{Dual, Problem, fit, fit_by_products};
use ckn_core::seed::Seed;
use ckn_model::SequenceKernel;
use rayon::prelude::*;

use super::folds::{Judged, balanced};
use super::join::Outcome;
use crate::Error;
use crate::kernel_matrix::Matrix;

/// Penalties, from the strongest: positives have weight 1, negatives as much as a whole.
const PENALTIES: [f64; 5] = [1.0, 0.3, 0.1, 0.03, 0.01];

/// Distance of a sample from its optimum at which a fit stops, in units of the margin: rankings do not change below it.
const TOLERANCE: f64 = 0.01;

/// Sequences up to which the kernel matrix is written out.
const WRITTEN: usize = 6_000;

/// The matrix of both strands, where there are two.
fn matrix_of(view: TokenView<'_>, kernel: &SequenceKernel) -> Result<Matrix, Error> {
    Matrix::new(view, kernel, view.table().complement().is_some(), view.len() <= WRITTEN)
}

/// Fits a machine: by coordinate descent on a written matrix, by products with an operator from a start.
fn fit_by(matrix: &mut Matrix, problem: Problem<'_>, start: &[f64], seed: Seed) -> Result<Dual, Error> {
    match matrix {
        Matrix::Written { values, .. } => {
            Ok(fit(|row| written_row(values, problem.labels.len(), row), problem, &[], seed)?)
        }
        operator => Ok(fit_by_products(|vector, product| operator.multiply(vector, product), problem, start)?),
    }
}

fn written_row(values: &[f32], sequences: usize, row: usize) -> &[f32] {
    &values[row * sequences..][..sequences]
}

/// Labels −1 and 1.
pub(super) fn signs(labels: &[f64]) -> Vec<f64> {
    labels.iter().map(|&label| if label > 0.5 { 1.0 } else { -1.0 }).collect()
}

/// Scores of every sequence by the machine that had not seen its fold, at the best penalty.
pub(super) fn try_out(kernel: &SequenceKernel, judged: &Judged<'_>) -> Result<Outcome, Error> {
    let data = judged.subset.data()?;
    let mut matrix = matrix_of(data.view, kernel)?;
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
                let row = |row: usize| written_row(values, labels.len(), row);
                (0..judged.folds).into_par_iter().map(|fold| Ok(fit(row, problem(fold), &[], judged.seed)?)).collect()
            }
            operator => {
                (0..judged.folds).map(|fold| fit_by(operator, problem(fold), &starts[fold], judged.seed)).collect()
            }
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
    let mut matrix = matrix_of(view, kernel)?;
    let (signs, weights) = (signs(labels), balanced(labels));
    let problem = Problem { labels: &signs, weights: &weights, l2: penalty, tolerance: TOLERANCE };
    let dual = fit_by(&mut matrix, problem, &[], seed)?;
    let coefficients = dual.coefficients.iter().zip(matrix.scales()).map(|(value, scale)| value * scale).collect();
    Ok((coefficients, dual.intercept))
}
