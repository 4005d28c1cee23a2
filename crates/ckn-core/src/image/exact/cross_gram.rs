//! Inner products between all positions of two maps, and what patches, kernels and pooling make of them.

use crate::image::MapShape;
use crate::kernel::DotProductKernel;
use crate::pooling::Border;

/// Sums that cancel to less than this share of their terms are rounding.
const ROUNDING: f64 = 1e-13;

/// `⟨φ(z), φ'(z')⟩` for all positions of two maps of one size.
#[derive(Debug, Clone)]
pub(super) struct CrossGram {
    height: usize,
    width: usize,
    /// `[positions, positions]`.
    values: Vec<f64>,
}

/// How the positions of two patches are weighed against each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum PatchWeights {
    /// Equal places with each other: the inner product of patches.
    Plain,
    /// The same after the mean of each channel is taken away: `δ(o, o') − 1/|P|`.
    Centred,
    /// `exp(−‖o − o'‖²/(2β²))`.
    Gaussian(f64),
}

/// `exp(−‖z − z'‖²/(2β²))`.
fn gaussian(beta: f64, z: (usize, usize), other: (usize, usize)) -> f64 {
    let distance = |a: usize, b: usize| a.abs_diff(b) as f64 / beta;
    (-0.5 * (distance(z.0, other.0).powi(2) + distance(z.1, other.1).powi(2))).exp()
}

/// Positions of a map, row by row.
fn positions(height: usize, width: usize) -> impl Iterator<Item = (usize, usize)> + Clone {
    (0..height).flat_map(move |y| (0..width).map(move |x| (y, x)))
}

impl PatchWeights {
    fn weight(self, patch: usize, o: (usize, usize), other: (usize, usize)) -> f64 {
        match self {
            Self::Plain => f64::from(u8::from(o == other)),
            Self::Centred => f64::from(u8::from(o == other)) - 1.0 / (patch * patch) as f64,
            Self::Gaussian(beta) => gaussian(beta, o, other),
        }
    }
}

impl CrossGram {
    /// Of the vectors of two maps.
    pub(super) fn of_maps(left: &[f64], right: &[f64], shape: MapShape) -> Self {
        let rows = left.chunks_exact(shape.channels);
        let values = rows.flat_map(|a| {
            right.chunks_exact(shape.channels).map(move |b| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>())
        });
        Self { height: shape.height, width: shape.width, values: values.collect() }
    }

    /// Of patches: `Σ_o Σ_o' w(o, o') ⟨φ(z + o), φ'(z' + o')⟩`, where maps are zero beyond their border.
    pub(super) fn patches(&self, patch: usize, border: Border, weights: PatchWeights) -> Self {
        let offsets = positions(patch, patch);
        let pairs: Vec<_> = offsets
            .clone()
            .flat_map(|o| offsets.clone().map(move |other| (o, other, weights.weight(patch, o, other))))
            .filter(|(_, _, weight)| *weight != 0.0)
            .collect();
        let before = border.before(patch);
        let inside = |z: (usize, usize), o: (usize, usize)| {
            let y = (z.0 + o.0).checked_sub(before).filter(|&y| y < self.height)?;
            let x = (z.1 + o.1).checked_sub(before).filter(|&x| x < self.width)?;
            Some(y * self.width + x)
        };
        let (height, width) = (border.windows(self.height, patch), border.windows(self.width, patch));
        let mut values = Vec::with_capacity((height * width).pow(2));
        for z in positions(height, width) {
            for other in positions(height, width) {
                let (mut sum, mut size) = (0.0, 0.0);
                for &(o, other_o, weight) in &pairs {
                    if let Some((row, column)) = inside(z, o).zip(inside(other, other_o)) {
                        let term = weight * self.values[row * self.height * self.width + column];
                        sum += term;
                        size += term.abs();
                    }
                }
                // The root of what rounding leaves of a patch of one colour would not be small.
                values.push(if sum.abs() > ROUNDING * size { sum } else { 0.0 });
            }
        }
        Self { height, width, values }
    }

    /// Norms of the positions of a map whose inner products with itself these are.
    pub(super) fn norms(&self) -> Vec<f64> {
        let positions = self.height * self.width;
        self.values.iter().step_by(positions + 1).map(|square| square.max(0.0).sqrt()).collect()
    }

    /// Of the kernel's feature map: `‖x‖ ‖x'‖ κ(⟨x, x'⟩/(‖x‖ ‖x'‖))`, zero where a norm is.
    pub(super) fn evaluate(&mut self, left: &[f64], right: &[f64], kernel: DotProductKernel) {
        for (row, left) in self.values.chunks_exact_mut(right.len()).zip(left) {
            for (value, right) in row.iter_mut().zip(right) {
                let scale = left * right;
                *value = if scale > 0.0 { scale * kernel.value((*value / scale).clamp(-1.0, 1.0)) } else { 0.0 };
            }
        }
    }

    /// Of maps that are pooled on both sides.
    ///
    /// # Shapes
    /// rows `[height after, height]`, columns `[width after, width]`.
    pub(super) fn pool(&self, rows: &[f64], columns: &[f64]) -> Self {
        let (height, width) = (rows.len() / self.height, columns.len() / self.width);
        let before = self.height * self.width;
        let share = |to: (usize, usize), from: (usize, usize)| {
            rows[to.0 * self.height + from.0] * columns[to.1 * self.width + from.1]
        };
        let mut values = Vec::with_capacity((height * width).pow(2));
        for to in positions(height, width) {
            let mut row = vec![0.0; before];
            for (from, values) in positions(self.height, self.width).zip(self.values.chunks_exact(before)) {
                row.iter_mut().zip(values).for_each(|(slot, value)| *slot += share(to, from) * value);
            }
            for other in positions(height, width) {
                let sum = positions(self.height, self.width).zip(&row).map(|(from, value)| share(other, from) * value);
                values.push(sum.sum());
            }
        }
        Self { height, width, values }
    }

    /// Sum over equal positions: the inner product of the maps.
    pub(super) fn trace(&self) -> f64 {
        self.values.iter().step_by(self.height * self.width + 1).sum()
    }

    /// Sum over all pairs of positions, weighed by `exp(−‖z − z'‖²/(2β²))`.
    pub(super) fn gaussian_sum(&self, beta: f64) -> f64 {
        let pairs = positions(self.height, self.width)
            .flat_map(|z| positions(self.height, self.width).map(move |other| gaussian(beta, z, other)));
        pairs.zip(&self.values).map(|(weight, value)| weight * value).sum()
    }
}
