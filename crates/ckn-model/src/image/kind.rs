//! The file of a model of images.

use std::collections::BTreeMap;
use std::path::Path;

use ckn_core::image::{Encoding, LayerParameters};
use ckn_core::svm::Svm;
use safetensors::Dtype;

use super::{ImageCard, ImageConfig, ImageModel};
use crate::Error;
use crate::file::{self, Card, Contents, Expected, Key, Kind, Opened, Refusal, Values, check_outputs};

const WEIGHTS: &str = "weights";
const INTERCEPTS: &str = "intercepts";

fn filters_of(branch: usize, layer: usize) -> String {
    format!("branch.{branch}.layer.{layer}.filters")
}

fn weights_of(branch: usize, layer: usize) -> String {
    format!("branch.{branch}.layer.{layer}.weights")
}

fn mean_of(branch: usize) -> String {
    format!("branch.{branch}.mean")
}

/// The tensors of a model, in the order in which its bytes are written.
fn tensors(config: &ImageConfig) -> Result<Vec<Expected>, Error> {
    let mut tensors = Vec::new();
    for (at, branch) in config.branches.iter().enumerate() {
        let mut shape = branch.input.shape(config.image);
        for (index, layer) in branch.layers.iter().enumerate() {
            let sizes = vec![layer.filters, layer.patch, layer.patch, shape.channels];
            tensors.push(Expected::new(&filters_of(at, index), Dtype::F32, sizes));
            if let Encoding::GaussianExpansion { .. } = layer.encoding {
                tensors.push(Expected::new(&weights_of(at, index), Dtype::F32, vec![layer.filters]));
            }
            shape = layer.output_shape(shape)?;
        }
        tensors.push(Expected::new(&mean_of(at), Dtype::F32, vec![shape.size()]));
    }
    tensors.push(Expected::new(WEIGHTS, Dtype::F64, vec![config.classes.len(), config.dimension()?]));
    tensors.push(Expected::new(INTERCEPTS, Dtype::F64, vec![config.classes.len()]));
    Ok(tensors)
}

impl Card for ImageCard {
    fn measured(&self) -> &BTreeMap<String, f64> {
        &self.measured
    }

    fn training_mut(&mut self) -> &mut serde_json::Value {
        &mut self.training
    }
}

impl Kind for ImageModel {
    type Config = ImageConfig;
    type Card = ImageCard;
    const KEY: Key = Key::Image;

    fn parts(&self) -> Result<(ImageConfig, Vec<Values<'_>>), Error> {
        let mut values = Vec::new();
        for branch in self.branches() {
            for layer in branch.network.parameters() {
                values.push(Values::Single((&layer.filters).into()));
                if let Encoding::GaussianExpansion { .. } = layer.spec.encoding {
                    values.push(Values::Single((&layer.expansion_weights).into()));
                }
            }
            values.push(Values::Single((&branch.scaling.mean).into()));
        }
        values.push(Values::Double((&self.machine().weights).into()));
        values.push(Values::Double((&self.machine().intercepts).into()));
        Ok((self.config().clone(), values))
    }

    fn expected(config: &ImageConfig, _: &ImageCard) -> Result<Vec<Expected>, Refusal> {
        config.check()?;
        check_outputs(&config.classes)?;
        Ok(tensors(config)?)
    }

    fn has_unit_rows(config: &ImageConfig, tensor: &str) -> bool {
        config.branches.iter().enumerate().any(|(at, branch)| {
            let mut layers = branch.layers.iter().enumerate();
            layers.any(|(index, layer)| {
                matches!(layer.encoding, Encoding::Nystrom { .. }) && filters_of(at, index) == tensor
            })
        })
    }

    fn from_parts(config: ImageConfig, mut contents: Contents, card: &ImageCard) -> Result<Self, Refusal> {
        let mut layers = Vec::new();
        for (at, branch) in config.branches.iter().enumerate() {
            let mut of_branch = Vec::new();
            for (index, &spec) in branch.layers.iter().enumerate() {
                let (filters, expansion_weights) =
                    (contents.single(&filters_of(at, index)), contents.single(&weights_of(at, index)));
                if expansion_weights.iter().any(|&weight| weight < 0.0) {
                    let name = weights_of(at, index);
                    return Err(format!("its tensor `{name}` has a negative weight: train again").into());
                }
                of_branch.push(LayerParameters { spec, filters, expansion_weights });
            }
            layers.push(of_branch);
        }
        let means = (0..config.branches.len()).map(|at| contents.single(&mean_of(at))).collect();
        let machine = Svm { weights: contents.double(WEIGHTS), intercepts: contents.double(INTERCEPTS) };
        Ok(Self::with_parameters(&config, layers, means, machine, card.clone())?)
    }
}

impl ImageModel {
    /// The bytes of the model's file. Equal models give equal bytes.
    ///
    /// # Errors
    /// [`Error::Unsavable`] if the file could not be read again.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        file::to_bytes(self, self.card())
    }

    /// Writes the model to a file, whole or not at all, as [`crate::Model::save`] does.
    ///
    /// # Errors
    /// Those of [`crate::Model::save`].
    pub fn save(&self, path: &Path, overwrite: bool) -> Result<(), Error> {
        file::save(|| self.to_bytes(), path, overwrite)
    }

    /// Reads a model from a file.
    ///
    /// # Errors
    /// [`Error::File`], [`Error::Version`] or [`Error::Malformed`], as [`crate::Model::load`].
    pub fn load(path: &Path) -> Result<Self, Error> {
        file::load(path, Self::read)
    }

    /// Reads a model from the bytes of its file; messages name the path.
    ///
    /// # Errors
    /// Those of [`Self::load`].
    pub fn from_bytes(bytes: &[u8], path_for_messages: &Path) -> Result<Self, Error> {
        file::from_bytes(bytes, path_for_messages, Self::read)
    }

    fn read(opened: Opened<'_>) -> Result<Self, Refusal> {
        match opened.key() {
            Key::Image => Ok(opened.read()?.0),
            Key::Network | Key::Headless | Key::Baseline | Key::Machine | Key::Ensemble => {
                Err("it is a model of sequences: this needs one that `ckn image train` wrote".to_owned().into())
            }
        }
    }
}
