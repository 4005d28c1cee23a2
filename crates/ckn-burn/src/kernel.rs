//! Dot-product kernels on tensors.

use std::f64::consts::PI;

use burn::tensor::{DType, Tensor};
use ckn_core::kernel::DotProductKernel;

use crate::Error;

/// `κ(u)` of every entry, differentiable, with a finite gradient for `|u| ≤ 1` and for what rounding leaves outside.
///
/// # Shapes
/// cosine: any → the same.
///
/// # Errors
/// [`ckn_core::Error::Parameter`] for a kernel that this version does not know.
///
/// # Source
/// `ckn_core::kernel`, where each kernel's formula and paper are named.
pub fn kernel_value<const D: usize>(kernel: DotProductKernel, cosine: Tensor<D>) -> Result<Tensor<D>, Error> {
    match kernel {
        DotProductKernel::Exponential { sigma } => Ok(cosine.sub_scalar(1.0).mul_scalar(1.0 / (sigma * sigma)).exp()),
        DotProductKernel::Polynomial { degree } => Ok(power(cosine, degree)),
        DotProductKernel::ArcCosine { order } => Ok(arc_cosine(cosine, order)),
        DotProductKernel::Linear => Ok(cosine),
        _ => Err(ckn_core::Error::Parameter {
            name: "kernel",
            got: f64::NAN,
            expected: "a kernel known to this version",
        }
        .into()),
    }
}

/// By squaring: burn's power goes through logarithms on some devices, which negative cosines do not have.
fn power<const D: usize>(base: Tensor<D>, degree: u32) -> Tensor<D> {
    if degree <= 1 {
        return base;
    }
    let half = power(base.clone(), degree / 2);
    let square = half.clone() * half;
    if degree.is_multiple_of(2) { square } else { square * base }
}

/// `κ(u₀) + κ'(u₀) (u − u₀)` at `u₀ = u` without its graph: the value is exact and the derivative the guarded one of
/// `ckn_core`, where that of the arc cosine itself is infinite at ±1.
fn arc_cosine<const D: usize>(cosine: Tensor<D>, order: u32) -> Tensor<D> {
    let at = cosine.clone().detach();
    let bounded = at.clone().clamp(-1.0, 1.0);
    let rest = angle(bounded.clone()).neg().add_scalar(PI);
    let square = (bounded.clone() * bounded.clone()).neg().add_scalar(1.0);
    let (value, slope) = if order == 0 {
        let epsilon = if at.dtype() == DType::F64 { f64::EPSILON } else { f64::from(f32::EPSILON) };
        (rest.mul_scalar(1.0 / PI), square.clamp_min(epsilon).sqrt().recip().mul_scalar(1.0 / PI))
    } else {
        let value = (bounded * rest.clone() + square.clamp_min(0.0).sqrt()).mul_scalar(1.0 / PI);
        (value, rest.mul_scalar(1.0 / PI))
    };
    if cosine.is_tracked() { value + slope * (cosine - at) } else { value }
}

/// `arccos u`, without a graph.
///
/// In single precision by a polynomial with an error below 2e-8: the arc cosine of graphics cards may be off by 1e-4.
///
/// # Source
/// Abramowitz and Stegun 1964, equation 4.4.46.
fn angle<const D: usize>(cosine: Tensor<D>) -> Tensor<D> {
    const COEFFICIENTS: [f64; 8] = [
        1.5707963050,
        -0.2145988016,
        0.0889789874,
        -0.0501743046,
        0.0308918810,
        -0.0170881256,
        0.0066700901,
        -0.0012624911,
    ];
    if cosine.dtype() == DType::F64 {
        return cosine.acos();
    }
    let magnitude = cosine.clone().abs();
    let highest = magnitude.zeros_like();
    let polynomial = COEFFICIENTS
        .into_iter()
        .rev()
        .fold(highest, |sum, coefficient| (sum * magnitude.clone()).add_scalar(coefficient));
    let acute = magnitude.neg().add_scalar(1.0).clamp_min(0.0).sqrt() * polynomial;
    let obtuse = acute.clone().neg().add_scalar(PI);
    acute.mask_where(cosine.lower_scalar(0.0), obtuse)
}
