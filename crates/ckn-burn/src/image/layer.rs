//! One layer on images.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Distribution, Tensor};
use ckn_core::image::{Encoding, ImageLayerSpec, LayerParameters, MapShape};

use super::cosines::Cosines;
use super::pooling::pool;
use crate::Error;
use crate::axes::{channels_first, channels_last};
use crate::error::check_size;
use crate::kernel::kernel_value;
use crate::sphere::UnitAnchors;
use crate::transfer::{check_number_type, read_single, upload_single};
use crate::whitening::RootCache;

/// Configuration of a [`CknLayer2d`].
#[derive(Config, Debug, Copy, PartialEq)]
pub struct CknLayer2dConfig {
    /// Channels of the input map.
    pub channels: usize,
    /// The layer.
    pub spec: ImageLayerSpec,
}

impl CknLayer2dConfig {
    /// A layer with random filters, in the device's default number type; weights of an expansion are all `1/filters`.
    ///
    /// # Errors
    /// A size of zero, or a kernel or regularisation outside of its domain.
    pub fn init(&self, device: &Device) -> Result<CknLayer2d, Error> {
        self.check()?;
        let anchors = Tensor::random(self.shape(), Distribution::Normal(0.0, 1.0), device);
        let weights = matches!(self.spec.encoding, Encoding::GaussianExpansion { .. }).then(|| {
            let options = (&anchors.device(), anchors.dtype());
            Tensor::full([self.spec.filters], 1.0 / self.spec.filters as f64, options)
        });
        // Filters of an expansion need not lie on the sphere, but patches do.
        self.init_with(UnitAnchors::new(anchors)?.tensor, weights)
    }

    /// A layer with given filters; they choose the device and the number type. Anchor points are scaled to unit norm, filters
    /// of an expansion are not.
    ///
    /// # Shapes
    /// anchors `[filters, channels, patch, patch]`; weights `η ≥ 0` of an expansion `[filters]`, none for anchor points.
    ///
    /// # Errors
    /// Those of [`Self::init`]; [`Error::Size`]; [`Error::NumberType`]; an anchor point that is zero or not finite.
    pub fn init_with(&self, anchors: Tensor<4>, expansion_weights: Option<Tensor<1>>) -> Result<CknLayer2d, Error> {
        self.check()?;
        check_number_type(anchors.dtype())?;
        let names = ["filters", "channels of the filters", "height of the filters", "width of the filters"];
        for ((name, expected), got) in names.into_iter().zip(self.shape()).zip(anchors.dims()) {
            check_size(name, expected, got)?;
        }
        let weights = expansion_weights.as_ref().map_or(0, |weights| weights.dims()[0]);
        let anchors = match self.spec.encoding {
            Encoding::Nystrom { .. } => {
                check_size("weights of an expansion", 0, weights)?;
                UnitAnchors::new(anchors)?.tensor.detach()
            }
            Encoding::GaussianExpansion { .. } => {
                check_size("weights of an expansion", self.spec.filters, weights)?;
                anchors
            }
        };
        Ok(CknLayer2d {
            anchors: Param::from_tensor(anchors),
            expansion_weights: expansion_weights.map(Param::from_tensor),
            config: *self,
            roots: RootCache::default(),
        })
    }

    fn shape(&self) -> [usize; 4] {
        [self.spec.filters, self.channels, self.spec.patch, self.spec.patch]
    }

    fn check(&self) -> Result<(), Error> {
        let one_patch = MapShape { height: self.spec.patch, width: self.spec.patch, channels: self.channels };
        self.spec.encoded_shape(one_patch)?;
        Ok(())
    }
}

/// A convolutional kernel layer on images: every patch `x` becomes `‖x‖ R κ(Ẑᵀx/‖x‖)` with `R = κ(ẐᵀẐ)^(-1/2)`, or
/// `‖x‖ [√η_l exp(−‖x/‖x‖ − w_l‖²/σ²)]_l`; then Gaussian pooling.
///
/// `Ẑ` are the anchor points scaled to unit norm in every pass, as in [`crate::CknLayer1d`].
///
/// # Source
/// Mairal 2016, with the gradient of the erratum; Mairal et al. 2014, equations 5 and 6. Pooling comes before `R`: both are
/// linear.
#[derive(Module, Debug)]
pub struct CknLayer2d {
    /// Anchor points `Z`, of any norm but zero, or filters `w_l` of an expansion: `[filters, channels, patch, patch]`.
    pub anchors: Param<Tensor<4>>,
    /// Weights `η` of an expansion: `[filters]`.
    pub expansion_weights: Option<Param<Tensor<1>>>,
    #[module(skip)]
    config: CknLayer2dConfig,
    #[module(skip)]
    roots: RootCache,
}

impl CknLayer2d {
    /// The layer of given parameters.
    ///
    /// # Errors
    /// As [`CknLayer2dConfig::init_with`].
    pub fn from_parameters(
        parameters: &LayerParameters,
        channels: usize,
        device: &Device,
        dtype: DType,
    ) -> Result<Self, Error> {
        let config = CknLayer2dConfig { channels, spec: parameters.spec };
        let [filters, _, patch, _] = config.shape();
        check_size("numbers of the filters", filters * parameters.spec.patch_size(channels), parameters.filters.len())?;
        check_number_type(dtype)?;
        let anchors = upload_single(parameters.filters.clone(), [filters, patch, patch, channels], device, dtype);
        let weights = &parameters.expansion_weights;
        let weights = (!weights.is_empty()).then(|| upload_single(weights.clone(), [weights.len()], device, dtype));
        config.init_with(channels_first(anchors), weights)
    }

    /// The layer's parameters, anchor points of unit norm, rounded to single precision.
    ///
    /// # Errors
    /// An anchor point that is zero or not finite; a device that cannot be read.
    pub fn to_parameters(&self) -> Result<LayerParameters, Error> {
        let weights = self.expansion_weights.as_ref().map(|weights| read_single(weights.val())).transpose()?;
        let anchors = match self.config.spec.encoding {
            Encoding::Nystrom { .. } => UnitAnchors::new(self.anchors.val())?.tensor,
            Encoding::GaussianExpansion { .. } => self.anchors.val(),
        };
        Ok(LayerParameters {
            spec: self.config.spec,
            filters: read_single(channels_last(anchors))?,
            expansion_weights: weights.unwrap_or_default(),
        })
    }

    /// The configuration.
    pub fn config(&self) -> &CknLayer2dConfig {
        &self.config
    }

    /// The layer's maps.
    ///
    /// # Shapes
    /// maps `[batch, channels, height, width]` → `[batch, filters, height after, width after]`.
    ///
    /// # Errors
    /// [`Error::Size`] for another number of channels; [`ckn_core::Error::Empty`] for no maps; those of
    /// [`ImageLayerSpec::output_shape`] if patches or pooling do not fit the maps; those of the inverse root.
    pub fn forward(&self, maps: Tensor<4>) -> Result<Tensor<4>, Error> {
        let CknLayer2dConfig { channels, spec } = self.config;
        let [batch, got, height, width] = maps.dims();
        check_size("channels of the maps", channels, got)?;
        if batch == 0 {
            return Err(ckn_core::Error::Empty { what: "the batch" }.into());
        }
        let encoded = spec.encoded_shape(MapShape { height, width, channels })?;
        match spec.encoding {
            Encoding::Nystrom { kernel, regularisation } => {
                let anchors = UnitAnchors::new(self.anchors.val())?;
                let cosines = Cosines::new(maps, anchors.tensor.clone(), &spec, encoded);
                let pooled = pool(kernel_value(kernel, cosines.values)? * cosines.norms, spec.pooling)?;
                let [_, filters, lines, columns] = pooled.dims();
                let root = self.roots.whitening(&anchors, kernel, regularisation)?;
                let values = root.unsqueeze::<3>().matmul(pooled.reshape([batch, filters, lines * columns]));
                Ok(values.reshape([batch, filters, lines, columns]))
            }
            Encoding::GaussianExpansion { sigma } => {
                let filters = self.anchors.val();
                let cosines = Cosines::new(maps, filters.clone(), &spec, encoded);
                let values = self.expand(cosines.values, filters.flatten(1, 3), 1.0 / (sigma * sigma));
                pool(values * cosines.norms, spec.pooling)
            }
        }
    }

    /// `√η_l exp(−‖x/‖x‖ − w_l‖²/σ²)` of the products `⟨w_l, x⟩/‖x‖`.
    ///
    /// # Shapes
    /// products `[batch, filters, height, width]`, filters `[filters, size]`.
    fn expand(&self, products: Tensor<4>, filters: Tensor<2>, alpha: f64) -> Tensor<4> {
        let shape = [1, filters.dims()[0], 1, 1];
        let squares = filters.square().sum_dim(1).reshape(shape);
        let values = products.mul_scalar(2.0).sub(squares).sub_scalar(1.0).mul_scalar(alpha).exp();
        match &self.expansion_weights {
            Some(weights) => values * weights.val().sqrt().reshape(shape),
            None => values,
        }
    }
}
