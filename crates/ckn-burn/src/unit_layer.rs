//! What a layer over sequences computes, once its anchor points are on the sphere.

use burn::tensor::Tensor;
use ckn_core::pooling::{Pooling, subsampled_length};

use crate::axes::by_position;
use crate::generalised_max::pool_generalised;
use crate::kernel::kernel_value;
use crate::local_pooling::pool_locally;
use crate::patches::{Windows, clear_beyond, factors, unit_patches};
use crate::sphere::UnitAnchors;
use crate::whitening::RootCache;
use crate::{CknLayer1dConfig, Error};

/// A layer for one pass. Maps have channels last here, and are zero beyond each sequence.
#[derive(Debug, Clone)]
pub(crate) struct UnitLayer {
    /// `[filters, channels, width]`.
    pub(crate) anchors: UnitAnchors<3>,
    pub(crate) config: CknLayer1dConfig,
    pub(crate) roots: RootCache,
}

/// The kernel's values at the windows of a batch, before pooling.
#[derive(Debug, Clone)]
pub(crate) struct Evaluations {
    /// `κ(Ẑᵀx/‖x‖)`: `[batch, positions, filters]`.
    pub(crate) values: Tensor<3>,
    /// `‖x‖`, 0 beyond own windows: `[batch, positions]`.
    pub(crate) norms: Tensor<2>,
    pub(crate) windows: Windows,
}

impl UnitLayer {
    /// The layer as the start of a graph: gradients are by the points on the sphere.
    pub(crate) fn leaf(self) -> Self {
        Self { anchors: self.anchors.leaf(), ..self }
    }

    /// The layer's map and the length of each sequence in it.
    ///
    /// # Shapes
    /// map `[batch, length, channels]` → `[batch, positions, filters]`.
    pub(crate) fn transform(&self, map: Tensor<3>, lengths: &[usize]) -> Result<(Tensor<3>, Vec<usize>), Error> {
        self.transform_evaluations(self.evaluations(map, lengths)?)
    }

    /// [`Self::transform`] from the kernel's values.
    pub(crate) fn transform_evaluations(&self, at: Evaluations) -> Result<(Tensor<3>, Vec<usize>), Error> {
        let counts = self.pooled_counts(&at.windows);
        let pooled = pool_locally(at.values, at.norms, self.config.layer.subsampling);
        let map = times(pooled, self.whitening()?);
        // The filter reaches one position beyond the last: zero again for the next layer.
        Ok((clear_beyond(map, &counts), counts))
    }

    /// The layer's map, pooled over each sequence's own positions.
    ///
    /// # Shapes
    /// map `[batch, length, channels]` → `[batch, filters]`.
    pub(crate) fn pool(&self, map: Tensor<3>, lengths: &[usize], pooling: Pooling) -> Result<Tensor<2>, Error> {
        self.pool_evaluations(self.evaluations(map, lengths)?, pooling)
    }

    /// [`Self::pool`] from the kernel's values.
    pub(crate) fn pool_evaluations(&self, at: Evaluations, pooling: Pooling) -> Result<Tensor<2>, Error> {
        let counts = self.pooled_counts(&at.windows);
        let (device, dtype) = (at.values.device(), at.values.dtype());
        let (values, weights) = if self.config.layer.subsampling == 1 {
            (at.values, at.norms)
        } else {
            let pooled = pool_locally(at.values, at.norms, self.config.layer.subsampling);
            let positions = pooled.dims()[1];
            (pooled, factors(&counts, positions, |_| 1.0, &device, dtype))
        };
        let [batch, positions, filters] = values.dims();
        let root = self.whitening()?;
        match pooling {
            Pooling::Mean | Pooling::Sum => {
                let shares = weights * factors(&counts, positions, |count| pooling.share(count), &device, dtype);
                let pooled = shares.reshape([batch, 1, positions]).matmul(values);
                Ok(pooled.reshape([batch, filters]).matmul(root))
            }
            Pooling::Gmp => pool_generalised(times(values * weights.reshape([batch, positions, 1]), root), &counts),
            Pooling::Max => {
                let map = times(values * weights.reshape([batch, positions, 1]), root);
                let own = factors(&counts, positions, |_| 1.0, &device, dtype);
                let beyond = own.equal_scalar(0.0).reshape([batch, positions, 1]).expand([batch, positions, filters]);
                Ok(map.mask_fill(beyond, f64::NEG_INFINITY).max_dim(1).reshape([batch, filters]))
            }
        }
    }

    /// The windows of sequences of given lengths.
    pub(crate) fn windows(&self, lengths: &[usize]) -> Result<Windows, Error> {
        let layer = &self.config.layer;
        Windows::new(lengths, layer.width, self.config.border, layer.subsampling)
    }

    /// The kernel's values at every window of a map.
    ///
    /// # Shapes
    /// map `[batch, length, channels]`.
    pub(crate) fn evaluations(&self, map: Tensor<3>, lengths: &[usize]) -> Result<Evaluations, Error> {
        let windows = self.windows(lengths)?;
        let patches = unit_patches(map, &windows, self.config.layer.width);
        let [batch, positions, size] = patches.directions.dims();
        let filters = self.config.layer.filters;
        let anchors = by_position(self.anchors.tensor.clone()).reshape([size, filters]);
        let cosines = patches.directions.reshape([batch * positions, size]).matmul(anchors);
        let values = kernel_value(self.config.layer.kernel, cosines)?.reshape([batch, positions, filters]);
        let norms = if windows.full() {
            patches.norms
        } else {
            let own = windows.factors(|_| 1.0, &patches.norms.device(), patches.norms.dtype());
            patches.norms * own
        };
        Ok(Evaluations { values, norms, windows })
    }

    fn whitening(&self) -> Result<Tensor<2>, Error> {
        self.roots.whitening(&self.anchors, self.config.layer.kernel, self.config.regularisation)
    }

    fn pooled_counts(&self, windows: &Windows) -> Vec<usize> {
        windows.counts.iter().map(|&count| subsampled_length(count, self.config.layer.subsampling)).collect()
    }
}

/// `map · R` for every position.
fn times(map: Tensor<3>, root: Tensor<2>) -> Tensor<3> {
    let [batch, positions, filters] = map.dims();
    map.reshape([batch * positions, filters]).matmul(root).reshape([batch, positions, filters])
}
