//! One convolutional kernel layer over sequences.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::tensor::{Device, Distribution, Tensor};
use ckn_core::pooling::{Border, Pooling};
use ckn_core::whitening::Regularisation;
use ckn_model::LayerConfig;

use crate::Error;
use crate::error::check_size;
use crate::patches::{check_lengths, clear_beyond};
use crate::sphere::UnitAnchors;
use crate::transfer::check_number_type;
use crate::unit_layer::UnitLayer;
use crate::whitening::RootCache;

/// Configuration of a [`CknLayer1d`].
#[derive(Config, Debug, Copy, PartialEq)]
pub struct CknLayer1dConfig {
    /// Channels of the input map: letters, or the filters of the layer before.
    pub channels: usize,
    /// Filters, width, kernel and subsampling.
    pub layer: LayerConfig,
    /// Where windows lie.
    pub border: Border,
    /// Regularisation of the inverse root.
    pub regularisation: Regularisation,
}

impl CknLayer1dConfig {
    /// A layer with random anchor points, in the device's default number type.
    ///
    /// # Errors
    /// A size of zero, or a kernel or regularisation outside of its domain.
    pub fn init(&self, device: &Device) -> Result<CknLayer1d, Error> {
        self.check()?;
        self.init_with(Tensor::random(self.shape(), Distribution::Normal(0.0, 1.0), device))
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
        let names = ["anchor points", "channels of the anchor points", "width of the anchor points"];
        for ((name, expected), got) in names.into_iter().zip(self.shape()).zip(anchors.dims()) {
            check_size(name, expected, got)?;
        }
        let anchors = Param::from_tensor(UnitAnchors::new(anchors)?.tensor.detach());
        Ok(CknLayer1d { anchors, config: *self, roots: RootCache::default() })
    }

    fn shape(&self) -> [usize; 3] {
        [self.layer.filters, self.channels, self.layer.width]
    }

    fn check(&self) -> Result<(), Error> {
        let [filters, channels, width] = self.shape();
        let sizes =
            [("channels", channels), ("filters", filters), ("width", width), ("subsampling", self.layer.subsampling)];
        if let Some((name, _)) = sizes.into_iter().find(|(_, size)| *size == 0) {
            return Err(ckn_core::Error::Parameter { name, got: 0.0, expected: "at least 1" }.into());
        }
        self.layer.kernel.check()?;
        Ok(self.regularisation.check()?)
    }
}

/// A convolutional kernel layer: `ψ(x) = ‖x‖ R κ(Ẑᵀx/‖x‖)` for every patch `x`, `R = κ(ẐᵀẐ)^(-1/2)`, then Gaussian
/// pooling with subsampling.
///
/// `Ẑ` are the anchor points scaled to unit norm in every pass, so that an optimiser may move them anywhere, and their gradient
/// is tangent to the sphere.
///
/// Lengths are those of each sequence in the batch. What lies beyond them is ignored and comes out as zero: a batch's
/// padding never changes a result.
///
/// # Source
/// Chen, Jacob and Mairal 2019 (CKN-seq), sections 2.2, A.1 and A.2. Pooling comes before `R`: both are linear.
#[derive(Module, Debug)]
pub struct CknLayer1d {
    /// Anchor points `Z`, of any norm but zero: `[filters, channels, width]`.
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
    /// without a window; an anchor point that is zero or not finite; those of the inverse root.
    pub fn forward(&self, map: Tensor<3>, lengths: &[usize]) -> Result<(Tensor<3>, Vec<usize>), Error> {
        let (map, lengths) = self.unit()?.transform(self.checked(map, lengths)?, lengths)?;
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
        self.unit()?.pool(self.checked(map, lengths)?, lengths, pooling)
    }

    /// The layer with its anchor points on the sphere, for one pass.
    pub(crate) fn unit(&self) -> Result<UnitLayer, Error> {
        let anchors = UnitAnchors::new(self.anchors.val())?;
        Ok(UnitLayer { anchors, config: self.config, roots: self.roots.clone() })
    }

    /// Checks a map and brings it to channels last, zero beyond each sequence.
    fn checked(&self, map: Tensor<3>, lengths: &[usize]) -> Result<Tensor<3>, Error> {
        let [batch, channels, length] = map.dims();
        check_size("channels of the map", self.config.channels, channels)?;
        check_lengths(lengths, batch, length)?;
        Ok(clear_beyond(map.swap_dims(1, 2), lengths))
    }
}
