//! A network from images to embeddings.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{DType, Device, Tensor};
use ckn_core::image::{ImageLayerSpec, LayerParameters, MapShape};
use ckn_core::seed::Seed;

use super::CknLayer2d;
use crate::Error;
use crate::axes::channels_last;
use crate::error::check_size;

/// Configuration of an [`ImageCkn`].
#[derive(Config, Debug, PartialEq)]
pub struct ImageCknConfig {
    /// Shape of the images.
    pub input: MapShape,
    /// Layers, the first on the images.
    pub layers: Vec<ImageLayerSpec>,
}

impl ImageCknConfig {
    /// The last map, if every layer fits the map below it.
    ///
    /// # Errors
    /// Those of [`ImageLayerSpec::output_shape`].
    pub fn check(&self) -> Result<MapShape, Error> {
        Ok(self.layers.iter().try_fold(self.input, |shape, layer| layer.output_shape(shape))?)
    }

    /// A network with random filters, the same on every device, in single precision.
    ///
    /// # Errors
    /// Those of [`Self::check`].
    pub fn init(&self, seed: Seed, device: &Device) -> Result<ImageCkn, Error> {
        self.check()?;
        let mut random = seed.stream("anchors");
        let mut channels = self.input.channels;
        let mut parameters = Vec::with_capacity(self.layers.len());
        for spec in &self.layers {
            parameters.push(LayerParameters::random(*spec, channels, &mut random));
            channels = spec.filters;
        }
        ImageCkn::from_parameters(self.input, &parameters, device, DType::F32)
    }
}

/// Layers on images of one shape. Without layers it is the identity.
///
/// ```
/// use burn::tensor::{DType, Tensor};
/// use ckn_burn::{DeviceChoice, ImageCknConfig};
/// use ckn_core::image::{Encoding, ImageLayerSpec, MapShape, SpatialPooling};
/// use ckn_core::kernel::DotProductKernel;
/// use ckn_core::pooling::Border;
/// use ckn_core::seed::Seed;
/// use ckn_core::whitening::Regularisation;
///
/// let layer = |filters, pooling| ImageLayerSpec {
///     patch: 3,
///     filters,
///     border: Border::Same,
///     centred: false,
///     encoding: Encoding::Nystrom {
///         kernel: DotProductKernel::Exponential { sigma: 0.6 },
///         regularisation: Regularisation::Shift { epsilon: 1e-3 },
///     },
///     pooling,
/// };
/// let config = ImageCknConfig {
///     input: MapShape { height: 16, width: 16, channels: 3 },
///     layers: vec![layer(8, SpatialPooling::Stride(2)), layer(16, SpatialPooling::To(2))],
/// };
/// let device = "cpu".parse::<DeviceChoice>()?.open()?;
/// let network = config.init(Seed(0), &device)?;
/// let images = Tensor::<4>::ones([5, 3, 16, 16], (&device, DType::F32));
/// assert_eq!(network.embed(images)?.dims(), [5, 2 * 2 * 16]);
/// # Ok::<(), ckn_burn::Error>(())
/// ```
#[derive(Module, Debug)]
pub struct ImageCkn {
    /// Layers, the first on the images.
    pub layers: Vec<CknLayer2d>,
    #[module(skip)]
    input: MapShape,
    #[module(skip)]
    output: MapShape,
}

impl ImageCkn {
    /// The module of given layers. On `device.autodiff()` their filters track gradients.
    ///
    /// # Errors
    /// Those of [`ImageCknConfig::check`] and of [`CknLayer2d::from_parameters`].
    pub fn from_parameters(
        input: MapShape,
        parameters: &[LayerParameters],
        device: &Device,
        dtype: DType,
    ) -> Result<Self, Error> {
        let mut output = input;
        let mut layers = Vec::with_capacity(parameters.len());
        for layer in parameters {
            let channels = output.channels;
            output = layer.spec.output_shape(output)?;
            layers.push(CknLayer2d::from_parameters(layer, channels, device, dtype)?);
        }
        Ok(Self { layers, input, output })
    }

    /// The module's layers as plain parameters, rounded to single precision.
    ///
    /// # Errors
    /// A device that cannot be read.
    pub fn to_parameters(&self) -> Result<Vec<LayerParameters>, Error> {
        self.layers.iter().map(CknLayer2d::to_parameters).collect()
    }

    /// The configuration.
    pub fn config(&self) -> ImageCknConfig {
        ImageCknConfig { input: self.input, layers: self.layers.iter().map(|layer| layer.config().spec).collect() }
    }

    /// Shape of the images.
    pub fn input(&self) -> MapShape {
        self.input
    }

    /// Shape of the last map.
    pub fn output(&self) -> MapShape {
        self.output
    }

    /// The last maps.
    ///
    /// # Shapes
    /// images `[batch, channels, height, width]` → `[batch, filters, height after, width after]`.
    ///
    /// # Errors
    /// [`Error::Size`] if the images have another shape; [`ckn_core::Error::Empty`] for none; those of the inverse root.
    pub fn forward(&self, images: Tensor<4>) -> Result<Tensor<4>, Error> {
        let [_, channels, height, width] = images.dims();
        check_size("channels of the images", self.input.channels, channels)?;
        check_size("height of the images", self.input.height, height)?;
        check_size("width of the images", self.input.width, width)?;
        self.layers.iter().try_fold(images, |maps, layer| layer.forward(maps))
    }

    /// The last maps as vectors, in the order of [`ckn_core::image::ImageNetwork::embed`].
    ///
    /// # Shapes
    /// images `[batch, channels, height, width]` → `[batch, dimension]`: rows, columns, filters.
    ///
    /// # Errors
    /// Those of [`Self::forward`].
    pub fn embed(&self, images: Tensor<4>) -> Result<Tensor<2>, Error> {
        let batch = images.dims()[0];
        Ok(channels_last(self.forward(images)?).reshape([batch, self.output.size()]))
    }
}
