//! The standard normal distribution.

use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2};

/// `P(Z > z)`, with full relative precision far out in the tail.
pub(super) fn upper_tail(z: f64) -> f64 {
    0.5 * libm::erfc(z * FRAC_1_SQRT_2)
}

/// `P(|Z| > |z|)`.
pub(super) fn both_tails(z: f64) -> f64 {
    libm::erfc(z.abs() * FRAC_1_SQRT_2)
}

/// The `z` with `P(|Z| ≤ z) = level`, for a level between 0 and 1.
pub(super) fn central_quantile(level: f64) -> f64 {
    // erf(z/√2) = level. Bisection of a function that is known to the last digit, 60 times: once a comparison.
    let (mut low, mut high) = (0.0, 40.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if libm::erfc(middle / SQRT_2) > 1.0 - level { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}
