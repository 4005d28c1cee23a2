//! What files look like, where one was given in place of another.

use std::fmt;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use anyhow::Context;
use ckn::model::{Error, Model};

use crate::command::predict::alphabet_of;
use crate::exit::Input;

/// What the first bytes of a file say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Model,
    Fasta,
    Fastq,
    Gzip,
    Table,
}

impl fmt::Display for Look {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Model => "a model",
            Self::Fasta => "FASTA",
            Self::Fastq => "FASTQ",
            Self::Gzip => "a compressed file",
            Self::Table => "a table",
        })
    }
}

impl Look {
    /// Of a file that can be read again; `None` where its beginning says nothing.
    fn of(path: &Path) -> Option<Self> {
        // A pipe that is opened and closed is gone.
        fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        let mut start = Vec::new();
        File::open(path).ok()?.take(64).read_to_end(&mut start).ok()?;
        let is_text = |bytes: &[u8]| bytes.iter().all(|&byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
        match start.as_slice() {
            // The length of a header, in little-endian bytes, and the header.
            [_, _, _, 0, 0, 0, 0, 0, b'{', ..] => Some(Self::Model),
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [b'>', ..] => Some(Self::Fasta),
            [b'@', ..] => Some(Self::Fastq),
            text if text.iter().any(|byte| matches!(byte, b'\t' | b',' | b';')) && is_text(text) => Some(Self::Table),
            _ => None,
        }
    }
}

/// Loads a model that sequences from some files go through; says so where a file of sequences was given in its place, or a model in
/// theirs.
pub fn load_model<'a>(path: &Path, sequences: impl IntoIterator<Item = &'a Path>) -> anyhow::Result<Model> {
    let model = sequences.into_iter().find(|path| Look::of(path) == Some(Look::Model));
    let loaded = Model::load(path);
    let (name, other) = (path.display(), model.map(Path::display));
    match (loaded, Look::of(path), other) {
        (Err(Error::Malformed { .. }), Some(look), Some(other)) if look != Look::Model => Err(Input(format!(
            "{name} is not a usable model file: it looks like {look}, and {other} like a model: give the model first, then \
             the sequences"
        ))
        .into()),
        (Err(Error::Malformed { .. }), Some(look), None) if look != Look::Model => Err(Input(format!(
            "{name} is not a usable model file: it looks like {look}: give the file that `ckn train --out` wrote"
        ))
        .into()),
        (Ok(_), _, Some(other)) => {
            Err(Input(format!("{other} looks like a model, where sequences are expected: give FASTA, FASTQ or a table")).into())
        }
        (loaded, ..) => {
            let model = loaded?;
            alphabet_of(model.card()).with_context(|| format!("{name} is of no use here"))?;
            Ok(model)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_look_like_what_they_begin_as() {
        let folder = tempfile::tempdir().unwrap();
        for (content, expected) in [
            (&b"\x90\x01\0\0\0\0\0\0{\"__metadata__\""[..], Some(Look::Model)),
            (b">peak\nACGT\n", Some(Look::Fasta)),
            (b"@read\nACGT\n", Some(Look::Fastq)),
            (b"sequence\tlabel\nACGT\t1\n", Some(Look::Table)),
            (&[0x1f, 0x8b, 8, 0], Some(Look::Gzip)),
            (b"", None),
            (b"nonsense", None),
        ] {
            let path = folder.path().join("file");
            std::fs::write(&path, content).unwrap();
            assert_eq!(Look::of(&path), expected, "{content:?}");
        }
        assert_eq!(Look::of(folder.path()), None);
    }
}
