//! What `ckn motifs` and the report share: the model, the known motifs and the folder of the command line.

mod folder;
pub mod table;

use std::path::Path;

use ckn::bio::Alphabet;
use ckn::bio::motif::read_motifs;
use ckn::interpret::{KnownMotifs, MotifSource};
use ckn::model::{Model, ModelCard};

pub use self::folder::MotifFolder;
use crate::exit::{Input, Usage};

/// What can be read of a model.
pub fn source<'a>(model: &'a Model, path: &Path) -> anyhow::Result<MotifSource<'a>> {
    MotifSource::of(model).ok_or_else(|| {
        let path = path.display();
        let message = format!(
            "{path} is a machine on the exact kernel, or several models as one, and has no anchor points: train a \
             network of its own by `ckn train --model network`"
        );
        Usage(message).into()
    })
}

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
