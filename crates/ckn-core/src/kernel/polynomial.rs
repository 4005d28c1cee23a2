//! Polynomial kernel `κ(u) = u^degree`.

use crate::Scalar;

#[inline(always)]
pub(super) fn value<S: Scalar>(cosine: S, degree: u32) -> S {
    cosine.powi(degree as i32)
}

#[inline(always)]
pub(super) fn derivative<S: Scalar>(cosine: S, degree: u32) -> S {
    S::of(f64::from(degree)) * cosine.powi(degree as i32 - 1)
}
