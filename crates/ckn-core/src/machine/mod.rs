//! Kernel machines: a head on the whole feature space of a kernel, by its kernel matrix.
//!
//! `f(x) = Σ_i c_i K(x_i, x) + b` minimises `Σ_i w_i ½ max(0, 1 − y_i f(x_i))² + (A/2) (‖f‖² + b²)`, `‖·‖` the norm of the
//! kernel's feature space: the intercept is a feature of constant value 1, and penalised as the others. [`fit_outputs`] takes any loss
//! in its place, and several outputs at once.

mod dual;
mod newton;
mod outputs;
#[cfg(test)]
mod tests;
mod written;

pub use dual::fit;
pub use newton::fit_by_products;
pub use outputs::{FittedOutputs, Outputs, fit_outputs};
pub use written::multiply_written;

use crate::Error;
use crate::error::check_length;

/// What a kernel machine is fitted to.
#[derive(Debug, Clone, Copy)]
pub struct Problem<'a> {
    /// `−1` or `+1`, `[samples]`.
    pub labels: &'a [f64],
    /// Weights `w` of the losses, `[samples]`; samples of weight 0 are left out, and scored all the same.
    pub weights: &'a [f64],
    /// Penalty `A`, above 0.
    pub l2: f64,
    /// Stop once no sample is further from its optimum, in units of the margin: 1e-3 is customary.
    pub tolerance: f64,
}

impl Problem<'_> {
    fn check(&self) -> Result<(), Error> {
        check_length("weights of the samples", self.labels.len(), self.weights.len())?;
        if !(self.l2 > 0.0 && self.l2.is_finite()) {
            return Err(Error::Parameter { name: "l2", got: self.l2, expected: "above 0" });
        }
        Ok(())
    }
}

/// A fitted machine, in multipliers of the samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Dual {
    /// `α_i = A c_i y_i ≥ 0`, `[samples]`: how strongly each sample pulls.
    pub multipliers: Vec<f64>,
    /// Coefficients `c_i`, `[samples]`.
    pub coefficients: Vec<f64>,
    /// Intercept `b`.
    pub intercept: f64,
    /// `f(x_i)`, `[samples]`.
    pub scores: Vec<f64>,
    /// Passes over the samples, or Newton steps.
    pub passes: usize,
    /// Whether the tolerance was reached.
    pub converged: bool,
}
