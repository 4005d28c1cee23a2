//! Memory of L-BFGS: pairs of steps and gradient differences, and the two-loop recursion.

use super::dot;

/// A pair is kept if `sᵀy > 10⁻¹⁰ ‖s‖ ‖y‖`: relative, so that the scale of the problem does not matter. A quadratic of
/// condition number `c` has `sᵀy ≥ 2/√c ‖s‖ ‖y‖`, so that only kinks, concave stretches and rounding are skipped.
const CURVATURE: f64 = 1e-10;

/// The last steps `s` and gradient differences `y` of L-BFGS, in a ring.
pub(super) struct Memory {
    dimension: usize,
    capacity: usize,
    /// Slot that the next pair is written to.
    next: usize,
    length: usize,
    steps: Vec<f64>,
    differences: Vec<f64>,
    /// `1/sᵀy` of each pair.
    inverse_curvatures: Vec<f64>,
    coefficients: Vec<f64>,
    /// `sᵀy / yᵀy` of the last pair: the scale of the initial inverse Hessian.
    scale: f64,
}

impl Memory {
    pub(super) fn new(capacity: usize, dimension: usize) -> Self {
        Self {
            dimension,
            capacity,
            next: 0,
            length: 0,
            steps: vec![0.0; capacity * dimension],
            differences: vec![0.0; capacity * dimension],
            inverse_curvatures: vec![0.0; capacity],
            coefficients: vec![0.0; capacity],
            scale: 1.0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub(super) fn clear(&mut self) {
        self.length = 0;
    }

    /// Keeps the pair of a move between two points and their gradients, unless its curvature is too small.
    pub(super) fn push(&mut self, from: &[f64], to: &[f64], gradient_from: &[f64], gradient_to: &[f64]) {
        if self.capacity == 0 {
            return;
        }
        let slot = self.next * self.dimension..(self.next + 1) * self.dimension;
        let (step, difference) = (&mut self.steps[slot.clone()], &mut self.differences[slot]);
        for k in 0..self.dimension {
            step[k] = to[k] - from[k];
            difference[k] = gradient_to[k] - gradient_from[k];
        }
        let (curvature, squared) = (dot(step, difference), dot(difference, difference));
        let enough = curvature > CURVATURE * dot(step, step).sqrt() * squared.sqrt();
        if !enough || !(1.0 / curvature).is_finite() || !squared.is_finite() {
            // The slot may have held the oldest pair, which is lost with it.
            self.length = self.length.min(self.capacity - 1);
            return;
        }
        self.inverse_curvatures[self.next] = 1.0 / curvature;
        self.scale = curvature / squared;
        self.next = (self.next + 1) % self.capacity;
        self.length = (self.length + 1).min(self.capacity);
    }

    /// `−H g` by the two-loop recursion (Nocedal and Wright 2006, algorithm 7.4), `H` started from `sᵀy/yᵀy I`
    /// (equation 7.20); `−g` if there are no pairs.
    pub(super) fn direction(&mut self, gradient: &[f64], direction: &mut [f64]) {
        direction.iter_mut().zip(gradient).for_each(|(slot, value)| *slot = -value);
        if self.is_empty() {
            return;
        }
        let slots = |age: usize| (self.next + self.capacity - 1 - age) % self.capacity;
        let vector = |all, slot: usize| -> &[f64] { part(all, slot, self.dimension) };
        for age in 0..self.length {
            let slot = slots(age);
            let coefficient = self.inverse_curvatures[slot] * dot(vector(&self.steps, slot), direction);
            self.coefficients[slot] = coefficient;
            add(direction, -coefficient, vector(&self.differences, slot));
        }
        direction.iter_mut().for_each(|value| *value *= self.scale);
        for age in (0..self.length).rev() {
            let slot = slots(age);
            let correction = self.inverse_curvatures[slot] * dot(vector(&self.differences, slot), direction);
            add(direction, self.coefficients[slot] - correction, vector(&self.steps, slot));
        }
    }
}

fn part(all: &[f64], slot: usize, dimension: usize) -> &[f64] {
    &all[slot * dimension..(slot + 1) * dimension]
}

fn add(target: &mut [f64], factor: f64, values: &[f64]) {
    target.iter_mut().zip(values).for_each(|(slot, value)| *slot += factor * value);
}
