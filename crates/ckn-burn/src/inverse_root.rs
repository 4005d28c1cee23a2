//! The inverse square root of a Gram matrix as a differentiable operation.

use std::sync::Arc;

use burn::tensor::Tensor;
use ckn_core::kernel::{DotProductKernel, gram_pull_back};
use ckn_core::whitening::{InverseRoot, Regularisation};

use crate::Error;
use crate::error::check_size;
use crate::host_function::{HostAdjoint, HostValue, host_function};
use crate::sphere::UnitAnchors;
use crate::transfer::read;
use crate::whitening::RootCache;

/// The regularised inverse root of a symmetric matrix, differentiable.
///
/// `R = A^(-1/2)`; backward `Ā = −U (F ∘ (Uᵀ sym(B̄) U)) Uᵀ`, in `f64` on the host. With [`Regularisation::Reference`]
/// the gradient is that of the public code of CKN-seq, which is not the derivative of its value.
///
/// # Shapes
/// gram `[size, size]` → `[size, size]`.
///
/// # Errors
/// [`Error::Size`] if the matrix is not square; those of [`InverseRoot::new`], among them NaN in the matrix.
///
/// ```
/// use burn::tensor::Tensor;
/// use ckn_burn::{DeviceChoice, inverse_root};
/// use ckn_core::whitening::Regularisation;
///
/// let gram = Tensor::<2>::from_data([[4.0, 0.0], [0.0, 9.0]], &DeviceChoice::Cpu.open()?);
/// let root = inverse_root(gram, Regularisation::Shift { epsilon: 1e-9 })?;
/// assert!((root.into_data().to_vec::<f32>().unwrap()[0] - 0.5).abs() < 1e-6);
/// # Ok::<(), ckn_burn::Error>(())
/// ```
///
/// # Source
/// Erratum to Mairal 2016, "End-to-end kernel learning with supervised convolutional kernel networks".
pub fn inverse_root(gram: Tensor<2>, regularisation: Regularisation) -> Result<Tensor<2>, Error> {
    let [size, columns] = gram.dims();
    check_size("columns of the Gram matrix", size, columns)?;
    let root = InverseRoot::new(&read(gram.clone())?, size, regularisation)?;
    let values = root.matrix().to_vec();
    let shape = [size, size];
    Ok(host_function(gram, HostValue { values, shape, input: shape, adjoint: Arc::new(ByGram(root)) }))
}

/// `R = κ(ZᵀZ)^(-1/2)` straight from the anchor points, differentiable.
///
/// Equal to [`inverse_root`] of the Gram matrix, but the Gram matrix is formed in `f64`: in `f32` its rounding would be
/// amplified by up to `ε^(-3/2)`.
///
/// # Shapes
/// anchors `[filters, dimension]`, rows of unit norm → `[filters, filters]`.
///
/// # Errors
/// Those of [`InverseRoot::new`], among them NaN in the anchor points.
pub fn whitening(
    anchors: Tensor<2>,
    kernel: DotProductKernel,
    regularisation: Regularisation,
) -> Result<Tensor<2>, Error> {
    RootCache::default().whitening(
        &UnitAnchors { values: read(anchors.clone())?, tensor: anchors },
        kernel,
        regularisation,
    )
}

/// [`whitening`] with a root that is known already.
pub(crate) fn whitening_from<const D: usize>(
    anchors: &UnitAnchors<D>,
    kernel: DotProductKernel,
    root: Arc<InverseRoot>,
) -> Tensor<2> {
    let size = root.size();
    let input = [size, anchors.values.len() / size];
    let values = root.matrix().to_vec();
    let adjoint = Arc::new(ByAnchors { root, kernel, anchors: anchors.values.clone() });
    host_function(anchors.tensor.clone().reshape(input), HostValue { values, shape: [size, size], input, adjoint })
}

#[derive(Debug)]
struct ByGram(InverseRoot);

impl HostAdjoint for ByGram {
    fn pull_back(&self, upstream: &[f64]) -> Vec<f64> {
        self.0.training_adjoint(upstream).unwrap_or_else(|_| vec![f64::NAN; upstream.len()])
    }
}

#[derive(Debug)]
struct ByAnchors {
    root: Arc<InverseRoot>,
    kernel: DotProductKernel,
    anchors: Vec<f64>,
}

impl HostAdjoint for ByAnchors {
    fn pull_back(&self, upstream: &[f64]) -> Vec<f64> {
        let mut gradient = vec![0.0; self.anchors.len()];
        let size = self.root.size();
        let pulled = self
            .root
            .training_adjoint(upstream)
            .and_then(|adjoint| gram_pull_back(&self.anchors, size, &self.kernel, &adjoint, &mut gradient));
        // Only a wrong shape can fail, which the operation's own shapes exclude; NaN would show it.
        if pulled.is_err() {
            gradient.fill(f64::NAN);
        }
        gradient
    }
}
