//! The metadata of a model file: format version, configuration, card.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::refusal::Refusal;
use super::{FORMAT_VERSION, Kind};
use crate::Error;

/// Longest metadata, in bytes. Real ones take a few thousand; a JSON value takes up to a hundred times its text in
/// memory, so that this keeps a hostile file below some 16 MiB.
const MAX_METADATA: usize = 128 << 10;
/// Most outputs of a model.
pub const MAX_OUTPUTS: usize = 1024;
/// Longest name of an output, in bytes.
pub const MAX_OUTPUT_NAME: usize = 256;

/// Kinds of models, by the field of the metadata that holds their configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Key {
    Network,
    Headless,
    #[serde(rename = "deepbind")]
    Baseline,
    Machine,
    Ensemble,
    Image,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Found {
    #[serde(rename = "format")]
    _format: u32,
    network: Option<Box<RawValue>>,
    headless: Option<Box<RawValue>>,
    deepbind: Option<Box<RawValue>>,
    machine: Option<Box<RawValue>>,
    ensemble: Option<Box<RawValue>>,
    image: Option<Box<RawValue>>,
    card: Box<RawValue>,
}

/// Metadata of this version, their parts still text.
#[derive(Debug)]
pub(super) struct Metadata {
    pub(super) key: Key,
    pub(super) config: Box<RawValue>,
    pub(super) card: Box<RawValue>,
}

/// The one field that every version has; whatever stands beside it is skipped.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

/// The metadata of a model.
pub(super) fn write<K: Kind>(config: &K::Config, card: &K::Card) -> serde_json::Result<String> {
    let (key, config, card) =
        (serde_json::to_string(&K::KEY)?, serde_json::to_string(config)?, serde_json::to_string(card)?);
    Ok(format!(r#"{{"format":{FORMAT_VERSION},{key}:{config},"card":{card}}}"#))
}

/// Checks the length of metadata, then their version, since nothing else is known of another version.
fn check_version(text: &str) -> Result<(), Refusal> {
    if text.len() > MAX_METADATA {
        return Err(format!("its metadata take {} bytes, at most {MAX_METADATA} are accepted", text.len()).into());
    }
    let Version { format } = serde_json::from_str(text).map_err(damaged)?;
    if format == FORMAT_VERSION { Ok(()) } else { Err(Refusal::Version(format)) }
}

pub(super) fn damaged(error: serde_json::Error) -> String {
    format!("its metadata are damaged: {error}")
}

/// Reads metadata.
pub(super) fn read(text: &str) -> Result<Metadata, Refusal> {
    check_version(text)?;
    let Found { network, headless, deepbind, machine, ensemble, image, card, .. } =
        serde_json::from_str(text).map_err(damaged)?;
    let mut configs = [
        (Key::Network, network),
        (Key::Headless, headless),
        (Key::Baseline, deepbind),
        (Key::Machine, machine),
        (Key::Ensemble, ensemble),
        (Key::Image, image),
    ]
    .into_iter()
    .filter_map(|(key, config)| Some((key, config?)));
    match (configs.next(), configs.next()) {
        (Some((key, config)), None) => Ok(Metadata { key, config, card }),
        (None, _) => Err("its metadata are damaged: missing field `network`".to_owned().into()),
        (Some(_), Some(_)) => Err("its metadata describe two networks".to_owned().into()),
    }
}

/// Checks names of outputs before a training, which a file of a model could not hold after it.
///
/// # Errors
/// [`Error::Unsavable`] for more than [`MAX_OUTPUTS`], a name of no or more than [`MAX_OUTPUT_NAME`] bytes or with control
/// characters, and two of the same name.
///
/// # Example
/// ```
/// use ckn_model::check_output_names;
///
/// let names = ["CTCF", "YY1"].map(String::from);
/// assert!(check_output_names(&names).is_ok());
/// assert!(check_output_names(&[names[0].clone(), names[0].clone()]).is_err());
/// ```
pub fn check_output_names(outputs: &[String]) -> Result<(), Error> {
    check_outputs(outputs).map_err(|reason| Error::Unsavable { reason })
}

pub(crate) fn check_outputs(outputs: &[String]) -> Result<(), String> {
    if outputs.len() > MAX_OUTPUTS {
        return Err(format!("it has {} outputs, at most {MAX_OUTPUTS} are accepted", outputs.len()));
    }
    let mut seen = BTreeSet::new();
    for name in outputs {
        if name.is_empty() || name.len() > MAX_OUTPUT_NAME || name.chars().any(char::is_control) {
            return Err(format!("an output is named {name:?}: a name has 1 to {MAX_OUTPUT_NAME} printable bytes"));
        }
        if !seen.insert(name) {
            return Err(format!("it has two outputs named {name:?}"));
        }
    }
    Ok(())
}
