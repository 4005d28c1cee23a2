//! Labels and weights as the solver takes them.

use std::ops::ControlFlow;

use ckn_core::loss::Loss;
use ckn_core::machine::{FittedOutputs, Outputs, fit_outputs};

use crate::Error;
use crate::kernel_matrix::MatrixSum;
use crate::targets::Targets;

/// Some records and their labels, those of measurements standardised.
pub(super) struct Posed<'a> {
    targets: &'a Targets<'a>,
    /// Records of the data.
    records: &'a [usize],
    /// Mean and standard deviation that were taken away, `[tasks]`.
    moments: Vec<(f64, f64)>,
    /// NaN where one is missing, `[machines, records]`.
    labels: Vec<f64>,
    /// `[machines, records]`.
    weights: Vec<f64>,
}

impl<'a> Posed<'a> {
    /// One machine a task.
    pub(super) fn new(targets: &'a Targets<'a>, records: &'a [usize]) -> Self {
        let tasks = targets.tasks();
        let mut posed = Self { targets, records, moments: Vec::new(), labels: Vec::new(), weights: Vec::new() };
        for task in 0..tasks {
            let known: Vec<f64> = records.iter().filter_map(|&record| targets.label(record, task)).collect();
            let (mean, deviation) = if targets.loss() == Loss::Squared { moments(&known) } else { (0.0, 1.0) };
            posed.moments.push((mean, deviation));
            for &record in records {
                let label = targets.label(record, task);
                posed.labels.push(label.map_or(f64::NAN, |label| (label - mean) / deviation));
                posed.weights.push(label.map_or(0.0, |label| targets.weight(task, label)));
            }
        }
        posed
    }

    /// One machine a fold and task, none of which sees its fold.
    pub(super) fn by_folds(targets: &'a Targets<'a>, records: &'a [usize], fold_of: &[usize], folds: usize) -> Self {
        let whole = Self::new(targets, records);
        let kept = |fold: usize| {
            let weights = whole.weights.iter().zip(fold_of.iter().cycle());
            weights.map(move |(&weight, &of)| if of == fold { 0.0 } else { weight })
        };
        let weights = (0..folds).flat_map(kept).collect();
        Self { labels: whole.labels.repeat(folds), weights, ..whole }
    }

    fn classes(&self) -> usize {
        if self.targets.loss() == Loss::Multinomial { self.targets.outputs() } else { 1 }
    }

    /// Fits all machines.
    pub(super) fn fit(
        &self,
        matrix: &mut MatrixSum,
        l2: f64,
        tolerance: f64,
        start: &[f64],
        watch: impl FnMut(usize, f64) -> ControlFlow<()>,
    ) -> Result<FittedOutputs, Error> {
        let problem = Outputs {
            loss: self.targets.loss(),
            classes: self.classes(),
            samples: self.records.len(),
            labels: &self.labels,
            weights: &self.weights,
            l2,
            tolerance,
        };
        Ok(fit_outputs(|vectors, products| matrix.multiply(vectors, products), problem, start, watch)?)
    }

    /// Coefficients `[outputs, records]` and intercepts `[outputs]` of scores in the units of the labels.
    pub(super) fn unstandardised(&self, fitted: &FittedOutputs) -> (Vec<f64>, Vec<f64>) {
        let samples = self.records.len();
        let (mut coefficients, mut intercepts) = (fitted.coefficients.clone(), fitted.intercepts.clone());
        let outputs = coefficients.chunks_exact_mut(samples).zip(&mut intercepts).enumerate();
        for (output, (coefficients, intercept)) in outputs {
            let (mean, deviation) = self.moments[output / self.classes()];
            coefficients.iter_mut().for_each(|value| *value *= deviation);
            *intercept = mean + deviation * *intercept;
        }
        (coefficients, intercepts)
    }

    /// Scores of each record by the machines that had not seen its fold, in the units of the labels, `[records, outputs]`.
    pub(super) fn left_out(&self, fitted: &FittedOutputs, fold_of: &[usize]) -> Vec<f64> {
        let (samples, tasks, classes) = (self.records.len(), self.moments.len(), self.classes());
        let mut scores = Vec::with_capacity(samples * tasks * classes);
        for (place, fold) in fold_of.iter().enumerate() {
            for (task, (mean, deviation)) in self.moments.iter().enumerate() {
                let first = (fold * tasks + task) * classes;
                let values = (first..first + classes).map(|output| fitted.scores[output * samples + place]);
                scores.extend(values.map(|value| mean + deviation * value));
            }
        }
        scores
    }

    /// Variances of measurements, 1 for classes, `[tasks]`.
    pub(super) fn variances(&self) -> impl Iterator<Item = f64> {
        self.moments.iter().map(|(_, deviation)| deviation * deviation)
    }
}

/// Mean and standard deviation, 1 where all are equal.
fn moments(values: &[f64]) -> (f64, f64) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    (mean, if deviation > 0.0 && deviation.is_finite() { deviation } else { 1.0 })
}
