//! The floating-point types of data-sized work.

use std::fmt::Debug;
use std::iter::Sum;
use std::ops::{AddAssign, MulAssign, SubAssign};

/// The floating-point type of data-sized work: `f32` or `f64`.
pub trait Scalar:
    num_traits::Float
    + faer::traits::RealField
    + bytemuck::Pod
    + AddAssign
    + SubAssign
    + MulAssign
    + Sum
    + Default
    + Debug
    + Send
    + Sync
    + 'static
{
    /// Nearest value to an `f64`.
    fn of(value: f64) -> Self;
    /// The value as `f64`, exactly.
    fn wide(self) -> f64;
    /// `e^x`; for `f32` in straight-line code, so that a loop of many runs in vectors: its error is below two units in the
    /// last place, what would be below `2^-126` is zero, and above `2^127.5` infinite.
    fn exponential(self) -> Self;
}

impl Scalar for f32 {
    #[inline(always)]
    fn of(value: f64) -> Self {
        value as f32
    }
    #[inline(always)]
    fn wide(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn exponential(self) -> Self {
        // e^x = 2^n e^r with n whole and |r| ≤ ln 2/2. Adding 1.5·2^23 rounds to whole numbers, which then stand in the last
        // bits; ln 2 is taken away in two parts, the first of which has few enough bits for n times it to be exact.
        const ROUND: f32 = 12_582_912.0;
        const HIGH: f32 = 0.693_359_4;
        const LOW: f32 = -2.121_944_4e-4;
        let shifted = self * std::f32::consts::LOG2_E + ROUND;
        let whole = shifted - ROUND;
        let rest = (self - whole * HIGH) - whole * LOW;
        // The polynomial of Cephes (Moshier): relative error 2e-7 on the interval.
        let mut sum = 1.987_569_1e-4f32;
        for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
            sum = sum * rest + coefficient;
        }
        let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23));
        let value = (sum * rest * rest + rest + 1.0) * power;
        if self < -87.336_54 {
            0.0
        } else if self > 88.37 {
            Self::INFINITY
        } else {
            value
        }
    }
}

impl Scalar for f64 {
    #[inline(always)]
    fn of(value: f64) -> Self {
        value
    }
    #[inline(always)]
    fn wide(self) -> f64 {
        self
    }
    #[inline(always)]
    fn exponential(self) -> Self {
        self.exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_in_vectors_is_that_of_the_library() {
        for step in -88_000..=88_000 {
            let x = step as f32 * 1e-3;
            let (got, want) = (f64::from(x.exponential()), f64::from(x).exp());
            if x < -87.336 {
                assert!(got <= 1.2e-38, "{x}: {got}");
            } else {
                assert!((got - want).abs() <= 1.5e-7 * want, "{x}: {got} {want}");
            }
        }
        assert_eq!(0f32.exponential(), 1.0);
        assert_eq!(f32::NEG_INFINITY.exponential(), 0.0);
        assert_eq!(f32::INFINITY.exponential(), f32::INFINITY);
        assert!(f32::NAN.exponential().is_nan());
    }
}
