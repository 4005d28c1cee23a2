//! Configuration of a layer of an image network.

use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::{MapShape, SpatialPooling};
use crate::Error;
use crate::kernel::DotProductKernel;
use crate::pooling::Border;
use crate::require_memory;
use crate::seed::Random;
use crate::whitening::{InverseRoot, Regularisation};

/// How a patch becomes numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields, tag = "type")]
pub enum Encoding {
    /// `‖x‖ κ(ZᵀZ)^(-1/2) κ(Zᵀx/‖x‖)`: the projection on anchor points of unit norm (Mairal 2016).
    Nystrom {
        /// The kernel `κ`.
        kernel: DotProductKernel,
        /// Of the inverse root.
        regularisation: Regularisation,
    },
    /// `‖x‖ [√η_l exp(−‖x/‖x‖ − w_l‖²/σ²)]_l`: the expansion of the Gaussian kernel of bandwidth `σ` over filters of any norm
    /// (Mairal et al. 2014, equation 5).
    GaussianExpansion {
        /// Bandwidth `σ`.
        sigma: f64,
    },
}

/// Configuration of a layer on images: all but its learned numbers. Before training, `E` may leave some of the encoding open.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ImageLayerSpec<E = Encoding> {
    /// Side of the square patches, in positions of the map.
    pub patch: usize,
    /// Number of filters.
    pub filters: usize,
    /// Where patches lie; inside the map if a file does not say.
    #[serde(default = "inside")]
    pub border: Border,
    /// Whether the mean of each channel is taken away from a patch first: its mean colour on RGB images, its mean intensity
    /// on grey ones.
    #[serde(default)]
    pub centred: bool,
    /// How a patch becomes numbers.
    pub encoding: E,
    /// How positions are pooled.
    pub pooling: SpatialPooling,
}

fn inside() -> Border {
    Border::Valid
}

/// One layer on images with its learned numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerParameters {
    /// What the layer is.
    pub spec: ImageLayerSpec,
    /// Filters, `[filters, patch, patch, channels]`; of unit norm for [`Encoding::Nystrom`].
    pub filters: Vec<f32>,
    /// Weights `η ≥ 0` of the expansion, `[filters]`; empty for [`Encoding::Nystrom`].
    pub expansion_weights: Vec<f32>,
}

impl LayerParameters {
    /// A layer with random filters of unit norm; weights of an expansion are all `1/filters`.
    pub fn random(spec: ImageLayerSpec, channels: usize, random: &mut Random) -> Self {
        let size = spec.patch_size(channels);
        let mut filters: Vec<f32> = (0..spec.filters * size).map(|_| random.random_range(-1.0f32..1.0)).collect();
        for filter in filters.chunks_exact_mut(size.max(1)) {
            let norm = filter.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
            filter.iter_mut().for_each(|value| *value /= norm);
        }
        let expansion_weights = match spec.encoding {
            Encoding::Nystrom { .. } => Vec::new(),
            Encoding::GaussianExpansion { .. } => vec![1.0 / spec.filters as f32; spec.filters],
        };
        Self { spec, filters, expansion_weights }
    }
}

impl<E> ImageLayerSpec<E> {
    /// The same layer with another encoding.
    pub fn with_encoding<F>(&self, encoding: F) -> ImageLayerSpec<F> {
        let Self { patch, filters, border, centred, pooling, .. } = *self;
        ImageLayerSpec { patch, filters, border, centred, encoding, pooling }
    }
}

impl ImageLayerSpec {
    /// Numbers of a patch of a map of so many channels.
    pub fn patch_size(&self, channels: usize) -> usize {
        self.patch * self.patch * channels
    }

    /// The map that patches are mapped to, before pooling.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a size of zero or a kernel outside of its domain; [`Error::PatchTooLarge`] if no patch fits
    /// into the map; [`Error::Memory`] for more filters than memory has room for.
    pub fn encoded_shape(&self, input: MapShape) -> Result<MapShape, Error> {
        for (name, size) in [("patch", self.patch), ("filters", self.filters), ("channels", input.channels)] {
            if size == 0 {
                return Err(Error::Parameter { name, got: 0.0, expected: "at least 1" });
            }
        }
        match self.encoding {
            Encoding::Nystrom { kernel, regularisation } => {
                kernel.check()?;
                regularisation.check()?;
                require_memory("the inverse root of a layer's filters", InverseRoot::bytes(self.filters))?;
            }
            Encoding::GaussianExpansion { sigma } => DotProductKernel::Exponential { sigma }.check()?,
        }
        let side = |length| self.border.windows(length, self.patch);
        let shape = MapShape { height: side(input.height), width: side(input.width), channels: self.filters };
        if shape.positions() == 0 {
            return Err(Error::PatchTooLarge { patch: self.patch, height: input.height, width: input.width });
        }
        Ok(shape)
    }

    /// The map after pooling.
    ///
    /// # Errors
    /// Those of [`Self::encoded_shape`] and of [`SpatialPooling::length`].
    pub fn output_shape(&self, input: MapShape) -> Result<MapShape, Error> {
        let encoded = self.encoded_shape(input)?;
        Ok(MapShape {
            height: self.pooling.length(encoded.height)?,
            width: self.pooling.length(encoded.width)?,
            channels: self.filters,
        })
    }
}
