//! Generalised max pooling: every position answers equally, however often its patch is repeated.

use faer::linalg::solvers::Solve;
use faer::{MatMut, MatRef, Side};

use crate::error::check_length;
use crate::{Error, Scalar};

/// `λ` of generalised max pooling, the value of the public code of CKN-seq.
pub const GMP_RIDGE: f64 = 1e-3;

/// The pooled vector of one map, with what its gradient needs.
///
/// `ξ = (1/T) Ψᵀ (ΨΨᵀ + λI)⁻¹ 1 = (1/T) (ΨᵀΨ + λI)⁻¹ Ψᵀ1` for the rows `ψ_t` of `Ψ`: the second form, by the
/// push-through identity, solves a system of the channels' size and not of the positions'.
///
/// # Source
/// Murray and Perronnin 2014, equation (8); CKN-seq's public code averages over positions.
#[derive(Debug, Clone)]
pub struct GeneralisedMax {
    pooled: Vec<f64>,
    positions: usize,
    factor: faer::linalg::solvers::Llt<f64>,
}

impl GeneralisedMax {
    /// Pools a map.
    ///
    /// # Shapes
    /// map `Ψ` `[positions, channels]`.
    ///
    /// # Errors
    /// [`Error::Empty`] for a map without positions or channels; [`Error::NotPositiveDefinite`] if the map holds NaN or
    /// is so large that the ridge is lost in rounding.
    pub fn new<S: Scalar>(map: &[S], channels: usize) -> Result<Self, Error> {
        if channels == 0 || map.is_empty() {
            return Err(Error::Empty { what: "the map" });
        }
        let positions = map.len() / channels;
        check_length("map", positions * channels, map.len())?;
        let wide: Vec<f64> = map.iter().map(|value| value.wide()).collect();
        let rows = MatRef::from_row_major_slice(&wide, positions, channels);
        let mut moments = vec![0.0; channels * channels];
        let target = MatMut::from_row_major_slice_mut(&mut moments, channels, channels);
        faer::linalg::matmul::matmul(target, faer::Accum::Replace, rows.transpose(), rows, 1.0, faer::Par::Seq);
        for channel in 0..channels {
            moments[channel * (channels + 1)] += GMP_RIDGE;
        }
        let moments = MatRef::from_row_major_slice(&moments, channels, channels);
        let factor = moments.llt(Side::Lower).map_err(|error| {
            let faer::linalg::cholesky::llt::factor::LltError::NonPositivePivot { index } = error;
            Error::NotPositiveDefinite { size: channels, row: index }
        })?;
        let mut pooled = vec![0.0; channels];
        for row in wide.chunks_exact(channels) {
            pooled.iter_mut().zip(row).for_each(|(sum, value)| *sum += value / positions as f64);
        }
        solve(&factor, &mut pooled);
        Ok(Self { pooled, positions, factor })
    }

    /// `ξ`, `[channels]`.
    pub fn pooled(&self) -> &[f64] {
        &self.pooled
    }

    /// Gradient by the map, given the gradient `g` by `ξ`: `dL/dψ_t = a/T − a ⟨ξ, ψ_t⟩ − ξ ⟨a, ψ_t⟩` with
    /// `a = (ΨᵀΨ + λI)⁻¹ g`.
    ///
    /// # Shapes
    /// map (the one that was pooled) and gradient `[positions, channels]`, upstream `[channels]`.
    ///
    /// # Errors
    /// [`Error::Shape`] if a slice does not fit.
    pub fn pull_back<S: Scalar>(&self, map: &[S], upstream: &[S], gradient: &mut [S]) -> Result<(), Error> {
        let channels = self.pooled.len();
        check_length("gradient by the pooled map", channels, upstream.len())?;
        check_length("map", self.positions * channels, map.len())?;
        check_length("gradient by the map", map.len(), gradient.len())?;
        let mut solved: Vec<f64> = upstream.iter().map(|value| value.wide()).collect();
        solve(&self.factor, &mut solved);
        for (row, slots) in map.chunks_exact(channels).zip(gradient.chunks_exact_mut(channels)) {
            let along = |vector: &[f64]| vector.iter().zip(row).map(|(a, b)| a * b.wide()).sum::<f64>();
            let share = 1.0 / self.positions as f64 - along(&self.pooled);
            let back = along(&solved);
            for ((slot, a), pooled) in slots.iter_mut().zip(&solved).zip(&self.pooled) {
                *slot = S::of(a * share - pooled * back);
            }
        }
        Ok(())
    }
}

fn solve(factor: &faer::linalg::solvers::Llt<f64>, vector: &mut [f64]) {
    let size = vector.len();
    factor.solve_in_place(MatMut::from_column_major_slice_mut(vector, size, 1));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_position_of_one_channel_has_its_closed_form() {
        let gmp = GeneralisedMax::new(&[0.5f64], 1).unwrap();
        assert!((gmp.pooled()[0] - 0.5 / (0.25 + GMP_RIDGE)).abs() < 1e-15);
    }

    #[test]
    fn repeated_rows_count_less_and_every_row_answers_about_equally() {
        // Three equal rows and an orthogonal one: ⟨ξ, ψ_t⟩ = (1/T) n/(n + λ) each, n the multiplicity.
        let map = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0f64];
        let gmp = GeneralisedMax::new(&map, 2).unwrap();
        assert!((gmp.pooled()[0] - 0.25 * 3.0 / (3.0 + GMP_RIDGE)).abs() < 1e-15);
        assert!((gmp.pooled()[1] - 0.25 / (1.0 + GMP_RIDGE)).abs() < 1e-15);
    }

    #[test]
    fn the_gradient_equals_central_differences() {
        let map: Vec<f64> = (0..5 * 3).map(|at| f64::from(at * 7 % 11 - 5) / 6.0).collect();
        let upstream = [0.3, -1.2, 0.7];
        let value = |map: &[f64]| -> f64 {
            GeneralisedMax::new(map, 3).unwrap().pooled().iter().zip(&upstream).map(|(a, b)| a * b).sum()
        };
        let mut gradient = vec![0.0; map.len()];
        GeneralisedMax::new(&map, 3).unwrap().pull_back(&map, &upstream, &mut gradient).unwrap();
        for at in 0..map.len() {
            let (mut up, mut down) = (map.clone(), map.clone());
            up[at] += 1e-6;
            down[at] -= 1e-6;
            let slope = (value(&up) - value(&down)) / 2e-6;
            assert!((slope - gradient[at]).abs() < 1e-7 * (1.0 + slope.abs()), "{slope} {}", gradient[at]);
        }
    }

    #[test]
    fn an_empty_map_and_nan_are_named() {
        assert!(matches!(GeneralisedMax::new::<f64>(&[], 2), Err(Error::Empty { .. })));
        assert!(GeneralisedMax::new(&[f64::NAN], 1).is_err());
    }
}
