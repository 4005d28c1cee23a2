//! The tensors of a model file: parameters to bytes and back, bit by bit.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read};

use safetensors::{Dtype, View};

use super::Saved;
use super::header::Plan;
use super::metadata::Architecture;
use super::refusal::Refusal;
use crate::{CheckedConfig, CheckedDeepBindConfig, KernelMachineConfig, LinearHead, ModelCard};

const WEIGHTS: &str = "head.weights";
const INTERCEPT: &str = "head.intercept";
/// Tensors of a network after DeepBind, in the order of its parameters.
const DEEPBIND: [&str; 4] = ["filters", "biases", "weights", "intercept"];
/// Tensors of a kernel machine.
const TOKENS: &str = "support.tokens";
const LENGTHS: &str = "support.lengths";
const COEFFICIENTS: &str = "coefficients";
const MACHINE_INTERCEPT: &str = "intercept";

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

impl Expected {
    pub(super) fn new(name: &str, dtype: Dtype, shape: Vec<usize>) -> Self {
        Self { name: name.to_owned(), dtype, shape }
    }
}

/// The tensors of a network, in the order in which [`serialise`] has their values.
pub(super) fn expected(architecture: &Architecture, card: &ModelCard) -> Vec<Expected> {
    match architecture {
        Architecture::Ckn(config) => of_network(config, card.outputs.len()),
        Architecture::DeepBind(config) => of_deepbind(config),
        Architecture::Machine(config) => of_machine(config),
        Architecture::Ensemble(config) => {
            let member = |(index, &bytes): (usize, &usize)| Expected::new(&member_of(index), Dtype::U8, vec![bytes]);
            config.bytes.iter().enumerate().map(member).collect()
        }
    }
}

/// Those of the layers in their order, then those of the heads.
fn of_network(config: &CheckedConfig, outputs: usize) -> Vec<Expected> {
    let anchors = config.layers.iter().enumerate().map(|(index, layer)| {
        let shape = vec![layer.filters, config.channels(index), layer.width];
        Expected::new(&anchors_of(index), Dtype::F32, shape)
    });
    let shape = if outputs == 0 { vec![config.dimension()] } else { vec![outputs, config.dimension()] };
    let weights = Expected::new(WEIGHTS, Dtype::F64, shape);
    anchors.chain([weights, Expected::new(INTERCEPT, Dtype::F64, vec![outputs.max(1)])]).collect()
}

fn of_deepbind(config: &CheckedDeepBindConfig) -> Vec<Expected> {
    let filters = config.filters;
    let shapes = [vec![filters, config.letters, config.width], vec![filters], vec![filters], vec![1]];
    DEEPBIND.iter().zip(shapes).map(|(name, shape)| Expected::new(name, Dtype::F32, shape)).collect()
}

fn of_machine(config: &KernelMachineConfig) -> Vec<Expected> {
    vec![
        Expected::new(TOKENS, Dtype::U8, vec![config.support_letters]),
        Expected::new(LENGTHS, Dtype::U32, vec![config.support]),
        Expected::new(COEFFICIENTS, Dtype::F64, vec![config.kernels.len(), config.support]),
        Expected::new(MACHINE_INTERCEPT, Dtype::F64, vec![1]),
    ]
}

fn member_of(index: usize) -> String {
    format!("member.{index}")
}

fn anchors_of(layer: usize) -> String {
    format!("layer.{layer}.anchors")
}

/// The bytes of a file. Tensors are ordered by type and name, and there is one metadata entry: nothing depends on the
/// order of a hash map.
pub(super) fn serialise(model: Saved<'_>, metadata: String) -> Result<Vec<u8>, String> {
    let (weights, intercepts): (Vec<f64>, Vec<f64>);
    let lengths: Vec<u32>;
    let values: Vec<Values<'_>> = match model {
        Saved::Ckn(model) => {
            weights = model.heads().iter().flat_map(|head| head.weights()).copied().collect();
            intercepts = model.heads().iter().map(LinearHead::intercept).collect();
            let anchors = model.network().layers().iter().map(|layer| Values::Single(layer.anchors()));
            anchors.chain([Values::Double(&weights), Values::Double(&intercepts)]).collect()
        }
        Saved::DeepBind(model) => {
            let network = model.network();
            let parameters = network.parameters();
            let intercept = &parameters[parameters.len() - 1..];
            [network.filters(), network.biases(), network.weights(), intercept].map(Values::Single).to_vec()
        }
        Saved::Machine(model) => {
            let machine = model.machine();
            intercepts = vec![machine.intercept()];
            let length = |length: usize| u32::try_from(length).map_err(|_| "a support sequence is too long".to_owned());
            lengths = machine.lengths().map(length).collect::<Result<_, _>>()?;
            let numbers = [Values::Double(machine.coefficients()), Values::Double(&intercepts)];
            [Values::Bytes(machine.tokens()), Values::Words(&lengths)].into_iter().chain(numbers).collect()
        }
        Saved::Ensemble(_, files) => files.iter().map(|file| Values::Bytes(file)).collect(),
    };
    write(expected(&model.architecture(), model.card()), values, metadata)
}

/// The bytes of a file of such tensors, in the order of their values.
pub(super) fn write(expected: Vec<Expected>, values: Vec<Values<'_>>, metadata: String) -> Result<Vec<u8>, String> {
    let tensors = expected.into_iter().zip(values);
    let tensors = tensors.map(|(Expected { name, shape, .. }, values)| (name, Parameters { shape, values }));
    let annotations = HashMap::from([("ckn".to_owned(), metadata)]);
    safetensors::serialize(tensors, Some(annotations)).map_err(|error| error.to_string())
}

/// Numbers of a tensor.
#[derive(Clone, Copy)]
pub(super) enum Values<'a> {
    Single(&'a [f32]),
    Double(&'a [f64]),
    Bytes(&'a [u8]),
    Words(&'a [u32]),
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
            Values::Bytes(_) => Dtype::U8,
            Values::Words(_) => Dtype::U32,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        match self.values {
            Values::Single(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Values::Double(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Values::Bytes(values) => Cow::Borrowed(values),
            Values::Words(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        }
    }

    fn data_len(&self) -> usize {
        match self.values {
            Values::Single(values) => size_of_val(values),
            Values::Double(values) => size_of_val(values),
            Values::Bytes(values) => values.len(),
            Values::Words(values) => size_of_val(values),
        }
    }
}

/// The tensors that a file holds, by name.
#[derive(Default)]
pub(super) struct Contents {
    single: BTreeMap<String, Vec<f32>>,
    double: BTreeMap<String, Vec<f64>>,
    bytes: BTreeMap<String, Vec<u8>>,
    words: BTreeMap<String, Vec<u32>>,
}

/// The parameters of a kernel machine.
pub(super) struct MachineParameters {
    pub(super) tokens: Vec<u8>,
    pub(super) lengths: Vec<u32>,
    pub(super) coefficients: Vec<f64>,
    pub(super) intercept: f64,
}

/// The parameters of a network and its head.
pub(super) struct NetworkParameters {
    pub(super) anchors: Vec<Vec<f32>>,
    pub(super) weights: Vec<f64>,
    pub(super) intercepts: Vec<f64>,
}

impl Contents {
    /// Takes out a tensor of f32; empty if there is none.
    pub(super) fn single(&mut self, name: &str) -> Vec<f32> {
        self.single.remove(name).unwrap_or_default()
    }

    /// Takes out a tensor of f64; empty if there is none.
    pub(super) fn double(&mut self, name: &str) -> Vec<f64> {
        self.double.remove(name).unwrap_or_default()
    }

    pub(super) fn of_network(mut self, layers: usize) -> NetworkParameters {
        NetworkParameters {
            anchors: (0..layers).map(|layer| self.single.remove(&anchors_of(layer)).unwrap_or_default()).collect(),
            weights: self.double.remove(WEIGHTS).unwrap_or_default(),
            intercepts: self.double.remove(INTERCEPT).unwrap_or_default(),
        }
    }

    pub(super) fn of_machine(mut self) -> MachineParameters {
        MachineParameters {
            tokens: self.bytes.remove(TOKENS).unwrap_or_default(),
            lengths: self.words.remove(LENGTHS).unwrap_or_default(),
            coefficients: self.double.remove(COEFFICIENTS).unwrap_or_default(),
            intercept: self
                .double
                .get(MACHINE_INTERCEPT)
                .and_then(|values| values.first().copied())
                .unwrap_or_default(),
        }
    }

    /// The files of an ensemble's members.
    pub(super) fn of_ensemble(mut self, members: usize) -> Vec<Vec<u8>> {
        (0..members).map(|index| self.bytes.remove(&member_of(index)).unwrap_or_default()).collect()
    }

    pub(super) fn of_deepbind(mut self) -> Vec<f32> {
        DEEPBIND.iter().flat_map(|&name| self.single.remove(name).unwrap_or_default()).collect()
    }
}

/// Reads the tensors, in the order in which they stand in the file.
pub(super) fn read(reader: &mut dyn Read, plan: &Plan) -> Result<Contents, Refusal> {
    let unit_anchors = matches!(plan.architecture, Architecture::Ckn(_));
    read_all(reader, &expected(&plan.architecture, &plan.card), &plan.order, |_| unit_anchors)
}

/// Reads tensors in the order of the file; those of f32 that `of_unit_rows` says have rows of unit norm.
pub(super) fn read_all(
    reader: &mut dyn Read,
    expected: &[Expected],
    order: &[String],
    of_unit_rows: impl Fn(&str) -> bool,
) -> Result<Contents, Refusal> {
    let mut contents = Contents::default();
    for name in order {
        let Some(tensor) = expected.iter().find(|tensor| tensor.name == *name) else {
            continue;
        };
        // No more than the file has: the plan has compared the two.
        let count = tensor.shape.iter().product();
        match tensor.dtype {
            Dtype::F32 => {
                let values = numbers(reader, count, f32::from_le_bytes)?;
                check_finite(name, values.iter().map(|value| value.is_finite()))?;
                if of_unit_rows(name) {
                    check_norms(name, &values, tensor.shape.iter().skip(1).product())?;
                }
                contents.single.insert(name.clone(), values);
            }
            Dtype::U8 => {
                contents.bytes.insert(name.clone(), numbers(reader, count, u8::from_le_bytes)?);
            }
            Dtype::U32 => {
                contents.words.insert(name.clone(), numbers(reader, count, u32::from_le_bytes)?);
            }
            _ => {
                let values = numbers(reader, count, f64::from_le_bytes)?;
                check_finite(name, values.iter().map(|value| value.is_finite()))?;
                contents.double.insert(name.clone(), values);
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
