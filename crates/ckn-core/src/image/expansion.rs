//! Learning the finite expansion of the Gaussian kernel from pairs of patches (Mairal et al. 2014, problem 4).

use faer::Accum;
use rayon::prelude::*;

use super::layer::{Transposed, accumulate, product};
use crate::error::check_length;
use crate::kernel::DotProductKernel;
use crate::solver::{Lbfgs, Termination};
use crate::vectors::on_widest_vectors;
use crate::{Error, Scalar};

/// Pairs multiplied at once.
const BLOCK: usize = 512;

/// Parts that the pairs are cut into: their sums are added in order, so that the number of threads changes nothing.
const TASKS: usize = 16;

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
        let at = QUANTILE * (sorted.len() - 1) as f64;
        let (below, above) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
        (below + (above - below) * at.fract()).max(0.01)
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

/// The objective over `(w, t)`, `η = (√c + rate · t)²`.
struct Problem<'a, S> {
    pairs: &'a PatchPairs<S>,
    filters: usize,
    /// `√c`.
    root: f64,
    weight_rate: f64,
    /// `2/σ²`.
    slope: f64,
    /// Kernel values of the pairs.
    targets: Vec<f64>,
    tasks: Vec<Task<S>>,
}

/// Sums over one part of the pairs, and scratch.
#[derive(Default, Clone)]
struct Task<S> {
    /// `h_il`, then `r_i h_il`, `[BLOCK, filters]`.
    values: Vec<S>,
    /// Sums over one block.
    totals: Vec<S>,
    /// `Σ_i r_i h_il (x_i + y_i)`, `[filters, size]`.
    by_filters: Vec<S>,
    /// `Σ_i r_i h_il`.
    by_weights: Vec<f64>,
    /// `Σ_i r_i²`.
    squares: f64,
    /// `Σ_i k_i Σ_l h_il` and `Σ_i (Σ_l h_il)²`.
    moments: (f64, f64),
}

impl<'a, S: Scalar> Problem<'a, S> {
    fn new(pairs: &'a PatchPairs<S>, filters: usize, sigma: f64, weight_rate: f64) -> Self {
        let targets = pairs.distances.iter().map(|d| (-0.5 * d * d / (sigma * sigma)).exp()).collect();
        let tasks = vec![Task::default(); TASKS];
        Self { pairs, filters, root: 1.0, weight_rate, slope: 2.0 / (sigma * sigma), targets, tasks }
    }

    /// `√η` of a variable of the solver.
    fn root_of_weight(&self, moved: f64) -> f64 {
        self.root + self.weight_rate * moved
    }

    /// `Σ k t/Σ t²`, `t_i = Σ_l h_il`: the weight that fits best if all are equal.
    fn best_constant(&mut self, point: &[f64]) -> f64 {
        self.visit(point);
        let (mut along, mut square) = (0.0, 0.0);
        for task in &self.tasks {
            along += task.moments.0;
            square += task.moments.1;
        }
        if square > 0.0 { (along / square).max(1e-12) } else { 1.0 }
    }

    fn evaluate(&mut self, point: &[f64], gradient: &mut [f64]) -> f64 {
        self.visit(point);
        let (by_filters, by_moves) = gradient.split_at_mut(self.filters * self.pairs.size);
        let (filters, moves) = point.split_at(self.filters * self.pairs.size);
        let scale = 2.0 / self.pairs.len() as f64;
        by_filters.fill(0.0);
        by_moves.fill(0.0);
        let mut squares = 0.0;
        for task in &self.tasks {
            by_filters.iter_mut().zip(&task.by_filters).for_each(|(slot, value)| *slot += value.wide());
            by_moves.iter_mut().zip(&task.by_weights).for_each(|(slot, value)| *slot += value);
            squares += task.squares;
        }
        let rows = by_filters.chunks_exact_mut(self.pairs.size).zip(filters.chunks_exact(self.pairs.size));
        for ((by_filter, filter), (by_moved, &moved)) in rows.zip(by_moves.iter_mut().zip(moves)) {
            let (sum, root) = (*by_moved, self.root_of_weight(moved));
            let weight = scale * self.slope * root * root;
            by_filter.iter_mut().zip(filter).for_each(|(slot, &value)| *slot = weight * (*slot - 2.0 * sum * value));
            *by_moved = 2.0 * self.weight_rate * root * scale * sum;
        }
        squares / self.pairs.len() as f64
    }

    fn visit(&mut self, point: &[f64]) {
        let size = self.pairs.size;
        let (filters, moves) = point.split_at(self.filters * size);
        let narrow: Vec<S> = filters.iter().map(|&value| S::of(value)).collect();
        let offsets: Vec<S> = filters
            .chunks_exact(size)
            .map(|filter| S::of(-self.slope * (1.0 + filter.iter().map(|x| x * x).sum::<f64>())))
            .collect();
        let weights: Vec<S> = moves.iter().map(|&moved| S::of(self.root_of_weight(moved).powi(2))).collect();
        let per_task = self.pairs.len().div_ceil(TASKS);
        let slope = S::of(self.slope);
        let (pairs, targets) = (self.pairs, &self.targets);
        self.tasks.par_iter_mut().enumerate().for_each(|(at, task)| {
            let part = (at * per_task).min(pairs.len())..((at + 1) * per_task).min(pairs.len());
            task.clear(weights.len(), size);
            for first in part.clone().step_by(BLOCK) {
                let end = (first + BLOCK).min(part.end);
                let sums = &pairs.sums[first * size..end * size];
                task.add(sums, &targets[first..end], &narrow, (slope, &offsets), &weights);
            }
        });
    }
}

impl<S: Scalar> Task<S> {
    fn clear(&mut self, filters: usize, size: usize) {
        self.by_filters.clear();
        self.by_filters.resize(filters * size, S::zero());
        self.by_weights.clear();
        self.by_weights.resize(filters, 0.0);
        self.squares = 0.0;
        self.moments = (0.0, 0.0);
    }

    fn add(&mut self, sums: &[S], targets: &[f64], narrow: &[S], (slope, offsets): (S, &[S]), weights: &[S]) {
        let (pairs, filters) = (targets.len(), weights.len());
        let size = sums.len() / pairs;
        self.values.resize(pairs * filters, S::zero());
        product(sums, narrow, &mut self.values, (pairs, size, filters), Transposed::Right);
        let Self { values, totals, by_filters, by_weights, squares, moments } = self;
        totals.clear();
        totals.resize(filters, S::zero());
        on_widest_vectors(
            #[inline(always)]
            || {
                for (values, &target) in values.chunks_exact_mut(filters).zip(targets) {
                    for (value, &offset) in values.iter_mut().zip(offsets) {
                        *value = (slope * *value + offset).exponential();
                    }
                    let (mut weighted, mut plain) = ([S::zero(); 16], [S::zero(); 16]);
                    let chunks = values.chunks_exact(16).zip(weights.chunks_exact(16));
                    let done = filters / 16 * 16;
                    for (values, weights) in chunks {
                        for lane in 0..16 {
                            weighted[lane] += weights[lane] * values[lane];
                            plain[lane] += values[lane];
                        }
                    }
                    for at in done..filters {
                        weighted[0] += weights[at] * values[at];
                        plain[0] += values[at];
                    }
                    let residual = weighted.into_iter().sum::<S>().wide() - target;
                    let sum = plain.into_iter().sum::<S>().wide();
                    *squares += residual * residual;
                    moments.0 += target * sum;
                    moments.1 += sum * sum;
                    let residual = S::of(residual);
                    for (value, total) in values.iter_mut().zip(&mut *totals) {
                        *value *= residual;
                        *total += *value;
                    }
                }
            },
        );
        by_weights.iter_mut().zip(&*totals).for_each(|(slot, value)| *slot += value.wide());
        accumulate(values, sums, by_filters, (filters, pairs, size), Transposed::Left, Accum::Add);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;
    use rand::RngExt;

    fn unit_patches(count: usize, size: usize) -> Vec<f64> {
        let mut random = Seed(1).stream("patches");
        let mut patches: Vec<f64> = (0..count * size).map(|_| random.random_range(-0.3..1.0)).collect();
        for patch in patches.chunks_exact_mut(size) {
            let norm = patch.iter().map(|x| x * x).sum::<f64>().sqrt();
            patch.iter_mut().for_each(|x| *x /= norm);
        }
        patches
    }

    fn free(sigma: f64) -> ExpansionConfig {
        ExpansionConfig { sigma, weight_rate: 1.0, solver: Lbfgs::default() }
    }

    #[test]
    fn the_objective_is_that_of_the_paper_and_its_gradient_is_exact() {
        let (size, filters, sigma) = (3, 17, 0.7);
        let patches = unit_patches(1300, size);
        let pairs = PatchPairs::new(&patches, size).unwrap();
        let mut problem = Problem::new(&pairs, filters, sigma, 0.1);
        let mut point = unit_patches(filters, size);
        point.iter_mut().for_each(|x| *x *= 0.9);
        point.extend((0..filters).map(|l| 3.0 - 0.5 * l as f64));
        problem.root = 0.4;
        let distance = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
        let literal = |point: &[f64]| -> f64 {
            let (w, t) = point.split_at(filters * size);
            let errors = patches.chunks_exact(2 * size).map(|pair| {
                let (x, y) = pair.split_at(size);
                let sum: f64 = (0..filters)
                    .map(|l| {
                        let w = &w[l * size..][..size];
                        (0.4 + 0.1 * t[l]).powi(2) * (-(distance(x, w) + distance(y, w)) / (sigma * sigma)).exp()
                    })
                    .sum();
                ((-0.5 * distance(x, y) / (sigma * sigma)).exp() - sum).powi(2)
            });
            errors.sum::<f64>() / 650.0
        };
        let mut gradient = vec![0.0; point.len()];
        let value = problem.evaluate(&point, &mut gradient);
        assert!((value - literal(&point)).abs() < 1e-12 * value);
        for at in 0..point.len() {
            let at_step = |sign: f64| {
                let mut moved = point.clone();
                moved[at] += sign * 1e-5;
                literal(&moved)
            };
            let numeric = (at_step(1.0) - at_step(-1.0)) / 2e-5;
            assert!((numeric - gradient[at]).abs() < 1e-6 * gradient[at].abs().max(1.0), "{at}: {numeric}");
        }
    }

    #[test]
    fn the_error_falls_as_filters_are_added() {
        let (size, sigma) = (2, 0.5);
        let patches = unit_patches(2000, size);
        let pairs = PatchPairs::new(&patches, size).unwrap();
        let error = |filters: usize| {
            let fitted = pairs.fit(&unit_patches(filters, size), &free(sigma)).unwrap();
            assert!(fitted.errors.1 <= fitted.errors.0 && fitted.weights.iter().all(|&weight| weight >= 0.0));
            fitted.errors.1
        };
        let (two, four, eight) = (error(2), error(4), error(8));
        assert!(four < 0.3 * two && eight < 0.2 * four, "{two} {four} {eight}");
    }

    #[test]
    fn the_bandwidth_is_the_tenth_percentile_of_distances() {
        // Distances 0, 1/10, …, 1 of pairs on a line; NumPy interpolates linearly, as here.
        let patches: Vec<f64> = (0..=10).flat_map(|k| [0.0, f64::from(k) / 10.0]).collect();
        assert!((PatchPairs::new(&patches, 1).unwrap().bandwidth() - 0.1).abs() < 1e-12);
    }

    #[test]
    fn nothing_to_fit_is_an_error() {
        assert!(matches!(PatchPairs::<f32>::new(&[1.0], 1), Err(Error::Empty { .. })));
        let pairs = PatchPairs::new(&[1.0, 1.0f32], 1).unwrap();
        assert!(matches!(pairs.fit(&[], &free(0.5)), Err(Error::Empty { .. })));
        assert!(matches!(pairs.fit(&[1.0], &free(0.0)), Err(Error::Parameter { .. })));
        let still = ExpansionConfig { weight_rate: 0.0, ..free(0.5) };
        assert!(matches!(pairs.fit(&[1.0], &still), Err(Error::Parameter { .. })));
    }
}
