//! Dot-product kernels on the unit sphere.
//!
//! A kernel is a function `κ` of the cosine `u` of two patches, smooth on (−1, 1), with non-negative Taylor
//! coefficients and `κ(1) = 1`; the kernel between patches of any norm is `‖z‖ ‖z'‖ κ(⟨z, z'⟩ / (‖z‖ ‖z'‖))`, 0 where a
//! patch is zero (Mairal 2016, equation 1).

mod arc_cosine;
pub(crate) mod exponential;
mod linear;
mod polynomial;

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use serde::{Deserialize, Serialize};

use crate::{Error, Scalar};

/// A dot-product kernel `κ(u)`, `u` the cosine of two patches.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields, tag = "type")]
#[non_exhaustive]
pub enum DotProductKernel {
    /// `κ(u) = exp((u − 1)/σ²)`: the Gaussian kernel of bandwidth `σ` between unit vectors (CKN-seq, section 2.1).
    Exponential {
        /// Bandwidth `σ > 0`.
        sigma: f64,
    },
    /// `κ(u) = uᵈ`.
    Polynomial {
        /// Degree `d ≥ 1`.
        degree: u32,
    },
    /// Arc-cosine kernel of order 0 or 1 (Cho and Saul 2009), scaled to `κ(1) = 1`.
    ArcCosine {
        /// Order: 0 (step units) or 1 (rectified linear units).
        order: u32,
    },
    /// `κ(u) = u`.
    Linear,
}

impl DotProductKernel {
    /// Checks the parameter's domain.
    ///
    /// # Errors
    /// [`Error::Parameter`] with the parameter's name, value and domain.
    pub fn check(&self) -> Result<(), Error> {
        let fail = |name, got, expected| Err(Error::Parameter { name, got, expected });
        match *self {
            // Below 0.01, exp(−2/σ²) leaves the range of f64.
            Self::Exponential { sigma } if !(0.01..=100.0).contains(&sigma) => {
                fail("sigma", sigma, "between 0.01 and 100")
            }
            Self::Polynomial { degree } if !(1..=64).contains(&degree) => {
                fail("degree", f64::from(degree), "between 1 and 64")
            }
            Self::ArcCosine { order } if order > 1 => fail("order", f64::from(order), "0 or 1"),
            _ => Ok(()),
        }
    }

    /// `κ(u)`.
    #[inline(always)]
    pub fn value<S: Scalar>(&self, cosine: S) -> S {
        match *self {
            Self::Exponential { sigma } => exponential::value(cosine, sigma),
            Self::Polynomial { degree } => polynomial::value(cosine, degree),
            Self::ArcCosine { order } => arc_cosine::value(cosine, order),
            Self::Linear => linear::value(cosine),
        }
    }

    /// `κ'(u)`.
    #[inline(always)]
    pub fn derivative<S: Scalar>(&self, cosine: S) -> S {
        match *self {
            Self::Exponential { sigma } => exponential::derivative(cosine, sigma),
            Self::Polynomial { degree } => polynomial::derivative(cosine, degree),
            Self::ArcCosine { order } => arc_cosine::derivative(cosine, order),
            Self::Linear => linear::derivative(),
        }
    }

    /// `dκ/dσ` of the exponential kernel; `None` for kernels without a continuous parameter.
    #[inline(always)]
    pub fn derivative_by_sigma<S: Scalar>(&self, cosine: S) -> Option<S> {
        match *self {
            Self::Exponential { sigma } => Some(exponential::derivative_by_sigma(cosine, sigma)),
            _ => None,
        }
    }

    /// `κ'(u)` and `dκ/dσ` (zero for kernels without a bandwidth), given `κ(u)`: no second exponential.
    #[inline(always)]
    pub(crate) fn slopes<S: Scalar>(&self, cosine: S, value: S) -> (S, S) {
        match *self {
            // κ' = ακ, dκ/dσ = 2(1 − u)κ/σ³.
            Self::Exponential { sigma } => {
                let alpha = 1.0 / (sigma * sigma);
                (S::of(alpha) * value, S::of(2.0 * alpha / sigma) * (S::one() - cosine) * value)
            }
            _ => (self.derivative(cosine), S::zero()),
        }
    }

    /// Whether `κ'(1)` is infinite.
    ///
    /// The diagonal of the Gram matrix depends on the norms of the anchors only, which are fixed: with such a kernel it is
    /// constant, `κ(1)`, and has no gradient.
    pub fn has_cusp(&self) -> bool {
        matches!(self, Self::ArcCosine { order: 0 })
    }

    /// Bandwidth `σ` of the exponential kernel.
    pub fn sigma(&self) -> Option<f64> {
        match *self {
            Self::Exponential { sigma } => Some(sigma),
            _ => None,
        }
    }

    /// `α = 1/σ²` of the exponential kernel.
    pub fn alpha(&self) -> Option<f64> {
        match *self {
            Self::Exponential { sigma } => Some(1.0 / (sigma * sigma)),
            _ => None,
        }
    }
}

/// Gram matrix `A = κ(ZᵀZ)` of unit-norm anchors, in `f64`.
///
/// ```
/// use ckn_core::kernel::{DotProductKernel, gram};
/// let gram = gram(&[1.0, 0.0, 0.6, 0.8], 2, &DotProductKernel::Exponential { sigma: 0.5 })?;
/// // exp((0.6 - 1)/0.25) off the diagonal.
/// assert!(gram[0] == 1.0 && (gram[1] - (-1.6f64).exp()).abs() < 1e-12);
/// # Ok::<(), ckn_core::Error>(())
/// ```
///
/// # Shapes
/// anchors `[filters, dimension]` → `[filters, filters]`, symmetric, with a unit diagonal where `κ(1) = 1`.
///
/// # Errors
/// [`Error::Shape`] if the anchors are not `filters × dimension` numbers.
pub fn gram<S: Scalar>(anchors: &[S], filters: usize, kernel: &DotProductKernel) -> Result<Vec<f64>, Error> {
    let mut cosines = cosines(anchors, filters)?;
    if kernel.has_cusp() {
        // There a norm that is off by one rounding would move the diagonal by the rounding's square root.
        (0..filters).for_each(|row| cosines[row * (filters + 1)] = 1.0);
    }
    for row in 0..filters {
        for column in 0..=row {
            let value = kernel.value(cosines[row * filters + column]);
            cosines[row * filters + column] = value;
            cosines[column * filters + row] = value;
        }
    }
    Ok(cosines)
}

/// Cosines `ZᵀZ` of unit-norm anchors, clamped to [−1, 1].
///
/// ```
/// use ckn_core::kernel::cosines;
/// let cosines = cosines(&[1.0, 0.0, 0.6, 0.8], 2)?;
/// assert_eq!((cosines[0], cosines[1]), (1.0, 0.6));
/// # Ok::<(), ckn_core::Error>(())
/// ```
///
/// # Shapes
/// anchors `[filters, dimension]` → `[filters, filters]`.
///
/// # Errors
/// [`Error::Shape`] if the anchors are not `filters × dimension` numbers.
pub fn cosines<S: Scalar>(anchors: &[S], filters: usize) -> Result<Vec<f64>, Error> {
    if filters == 0 || anchors.is_empty() {
        return Err(Error::Empty { what: "the anchor points" });
    }
    let dimension = anchors.len() / filters;
    crate::error::check_length("anchor points", filters * dimension, anchors.len())?;
    let wide: Vec<f64> = anchors.iter().map(|value| value.wide()).collect();
    let rows = MatRef::from_row_major_slice(&wide, filters, dimension);
    let mut matrix = vec![0.0; filters * filters];
    let target = MatMut::from_row_major_slice_mut(&mut matrix, filters, filters);
    matmul(target, Accum::Replace, rows, rows.transpose(), 1.0, Par::Seq);
    for i in 0..filters {
        for j in 0..=i {
            let cosine = matrix[i * filters + j].clamp(-1.0, 1.0);
            matrix[i * filters + j] = cosine;
            matrix[j * filters + i] = cosine;
        }
    }
    Ok(matrix)
}

/// Gradient by the anchors of a function of the Gram matrix: `2 (κ'(ZᵀZ) ∘ Ā) Z`, `Ā` symmetric. Returns its derivative
/// by the bandwidth `σ`, zero for kernels without one.
///
/// ```
/// use ckn_core::kernel::{DotProductKernel, gram_pull_back};
/// let anchors = [1.0, 0.0, 0.6, 0.8];
/// let mut gradient = vec![0.0; 4];
/// // Of the sum of both entries beside the diagonal.
/// let adjoint = [0.0, 1.0, 1.0, 0.0];
/// let by_sigma = gram_pull_back(&anchors, 2, &DotProductKernel::Linear, &adjoint, &mut gradient)?;
/// assert_eq!((by_sigma, gradient), (0.0, vec![1.2, 1.6, 2.0, 0.0]));
/// # Ok::<(), ckn_core::Error>(())
/// ```
///
/// # Shapes
/// anchors `[filters, dimension]`, adjoint `Ā` `[filters, filters]`; adds to gradient `[filters, dimension]`.
///
/// # Errors
/// [`Error::Shape`] if a slice does not fit.
pub fn gram_pull_back<S: Scalar>(
    anchors: &[S],
    filters: usize,
    kernel: &DotProductKernel,
    adjoint: &[f64],
    gradient: &mut [f64],
) -> Result<f64, Error> {
    let mut weights = cosines(anchors, filters)?;
    crate::error::check_length("adjoint of the Gram matrix", weights.len(), adjoint.len())?;
    crate::error::check_length("gradient by the anchor points", anchors.len(), gradient.len())?;
    let dimension = anchors.len() / filters;
    let mut by_sigma = 0.0;
    for row in 0..filters {
        for column in 0..=row {
            let (at, mirrored) = (row * filters + column, column * filters + row);
            let cosine = weights[at];
            let slope = 2.0 * kernel.derivative(cosine);
            (weights[at], weights[mirrored]) = (slope * adjoint[at], slope * adjoint[mirrored]);
            let both = adjoint[at] + if row == column { 0.0 } else { adjoint[mirrored] };
            by_sigma += both * kernel.derivative_by_sigma(cosine).unwrap_or(0.0);
        }
    }
    if kernel.has_cusp() {
        (0..filters).for_each(|row| weights[row * (filters + 1)] = 0.0);
    }
    let wide: Vec<f64> = anchors.iter().map(|value| value.wide()).collect();
    matmul(
        MatMut::from_row_major_slice_mut(gradient, filters, dimension),
        Accum::Add,
        MatRef::from_row_major_slice(&weights, filters, filters),
        MatRef::from_row_major_slice(&wide, filters, dimension),
        1.0,
        Par::Seq,
    );
    Ok(by_sigma)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KERNELS: [DotProductKernel; 7] = [
        DotProductKernel::Exponential { sigma: 0.3 },
        DotProductKernel::Exponential { sigma: 1.7 },
        DotProductKernel::Polynomial { degree: 1 },
        DotProductKernel::Polynomial { degree: 4 },
        DotProductKernel::ArcCosine { order: 0 },
        DotProductKernel::ArcCosine { order: 1 },
        DotProductKernel::Linear,
    ];

    #[test]
    fn every_kernel_is_one_at_one() {
        for kernel in KERNELS {
            assert!((kernel.value(1.0f64) - 1.0).abs() < 1e-15, "{kernel:?}");
        }
    }

    #[test]
    fn derivatives_equal_central_differences() {
        let step = 1e-6;
        for kernel in KERNELS {
            for u in [-0.9, -0.4, 0.0, 0.3, 0.77, 0.95f64] {
                let numeric = (kernel.value(u + step) - kernel.value(u - step)) / (2.0 * step);
                let exact: f64 = kernel.derivative(u);
                assert!((numeric - exact).abs() < 1e-8 * (1.0 + exact.abs()), "{kernel:?} at {u}: {numeric} {exact}");
            }
        }
    }

    #[test]
    fn derivative_by_sigma_equals_central_difference() {
        let (sigma, step) = (0.4, 1e-6);
        let at = |sigma| DotProductKernel::Exponential { sigma };
        for u in [-0.5, 0.2, 0.9f64] {
            let numeric = (at(sigma + step).value(u) - at(sigma - step).value(u)) / (2.0 * step);
            let exact = at(sigma).derivative_by_sigma(u).unwrap();
            assert!((numeric - exact).abs() < 1e-7 * (1.0 + exact.abs()));
        }
        assert_eq!(DotProductKernel::Linear.derivative_by_sigma(0.5f64), None);
    }

    #[test]
    fn arc_cosine_values_are_those_of_cho_and_saul() {
        // Angle θ = 60°: order 0 is 1 − θ/π = 2/3, order 1 is (sin θ + (π − θ) cos θ)/π.
        assert!((DotProductKernel::ArcCosine { order: 0 }.value(0.5f64) - 2.0 / 3.0).abs() < 1e-15);
        let pi = std::f64::consts::PI;
        let expected = ((pi / 3.0).sin() + (pi - pi / 3.0) * 0.5) / pi;
        assert!((DotProductKernel::ArcCosine { order: 1 }.value(0.5f64) - expected).abs() < 1e-15);
    }

    #[test]
    fn parameters_outside_their_domain_are_refused() {
        assert!(DotProductKernel::Exponential { sigma: 0.0 }.check().is_err());
        assert!(DotProductKernel::Exponential { sigma: f64::NAN }.check().is_err());
        assert!(DotProductKernel::Polynomial { degree: 0 }.check().is_err());
        assert!(DotProductKernel::ArcCosine { order: 2 }.check().is_err());
        assert!(DotProductKernel::Linear.check().is_ok());
    }

    #[test]
    fn gram_pull_back_equals_central_differences() {
        let kernel = DotProductKernel::Exponential { sigma: 0.5 };
        let anchors = [0.6, 0.8, 0.0, 0.0, 0.6, 0.8f64];
        let adjoint = [0.3, -1.1, -1.1, 0.7];
        let objective = |z: &[f64]| -> f64 {
            // The cosines are not renormalised: the derivative is the unconstrained one.
            let dot = |i: usize, j: usize| (0..3).map(|k| z[i * 3 + k] * z[j * 3 + k]).sum::<f64>();
            (0..2)
                .flat_map(|i| (0..2).map(move |j| (i, j)))
                .map(|(i, j)| adjoint[i * 2 + j] * kernel.value(dot(i, j)))
                .sum()
        };
        let mut gradient = vec![0.0; 6];
        gram_pull_back(&anchors, 2, &kernel, &adjoint, &mut gradient).unwrap();
        for k in 0..6 {
            let (mut up, mut down) = (anchors, anchors);
            up[k] += 1e-6;
            down[k] -= 1e-6;
            let numeric = (objective(&up) - objective(&down)) / 2e-6;
            assert!((numeric - gradient[k]).abs() < 1e-8, "{numeric} {}", gradient[k]);
        }
    }
}
