//! The Gabor function, its best linear part, and its derivatives.

use std::f64::consts::TAU;

/// Shape of a Gabor function: all parameters but amplitude and phase, which enter linearly.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wave {
    /// Column and row of the centre.
    pub(super) centre: [f64; 2],
    /// Direction of the wave.
    pub(super) orientation: f64,
    /// Cycles a pixel.
    pub(super) frequency: f64,
    /// Logarithms of the widths along the wave and across it.
    pub(super) log_sigmas: [f64; 2],
}

pub(super) const PARAMETERS: usize = 6;

/// A shape with its best linear part: `E (a cos t + b sin t)`.
#[derive(Debug, Clone)]
pub(super) struct Projection {
    pub(super) wave: Wave,
    /// `a` and `b`.
    pub(super) weights: [f64; 2],
    /// Sum of the squared residuals.
    pub(super) loss: f64,
    /// Filter minus function.
    residuals: Vec<f64>,
    /// `E cos t` and `E sin t` at each pixel, made orthonormal.
    basis: Vec<[f64; 2]>,
}

/// Below this part of a column's squared length, what another one leaves of it is rounding.
const DEPENDENT: f64 = 1e-12;

impl Wave {
    /// Coordinates of a pixel along the wave and across it.
    fn along(&self, pixel: usize, side: usize) -> [f64; 2] {
        let (sine, cosine) = self.orientation.sin_cos();
        let (x, y) = ((pixel % side) as f64 - self.centre[0], (pixel / side) as f64 - self.centre[1]);
        [x * cosine + y * sine, y * cosine - x * sine]
    }

    /// `E cos t` and `E sin t` at a point.
    fn values(&self, [along, across]: [f64; 2]) -> [f64; 2] {
        let [first, second] = self.log_sigmas.map(|log| (-2.0 * log).exp());
        let envelope = (-0.5 * (along * along * first + across * across * second)).exp();
        let (sine, cosine) = (TAU * self.frequency * along).sin_cos();
        [envelope * cosine, envelope * sine]
    }

    /// Moved by a step, and back into the limits: a centre within a pixel of the filter, half a pixel to a filter of width,
    /// at most half a cycle a pixel.
    pub(super) fn moved(&self, step: [f64; PARAMETERS], side: usize) -> Self {
        let (last, widest) = (side as f64, (side as f64).ln());
        let width = |log: f64| log.clamp(-std::f64::consts::LN_2, widest.max(0.0));
        Self {
            centre: [0, 1].map(|k| (self.centre[k] + step[k]).clamp(-1.0, last)),
            orientation: self.orientation + step[2],
            frequency: (self.frequency + step[3]).clamp(0.0, 0.5),
            log_sigmas: [0, 1].map(|k| width(self.log_sigmas[k] + step[4 + k])),
        }
    }

    /// Amplitudes by least squares, through an orthonormal basis of the two columns.
    pub(super) fn project(self, filter: &[f64], side: usize) -> Projection {
        let columns: Vec<[f64; 2]> = (0..filter.len()).map(|pixel| self.values(self.along(pixel, side))).collect();
        let dot = |f: &dyn Fn(usize) -> f64| (0..columns.len()).map(f).sum::<f64>();
        let inverse = |squared: f64, whole: f64| if squared > DEPENDENT * whole { 1.0 / squared.sqrt() } else { 0.0 };
        let [first, second] = [dot(&|k| columns[k][0] * columns[k][0]), dot(&|k| columns[k][1] * columns[k][1])];
        // The longer column goes first: a wave of frequency 0 has no sine.
        let order = if first >= second { [0, 1] } else { [1, 0] };
        let lead = inverse(first.max(second), 1.0);
        let shared = dot(&|k| columns[k][order[0]] * columns[k][order[1]]) * lead;
        let rest = inverse(first.min(second) - shared * shared, first.max(second));
        let basis: Vec<[f64; 2]> = columns
            .iter()
            .map(|column| {
                let leading = column[order[0]] * lead;
                [leading, (column[order[1]] - shared * leading) * rest]
            })
            .collect();
        let along = [0, 1].map(|k| dot(&|pixel| basis[pixel][k] * filter[pixel]));
        let mut weights = [0.0; 2];
        weights[order[1]] = along[1] * rest;
        weights[order[0]] = (along[0] - shared * weights[order[1]]) * lead;
        let residuals: Vec<f64> =
            filter.iter().zip(&basis).map(|(value, b)| value - along[0] * b[0] - along[1] * b[1]).collect();
        let loss = residuals.iter().map(|residual| residual * residual).sum();
        Projection { wave: self, weights, loss, residuals, basis }
    }
}

impl Projection {
    /// `JᵀJ` and `Jᵀr` of variable projection in Kaufman's form: the derivatives of the function at fixed amplitudes, without
    /// what amplitudes could make up for.
    pub(super) fn normal_equations(&self, side: usize) -> ([[f64; PARAMETERS]; PARAMETERS], [f64; PARAMETERS]) {
        let mut derivatives: Vec<[f64; PARAMETERS]> =
            (0..self.residuals.len()).map(|k| self.derivatives(k, side)).collect();
        let mut shares = [[0.0; PARAMETERS]; 2];
        for (derivative, basis) in derivatives.iter().zip(&self.basis) {
            for k in 0..PARAMETERS {
                shares[0][k] += basis[0] * derivative[k];
                shares[1][k] += basis[1] * derivative[k];
            }
        }
        let (mut matrix, mut right) = ([[0.0; PARAMETERS]; PARAMETERS], [0.0; PARAMETERS]);
        for ((derivative, basis), residual) in derivatives.iter_mut().zip(&self.basis).zip(&self.residuals) {
            for k in 0..PARAMETERS {
                derivative[k] -= basis[0] * shares[0][k] + basis[1] * shares[1][k];
            }
            for i in 0..PARAMETERS {
                right[i] += derivative[i] * residual;
                for j in 0..=i {
                    matrix[i][j] += derivative[i] * derivative[j];
                }
            }
        }
        for i in 0..PARAMETERS {
            for j in 0..i {
                matrix[j][i] = matrix[i][j];
            }
        }
        (matrix, right)
    }

    fn derivatives(&self, pixel: usize, side: usize) -> [f64; PARAMETERS] {
        let wave = &self.wave;
        let [along, across] = wave.along(pixel, side);
        let [cosine_part, sine_part] = wave.values([along, across]);
        let [a, b] = self.weights;
        let value = a * cosine_part + b * sine_part;
        // The derivative by the argument of the wave.
        let turned = b * cosine_part - a * sine_part;
        let [first, second] = wave.log_sigmas.map(|log| (-2.0 * log).exp());
        let by_along = TAU * wave.frequency * turned - along * first * value;
        let by_across = -across * second * value;
        let (sine, cosine) = wave.orientation.sin_cos();
        [
            -cosine * by_along + sine * by_across,
            -sine * by_along - cosine * by_across,
            across * by_along - along * by_across,
            TAU * along * turned,
            along * along * first * value,
            across * across * second * value,
        ]
    }
}
