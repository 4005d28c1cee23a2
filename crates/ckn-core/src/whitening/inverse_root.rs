//! The symmetric inverse square root of a Gram matrix and the adjoint of its differential.

use serde::{Deserialize, Serialize};

use super::eigen::{Eigen, symmetric_eigen};
use super::matrix::{Transpose, product, symmetrised};
use crate::error::{Error, check_length};

/// How the inverse square root is kept finite where the Gram matrix is singular.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields, tag = "type")]
pub enum Regularisation {
    /// `(A + εI)^(-1/2)`: smooth, with an exact gradient.
    Shift {
        /// `ε > 0`, added to every eigenvalue.
        epsilon: f64,
    },
    /// `U diag(1/(√max(δ, 0) + ε)) Uᵀ`, as the public code of CKN-seq computes it, for parity with published models.
    Reference {
        /// `ε > 0`, added to the square root of every eigenvalue.
        epsilon: f64,
    },
}

impl Regularisation {
    /// Checks the parameter's domain.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless `0 < ε ≤ 1`.
    pub fn check(&self) -> Result<(), Error> {
        let (Self::Shift { epsilon } | Self::Reference { epsilon }) = *self;
        if epsilon > 0.0 && epsilon <= 1.0 {
            Ok(())
        } else {
            Err(Error::Parameter { name: "epsilon", got: epsilon, expected: "above 0 and at most 1" })
        }
    }

    /// The regularised root `s` of an eigenvalue.
    fn root(&self, eigenvalue: f64) -> f64 {
        match *self {
            Self::Shift { epsilon } => (eigenvalue + epsilon).sqrt(),
            Self::Reference { epsilon } => eigenvalue.max(0.0).sqrt() + epsilon,
        }
    }
}

/// `R ≈ A^(-1/2)` with what its adjoint needs.
///
/// # Source
/// Erratum to "End-to-end kernel learning with supervised convolutional kernel networks": with
/// `F_kl = 1/(√δ_k √δ_l (√δ_k + √δ_l))`, `dR = −U (F ∘ (Uᵀ dA U)) Uᵀ`.
#[derive(Debug, Clone)]
pub struct InverseRoot {
    regularisation: Regularisation,
    eigen: Eigen,
    roots: Vec<f64>,
    matrix: Vec<f64>,
}

impl InverseRoot {
    /// Inverse root of a symmetric positive semidefinite matrix.
    ///
    /// # Shapes
    /// gram `[size, size]`.
    ///
    /// # Errors
    /// Those of [`symmetric_eigen`]; [`Error::NotPositiveDefinite`] if an eigenvalue is so negative that the
    /// regularisation does not cover it.
    pub fn new(gram: &[f64], size: usize, regularisation: Regularisation) -> Result<Self, Error> {
        regularisation.check()?;
        let eigen = symmetric_eigen(gram, size)?;
        let roots: Vec<f64> = eigen.values.iter().map(|&value| regularisation.root(value)).collect();
        if let Some(row) = roots.iter().position(|root| root.is_nan() || *root <= 0.0) {
            return Err(Error::NotPositiveDefinite { size, row });
        }
        let matrix = eigen.rebuild(|value| 1.0 / regularisation.root(value));
        Ok(Self { regularisation, eigen, roots, matrix })
    }

    /// Bytes that computing a root of so many rows takes: the Gram matrix, its eigenvectors, the root, and what the solver holds
    /// beside them.
    pub fn bytes(size: usize) -> u64 {
        const MATRICES: u64 = 6;
        MATRICES * 8 * (size as u64).saturating_pow(2)
    }

    /// Rows of the matrix: the number of anchors.
    pub fn size(&self) -> usize {
        self.eigen.size
    }

    /// `R`, symmetric, `[size, size]`.
    pub fn matrix(&self) -> &[f64] {
        &self.matrix
    }

    /// `Rᵀ w`: weights of the kernel's values, from those of the coordinates; `⟨w, R k⟩ = ⟨Rᵀ w, k⟩`.
    ///
    /// # Shapes
    /// weights `[size]` → `[size]`.
    pub fn transposed_product(&self, weights: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; self.size()];
        for (row, weight) in self.matrix.chunks_exact(self.size().max(1)).zip(weights) {
            product.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
        }
        product
    }

    /// Eigenvalues of the Gram matrix, ascending.
    pub fn eigenvalues(&self) -> &[f64] {
        &self.eigen.values
    }

    /// `Ā = −U (F ∘ (Uᵀ sym(B̄) U)) Uᵀ`: the gradient by the Gram matrix, given the gradient `B̄` by `R`; exact for
    /// either regularisation.
    ///
    /// # Shapes
    /// upstream `[size, size]` → `[size, size]`, symmetric.
    ///
    /// # Errors
    /// [`Error::Shape`] if the upstream gradient has another size.
    pub fn adjoint(&self, upstream: &[f64]) -> Result<Vec<f64>, Error> {
        let values = &self.eigen.values;
        match self.regularisation {
            Regularisation::Shift { .. } => self.conjugate(upstream, |k, l| {
                let (s, t) = (self.roots[k], self.roots[l]);
                1.0 / (s * t * (s + t))
            }),
            // With s = √δ + ε the divided difference of 1/s is 1/(s_k s_l (√δ_k + √δ_l)), since δ_k − δ_l is
            // (√δ_k − √δ_l)(√δ_k + √δ_l). Eigenvalues that rounding left negative are constant: clamped to zero.
            Regularisation::Reference { .. } => self.conjugate(upstream, |k, l| {
                let (a, b) = (values[k].max(0.0).sqrt(), values[l].max(0.0).sqrt());
                if a + b == 0.0 { 0.0 } else { 1.0 / (self.roots[k] * self.roots[l] * (a + b)) }
            }),
        }
    }

    /// The gradient that the public code of CKN-seq uses: `F_kl = 1/(s_k s_l (s_k + s_l))` with the regularised roots.
    ///
    /// Exact for [`Regularisation::Shift`]. For [`Regularisation::Reference`] it is *not* the derivative of the forward
    /// value (1 % off for separated anchors, 18 % with one near-duplicate pair): only for parity with published models.
    ///
    /// # Errors
    /// [`Error::Shape`] if the upstream gradient has another size.
    pub fn reference_adjoint(&self, upstream: &[f64]) -> Result<Vec<f64>, Error> {
        self.conjugate(upstream, |k, l| {
            let (s, t) = (self.roots[k], self.roots[l]);
            1.0 / (s * t * (s + t))
        })
    }

    /// The adjoint that training uses: exact for `Shift`, that of the public code for `Reference`.
    ///
    /// # Errors
    /// [`Error::Shape`] if the upstream gradient has another size.
    pub fn training_adjoint(&self, upstream: &[f64]) -> Result<Vec<f64>, Error> {
        match self.regularisation {
            Regularisation::Shift { .. } => self.adjoint(upstream),
            Regularisation::Reference { .. } => self.reference_adjoint(upstream),
        }
    }

    fn conjugate(&self, upstream: &[f64], factor: impl Fn(usize, usize) -> f64) -> Result<Vec<f64>, Error> {
        let size = self.size();
        check_length("gradient by the inverse root", size * size, upstream.len())?;
        let symmetric = symmetrised(upstream, size);
        let left = product(&self.eigen.vectors, Transpose::Yes, &symmetric, Transpose::No, size);
        let mut inner = product(&left, Transpose::No, &self.eigen.vectors, Transpose::No, size);
        for k in 0..size {
            for l in 0..size {
                inner[k * size + l] *= -factor(k, l);
            }
        }
        let left = product(&self.eigen.vectors, Transpose::No, &inner, Transpose::No, size);
        Ok(symmetrised(&product(&left, Transpose::No, &self.eigen.vectors, Transpose::Yes, size), size))
    }
}
