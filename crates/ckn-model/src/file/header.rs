//! The header of a model file: what stands where, checked before anything of it is read.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;

use safetensors::Dtype;
use safetensors::tensor::{Metadata, SafeTensorError, TensorInfo};
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

use super::metadata::MAX_OUTPUTS;
use super::refusal::Refusal;
use super::tensors::Expected;
use ckn_core::network::{MAX_FILTERS, MAX_PARAMETERS};

/// Bytes of the length in front of the header.
const PREFIX: u64 = 8;
/// Longest header, in bytes. That of a model takes a few thousand.
const MAX_HEADER: u64 = 1 << 20;
/// Most tensors that are read from a header. A model has at most 18.
const MAX_TENSORS: usize = 4_096;
/// Longest file, in bytes: that of the largest network a configuration may declare.
const MAX_FILE: u64 =
    PREFIX + MAX_HEADER + 4 * MAX_PARAMETERS as u64 + 8 * (MAX_FILTERS as u64 + 1) * MAX_OUTPUTS as u64;

/// A header whose layout is not checked yet.
#[derive(Debug)]
pub(super) struct RawHeader {
    /// The metadata of this crate, as text.
    pub(super) annotation: String,
    tensors: BTreeMap<String, TensorInfo>,
    /// Bytes behind the header.
    data_length: u64,
}

impl RawHeader {
    /// Reads the header of a file of `length` bytes. The reader stands at the first tensor afterwards.
    pub(super) fn read(reader: &mut dyn Read, length: u64) -> Result<Self, Refusal> {
        if length > MAX_FILE {
            return Err(format!("it has {length} bytes, the largest model has {MAX_FILE}").into());
        }
        if length < PREFIX {
            return Err(format!("it has {length} bytes, which is too short for a model").into());
        }
        let mut prefix = [0; PREFIX as usize];
        reader.read_exact(&mut prefix)?;
        let header_length = u64::from_le_bytes(prefix);
        if header_length > MAX_HEADER {
            // The usual case: a file of another kind, whose first letters are taken for a length.
            return Err(
                format!("it does not begin as one (header of {header_length} bytes, at most {MAX_HEADER})").into()
            );
        }
        if header_length > length - PREFIX {
            return Err(format!(
                "it ends after {length} bytes, inside its header: it was copied in part, or is not a model"
            )
            .into());
        }
        let mut header = vec![0; header_length as usize];
        reader.read_exact(&mut header)?;
        let Header { annotations, tensors } = serde_json::from_slice(&header)
            .map_err(|error| format!("its header is damaged or not a model's: {error}"))?;
        let Some(Annotations { ckn }) = annotations else {
            return Err("it is a safetensors file without the metadata of a model".to_owned().into());
        };
        Ok(Self { annotation: ckn, tensors, data_length: length - PREFIX - header_length })
    }

    /// Names of the tensors in the order of the file, if they are exactly those expected, without a gap between them.
    pub(super) fn order(self, expected: &[Expected]) -> Result<Vec<String>, String> {
        check_tensors(expected, &self.tensors)?;
        check_places(self.tensors, self.data_length)
    }
}

/// Exactly the tensors of the configuration, each of its type and shape.
fn check_tensors(expected: &[Expected], tensors: &BTreeMap<String, TensorInfo>) -> Result<(), String> {
    if let Some(name) = tensors.keys().find(|name| !expected.iter().any(|tensor| tensor.name == **name)) {
        return Err(format!("it has a tensor `{name}`, which its configuration does not have"));
    }
    for tensor in expected {
        let name = &tensor.name;
        let Some(found) = tensors.get(name) else { return Err(format!("its tensor `{name}` is missing")) };
        if found.dtype != tensor.dtype {
            return Err(format!("its tensor `{name}` is of type {}, not {}", found.dtype, tensor.dtype));
        }
        if found.shape != tensor.shape {
            let (found, tensor) = (&found.shape, &tensor.shape);
            return Err(format!("its tensor `{name}` has shape {found:?}, its configuration says {tensor:?}"));
        }
    }
    Ok(())
}

/// Tensors fill the rest of the file, one after the other. Returns their names in that order.
fn check_places(tensors: BTreeMap<String, TensorInfo>, data_length: u64) -> Result<Vec<String>, String> {
    let mut places: Vec<_> = tensors.into_iter().collect();
    places.sort_by_key(|(_, tensor)| tensor.data_offsets);
    let layout = Metadata::new(None, places).map_err(|error| match error {
        SafeTensorError::InvalidOffset(name) => {
            format!("its tensor `{name}` overlaps another, follows a gap, or ends before it begins")
        }
        SafeTensorError::TensorInvalidInfo => "a tensor takes more or fewer bytes than its shape needs".to_owned(),
        other => format!("its tensors are badly laid out: {other}"),
    })?;
    let declared = layout.data_len() as u64;
    if declared != data_length {
        return Err(format!("it holds {data_length} bytes of tensors, its header says {declared}: copy it again"));
    }
    Ok(layout.offset_keys())
}

/// The header as it is written. Unlike the one of the safetensors crate, it has no place for a name that is given
/// twice or a field that is not known: every file can be read in one way only.
struct Header {
    annotations: Option<Annotations>,
    tensors: BTreeMap<String, TensorInfo>,
}

/// The `__metadata__` of safetensors. It has this one entry in every version, so that the version can always be read.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Annotations {
    ckn: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    dtype: Dtype,
    shape: Vec<usize>,
    data_offsets: (usize, usize),
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeaderVisitor)
    }
}

struct HeaderVisitor;

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = Header;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a safetensors header")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Header, A::Error> {
        let mut header = Header { annotations: None, tensors: BTreeMap::new() };
        while let Some(name) = entries.next_key::<String>()? {
            let twice = if name == "__metadata__" {
                header.annotations.replace(entries.next_value()?).is_some()
            } else {
                let Entry { dtype, shape, data_offsets } = entries.next_value()?;
                header.tensors.insert(name.clone(), TensorInfo { dtype, shape, data_offsets }).is_some()
            };
            if twice {
                return Err(de::Error::custom(format_args!("`{name}` is there twice")));
            }
            if header.tensors.len() > MAX_TENSORS {
                return Err(de::Error::custom(format_args!("more than {MAX_TENSORS} tensors")));
            }
        }
        Ok(header)
    }
}
