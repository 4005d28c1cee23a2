//! The last inverse root of a layer, kept for as long as its anchor points stay the same.

use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::Tensor;
use ckn_core::kernel::DotProductKernel;
use ckn_core::whitening::{InverseRoot, Regularisation};

use crate::Error;
use crate::inverse_root::{anchor_root, whitening_from};
use crate::transfer::read;

/// Anchor points and their inverse root. Clones share it; it is keyed by the anchor points themselves, so that no
/// update can leave a stale root behind.
#[derive(Debug, Clone, Default)]
pub(crate) struct RootCache(Arc<Mutex<Option<Known>>>);

#[derive(Debug)]
struct Known {
    anchors: Vec<f64>,
    root: Arc<InverseRoot>,
}

impl RootCache {
    /// [`crate::whitening`], without a second eigendecomposition of the same anchor points: embedding a data set batch
    /// by batch needs one.
    pub(crate) fn whitening(
        &self,
        anchors: Tensor<2>,
        kernel: DotProductKernel,
        regularisation: Regularisation,
    ) -> Result<Tensor<2>, Error> {
        let values = read(anchors.clone())?;
        let root = self.root(&values, anchors.dims()[0], kernel, regularisation)?;
        Ok(whitening_from(anchors, values, kernel, root))
    }

    fn root(
        &self,
        values: &[f64],
        filters: usize,
        kernel: DotProductKernel,
        regularisation: Regularisation,
    ) -> Result<Arc<InverseRoot>, Error> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = slot.as_ref()
            && known.anchors == values
        {
            return Ok(Arc::clone(&known.root));
        }
        let root = Arc::new(anchor_root(values, filters, kernel, regularisation)?);
        *slot = Some(Known { anchors: values.to_vec(), root: Arc::clone(&root) });
        Ok(root)
    }
}
