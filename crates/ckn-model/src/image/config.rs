use std::collections::BTreeMap;

use ckn_core::check_size;
use ckn_core::image::{Encoding, ImageLayerSpec, MapShape};
use ckn_core::network::{MAX_FILTERS, MAX_PARAMETERS};
use serde::{Deserialize, Serialize};

use super::InputMap;
use crate::Error;

/// Longest side of an image or a patch, in pixels.
const MAX_SIDE: usize = 4096;
/// Most layers of a branch, and branches of a model.
const MAX_LAYERS: usize = 32;
/// Most classes.
const MAX_CLASSES: usize = 1024;
/// Most numbers of an embedding.
const MAX_DIMENSION: usize = 1 << 20;

/// One network of a model: what it sees, and its layers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BranchConfig {
    /// What it sees of an image.
    pub input: InputMap,
    /// Its layers, the first of them on the input.
    pub layers: Vec<ImageLayerSpec>,
    /// The factor by which its embeddings are multiplied, once their mean is taken away.
    pub scale: f64,
}

/// A model of images without its learned numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ImageConfig {
    /// Shape of the images.
    pub image: MapShape,
    /// The networks whose embeddings stand side by side.
    pub branches: Vec<BranchConfig>,
    /// Names of the classes.
    pub classes: Vec<String>,
}

/// Where a model of images comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ImageCard {
    /// Root of the random streams.
    pub seed: u64,
    /// Images of the training.
    pub images: usize,
    /// SHA-256 of the files of the training, by their role.
    pub data: BTreeMap<String, String>,
    /// Settings of the training.
    pub training: serde_json::Value,
    /// What was measured on training data, such as the error of images held out, in per cent.
    pub measured: BTreeMap<String, f64>,
}

/// How embeddings are brought to zero mean and unit norm on average (Mairal et al. 2014, section 4).
#[derive(Debug, Clone, PartialEq)]
pub struct LearnedScaling {
    /// The mean, `[dimension]`.
    pub mean: Vec<f32>,
    /// The factor.
    pub scale: f64,
}

impl BranchConfig {
    /// Shape of the embeddings.
    ///
    /// # Errors
    /// Those of [`ImageLayerSpec::output_shape`].
    pub fn output_shape(&self, image: MapShape) -> Result<MapShape, Error> {
        let mut shape = self.input.shape(image);
        for layer in &self.layers {
            shape = layer.output_shape(shape)?;
        }
        Ok(shape)
    }

    /// Number of learned filter coefficients: those of a first layer of fixed orientations are none.
    ///
    /// # Errors
    /// Those of [`Self::output_shape`].
    pub fn parameters(&self, image: MapShape) -> Result<usize, Error> {
        let (mut shape, mut count) = (self.input.shape(image), 0);
        for layer in &self.layers {
            if !self.is_fixed(layer) {
                count += layer.filters * layer.patch_size(shape.channels);
            }
            shape = layer.output_shape(shape)?;
        }
        Ok(count)
    }

    /// Whether a layer's filters are directions of the gradient, which are not learned.
    pub fn is_fixed(&self, layer: &ImageLayerSpec) -> bool {
        self.input == InputMap::Gradient
            && layer.patch == 1
            && matches!(layer.encoding, Encoding::GaussianExpansion { .. })
            && self.layers.first() == Some(layer)
    }
}

impl ImageConfig {
    /// Checks sizes, before memory is set aside for anything.
    ///
    /// # Errors
    /// [`ckn_core::Error::Size`] with the field and its limit; those of [`ImageLayerSpec::output_shape`].
    pub fn check(&self) -> Result<(), Error> {
        let MapShape { height, width, channels } = self.image;
        check_size("height of the images", 0, height, MAX_SIDE)?;
        check_size("width of the images", 0, width, MAX_SIDE)?;
        check_size("channels of the images", 0, channels, 16)?;
        check_size("branches", 0, self.branches.len(), MAX_LAYERS)?;
        check_size("classes", 0, self.classes.len(), MAX_CLASSES)?;
        let mut dimension = 0usize;
        for branch in &self.branches {
            check_size("layers", 0, branch.layers.len(), MAX_LAYERS)?;
            let mut shape = branch.input.shape(self.image);
            for (at, layer) in branch.layers.iter().enumerate() {
                check_size("patch", at, layer.patch, MAX_SIDE)?;
                check_size("filters", at, layer.filters, MAX_FILTERS)?;
                check_size(
                    "filters times patch",
                    at,
                    layer.filters * layer.patch_size(shape.channels),
                    MAX_PARAMETERS,
                )?;
                shape = layer.output_shape(shape)?;
            }
            dimension = dimension.saturating_add(shape.size());
            if !(branch.scale > 0.0 && branch.scale.is_finite()) {
                let expected = "a finite number above 0";
                return Err(ckn_core::Error::Parameter { name: "scale", got: branch.scale, expected }.into());
            }
        }
        Ok(check_size("numbers of an embedding", 0, dimension, MAX_DIMENSION)?)
    }

    /// Numbers of an embedding, all branches together.
    ///
    /// # Errors
    /// Those of [`ImageLayerSpec::output_shape`].
    pub fn dimension(&self) -> Result<usize, Error> {
        let mut dimension = 0;
        for branch in &self.branches {
            dimension += branch.output_shape(self.image)?.size();
        }
        Ok(dimension)
    }
}
