//! Linear support vector machines, one versus the rest, with the squared hinge.
//!
//! `min over w_c, b_c of ½ ‖w_c‖² + C Σ_i max(0, 1 − t_ic (⟨w_c, x_i⟩ + b_c))²` for every class `c`, `t_ic = 1` where sample `i` is
//! of class `c` and −1 elsewhere (liblinear's L2-regularised L2-loss machine, but for the intercept, which is not penalised).
//! Newton's method on all classes at once: only samples inside a margin enter the Hessian, and one pass over them serves the
//! conjugate gradients of every class, which the moments of the features precondition.

mod cholesky;
mod moments;
mod newton;
mod passes;
#[cfg(test)]
mod tests;

use crate::Error;
use crate::error::check_length;

pub use moments::FeatureMoments;

/// Samples with their classes.
#[derive(Debug, Clone, Copy)]
pub struct SvmProblem<'a> {
    /// Features of all samples, `[samples, dimension]`.
    pub features: &'a [f32],
    /// Numbers of a sample.
    pub dimension: usize,
    /// Class of every sample, `[samples]`.
    pub classes: &'a [u32],
    /// Number of classes.
    pub class_count: usize,
    /// The samples to learn from.
    pub rows: &'a [u32],
    /// Moments of the features.
    pub moments: &'a FeatureMoments,
}

/// Settings of [`fit_svm`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SvmConfig {
    /// `C > 0`; `C = 1/(2 A)` for the penalty `A` (`l2`) of [`crate::head`] and [`crate::machine`], whose hinge is halved.
    pub cost: f64,
    /// A class is settled by a Newton step that gains less than this fraction of the classes' mean objective.
    pub tolerance: f64,
    /// Most Newton steps.
    pub max_steps: usize,
}

impl Default for SvmConfig {
    fn default() -> Self {
        Self { cost: 1.0, tolerance: 1e-6, max_steps: 50 }
    }
}

/// A fitted machine for several classes.
#[derive(Debug, Clone, PartialEq)]
pub struct Svm {
    /// `w_c`, `[classes, dimension]`.
    pub weights: Vec<f64>,
    /// `b_c`, `[classes]`.
    pub intercepts: Vec<f64>,
}

/// A fit and how it was reached.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedSvm {
    /// The machine.
    pub machine: Svm,
    /// Sum of the objectives of all classes.
    pub objective: f64,
    /// Newton steps.
    pub steps: usize,
    /// Passes over the samples inside margins.
    pub passes: usize,
    /// Whether the tolerance was met.
    pub converged: bool,
}

impl SvmProblem<'_> {
    fn check(&self) -> Result<(), Error> {
        check_length("features", self.classes.len() * self.dimension, self.features.len())?;
        check_length("moments of the features", self.dimension, self.moments.dimension())?;
        if self.rows.is_empty() || self.dimension == 0 {
            return Err(Error::Empty { what: "the set of samples" });
        }
        if self.class_count < 2 {
            let got = self.class_count as f64;
            return Err(Error::Parameter { name: "number of classes", got, expected: "2 at least" });
        }
        let beyond = |&&row: &&u32| row as usize >= self.classes.len();
        if let Some(&row) = self.rows.iter().find(beyond) {
            return Err(Error::Parameter {
                name: "sample",
                got: f64::from(row),
                expected: "below the number of samples",
            });
        }
        let class = self.rows.iter().map(|&row| self.classes[row as usize]).find(|&c| c as usize >= self.class_count);
        match class {
            Some(class) => {
                Err(Error::Parameter { name: "class", got: f64::from(class), expected: "below the number of classes" })
            }
            None => Ok(()),
        }
    }
}

impl Svm {
    /// No machine yet: scores of zero.
    pub fn zeros(classes: usize, dimension: usize) -> Self {
        Self { weights: vec![0.0; classes * dimension], intercepts: vec![0.0; classes] }
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.intercepts.len()
    }

    /// Numbers of a sample.
    pub fn dimension(&self) -> usize {
        self.weights.len() / self.intercepts.len().max(1)
    }

    /// Scores of some samples.
    ///
    /// # Shapes
    /// features `[samples, dimension]`, rows: those wanted → `[rows, classes]`.
    ///
    /// # Errors
    /// [`Error::Shape`] if the features are not whole samples; [`Error::Parameter`] for a row that does not exist.
    pub fn scores(&self, features: &[f32], rows: &[u32]) -> Result<Vec<f32>, Error> {
        let samples = features.len() / self.dimension().max(1);
        check_length("features", samples * self.dimension(), features.len())?;
        if let Some(&row) = rows.iter().find(|&&row| row as usize >= samples) {
            return Err(Error::Parameter {
                name: "sample",
                got: f64::from(row),
                expected: "below the number of samples",
            });
        }
        Ok(passes::scores(self, features, rows))
    }

    /// The class of the largest score, the first of equals.
    pub fn largest(scores: &[f32]) -> u32 {
        let better = |best: usize, at: usize| if scores[at] > scores[best] { at } else { best };
        (0..scores.len()).fold(0, better) as u32
    }
}

/// Fits a machine, from another one's weights.
///
/// ```
/// use ckn_core::svm::{FeatureMoments, Svm, SvmConfig, SvmProblem, fit_svm};
/// let (features, classes, rows) = ([-1.0, 1.0], [0, 1], [0, 1]);
/// let moments = FeatureMoments::of(&features, 1)?;
/// let (features, classes, rows, moments) = (&features[..], &classes[..], &rows[..], &moments);
/// let problem = SvmProblem { features, dimension: 1, classes, class_count: 2, rows, moments };
/// let fitted = fit_svm(problem, &Svm::zeros(2, 1), SvmConfig { cost: 1.0, tolerance: 1e-9, max_steps: 50 })?;
/// // w = 4 C (1 − w) of the second class, and the first is its mirror image.
/// assert!((fitted.machine.weights[1] - 0.8).abs() < 1e-4 && (fitted.machine.weights[0] + 0.8).abs() < 1e-4);
/// assert!(fitted.converged && fitted.machine.intercepts.iter().all(|intercept| intercept.abs() < 1e-4));
/// # Ok::<(), ckn_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] or [`Error::Parameter`] for features, classes or rows that do not fit; [`Error::Empty`] without samples;
/// [`Error::NotFinite`] for features that are NaN or infinite. Not having converged is a value.
pub fn fit_svm(problem: SvmProblem<'_>, start: &Svm, config: SvmConfig) -> Result<FittedSvm, Error> {
    problem.check()?;
    check_length("weights to start from", problem.class_count * problem.dimension, start.weights.len())?;
    check_length("intercepts to start from", problem.class_count, start.intercepts.len())?;
    if !(config.cost > 0.0 && config.cost.is_finite()) {
        return Err(Error::Parameter { name: "C", got: config.cost, expected: "a finite number above 0" });
    }
    newton::fit(problem, start, config)
}
