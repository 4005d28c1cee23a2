//! Minimisation of smooth functions of many variables, in `f64`.
//!
//! ```
//! use ckn_core::solver::Lbfgs;
//!
//! // (x − 3)² + 10 (y + 1)²
//! let solution = Lbfgs::default().minimise(&[0.0, 0.0], |point, gradient| {
//!     (gradient[0], gradient[1]) = (2.0 * (point[0] - 3.0), 20.0 * (point[1] + 1.0));
//!     (point[0] - 3.0).powi(2) + 10.0 * (point[1] + 1.0).powi(2)
//! });
//! assert!(solution.termination.converged());
//! assert!((solution.point[0] - 3.0).abs() < 1e-6 && (solution.point[1] + 1.0).abs() < 1e-6);
//! ```

mod lbfgs;
mod line_search;
mod memory;
#[cfg(test)]
mod tests;

use std::fmt::{Display, Formatter, Result as FormatResult};

use serde::{Deserialize, Serialize};

pub use lbfgs::Lbfgs;
pub(crate) use line_search::bisected;

/// What a solver found, and why it stopped.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// The best point found: of no higher value than the start, up to rounding.
    pub point: Vec<f64>,
    /// Objective at the point.
    pub value: f64,
    /// `‖g‖_∞` at the point.
    pub gradient_norm: f64,
    /// Steps taken.
    pub iterations: usize,
    /// Calls of the objective.
    pub evaluations: usize,
    /// Why the solver stopped.
    pub termination: Termination,
}

/// Why a solver stopped: not having converged is a result, not an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Termination {
    /// The gradient is as small as asked for.
    GradientSmall,
    /// The last step lowered the value by less than asked for, or no step can lower it by more than its rounding.
    ValueConverged,
    /// The iterations are used up.
    IterationLimit,
    /// No lower value was found along the descent direction: a kink, a wrong gradient, or a noisy objective.
    LineSearchFailed,
    /// The objective or its gradient is NaN or infinite at the start, or wherever a step was tried.
    NotFinite {
        /// 1-based number of the first of the run of such evaluations that the solver ended with.
        evaluation: usize,
    },
}

impl Termination {
    /// Whether a tolerance was met.
    pub fn converged(&self) -> bool {
        matches!(self, Self::GradientSmall | Self::ValueConverged)
    }
}

impl Display for Termination {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> FormatResult {
        match self {
            Self::GradientSmall => formatter.write_str("converged: the gradient is small"),
            Self::ValueConverged => formatter.write_str("converged: the value no longer falls"),
            Self::IterationLimit => formatter.write_str("not converged: raise the number of iterations"),
            Self::LineSearchFailed => {
                formatter.write_str("not converged: no lower value along the descent direction; the best point is kept")
            }
            Self::NotFinite { evaluation } => {
                write!(formatter, "not converged: the objective is NaN or infinite at evaluation {evaluation}")
            }
        }
    }
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `‖v‖_∞`, NaN if any entry is NaN.
fn largest_absolute(values: &[f64]) -> f64 {
    values.iter().fold(
        0.0,
        |largest: f64, value| {
            if value.abs() <= largest || largest.is_nan() { largest } else { value.abs() }
        },
    )
}
