//! The file of a model of images.

use std::io::Read;
use std::path::Path;

use ckn_core::image::{Encoding, LayerParameters};
use ckn_core::svm::Svm;
use safetensors::Dtype;
use serde::{Deserialize, Serialize};

use super::header::RawHeader;
use super::metadata::{check_outputs, check_version, damaged, is_of_images};
use super::refusal::Refusal;
use super::tensors::{Expected, Values, read_all, write};
use super::{FORMAT_VERSION, open, save_bytes};
use crate::Error;
use crate::image::{ImageCard, ImageConfig, ImageModel};

const WEIGHTS: &str = "weights";
const INTERCEPTS: &str = "intercepts";

#[derive(Serialize)]
struct Written<'a> {
    format: u32,
    image: &'a ImageConfig,
    card: &'a ImageCard,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Found {
    #[serde(rename = "format")]
    _format: u32,
    image: ImageConfig,
    card: ImageCard,
}

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
fn expected(config: &ImageConfig) -> Result<Vec<Expected>, Error> {
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

impl ImageModel {
    /// The bytes of the model's file. Equal models give equal bytes.
    ///
    /// # Errors
    /// [`Error::Unsavable`] if the file could not be read again.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let unsavable = |reason: String| Error::Unsavable { reason };
        if let Some((name, value)) = self.card().measured.iter().find(|(_, value)| !value.is_finite()) {
            return Err(unsavable(format!("the measured value `{name}` is {value}")));
        }
        let mut card = self.card().clone();
        card.training.sort_all_objects();
        let written = Written { format: FORMAT_VERSION, image: self.config(), card: &card };
        let metadata = serde_json::to_string(&written).map_err(|error| unsavable(error.to_string()))?;
        let mut values = Vec::new();
        for branch in self.branches() {
            for layer in branch.network.parameters() {
                values.push(Values::Single(&layer.filters));
                if let Encoding::GaussianExpansion { .. } = layer.spec.encoding {
                    values.push(Values::Single(&layer.expansion_weights));
                }
            }
            values.push(Values::Single(&branch.scaling.mean));
        }
        values.push(Values::Double(&self.machine().weights));
        values.push(Values::Double(&self.machine().intercepts));
        let bytes = write(expected(self.config())?, values, metadata).map_err(unsavable)?;
        // What the reader refuses is refused here, where the model is still in memory.
        plan(&mut bytes.as_slice(), bytes.len() as u64).map_err(|refusal| unsavable(refusal.to_string()))?;
        Ok(bytes)
    }

    /// Writes the model to a file, whole or not at all, as [`crate::Model::save`] does.
    ///
    /// # Errors
    /// Those of [`crate::Model::save`].
    pub fn save(&self, path: &Path, overwrite: bool) -> Result<(), Error> {
        save_bytes(|| self.to_bytes(), path, overwrite)
    }

    /// Reads a model from a file.
    ///
    /// # Errors
    /// [`Error::File`], [`Error::Version`] or [`Error::Malformed`], as [`crate::Model::load`].
    pub fn load(path: &Path) -> Result<Self, Error> {
        let (mut reader, length) = open(path)?;
        read(&mut reader, length).map_err(|refusal| refusal.of(path))
    }

    /// Reads a model from the bytes of its file; messages name the path.
    ///
    /// # Errors
    /// Those of [`Self::load`].
    pub fn from_bytes(bytes: &[u8], path_for_messages: &Path) -> Result<Self, Error> {
        read(&mut { bytes }, bytes.len() as u64).map_err(|refusal| refusal.of(path_for_messages))
    }
}

/// Checks a header: the configuration, the card, the tensors and their order.
fn plan(reader: &mut dyn Read, length: u64) -> Result<(ImageConfig, ImageCard, Vec<Expected>, Vec<String>), Refusal> {
    let header = RawHeader::read(reader, length)?;
    check_version(&header.annotation)?;
    if !is_of_images(&header.annotation)? {
        return Err("it is a model of sequences: this needs one that `ckn image train` wrote".to_owned().into());
    }
    let Found { image: config, card, .. } = serde_json::from_str(&header.annotation).map_err(damaged)?;
    config.check()?;
    check_outputs(&config.classes)?;
    let expected = expected(&config)?;
    let order = header.order(&expected)?;
    Ok((config, card, expected, order))
}

fn read(reader: &mut dyn Read, length: u64) -> Result<ImageModel, Refusal> {
    let (config, card, expected, order) = plan(reader, length)?;
    let unit: Vec<String> = config
        .branches
        .iter()
        .enumerate()
        .flat_map(|(at, branch)| {
            let nystrom = branch.layers.iter().enumerate();
            let nystrom = nystrom.filter(|(_, layer)| matches!(layer.encoding, Encoding::Nystrom { .. }));
            nystrom.map(move |(index, _)| filters_of(at, index))
        })
        .collect();
    let mut contents = read_all(reader, &expected, &order, |name| unit.iter().any(|unit| unit == name))?;
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
    Ok(ImageModel::from_parts(&config, layers, means, machine, card)?)
}
