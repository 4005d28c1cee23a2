//! The tensors of a model file: numbers to bytes and back, bit by bit. Which tensors there are, each kind of model says.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read};

use safetensors::{Dtype, View};

use super::refusal::Refusal;

/// How far the norm of an anchor may be from 1. Files of this crate stay within rounding, 1e-7; the rest is for files
/// that other programs wrote from single precision.
const NORM_TOLERANCE: f64 = 1e-3;
/// Bytes decoded at once; a multiple of both widths.
const BLOCK: usize = 1 << 14;

/// A tensor that a configuration asks for.
pub(crate) struct Expected {
    pub(super) name: String,
    pub(super) dtype: Dtype,
    pub(super) shape: Vec<usize>,
}

impl Expected {
    pub(crate) fn new(name: &str, dtype: Dtype, shape: Vec<usize>) -> Self {
        Self { name: name.to_owned(), dtype, shape }
    }
}

/// The bytes of a file of such tensors, in the order of their values.
pub(super) fn write(expected: Vec<Expected>, values: Vec<Values<'_>>, metadata: String) -> Result<Vec<u8>, String> {
    let tensors = expected.into_iter().zip(values);
    let tensors = tensors.map(|(Expected { name, shape, .. }, values)| (name, Parameters { shape, values }));
    let annotations = HashMap::from([("ckn".to_owned(), metadata)]);
    safetensors::serialize(tensors, Some(annotations)).map_err(|error| error.to_string())
}

/// Numbers of a tensor.
pub(crate) enum Values<'a> {
    Single(Cow<'a, [f32]>),
    Double(Cow<'a, [f64]>),
    Bytes(Cow<'a, [u8]>),
    Words(Cow<'a, [u32]>),
}

struct Parameters<'a> {
    shape: Vec<usize>,
    values: Values<'a>,
}

impl View for Parameters<'_> {
    fn dtype(&self) -> Dtype {
        match &self.values {
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
        match &self.values {
            Values::Single(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Values::Double(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Values::Bytes(values) => Cow::Borrowed(&**values),
            Values::Words(values) => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        }
    }

    fn data_len(&self) -> usize {
        match &self.values {
            Values::Single(values) => size_of_val(&**values),
            Values::Double(values) => size_of_val(&**values),
            Values::Bytes(values) => values.len(),
            Values::Words(values) => size_of_val(&**values),
        }
    }
}

/// The tensors that a file holds, by name.
#[derive(Default)]
pub(crate) struct Contents {
    single: BTreeMap<String, Vec<f32>>,
    double: BTreeMap<String, Vec<f64>>,
    bytes: BTreeMap<String, Vec<u8>>,
    words: BTreeMap<String, Vec<u32>>,
}

impl Contents {
    /// Takes out a tensor of f32; empty if there is none.
    pub(crate) fn single(&mut self, name: &str) -> Vec<f32> {
        self.single.remove(name).unwrap_or_default()
    }

    /// Takes out a tensor of f64; empty if there is none.
    pub(crate) fn double(&mut self, name: &str) -> Vec<f64> {
        self.double.remove(name).unwrap_or_default()
    }

    /// Takes out a tensor of bytes; empty if there is none.
    pub(crate) fn bytes(&mut self, name: &str) -> Vec<u8> {
        self.bytes.remove(name).unwrap_or_default()
    }

    /// Takes out a tensor of u32; empty if there is none.
    pub(crate) fn words(&mut self, name: &str) -> Vec<u32> {
        self.words.remove(name).unwrap_or_default()
    }
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
