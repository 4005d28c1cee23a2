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
}
