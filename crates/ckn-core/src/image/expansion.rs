//! Learning the finite expansion of the Gaussian kernel from pairs of patches (Mairal et al. 2014, problem 4).

mod objective;
#[cfg(test)]
mod tests;

use crate::error::check_length;
use crate::kernel::DotProductKernel;
use crate::metrics::quantile;
use crate::solver::{Lbfgs, Termination};
use crate::{Error, Scalar};

use objective::Problem;

/// The bandwidth's quantile of the distances of pairs (Mairal et al. 2014, section 3.3).
const QUANTILE: f64 = 0.1;

/// How [`PatchPairs::fit`] is to fit an expansion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExpansionConfig {
    /// The bandwidth `σ`.
    pub sigma: f64,
    /// Change of `√η` for a unit of the solver's variables, filters having norms near one. With 1 weights move as freely as
    /// filters, and the error of the kernel falls fastest. From filters far from all patches they would then settle first, many
    /// near zero, and a filter without weight learns nothing: take a few hundredths there, which keep the weights nearly equal.
    pub weight_rate: f64,
    /// The solver.
    pub solver: Lbfgs,
}

/// Pairs of unit-norm patches `(x_i, y_i)`, from which `Σ_l η_l exp(−‖x − w_l‖²/σ²) exp(−‖y − w_l‖²/σ²)` learns to be
/// `exp(−‖x − y‖²/(2σ²))`.
#[derive(Debug, Clone)]
pub struct PatchPairs<S> {
    size: usize,
    /// `x_i + y_i`, all that the expansion sees.
    sums: Vec<S>,
    distances: Vec<f64>,
}

/// Filters and weights of an expansion, and how they were reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Expansion {
    /// `w_l`, `[filters, size]`.
    pub filters: Vec<f64>,
    /// `η_l ≥ 0`, `[filters]`.
    pub weights: Vec<f64>,
    /// Mean squared error of the kernel over the pairs, at the start and at the end.
    pub errors: (f64, f64),
    /// Steps of the solver.
    pub iterations: usize,
    /// Why the solver stopped.
    pub termination: Termination,
}

impl<S: Scalar> PatchPairs<S> {
    /// Pairs of consecutive patches; an odd one at the end is left out.
    ///
    /// # Shapes
    /// patches `[patches, size]`, of unit norm.
    ///
    /// # Errors
    /// [`Error::Empty`] for less than two patches.
    pub fn new(patches: &[S], size: usize) -> Result<Self, Error> {
        let pairs = patches.chunks_exact(2 * size.max(1));
        if pairs.len() == 0 {
            return Err(Error::Empty { what: "the set of pairs of patches" });
        }
        let mut sums = Vec::with_capacity(pairs.len() * size);
        let mut distances = Vec::with_capacity(pairs.len());
        for pair in pairs {
            let (left, right) = pair.split_at(size);
            sums.extend(left.iter().zip(right).map(|(&x, &y)| x + y));
            let square: f64 = left.iter().zip(right).map(|(&x, &y)| (x - y).wide().powi(2)).sum();
            distances.push(square.sqrt());
        }
        Ok(Self { size, sums, distances })
    }

    /// Number of pairs.
    pub fn len(&self) -> usize {
        self.distances.len()
    }

    /// Whether there is no pair.
    pub fn is_empty(&self) -> bool {
        self.distances.is_empty()
    }

    /// The bandwidth that fits the pairs: the 0.1 quantile of their distances, at least 0.01.
    pub fn bandwidth(&self) -> f64 {
        let mut sorted = self.distances.clone();
        sorted.sort_by(f64::total_cmp);
        quantile(&sorted, QUANTILE).max(0.01)
    }

    /// Fits an expansion, from filters to start with. The weights start at the one constant `c` that fits best, and do not
    /// fall below zero as squares: `η = (√c + rate · t)²`.
    ///
    /// # Shapes
    /// start `[filters, size]`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a bandwidth or a rate outside of its domain; [`Error::Empty`] without filters; [`Error::Shape`] if the
    /// start is not whole filters. Not having converged is a value.
    pub fn fit(&self, start: &[f64], config: &ExpansionConfig) -> Result<Expansion, Error> {
        let ExpansionConfig { sigma, weight_rate, solver } = config;
        DotProductKernel::Exponential { sigma: *sigma }.check()?;
        if !(*weight_rate > 0.0 && weight_rate.is_finite()) {
            let expected = "a finite number above 0";
            return Err(Error::Parameter { name: "rate of the weights", got: *weight_rate, expected });
        }
        if start.is_empty() {
            return Err(Error::Empty { what: "the set of filters" });
        }
        let filters = start.len() / self.size;
        check_length("filters of an expansion", filters * self.size, start.len())?;
        let mut point = start.to_vec();
        let mut problem = Problem::new(self, filters, *sigma, *weight_rate);
        point.resize(start.len() + filters, 0.0);
        problem.root = problem.best_constant(&point).sqrt();
        let first = problem.evaluate(&point, &mut vec![0.0; start.len() + filters]);
        let solution = solver.minimise(&point, |point, gradient| problem.evaluate(point, gradient));
        let (filters, moves) = solution.point.split_at(start.len());
        Ok(Expansion {
            filters: filters.to_vec(),
            weights: moves.iter().map(|&moved| problem.root_of_weight(moved).powi(2)).collect(),
            errors: (first, solution.value),
            iterations: solution.iterations,
            termination: solution.termination,
        })
    }
}
