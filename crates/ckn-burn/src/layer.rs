//! One convolutional kernel layer over sequences.

use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Distribution, Tensor};
use ckn_core::kernel::DotProductKernel;
use ckn_core::pooling::{Border, Pooling, subsampled_length};
use ckn_core::whitening::Regularisation;

use crate::Error;
use crate::error::check_size;
use crate::generalised_max::pool_generalised;
use crate::kernel::kernel_value;
use crate::local_pooling::pool_locally;
use crate::patches::{Windows, check_lengths, clear_beyond, factors, unit_patches};
use crate::sphere::{on_sphere, restored, unit_rows};
use crate::transfer::{check_number_type, upload};
use crate::whitening::RootCache;

/// What a [`CknLayer1d`] is before it has anchor points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CknLayer1dConfig {
    /// Channels of the input map: letters, or the filters of the layer before.
    pub channels: usize,
    /// Number of anchor points `p`: channels of the output map.
    pub filters: usize,
    /// Patch width `l` in positions.
    pub width: usize,
    /// Kernel between unit patches.
    pub kernel: DotProductKernel,
    /// Where windows lie.
    pub border: Border,
    /// Regularisation of the inverse root.
    pub regularisation: Regularisation,
    /// Stride of the Gaussian pooling; 1 for none.
    pub subsampling: usize,
}

impl CknLayer1dConfig {
    /// A layer with random anchor points, in the device's default number type.
    ///
    /// # Errors
    /// A size of zero, or a kernel or regularisation outside of its domain.
    pub fn init(&self, device: &Device) -> Result<CknLayer1d, Error> {
        self.check()?;
        let shape = [self.filters, self.channels, self.width];
        self.init_with(Tensor::random(shape, Distribution::Normal(0.0, 1.0), device))
    }

    /// A layer with given anchor points, scaled to unit norm; they choose the device and the number type.
    ///
    /// # Shapes
    /// anchors `[filters, channels, width]`.
    ///
    /// # Errors
    /// Those of [`Self::init`]; [`Error::Size`]; an anchor point that is zero or not finite.
    pub fn init_with(&self, anchors: Tensor<3>) -> Result<CknLayer1d, Error> {
        self.check()?;
        check_number_type(anchors.dtype())?;
        let [filters, channels, width] = anchors.dims();
        check_size("anchor points", self.filters, filters)?;
        check_size("channels of the anchor points", self.channels, channels)?;
        check_size("width of the anchor points", self.width, width)?;
        let anchors = Param::from_tensor(on_sphere(anchors)?);
        Ok(CknLayer1d { anchors, config: *self, roots: RootCache::default() })
    }

    fn check(&self) -> Result<(), Error> {
        let sizes = [
            ("channels", self.channels),
            ("filters", self.filters),
            ("width", self.width),
            ("subsampling", self.subsampling),
        ];
        if let Some((name, _)) = sizes.into_iter().find(|(_, size)| *size == 0) {
            return Err(ckn_core::Error::Parameter { name, got: 0.0, expected: "at least 1" }.into());
        }
        self.kernel.check()?;
        Ok(self.regularisation.check()?)
    }
}

/// A convolutional kernel layer: `ψ(z) = ‖z‖ R κ(Zᵀz/‖z‖)` for every patch `z`, `R = κ(ZᵀZ)^(-1/2)`, then Gaussian
/// pooling with subsampling.
///
/// Lengths are those of each sequence in the batch. What lies beyond them is ignored and comes out as zero: a batch's
/// padding never changes a result.
///
/// # Source
/// Chen, Jacob and Mairal 2019 (CKN-seq), sections 2.2, A.1 and A.2. Pooling comes before `R`: both are linear.
#[derive(Module, Debug)]
pub struct CknLayer1d {
    /// Anchor points `Z`, each of unit norm: `[filters, channels, width]`.
    pub anchors: Param<Tensor<3>>,
    #[module(skip)]
    config: CknLayer1dConfig,
    #[module(skip)]
    roots: RootCache,
}

impl CknLayer1d {
    /// The configuration.
    pub fn config(&self) -> &CknLayer1dConfig {
        &self.config
    }

    /// The layer's map, and the length of each sequence in it.
    ///
    /// # Shapes
    /// map `[batch, channels, length]`, lengths `[batch]` → `[batch, filters, positions]`, `[batch]`.
    ///
    /// # Errors
    /// [`Error::Size`] or [`Error::Length`] if the map does not fit; [`ckn_core::Error::TooShort`] names a sequence
    /// without a window; those of the inverse root.
    pub fn forward(&self, map: Tensor<3>, lengths: &[usize]) -> Result<(Tensor<3>, Vec<usize>), Error> {
        let map = self.check_map(map, lengths)?;
        let (map, lengths) = self.transform(map, lengths)?;
        Ok((map.swap_dims(1, 2), lengths))
    }

    /// One vector for each sequence: the layer's map pooled over the sequence's own positions.
    ///
    /// # Shapes
    /// map `[batch, channels, length]`, lengths `[batch]` → `[batch, filters]`.
    ///
    /// # Errors
    /// Those of [`Self::forward`].
    pub fn forward_pooled(&self, map: Tensor<3>, lengths: &[usize], pooling: Pooling) -> Result<Tensor<2>, Error> {
        let map = self.check_map(map, lengths)?;
        self.pool(map, lengths, pooling)
    }

    /// The layer with every anchor point scaled back to unit norm.
    ///
    /// # Errors
    /// [`ckn_core::Error::Parameter`] if an anchor point is zero or not finite.
    pub fn project(mut self) -> Result<Self, Error> {
        let projected = on_sphere(self.anchors.val().inner())?;
        self.anchors = self.anchors.map(|before| restored(projected, &before));
        Ok(self)
    }

    /// The layer with other anchor points, scaled to unit norm.
    ///
    /// # Shapes
    /// anchors `[filters, channels, width]`.
    ///
    /// # Errors
    /// [`Error::Size`]; an anchor point that is zero or not finite.
    pub fn with_anchors(mut self, anchors: &[f32]) -> Result<Self, Error> {
        let shape = self.anchors.dims();
        check_size("numbers of the anchor points", shape.iter().product(), anchors.len())?;
        let values = anchors.iter().map(|&value| f64::from(value)).collect();
        let values = unit_rows(values, shape[0], DType::F32)?;
        self.anchors = self
            .anchors
            .map(|before| restored(upload(values, shape, &before.device().inner(), before.dtype()), &before));
        Ok(self)
    }

    /// [`Self::forward`] on maps with channels last, zero beyond each sequence.
    ///
    /// # Shapes
    /// map `[batch, length, channels]` → `[batch, positions, filters]`.
    pub(crate) fn transform(&self, map: Tensor<3>, lengths: &[usize]) -> Result<(Tensor<3>, Vec<usize>), Error> {
        let windows = self.windows(lengths)?;
        let (values, norms) = self.evaluations(map, &windows)?;
        self.transform_evaluations(values, norms, &windows)
    }

    /// The windows of sequences of given lengths.
    pub(crate) fn windows(&self, lengths: &[usize]) -> Result<Windows, Error> {
        Windows::new(lengths, self.config.width, self.config.border, self.config.subsampling)
    }

    /// [`Self::transform`] from the kernel's values and the norms of patches.
    pub(crate) fn transform_evaluations(
        &self,
        values: Tensor<3>,
        norms: Tensor<2>,
        windows: &Windows,
    ) -> Result<(Tensor<3>, Vec<usize>), Error> {
        let pooled = pool_locally(values, norms, self.config.subsampling);
        let counts = self.pooled_counts(windows);
        let map = times(pooled, self.whitening()?);
        // The filter reaches one position beyond the last: zero again for the next layer.
        Ok((clear_beyond(map, &counts), counts))
    }

    /// [`Self::forward_pooled`] on maps with channels last, zero beyond each sequence.
    ///
    /// # Shapes
    /// map `[batch, length, channels]` → `[batch, filters]`.
    pub(crate) fn pool(&self, map: Tensor<3>, lengths: &[usize], pooling: Pooling) -> Result<Tensor<2>, Error> {
        let windows = self.windows(lengths)?;
        let (values, norms) = self.evaluations(map, &windows)?;
        self.pool_evaluations(values, norms, &windows, pooling)
    }

    /// [`Self::pool`] from the kernel's values and the norms of patches.
    pub(crate) fn pool_evaluations(
        &self,
        values: Tensor<3>,
        norms: Tensor<2>,
        windows: &Windows,
        pooling: Pooling,
    ) -> Result<Tensor<2>, Error> {
        let counts = self.pooled_counts(windows);
        let (device, dtype) = (values.device(), values.dtype());
        let (values, weights) = if self.config.subsampling == 1 {
            (values, norms)
        } else {
            let pooled = pool_locally(values, norms, self.config.subsampling);
            let positions = pooled.dims()[1];
            (pooled, factors(&counts, positions, |_| 1.0, &device, dtype))
        };
        let [batch, positions, filters] = values.dims();
        let root = self.whitening()?;
        let scale = |count: usize| if pooling == Pooling::Mean { 1.0 / count as f64 } else { 1.0 };
        match pooling {
            Pooling::Mean | Pooling::Sum => {
                let shares = weights * factors(&counts, positions, scale, &device, dtype);
                let pooled = shares.reshape([batch, 1, positions]).matmul(values);
                Ok(pooled.reshape([batch, filters]).matmul(root))
            }
            Pooling::Gmp => {
                let map = times(values * weights.reshape([batch, positions, 1]), root);
                pool_generalised(map, &counts)
            }
            Pooling::Max => {
                let map = times(values * weights.reshape([batch, positions, 1]), root);
                let own = factors(&counts, positions, scale, &device, dtype);
                let beyond = own.equal_scalar(0.0).reshape([batch, positions, 1]).expand([batch, positions, filters]);
                Ok(map.mask_fill(beyond, f64::NEG_INFINITY).max_dim(1).reshape([batch, filters]))
            }
        }
    }

    /// `κ(Zᵀz/‖z‖)` `[batch, positions, filters]` and `‖z‖` `[batch, positions]`, the latter 0 beyond own windows.
    pub(crate) fn evaluations(&self, map: Tensor<3>, windows: &Windows) -> Result<(Tensor<3>, Tensor<2>), Error> {
        let CknLayer1dConfig { channels, filters, width, kernel, .. } = self.config;
        let patches = unit_patches(map, windows, width);
        let [batch, positions, size] = patches.directions.dims();
        // Patches hold position after position, anchor points channel after channel.
        let anchors = self.anchors.val().permute([2, 1, 0]).reshape([width * channels, filters]);
        let cosines = patches.directions.reshape([batch * positions, size]).matmul(anchors);
        let values = kernel_value(kernel, cosines)?.reshape([batch, positions, filters]);
        let norms = if windows.full() {
            patches.norms
        } else {
            let own = windows.factors(|_| 1.0, &patches.norms.device(), patches.norms.dtype());
            patches.norms * own
        };
        Ok((values, norms))
    }

    fn whitening(&self) -> Result<Tensor<2>, Error> {
        let CknLayer1dConfig { channels, filters, width, kernel, regularisation, .. } = self.config;
        let anchors = self.anchors.val().reshape([filters, channels * width]);
        self.roots.whitening(anchors, kernel, regularisation)
    }

    fn pooled_counts(&self, windows: &Windows) -> Vec<usize> {
        windows.counts.iter().map(|&count| subsampled_length(count, self.config.subsampling)).collect()
    }

    /// Checks a map and brings it to channels last, zero beyond each sequence.
    fn check_map(&self, map: Tensor<3>, lengths: &[usize]) -> Result<Tensor<3>, Error> {
        let [batch, channels, length] = map.dims();
        check_size("channels of the map", self.config.channels, channels)?;
        check_lengths(lengths, batch, length)?;
        Ok(clear_beyond(map.swap_dims(1, 2), lengths))
    }
}

/// `map · R` for every position.
fn times(map: Tensor<3>, root: Tensor<2>) -> Tensor<3> {
    let [batch, positions, filters] = map.dims();
    map.reshape([batch * positions, filters]).matmul(root).reshape([batch, positions, filters])
}
