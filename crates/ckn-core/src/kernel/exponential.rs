//! Exponential kernel `κ(u) = exp((u − 1)/σ²)`: the Gaussian kernel on the unit sphere.

use crate::Scalar;

#[inline(always)]
pub(crate) fn value<S: Scalar>(cosine: S, sigma: f64) -> S {
    ((cosine - S::one()) * S::of(1.0 / (sigma * sigma))).exponential()
}

#[inline(always)]
pub(super) fn derivative<S: Scalar>(cosine: S, sigma: f64) -> S {
    S::of(1.0 / (sigma * sigma)) * value(cosine, sigma)
}

/// `dκ/dσ = −2 (u − 1)/σ³ κ(u)`.
#[inline(always)]
pub(super) fn derivative_by_sigma<S: Scalar>(cosine: S, sigma: f64) -> S {
    S::of(-2.0 / (sigma * sigma * sigma)) * (cosine - S::one()) * value(cosine, sigma)
}
