//! One machine among several: its losses, their slopes, and a square root of their curvature.

use super::Outputs;
use crate::loss::Loss;

/// Least curvature, and least probability of a class, that a step reckons with.
const FLOOR: f64 = 1e-8;

/// One machine: its labels and weights. Vectors are `[classes, samples]`.
pub(super) struct Block<'a> {
    loss: Loss,
    classes: usize,
    labels: &'a [f64],
    /// Weights, 0 where a label is missing, `[samples]`.
    weights: Vec<f64>,
}

impl<'a> Block<'a> {
    /// All machines of a problem.
    pub(super) fn all(problem: &Outputs<'a>) -> Vec<Self> {
        let machines = problem.labels.chunks_exact(problem.samples).zip(problem.weights.chunks_exact(problem.samples));
        let machine = |(labels, weights): (&'a [f64], &'a [f64])| Self {
            loss: problem.loss,
            classes: problem.classes,
            labels,
            weights: labels.iter().zip(weights).map(|(label, &w)| if label.is_nan() { 0.0 } else { w }).collect(),
        };
        machines.map(machine).collect()
    }

    fn samples(&self) -> usize {
        self.labels.len()
    }

    /// Does something with the numbers of all classes of each sample: reads one row, writes another.
    fn rows(&self, read: &[f64], write: &mut [f64], mut with: impl FnMut(usize, &[f64], &mut [f64])) {
        let (mut row, mut out) = (vec![0.0; self.classes], vec![0.0; self.classes]);
        for sample in 0..self.samples() {
            let values = read[sample..].iter().step_by(self.samples());
            row.iter_mut().zip(values).for_each(|(slot, value)| *slot = *value);
            with(sample, &row, &mut out);
            write[sample..].iter_mut().step_by(self.samples()).zip(&out).for_each(|(slot, value)| *slot = *value);
        }
    }

    fn each(&self, write: &mut [f64], mut with: impl FnMut(usize) -> f64) {
        write.iter_mut().enumerate().for_each(|(sample, slot)| *slot = with(sample));
    }

    /// Sets the coefficients of samples without weight to zero.
    pub(super) fn leave_out(&self, coefficients: &mut [f64]) {
        let classes = coefficients.chunks_exact_mut(self.samples());
        let all = classes.flat_map(|class| class.iter_mut().zip(&self.weights));
        all.for_each(|(value, &weight)| *value *= f64::from(weight > 0.0));
    }

    /// `g`: weighted derivatives of the losses by the scores.
    pub(super) fn slopes(&self, scores: &[f64], slopes: &mut [f64]) {
        let weight = |sample: usize| self.weights[sample];
        if self.loss != Loss::Multinomial {
            return self.each(slopes, |sample| match weight(sample) {
                0.0 => 0.0,
                weight => weight * self.loss.derivative(scores[sample], self.labels[sample]),
            });
        }
        self.rows(scores, slopes, |sample, row, out| {
            if weight(sample) > 0.0 {
                self.loss.gradient_row(row, self.labels[sample] as usize, out);
                out.iter_mut().for_each(|value| *value *= weight(sample));
            } else {
                out.fill(0.0);
            }
        });
    }

    /// What [`Self::by_root`] and its fellows need: `√(w L'')`, or `√p` of the classes.
    pub(super) fn roots(&self, scores: &[f64], roots: &mut [f64]) {
        match self.loss {
            Loss::Multinomial => self.rows(scores, roots, |_, row, out| {
                let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                out.iter_mut().zip(row).for_each(|(slot, score)| *slot = (score - largest).exp());
                let sum: f64 = out.iter().sum();
                out.iter_mut().for_each(|value| *value = (*value / sum).max(FLOOR));
                let sum: f64 = out.iter().sum();
                out.iter_mut().for_each(|value| *value = (*value / sum).sqrt());
            }),
            loss => self.each(roots, |sample| {
                let curvature = loss.curvature(scores[sample], self.labels[sample]);
                // Beyond the margin there is none; sigmoids only come close to it.
                let curvature = if loss == Loss::SquaredHinge { curvature } else { curvature.max(FLOOR) };
                if self.weights[sample] > 0.0 { (self.weights[sample] * curvature).sqrt() } else { 0.0 }
            }),
        }
    }

    /// `R v`.
    pub(super) fn by_root(&self, roots: &[f64], vector: &[f64], out: &mut [f64]) {
        match self.loss {
            Loss::Multinomial => {
                self.each_class(roots, vector, out, |s, v, inner, weight| weight * s * (v - s * inner), |s, v| s * v);
            }
            _ => self.each(out, |sample| roots[sample] * vector[sample]),
        }
    }

    /// `Rᵀ f`.
    pub(super) fn by_transpose(&self, roots: &[f64], vector: &[f64], out: &mut [f64]) {
        match self.loss {
            Loss::Multinomial => {
                let inner = |s: f64, v: f64| s * s * v;
                self.each_class(roots, vector, out, |s, v, inner, weight| weight * s * (v - inner), inner);
            }
            _ => self.each(out, |sample| roots[sample] * vector[sample]),
        }
    }

    /// `R⁺ c` of coefficients or slopes, whose classes add up to zero.
    pub(super) fn by_inverse(&self, roots: &[f64], vector: &[f64], out: &mut [f64]) {
        match self.loss {
            Loss::Multinomial => {
                let value = |s: f64, v: f64, sum: f64, weight: f64| match weight {
                    0.0 => 0.0,
                    _ => (v / s - s * sum) / weight,
                };
                self.each_class(roots, vector, out, value, |_, v| v);
            }
            _ => self.each(out, |sample| if roots[sample] > 0.0 { vector[sample] / roots[sample] } else { 0.0 }),
        }
    }

    /// `value(s, v, Σ of term(s, v) over the classes, √w)` of each number.
    fn each_class(
        &self,
        roots: &[f64],
        vector: &[f64],
        out: &mut [f64],
        value: impl Fn(f64, f64, f64, f64) -> f64,
        term: impl Fn(f64, f64) -> f64,
    ) {
        let samples = self.samples();
        for sample in 0..samples {
            let places = || (sample..self.classes * samples).step_by(samples);
            let sum: f64 = places().map(|at| term(roots[at], vector[at])).sum();
            let weight = self.weights[sample].sqrt();
            places().for_each(|at| out[at] = value(roots[at], vector[at], sum, weight));
        }
    }

    /// `‖(A c + g)/w‖_∞` over samples with a weight: the distance from the optimum.
    pub(super) fn violation(&self, l2: f64, coefficients: &[f64], slopes: &[f64]) -> f64 {
        self.largest(|at| l2 * coefficients[at] + slopes[at])
    }

    /// The same of what a system leaves, `R r`.
    pub(super) fn rest(&self, image: &[f64]) -> f64 {
        self.largest(|at| image[at])
    }

    fn largest(&self, value: impl Fn(usize) -> f64) -> f64 {
        let weighted = |at: usize| match self.weights[at % self.samples()] {
            0.0 => 0.0,
            weight => (value(at) / weight).abs(),
        };
        (0..self.classes * self.samples()).map(weighted).fold(0.0, f64::max)
    }
}
