//! Gaussian pooling of maps, one axis after the other.

use serde::{Deserialize, Serialize};

use super::MapShape;
use crate::vectors::on_widest_vectors;
use crate::{Error, Scalar};

/// Weights below `exp(−9) = 1.2e-4` of the largest are left out.
const REACH: f64 = 3.0;

/// How the positions of a map are pooled.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SpatialPooling {
    /// Every position stays.
    None,
    /// Subsampling by `γ ≥ 1` with weights `√(2/π) exp(−d²/γ²)` (Mairal et al. 2014, equation 6): `⌈n/γ⌉` positions a side,
    /// `γ` apart, in the middle of the map.
    By(f64),
    /// The same, to so many positions a side: `γ = n/side`.
    To(usize),
    /// One position in `s`, the first among them, with weights `exp(−d²/s²)` of sum one over `|d| ≤ s` and zeros beyond the
    /// border (the public code of the supervised network).
    Stride(usize),
}

impl SpatialPooling {
    /// Positions of a side of `n` after pooling.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a factor below one or a size of zero; [`Error::PooledTooFar`] for a size above `n`.
    pub fn length(&self, n: usize) -> Result<usize, Error> {
        let refuse = |got, expected| Err(Error::Parameter { name: "pooling", got, expected });
        match *self {
            Self::None => Ok(n),
            Self::By(factor) if !(1.0..=1e6).contains(&factor) => refuse(factor, "a factor of 1 at least"),
            Self::By(factor) => Ok((n as f64 / factor).ceil() as usize),
            Self::To(0) => refuse(0.0, "a side of 1 at least"),
            Self::To(side) if side > n => Err(Error::PooledTooFar { side, map: n }),
            Self::To(side) => Ok(side),
            Self::Stride(0) => refuse(0.0, "a stride of 1 at least"),
            Self::Stride(stride) => Ok(n.saturating_sub(1) / stride + 1),
        }
    }

    /// Pooling weights of one axis as a matrix, `[length(n), n]`.
    ///
    /// # Errors
    /// Those of [`Self::length`].
    pub fn weights(&self, n: usize) -> Result<Vec<f64>, Error> {
        let length = self.length(n)?;
        let gaussian = |distance: f64, factor: f64| (-(distance / factor).powi(2)).exp();
        let mut weights = vec![0.0; length * n];
        for (to, row) in weights.chunks_exact_mut(n).enumerate() {
            for (from, weight) in row.iter_mut().enumerate() {
                *weight = match *self {
                    Self::None => f64::from(u8::from(to == from)),
                    Self::Stride(stride) => {
                        let distance = from.abs_diff(to * stride);
                        let sum: f64 =
                            (0..=2 * stride).map(|k| gaussian(k.abs_diff(stride) as f64, stride as f64)).sum();
                        if distance > stride { 0.0 } else { gaussian(distance as f64, stride as f64) / sum }
                    }
                    Self::By(_) | Self::To(_) => {
                        let factor = if let Self::By(factor) = *self { factor } else { n as f64 / length as f64 };
                        let centre = (n as f64 - 1.0) / 2.0 + factor * (to as f64 - (length as f64 - 1.0) / 2.0);
                        let distance = (from as f64 - centre).abs();
                        let scale = std::f64::consts::FRAC_2_PI.sqrt().sqrt();
                        if distance > REACH * factor { 0.0 } else { scale * gaussian(distance, factor) }
                    }
                };
            }
        }
        Ok(weights)
    }
}

/// The taps of both axes for maps of one shape.
#[derive(Debug, Clone)]
pub(super) struct Pool<S> {
    input: MapShape,
    rows: Axis<S>,
    columns: Axis<S>,
    is_identity: bool,
}

/// Taps of one axis: of every position after pooling the first position before, and the weights from there.
#[derive(Debug, Clone)]
struct Axis<S> {
    taps: Vec<(usize, Vec<S>)>,
}

impl<S: Scalar> Axis<S> {
    fn new(pooling: SpatialPooling, n: usize) -> Result<Self, Error> {
        let taps = pooling
            .weights(n)?
            .chunks_exact(n.max(1))
            .map(|row| {
                let first = row.iter().position(|&weight| weight != 0.0).unwrap_or(0);
                let end = row.iter().rposition(|&weight| weight != 0.0).map_or(first, |last| last + 1);
                (first, row[first..end].iter().map(|&weight| S::of(weight)).collect())
            })
            .collect();
        Ok(Self { taps })
    }

    fn is_identity(&self, n: usize) -> bool {
        self.taps.len() == n
            && self.taps.iter().enumerate().all(|(at, (first, weights))| at == *first && weights[..] == [S::one()])
    }

    /// `to[o] = Σ_i w_oi from[i]` over blocks of so many numbers.
    #[inline(always)]
    fn apply(&self, from: &[S], to: &mut [S], block: usize) {
        for ((first, weights), to) in self.taps.iter().zip(to.chunks_exact_mut(block)) {
            to.fill(S::zero());
            for (&weight, from) in weights.iter().zip(from[first * block..].chunks_exact(block)) {
                to.iter_mut().zip(from).for_each(|(slot, &value)| *slot += weight * value);
            }
        }
    }

    /// The adjoint of [`Self::apply`]: `from` is overwritten.
    #[inline(always)]
    fn pull_back(&self, to: &[S], from: &mut [S], block: usize) {
        from.fill(S::zero());
        for ((first, weights), to) in self.taps.iter().zip(to.chunks_exact(block)) {
            for (&weight, from) in weights.iter().zip(from[first * block..].chunks_exact_mut(block)) {
                from.iter_mut().zip(to).for_each(|(slot, &value)| *slot += weight * value);
            }
        }
    }
}

impl<S: Scalar> Pool<S> {
    pub(super) fn new(pooling: SpatialPooling, input: MapShape) -> Result<Self, Error> {
        let (rows, columns) = (Axis::new(pooling, input.height)?, Axis::new(pooling, input.width)?);
        let is_identity = rows.is_identity(input.height) && columns.is_identity(input.width);
        Ok(Self { input, rows, columns, is_identity })
    }

    pub(super) fn output(&self) -> MapShape {
        MapShape { height: self.rows.taps.len(), width: self.columns.taps.len(), channels: self.input.channels }
    }

    pub(super) fn is_identity(&self) -> bool {
        self.is_identity
    }

    /// # Shapes
    /// map as the input, pooled as the output; `half` is scratch.
    pub(super) fn apply(&self, map: &[S], half: &mut Vec<S>, pooled: &mut Vec<S>) {
        let (line, channels) = (self.input.width * self.input.channels, self.input.channels);
        let output = self.output();
        half.resize(output.height * line, S::zero());
        pooled.resize(output.size(), S::zero());
        on_widest_vectors(
            #[inline(always)]
            || {
                self.rows.apply(map, half, line);
                let lines = half.chunks_exact(line).zip(pooled.chunks_exact_mut(output.width * channels));
                lines.for_each(|(from, to)| self.columns.apply(from, to, channels));
            },
        );
    }

    /// The adjoint of [`Self::apply`].
    pub(super) fn pull_back(&self, upstream: &[S], half: &mut Vec<S>, gradient: &mut Vec<S>) {
        let (line, channels) = (self.input.width * self.input.channels, self.input.channels);
        let output = self.output();
        half.resize(output.height * line, S::zero());
        gradient.resize(self.input.size(), S::zero());
        on_widest_vectors(
            #[inline(always)]
            || {
                let lines = half.chunks_exact_mut(line).zip(upstream.chunks_exact(output.width * channels));
                lines.for_each(|(from, to)| self.columns.pull_back(to, from, channels));
                self.rows.pull_back(half, gradient, line);
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stride_of_two_has_the_weights_of_the_public_code() {
        let weights = SpatialPooling::Stride(2).weights(7).unwrap();
        for (got, want) in weights[7..14].iter().zip([0.1117, 0.2365, 0.3036, 0.2365, 0.1117, 0.0, 0.0]) {
            assert!((got - want).abs() < 1e-4, "{got} {want}");
        }
        assert_eq!(SpatialPooling::Stride(2).length(7).unwrap(), 4);
    }

    #[test]
    fn cells_lie_in_the_middle_of_the_map() {
        for (pooling, n, length) in
            [(SpatialPooling::By(2.0), 24, 12), (SpatialPooling::By(2.0), 31, 16), (SpatialPooling::To(4), 12, 4)]
        {
            let weights = pooling.weights(n).unwrap();
            assert_eq!(weights.len(), length * n);
            for (at, weight) in weights.iter().enumerate() {
                let mirrored = weights[weights.len() - 1 - at];
                assert!((weight - mirrored).abs() < 1e-15);
            }
        }
        // γ = 3, centres at 1, 4, 7, 10.
        let weights = SpatialPooling::To(4).weights(12).unwrap();
        let scale = (2.0 / std::f64::consts::PI).powf(0.25);
        assert!((weights[1] - scale).abs() < 1e-15);
        assert!((weights[3] - scale * (-4.0f64 / 9.0).exp()).abs() < 1e-15);
    }

    #[test]
    fn pooling_and_its_adjoint_are_transposes() {
        let shape = MapShape { height: 7, width: 9, channels: 3 };
        for pooling in [SpatialPooling::None, SpatialPooling::By(2.0), SpatialPooling::To(3), SpatialPooling::Stride(3)]
        {
            let pool = Pool::<f64>::new(pooling, shape).unwrap();
            let map: Vec<f64> = (0..shape.size()).map(|k| (k as f64 * 0.37).sin()).collect();
            let upstream: Vec<f64> = (0..pool.output().size()).map(|k| (k as f64 * 0.71).cos()).collect();
            let (mut half, mut pooled, mut gradient) = (Vec::new(), Vec::new(), Vec::new());
            pool.apply(&map, &mut half, &mut pooled);
            pool.pull_back(&upstream, &mut half, &mut gradient);
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            assert!((dot(&pooled, &upstream) - dot(&map, &gradient)).abs() < 1e-12);
            // Against the dense matrices of both axes.
            let (rows, columns) = (pooling.weights(7).unwrap(), pooling.weights(9).unwrap());
            let at = |y: usize, x: usize, c: usize| -> f64 {
                (0..7)
                    .flat_map(|i| (0..9).map(move |j| (i, j)))
                    .map(|(i, j)| rows[y * 7 + i] * columns[x * 9 + j] * map[(i * 9 + j) * 3 + c])
                    .sum()
            };
            let output = pool.output();
            assert!((pooled[(output.width + 1) * 3 + 2] - at(1, 1, 2)).abs() < 1e-12);
        }
    }

    #[test]
    fn sizes_that_do_not_fit_are_refused() {
        assert!(SpatialPooling::By(0.5).length(4).is_err());
        assert!(SpatialPooling::By(f64::NAN).length(4).is_err());
        assert!(SpatialPooling::To(5).length(4).is_err());
        assert!(SpatialPooling::To(0).length(4).is_err());
        assert!(SpatialPooling::Stride(0).length(4).is_err());
    }
}
