//! L-BFGS, the quasi-Newton method of limited memory.

use serde::{Deserialize, Serialize};

use super::line_search::{Outcome, Trial, search};
use super::memory::Memory;
use super::{Solution, Termination, dot, largest_absolute};

/// Values this close, relative to the value, are taken as equal: a few roundings of a sum over samples.
const ROUNDING: f64 = 10.0 * f64::EPSILON;

/// Limited-memory BFGS with a strong Wolfe line search (Nocedal and Wright 2006, algorithms 7.4, 7.5, 3.5 and 3.6).
///
/// Deterministic; nothing is allocated after the set-up. Where the line search fails it is tried once more along the
/// negative gradient, with the memory cleared. Non-smooth objectives such as `max(f(x), f(x̄))` are handled:
/// past a kink a weak Wolfe point is accepted, and pairs without curvature are skipped (Lewis and Overton 2013).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lbfgs {
    /// Number of pairs kept; 0 is steepest descent. More pairs, 20 to 50, help badly conditioned problems.
    pub history: usize,
    /// Largest number of steps.
    pub max_iterations: usize,
    /// Stop when `‖g‖_∞ ≤ tolerance · max(1, |f|)`: absolute for mean losses (use features of order 1), relative for sums
    /// over many samples. With 0 only a gradient of exactly 0 stops.
    pub gradient_tolerance: f64,
    /// Stop when a step lowers the value by at most `tolerance · max(|f_before|, |f_after|)`. 0 turns this test off.
    pub value_tolerance: f64,
}

impl Default for Lbfgs {
    fn default() -> Self {
        Self { history: 10, max_iterations: 100, gradient_tolerance: 1e-6, value_tolerance: 1e-10 }
    }
}

impl Lbfgs {
    /// Minimises an objective from a start.
    ///
    /// The objective takes a point, overwrites the gradient there, and returns the value. To give up from inside, it
    /// returns NaN from then on.
    ///
    /// # Shapes
    /// start `[dimension]`; the objective sees two slices `[dimension]`.
    ///
    /// # Errors
    /// None: every way to stop, a non-finite start included, is a [`Termination`].
    pub fn minimise(&self, start: &[f64], objective: impl FnMut(&[f64], &mut [f64]) -> f64) -> Solution {
        let mut state = State::new(start, objective);
        let mut memory = Memory::new(self.history, start.len());
        let mut direction = vec![0.0; start.len()];
        if !state.is_finite() {
            return state.finish(Termination::NotFinite { evaluation: 1 });
        }
        let mut before = None;
        loop {
            if largest_absolute(&state.gradient) <= self.gradient_tolerance * state.value.abs().max(1.0) {
                return state.finish(Termination::GradientSmall);
            }
            if before.is_some_and(|before| self.has_settled(before, state.value)) {
                return state.finish(Termination::ValueConverged);
            }
            if state.iterations >= self.max_iterations {
                return state.finish(Termination::IterationLimit);
            }
            before = Some(state.value);
            if let Err(termination) = step(&mut state, &mut memory, &mut direction) {
                return state.finish(termination);
            }
            state.iterations += 1;
        }
    }

    fn has_settled(&self, before: f64, after: f64) -> bool {
        self.value_tolerance > 0.0 && before - after <= self.value_tolerance * before.abs().max(after.abs())
    }
}

/// One iteration: along the quasi-Newton direction, or else along the negative gradient.
fn step<F: FnMut(&[f64], &mut [f64]) -> f64>(
    state: &mut State<F>,
    memory: &mut Memory,
    direction: &mut [f64],
) -> Result<(), Termination> {
    // Decrease that the quadratic model predicts, of the first direction tried.
    let mut predicted = None;
    let mut bad = None;
    loop {
        memory.direction(&state.gradient, direction);
        let slope = dot(&state.gradient, direction);
        let descent = slope < 0.0 && slope.is_finite();
        if descent {
            // The scale of the inverse Hessian is unknown at first: move by a unit at most.
            let first = if memory.is_empty() { (-slope).sqrt().recip().min(1.0) } else { 1.0 };
            predicted = predicted.or(Some(-slope * first));
            if state.search(direction, slope, first, &mut bad) {
                memory.push(&state.previous, &state.point, &state.previous_gradient, &state.gradient);
                return Ok(());
            }
        }
        if memory.is_empty() {
            let rounded = predicted.is_some_and(|predicted| predicted <= ROUNDING * state.value.abs());
            return Err(match bad {
                _ if rounded => Termination::ValueConverged,
                Some(evaluation) => Termination::NotFinite { evaluation },
                None => Termination::LineSearchFailed,
            });
        }
        memory.clear();
    }
}

/// The current and the previous point.
struct State<F> {
    objective: F,
    point: Vec<f64>,
    gradient: Vec<f64>,
    value: f64,
    /// Lowest value so far.
    best: f64,
    /// During a search the point it starts from.
    previous: Vec<f64>,
    previous_gradient: Vec<f64>,
    iterations: usize,
    evaluations: usize,
}

impl<F: FnMut(&[f64], &mut [f64]) -> f64> State<F> {
    fn new(start: &[f64], mut objective: F) -> Self {
        let point = start.to_vec();
        let mut gradient = vec![0.0; start.len()];
        let value = objective(&point, &mut gradient);
        let (previous, previous_gradient) = (point.clone(), gradient.clone());
        Self {
            objective,
            point,
            gradient,
            value,
            best: value,
            previous,
            previous_gradient,
            iterations: 0,
            evaluations: 1,
        }
    }

    fn is_finite(&self) -> bool {
        self.value.is_finite() && largest_absolute(&self.gradient).is_finite()
    }

    /// Moves to a better point along the direction; if there is none, stays and returns false. `bad` is the first
    /// of the latest run of evaluations that were not finite.
    fn search(&mut self, direction: &[f64], slope: f64, first: f64, bad: &mut Option<usize>) -> bool {
        std::mem::swap(&mut self.point, &mut self.previous);
        std::mem::swap(&mut self.gradient, &mut self.previous_gradient);
        let before = self.value;
        let ceiling = self.best + ROUNDING * self.best.abs();
        let mut last = 0.0;
        let outcome = search(before, slope, ceiling, first, |length| {
            last = length;
            let trial = self.evaluate(direction, length);
            if trial.value.is_finite() {
                *bad = None;
            } else {
                bad.get_or_insert(self.evaluations);
            }
            trial
        });
        match outcome {
            Outcome::Wolfe(trial) => self.value = trial.value,
            // Where the step is too short to change the value, the next one would be too.
            Outcome::Decrease(trial) if trial.value < before => {
                if trial.step != last {
                    self.evaluate(direction, trial.step);
                }
                self.value = trial.value;
            }
            Outcome::Decrease(_) | Outcome::Failed => {
                std::mem::swap(&mut self.point, &mut self.previous);
                std::mem::swap(&mut self.gradient, &mut self.previous_gradient);
                return false;
            }
        }
        self.best = self.best.min(self.value);
        true
    }

    /// Objective and slope at a step from the previous point; a NaN value where value or gradient is not finite.
    fn evaluate(&mut self, direction: &[f64], step: f64) -> Trial {
        for ((slot, from), along) in self.point.iter_mut().zip(&self.previous).zip(direction) {
            *slot = from + step * along;
        }
        self.evaluations += 1;
        let value = (self.objective)(&self.point, &mut self.gradient);
        let slope = dot(&self.gradient, direction);
        let finite = value.is_finite() && largest_absolute(&self.gradient).is_finite() && slope.is_finite();
        Trial { step, value: if finite { value } else { f64::NAN }, slope }
    }

    fn finish(self, termination: Termination) -> Solution {
        Solution {
            gradient_norm: largest_absolute(&self.gradient),
            point: self.point,
            value: self.value,
            iterations: self.iterations,
            evaluations: self.evaluations,
            termination,
        }
    }
}
