//! The kernel `κ(u)` of a cosine and its slope, in single precision.

use ckn_core::kernel::DotProductKernel;
use cubecl::prelude::*;

/// Which formula `κ` is; the bandwidth is a number that a launch is given, so that moving it compiles nothing anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Formula {
    Exponential,
    Polynomial { degree: u32 },
    ArcCosine { order: u32 },
    Linear,
}

impl Formula {
    /// The formula of a kernel and its `α`; `None` for a kernel that devices do not know.
    pub(crate) fn of(kernel: &DotProductKernel) -> Option<(Self, f32)> {
        match *kernel {
            DotProductKernel::Exponential { sigma } => Some((Self::Exponential, (1.0 / (sigma * sigma)) as f32)),
            DotProductKernel::Polynomial { degree } => Some((Self::Polynomial { degree }, 0.0)),
            DotProductKernel::ArcCosine { order } => Some((Self::ArcCosine { order }, 0.0)),
            DotProductKernel::Linear => Some((Self::Linear, 0.0)),
            _ => None,
        }
    }

    /// Whether `κ'(1)` is infinite ([`DotProductKernel::has_cusp`]).
    pub(crate) fn has_cusp(self) -> bool {
        self == Self::ArcCosine { order: 0 }
    }
}

/// `κ(u)`.
#[cube]
pub(crate) fn value(cosine: f32, alpha: f32, #[comptime] formula: Formula) -> f32 {
    match comptime!(formula) {
        Formula::Exponential => f32::exp((cosine - 1.0) * alpha),
        Formula::Polynomial { degree } => power(cosine, degree),
        Formula::ArcCosine { order } => {
            let u = f32::clamp(cosine, -1.0, 1.0);
            let rest = std::f32::consts::PI - arc_cosine(u);
            if comptime!(order == 0) {
                rest * std::f32::consts::FRAC_1_PI
            } else {
                (u * rest + f32::sqrt(f32::max(1.0 - u * u, 0.0))) * std::f32::consts::FRAC_1_PI
            }
        }
        Formula::Linear => cosine,
    }
}

/// `κ'(u)`.
#[cube]
pub(crate) fn slope(cosine: f32, alpha: f32, #[comptime] formula: Formula) -> f32 {
    match comptime!(formula) {
        Formula::Exponential => alpha * f32::exp((cosine - 1.0) * alpha),
        Formula::Polynomial { degree } => {
            f32::cast_from(comptime!(degree).runtime()) * power(cosine, comptime!(degree - 1))
        }
        Formula::ArcCosine { order } => {
            let u = f32::clamp(cosine, -1.0, 1.0);
            if comptime!(order == 0) {
                std::f32::consts::FRAC_1_PI / f32::sqrt(f32::max(1.0 - u * u, f32::EPSILON))
            } else {
                (std::f32::consts::PI - arc_cosine(u)) * std::f32::consts::FRAC_1_PI
            }
        }
        Formula::Linear => f32::new(1.0),
    }
}

#[cube]
fn power(base: f32, #[comptime] exponent: u32) -> f32 {
    let mut out = f32::new(1.0);
    for _ in 0..exponent {
        out *= base;
    }
    out
}

/// `arccos u` within 2e-8 (Abramowitz and Stegun 1964, 4.4.46): what shading languages promise of their own is three digits.
#[cube]
fn arc_cosine(cosine: f32) -> f32 {
    let u = f32::abs(cosine);
    let mut sum = f32::new(-0.001_262_491_1);
    sum = sum * u + 0.006_670_090_1;
    sum = sum * u - 0.017_088_125_6;
    sum = sum * u + 0.030_891_881_0;
    sum = sum * u - 0.050_174_304_6;
    sum = sum * u + 0.088_978_987_4;
    sum = sum * u - 0.214_598_801_6;
    sum = sum * u + 1.570_796_305_0;
    let angle = f32::sqrt(1.0 - u) * sum;
    if cosine < 0.0 { std::f32::consts::PI - angle } else { angle }
}
