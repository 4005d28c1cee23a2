//! The last inverse root of a layer, kept for as long as its anchor points stay the same.

use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::Tensor;
use ckn_core::kernel::{DotProductKernel, gram};
use ckn_core::whitening::{InverseRoot, Regularisation};

use crate::Error;
use crate::inverse_root::whitening_from;
use crate::sphere::UnitAnchors;

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
    pub(crate) fn whitening<const D: usize>(
        &self,
        anchors: &UnitAnchors<D>,
        kernel: DotProductKernel,
        regularisation: Regularisation,
    ) -> Result<Tensor<2>, Error> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = slot.as_ref()
            && known.anchors == anchors.values
        {
            return Ok(whitening_from(anchors, kernel, Arc::clone(&known.root)));
        }
        let filters = anchors.tensor.dims()[0];
        let root = InverseRoot::new(&gram(&anchors.values, filters, &kernel)?, filters, regularisation)?;
        let root = Arc::new(root);
        *slot = Some(Known { anchors: anchors.values.clone(), root: Arc::clone(&root) });
        Ok(whitening_from(anchors, kernel, root))
    }
}
