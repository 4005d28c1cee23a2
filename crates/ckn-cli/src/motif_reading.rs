//! What `ckn motifs` and the report share: the output, the known motifs and the folder of the command line.

mod folder;
pub mod sites;
pub mod table;

use std::path::Path;

use ckn::bio::Alphabet;
use ckn::bio::motif::read_motifs;
use ckn::interpret::KnownMotifs;
use ckn::model::ModelCard;

pub use self::folder::MotifFolder;
use crate::exit::{Input, Usage};

/// Reads a file of known motifs of an alphabet.
pub fn read_known(path: &Path, alphabet: Alphabet) -> anyhow::Result<KnownMotifs> {
    let file = read_motifs(path)?;
    if file.alphabet != alphabet {
        let (got, path) = (file.alphabet, path.display());
        return Err(Input(format!("{path} holds motifs of {got}, the model reads {alphabet}: give others")).into());
    }
    Ok(KnownMotifs::new(file.motifs, alphabet)?)
}

/// The place of the output of a name; of the only output where there is no name.
pub fn output_of(card: &ModelCard, name: Option<&str>) -> anyhow::Result<usize> {
    let outputs = &card.outputs;
    match name {
        None if outputs.is_empty() => Ok(0),
        None => {
            Err(Usage(format!("the model has several outputs ({}): choose one by --output", outputs.join(", "))).into())
        }
        Some(name) => outputs
            .iter()
            .position(|output| output == name)
            .ok_or_else(|| Usage(format!("the model has no output `{name}`, only: {}", outputs.join(", "))).into()),
    }
}
