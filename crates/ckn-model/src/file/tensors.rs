//! The tensors of a model file: parameters to bytes and back, bit by bit.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Read};

use safetensors::{Dtype, View};

use super::header::Plan;
use super::refusal::Refusal;
use crate::{CheckedConfig, LinearHead, Model, ModelCard};

const WEIGHTS: &str = "head.weights";
const INTERCEPT: &str = "head.intercept";

/// How far the norm of an anchor may be from 1. Files of this crate stay within rounding, 1e-7; the rest is for files
/// that other programs wrote from single precision.
const NORM_TOLERANCE: f64 = 1e-3;
/// Bytes decoded at once; a multiple of both widths.
const BLOCK: usize = 1 << 14;

/// A tensor that a configuration asks for.
pub(super) struct Expected {
    pub(super) name: String,
    pub(super) dtype: Dtype,
    pub(super) shape: Vec<usize>,
}

/// The tensors of a configuration: those of the layers in their order, then those of the heads.
pub(super) fn expected(config: &CheckedConfig, card: &ModelCard) -> Vec<Expected> {
    let tensor = |name: &str, dtype, shape| Expected { name: name.to_owned(), dtype, shape };
    let anchors = config.layers.iter().enumerate().map(|(index, layer)| {
        let shape = vec![layer.filters, config.channels(index), layer.width];
        tensor(&format!("layer.{index}.anchors"), Dtype::F32, shape)
    });
    let shape = match card.outputs.len() {
        0 => vec![config.dimension()],
        outputs => vec![outputs, config.dimension()],
    };
    let intercepts = tensor(INTERCEPT, Dtype::F64, vec![card.outputs.len().max(1)]);
    anchors.chain([tensor(WEIGHTS, Dtype::F64, shape), intercepts]).collect()
}

/// The bytes of a file. Tensors are ordered by type and name, and there is one metadata entry: nothing depends on the
/// order of a hash map.
pub(super) fn serialise(model: &Model, metadata: String) -> Result<Vec<u8>, String> {
    let weights: Vec<f64> = model.heads().iter().flat_map(|head| head.weights()).copied().collect();
    let intercepts: Vec<f64> = model.heads().iter().map(LinearHead::intercept).collect();
    let anchors = model.network().layers().iter().map(|layer| Values::Single(layer.anchors()));
    let values = anchors.chain([Values::Double(&weights), Values::Double(&intercepts)]);
    let tensors = expected(model.network().config(), model.card())
        .into_iter()
        .zip(values)
        .map(|(Expected { name, shape, .. }, values)| (name, Parameters { shape, values }));
    let annotations = HashMap::from([("ckn".to_owned(), metadata)]);
    safetensors::serialize(tensors, Some(annotations)).map_err(|error| error.to_string())
}

#[derive(Clone, Copy)]
enum Values<'a> {
    Single(&'a [f32]),
    Double(&'a [f64]),
}

struct Parameters<'a> {
    shape: Vec<usize>,
    values: Values<'a>,
}

impl View for Parameters<'_> {
    fn dtype(&self) -> Dtype {
        match self.values {
            Values::Single(_) => Dtype::F32,
            Values::Double(_) => Dtype::F64,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        match self.values {
            Values::Single(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Values::Double(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        }
    }

    fn data_len(&self) -> usize {
        match self.values {
            Values::Single(values) => size_of_val(values),
            Values::Double(values) => size_of_val(values),
        }
    }
}

/// The parameters that a file holds.
pub(super) struct Contents {
    pub(super) anchors: Vec<Vec<f32>>,
    pub(super) weights: Vec<f64>,
    pub(super) intercepts: Vec<f64>,
}

/// Reads the tensors, in the order in which they stand in the file.
pub(super) fn read(reader: &mut dyn Read, plan: &Plan) -> Result<Contents, Refusal> {
    let expected = expected(&plan.config, &plan.card);
    let anchors = vec![Vec::new(); plan.config.layers.len()];
    let mut contents = Contents { anchors, weights: Vec::new(), intercepts: Vec::new() };
    for name in &plan.order {
        let Some((index, tensor)) = expected.iter().enumerate().find(|(_, tensor)| tensor.name == *name) else {
            continue;
        };
        // No more than the file has: the plan has compared the two.
        let count = tensor.shape.iter().product();
        if let Some(anchors) = contents.anchors.get_mut(index) {
            *anchors = numbers(reader, count, f32::from_le_bytes)?;
            check_finite(name, anchors.iter().map(|value| value.is_finite()))?;
            check_norms(name, anchors, tensor.shape.iter().skip(1).product())?;
        } else {
            let values = numbers(reader, count, f64::from_le_bytes)?;
            check_finite(name, values.iter().map(|value| value.is_finite()))?;
            match name.as_str() {
                INTERCEPT => contents.intercepts = values,
                _ => contents.weights = values,
            }
        }
    }
    Ok(contents)
}

/// Little-endian numbers, decoded in blocks.
fn numbers<const WIDTH: usize, T>(
    reader: &mut dyn Read,
    count: usize,
    decode: fn([u8; WIDTH]) -> T,
) -> io::Result<Vec<T>> {
    let mut values = Vec::new();
    values.try_reserve_exact(count)?;
    let mut block = [0; BLOCK];
    while values.len() < count {
        let (bytes, _) = block.split_at_mut(WIDTH * (count - values.len()).min(BLOCK / WIDTH));
        reader.read_exact(bytes)?;
        values.extend(bytes.as_chunks().0.iter().map(|&number| decode(number)));
    }
    Ok(values)
}

fn check_finite(name: &str, mut finite: impl Iterator<Item = bool>) -> Result<(), String> {
    match finite.position(|finite| !finite) {
        Some(at) => Err(format!("its tensor `{name}` holds NaN or infinity at index {at}: train again")),
        None => Ok(()),
    }
}

/// An anchor that is not a unit vector was not written by this crate, or has lost bits since.
fn check_norms(name: &str, anchors: &[f32], patch_size: usize) -> Result<(), String> {
    for (index, anchor) in anchors.chunks_exact(patch_size).enumerate() {
        let norm = anchor.iter().map(|&value| f64::from(value) * f64::from(value)).sum::<f64>().sqrt();
        if (norm - 1.0).abs() > NORM_TOLERANCE {
            return Err(format!("anchor {index} of its tensor `{name}` has norm {norm:.6}, not 1"));
        }
    }
    Ok(())
}
