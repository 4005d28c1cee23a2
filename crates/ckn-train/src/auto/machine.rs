//! Machines on exact kernels: judged, and fitted.

use ckn_core::TokenView;
use ckn_core::loss::Loss;
use ckn_core::machine::{FittedOutputs, Outputs, fit_outputs};
use ckn_model::SequenceKernel;

use super::clock::Clock;
use super::folds::{Judged, balanced};
use super::join::{Outcome, Part, Verdict};
use crate::Error;
use crate::kernel_matrix::{MOST_WRITTEN, Matrix, pairs};

/// Penalties, from the strongest: positives have weight 1, negatives as much as a whole.
const PENALTIES: [f64; 8] = [10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003];

/// Distance of a sample from its optimum at which a fit stops, in units of the margin: rankings do not change below it.
const TOLERANCE: f64 = 0.01;

/// The penalty of the first look at a candidate.
const FIRST_LOOK: f64 = 1.0;

/// Products with the matrix that a fit takes, and the path of penalties of one fold.
const OF_A_FIT: f64 = 40.0;
const OF_A_PATH: f64 = 80.0;

/// Pairs of windows that are compared, numbers of a written matrix that are multiplied, and numbers of a table that a step of its
/// transform goes over, a second of two cores: rough, and enough to tell which way is the faster.
const PAIRS: f64 = 1e10;
const NUMBERS: f64 = 4e9;
const STEPS: f64 = 5e9;

/// The matrix of a kernel that is multiplied so many times.
fn matrix_of(
    view: TokenView<'_>,
    kernel: &SequenceKernel,
    both: bool,
    products: f64,
    clock: &mut Clock<'_>,
) -> Result<Matrix, Error> {
    let (sequences, letters) = (view.len() as f64, 2.0 * kernel.width as f64);
    let written = pairs(view, kernel.width, both) / PAIRS + products * sequences * sequences / NUMBERS;
    let operator = products * 2.0 * letters * letters.exp2() / STEPS;
    let written = view.len() <= MOST_WRITTEN && written < operator;
    Matrix::new(view, kernel, both, written, &mut || clock.flow())
}

/// Fits machines of some weights, `[machines, sequences]`, from a start; nothing where the time was up before they were fitted.
fn fit(
    matrix: &mut Matrix,
    labels: &[f64],
    weights: &[f64],
    l2: f64,
    start: &[f64],
    clock: &mut Clock<'_>,
) -> Result<Option<FittedOutputs>, Error> {
    let labels_of_all = labels.repeat(weights.len() / labels.len().max(1));
    let problem = Outputs {
        loss: Loss::SquaredHinge,
        classes: 1,
        samples: labels.len(),
        labels: &labels_of_all,
        weights,
        l2,
        tolerance: TOLERANCE,
    };
    let multiply = |vectors: &[f64], products: &mut [f64]| {
        if clock.is_over() {
            return Err(ckn_core::Error::Interrupted);
        }
        matrix.multiply(vectors, products)
    };
    match fit_outputs(multiply, problem, start, |_, _| std::ops::ControlFlow::Continue(())) {
        Err(ckn_core::Error::Interrupted) => Ok(None),
        fitted => Ok(Some(fitted?)),
    }
}

/// Scores of every sequence by the machine that had not seen its fold, at the best penalty; the path ends after `worse` that
/// are. Nothing where the time was up before a penalty was judged. A machine whose AUROC on the first fold is below what is `needed`
/// is given up.
pub(super) fn try_out(
    kernel: &SequenceKernel,
    both_strands: bool,
    judged: &Judged<'_>,
    worse: usize,
    needed: Option<f64>,
    clock: &mut Clock<'_>,
) -> Result<Option<Verdict>, Error> {
    let data = judged.subset.data()?;
    let (labels, folds) = (data.labels, judged.folds);
    let mut matrix = match matrix_of(data.view, kernel, both_strands, OF_A_PATH * folds as f64, clock) {
        Err(Error::Interrupted) => return Ok(None),
        matrix => matrix?,
    };
    let mut weights = Vec::with_capacity(folds * labels.len());
    for fold in 0..folds {
        let kept = |record: usize| judged.fold_of[record] != fold;
        let inside: Vec<f64> = (0..labels.len()).filter(|&record| kept(record)).map(|record| labels[record]).collect();
        let mut inside = balanced(&inside).into_iter();
        weights.extend((0..labels.len()).map(|record| if kept(record) { inside.next().unwrap_or(0.0) } else { 0.0 }));
    }
    if let Some(needed) = needed {
        let of_first = &weights[..labels.len()];
        let Some(fitted) = fit(&mut matrix, labels, of_first, FIRST_LOOK, &[], clock)? else { return Ok(None) };
        if let Some(auroc) = judged.auroc_of(0, &fitted.scores).filter(|auroc| *auroc < needed) {
            return Ok(Some(Verdict::GivenUp(auroc)));
        }
    }
    let (mut start, mut since_best) = (Vec::new(), 0);
    let mut best: Option<(f64, Outcome)> = None;
    for penalty in PENALTIES {
        let Some(fitted) = fit(&mut matrix, labels, &weights, penalty, &start, clock)? else { break };
        let left_out = judged.fold_of.iter().enumerate();
        let scores: Vec<f64> = left_out.map(|(record, fold)| fitted.scores[fold * labels.len() + record]).collect();
        let (auroc, _) = judged.auroc(&scores);
        if best.as_ref().is_none_or(|(highest, _)| auroc > *highest) {
            let part = mean_of_folds(&fitted, matrix.scales(), folds);
            best = Some((auroc, Outcome { scores, penalty: Some(penalty), part }));
            since_best = 0;
        } else {
            since_best += 1;
        }
        if since_best >= worse {
            break;
        }
        start = fitted.coefficients;
    }
    Ok(best.map(|(_, outcome)| Verdict::Judged(outcome)))
}

/// The mean of the machines of all folds: what there is without a fit to all sequences.
fn mean_of_folds(fitted: &FittedOutputs, scales: &[f64], folds: usize) -> Part {
    let share = 1.0 / folds.max(1) as f64;
    let mut coefficients = vec![0.0; scales.len()];
    for of_fold in fitted.coefficients.chunks_exact(scales.len().max(1)) {
        let scaled = of_fold.iter().zip(scales).map(|(value, scale)| share * value * scale);
        coefficients.iter_mut().zip(scaled).for_each(|(sum, value)| *sum += value);
    }
    Part::Machine { coefficients, intercept: share * fitted.intercepts.iter().sum::<f64>() }
}

/// Coefficients of the support sequences, their scales included, and the intercept; nothing where the time was up.
pub(super) fn fit_on_all(
    kernel: &SequenceKernel,
    both_strands: bool,
    penalty: f64,
    view: TokenView<'_>,
    labels: &[f64],
    clock: &mut Clock<'_>,
) -> Result<Option<(Vec<f64>, f64)>, Error> {
    let mut matrix = match matrix_of(view, kernel, both_strands, OF_A_FIT, clock) {
        Err(Error::Interrupted) => return Ok(None),
        matrix => matrix?,
    };
    let Some(fitted) = fit(&mut matrix, labels, &balanced(labels), penalty, &[], clock)? else { return Ok(None) };
    let scaled = fitted.coefficients.iter().zip(matrix.scales()).map(|(value, scale)| value * scale).collect();
    Ok(Some((scaled, fitted.intercepts[0])))
}
