//! Arc-cosine kernels of orders 0 and 1 (Cho and Saul 2009).

use std::f64::consts::PI;

use crate::Scalar;

/// Order 0: `1 − θ/π`; order 1: `(u (π − θ) + √(1 − u²))/π`, `θ = arccos u` (Cho and Saul 2009, equations 3 to 6).
#[inline(always)]
pub(super) fn value<S: Scalar>(cosine: S, order: u32) -> S {
    let u = clamp(cosine);
    let rest = S::of(PI) - u.acos();
    match order {
        0 => rest * S::of(1.0 / PI),
        _ => (u * rest + (S::one() - u * u).max(S::zero()).sqrt()) * S::of(1.0 / PI),
    }
}

/// Order 0: `1/(π √(1 − u²))`, unbounded at ±1 (there the value at the nearest smaller cosine is given);
/// order 1: `(π − θ)/π`.
#[inline(always)]
pub(super) fn derivative<S: Scalar>(cosine: S, order: u32) -> S {
    let u = clamp(cosine);
    match order {
        0 => S::of(1.0 / PI) / (S::one() - u * u).max(S::epsilon()).sqrt(),
        _ => (S::of(PI) - u.acos()) * S::of(1.0 / PI),
    }
}

#[inline(always)]
fn clamp<S: Scalar>(cosine: S) -> S {
    cosine.max(-S::one()).min(S::one())
}
