//! How far a patch may be from an anchor point and still be like it.

use ckn_core::kernel::DotProductKernel;
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// How far the matrix of probabilities that is closest to an anchor may be from it, and its first sites in sequences (CKN-seq,
/// section A.3): at most a right angle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Neighbourhood {
    /// Three bandwidths, `3σ`, where the kernel is `e^{-4.5}` (the public code's rule); for kernels without
    /// a bandwidth 1, that of a cosine of one half.
    #[default]
    ThreeBandwidths,
    /// `σ √F⁻¹(τ)`, `F` the distribution of a χ² variable with a degree of freedom less than there are anchor points: the ball
    /// that holds a share `τ` of what a Gaussian around the anchor weighs (equation 6). For kernels without a bandwidth, and of
    /// a single anchor point, as [`Self::ThreeBandwidths`].
    ChiSquared {
        /// `0 < τ < 1`.
        tau: f64,
    },
}

impl Neighbourhood {
    /// Its radius on the unit sphere, for a layer of some anchor points.
    pub fn radius(self, kernel: &DotProductKernel, filters: usize) -> f64 {
        let Some(sigma) = kernel.sigma() else { return 1.0 };
        let bandwidths = match (self, chi_squared(filters)) {
            (Self::ThreeBandwidths, _) | (Self::ChiSquared { .. }, None) => 3.0,
            (Self::ChiSquared { tau }, Some(law)) => law.inverse_cdf(tau).sqrt(),
        };
        (bandwidths * sigma).min(std::f64::consts::SQRT_2)
    }
}

/// The share `τ` of the Gaussian around an anchor within a distance of it; `None` for kernels without a bandwidth, and of a single
/// anchor point.
pub(crate) fn share_within(distance: f64, kernel: &DotProductKernel, filters: usize) -> Option<f64> {
    let sigma = kernel.sigma()?;
    Some(chi_squared(filters)?.cdf((distance / sigma).powi(2)))
}

/// The law of the squared distance of a Gaussian from its middle, among the directions that anchors of unit norm span.
fn chi_squared(filters: usize) -> Option<ChiSquared> {
    ChiSquared::new(filters.saturating_sub(1) as f64).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn radii_are_those_of_tables() {
        let kernel = DotProductKernel::Exponential { sigma: 0.3 };
        // χ² of 15 degrees of freedom: 7.261 at 0.05, 14.339 at 0.5; of two, −2 ln(1 − τ).
        for (tau, filters, squared) in [(0.05, 16, 7.260_944), (0.5, 16, 14.338_860), (0.5, 3, 2.0 * 2f64.ln())] {
            let radius = Neighbourhood::ChiSquared { tau }.radius(&kernel, filters);
            assert!((radius - 0.3 * f64::sqrt(squared)).abs() < 1e-6, "{tau} {filters}: {radius}");
            let share = share_within(radius, &kernel, filters);
            assert!(share.is_some_and(|share| (share - tau).abs() < 1e-9), "{share:?}");
        }
        let (wide, lone) = (Neighbourhood::ChiSquared { tau: 0.95 }, Neighbourhood::ChiSquared { tau: 0.05 });
        assert_eq!((wide.radius(&kernel, 16), lone.radius(&kernel, 1)), (std::f64::consts::SQRT_2, 3.0 * 0.3));
        assert!((Neighbourhood::ThreeBandwidths.radius(&kernel, 16) - 0.9).abs() < 1e-15);
        assert_eq!(share_within(0.5, &kernel, 1), None);
        assert_eq!(share_within(0.5, &DotProductKernel::Linear, 16), None);
    }
}
