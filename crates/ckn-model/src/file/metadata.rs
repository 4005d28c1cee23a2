//! The metadata of a model file: format version, configuration, card.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::refusal::Refusal;
use super::{FORMAT_VERSION, Saved};
use crate::{
    CheckedConfig, CheckedDeepBindConfig, DeepBindConfig, EnsembleConfig, KernelMachineConfig, Lengths, ModelCard,
    NetworkConfig,
};

/// Longest metadata, in bytes. Real ones take a few thousand; a JSON value takes up to a hundred times its text in
/// memory, so that this keeps a hostile file below some 16 MiB.
const MAX_METADATA: usize = 128 << 10;
/// Longest name of an alphabet, in bytes: it is shown in messages.
const MAX_NAME: usize = 64;
/// Most outputs of a model.
pub const MAX_OUTPUTS: usize = 1024;
/// Longest name of an output, in bytes.
pub const MAX_OUTPUT_NAME: usize = 256;

/// What kind of model a file holds.
#[derive(Debug, Serialize)]
pub(super) enum Architecture {
    #[serde(rename = "network")]
    Ckn(CheckedConfig),
    #[serde(rename = "deepbind")]
    DeepBind(CheckedDeepBindConfig),
    #[serde(rename = "machine")]
    Machine(KernelMachineConfig),
    #[serde(rename = "ensemble")]
    Ensemble(EnsembleConfig),
}

#[derive(Serialize)]
struct Written<'a> {
    format: u32,
    #[serde(flatten)]
    architecture: Architecture,
    card: &'a ModelCard,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    #[serde(rename = "format")]
    _format: u32,
    network: Option<NetworkConfig>,
    deepbind: Option<DeepBindConfig>,
    machine: Option<KernelMachineConfig>,
    ensemble: Option<EnsembleConfig>,
    card: ModelCard,
}

/// The one field that every version has; whatever stands beside it is skipped.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

/// The metadata of a model.
pub(super) fn write(model: Saved<'_>) -> Result<String, String> {
    if let Some((name, value)) = model.card().measured.iter().find(|(_, value)| !value.is_finite()) {
        return Err(format!("the measured value `{name}` is {value}: leave out what could not be measured"));
    }
    let mut card = model.card().clone();
    // Equal models, equal bytes: where a build of serde_json keeps the order of insertion, that order is not theirs.
    card.training.sort_all_objects();
    let written = Written { format: FORMAT_VERSION, architecture: model.architecture(), card: &card };
    serde_json::to_string(&written).map_err(|error| error.to_string())
}

/// Checks the length of metadata, then their version, since nothing else is known of another version.
pub(super) fn check_version(text: &str) -> Result<(), Refusal> {
    if text.len() > MAX_METADATA {
        return Err(format!("its metadata take {} bytes, at most {MAX_METADATA} are accepted", text.len()).into());
    }
    let Version { format } = serde_json::from_str(text).map_err(damaged)?;
    if format == FORMAT_VERSION { Ok(()) } else { Err(Refusal::Version(format)) }
}

/// Whether metadata of this version are those of a model of images.
pub(super) fn is_of_images(text: &str) -> Result<bool, Refusal> {
    let fields: BTreeMap<String, IgnoredAny> = serde_json::from_str(text).map_err(damaged)?;
    Ok(fields.contains_key("image"))
}

pub(super) fn damaged(error: serde_json::Error) -> String {
    format!("its metadata are damaged: {error}")
}

/// Reads metadata.
pub(super) fn read(text: &str) -> Result<(Architecture, ModelCard), Refusal> {
    check_version(text)?;
    if is_of_images(text)? {
        return Err("it is a model of images: use `ckn image`".to_owned().into());
    }
    let Read { network, deepbind, machine, ensemble, card, .. } = serde_json::from_str(text).map_err(damaged)?;
    let (architecture, letters) = match (network, deepbind, machine, ensemble) {
        (Some(network), None, None, None) => (Architecture::Ckn(network.clone().check()?), network.letters),
        (None, Some(deepbind), None, None) => (Architecture::DeepBind(deepbind.check()?), deepbind.letters),
        (None, None, Some(machine), None) => {
            let letters = machine.letters;
            (Architecture::Machine(machine.check()?), letters)
        }
        (None, None, None, Some(ensemble)) => {
            let letters = ensemble.letters;
            (Architecture::Ensemble(ensemble.check()?), letters)
        }
        (None, None, None, None) => return Err("its metadata are damaged: missing field `network`".to_owned().into()),
        _ => return Err("its metadata describe two networks".to_owned().into()),
    };
    check_alphabet(&card, letters)?;
    check_outputs(&card.outputs)?;
    if let Some(Lengths { shortest, longest }) = card.lengths
        && !(1..=longest).contains(&shortest)
    {
        return Err(format!("its training sequences have {shortest} to {longest} letters, which cannot be").into());
    }
    Ok((architecture, card))
}

pub(super) fn check_outputs(outputs: &[String]) -> Result<(), String> {
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

fn check_alphabet(card: &ModelCard, expected: usize) -> Result<(), String> {
    let (name, letters) = (&card.alphabet, &card.letters);
    if name.is_empty() || name.len() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(format!("the name of its alphabet is {name:?}: a name has 1 to {MAX_NAME} printable bytes"));
    }
    if let Some(letter) = letters.chars().find(|letter| !letter.is_ascii_graphic()) {
        return Err(format!("its alphabet has the letter {letter:?}: letters are printable ASCII"));
    }
    let mut seen = BTreeSet::new();
    if let Some(letter) = letters.chars().find(|&letter| !seen.insert(letter)) {
        return Err(format!("its alphabet has the letter {letter:?} twice"));
    }
    if letters.len() != expected {
        return Err(format!("its alphabet has {} letters, its network {expected}", letters.len()));
    }
    Ok(())
}
