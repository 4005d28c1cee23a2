//! Adam on the unit sphere.

use serde::{Deserialize, Serialize};

/// Adam (Kingma and Ba 2015, algorithm 1) on plain slices, without projection: the network puts anchors back on their
/// spheres.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adam {
    first: Vec<f64>,
    second: Vec<f64>,
    steps: i32,
}

const FIRST_DECAY: f64 = 0.9;
const SECOND_DECAY: f64 = 0.999;
const EPSILON: f64 = 1e-8;

impl Adam {
    pub(crate) fn new(parameters: usize) -> Self {
        Self { first: vec![0.0; parameters], second: vec![0.0; parameters], steps: 0 }
    }

    /// Number of parameters that it moves; none if its moments contradict each other.
    pub(crate) fn parameters(&self) -> usize {
        if self.first.len() == self.second.len() { self.first.len() } else { 0 }
    }

    /// First and second moments, and the number of steps.
    pub fn moments(&self) -> (&[f64], &[f64], i32) {
        (&self.first, &self.second, self.steps)
    }

    /// Replaces moments and number of steps, as a pass that was made elsewhere leaves them.
    ///
    /// # Shapes
    /// as many of either as there are parameters.
    pub fn set_moments(&mut self, first: Vec<f64>, second: Vec<f64>, steps: i32) {
        (self.first, self.second, self.steps) = (first, second, steps);
    }

    /// One step against the gradient.
    pub(crate) fn step(&mut self, parameters: &mut [f32], gradient: &[f32], learning_rate: f64) {
        self.steps = self.steps.saturating_add(1);
        let first_scale = 1.0 / (1.0 - FIRST_DECAY.powi(self.steps));
        let second_scale = 1.0 / (1.0 - SECOND_DECAY.powi(self.steps));
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((parameter, &gradient), (first, second)) in parameters.iter_mut().zip(gradient).zip(moments) {
            let gradient = f64::from(gradient);
            *first = FIRST_DECAY * *first + (1.0 - FIRST_DECAY) * gradient;
            *second = SECOND_DECAY * *second + (1.0 - SECOND_DECAY) * gradient * gradient;
            let step = learning_rate * *first * first_scale / ((*second * second_scale).sqrt() + EPSILON);
            *parameter = (f64::from(*parameter) - step) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_steps_are_those_of_the_published_algorithm() {
        // Gradient 2, then −1, rate 0.1: m̂ = 2, v̂ = 4, a step of 0.1; then m = 0.08, v = 0.004996 by hand.
        let mut adam = Adam::new(1);
        let mut x = [1.0f32];
        adam.step(&mut x, &[2.0], 0.1);
        assert!((x[0] - 0.9).abs() < 1e-6);
        adam.step(&mut x, &[-1.0], 0.1);
        let (m, v) = (0.08 / (1.0 - 0.81), 0.004996 / (1.0 - 0.999f64.powi(2)));
        assert!((f64::from(x[0]) - (0.9 - 0.1 * m / (v.sqrt() + 1e-8))).abs() < 1e-6);
    }
}
