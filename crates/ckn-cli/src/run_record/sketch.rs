//! What the sequences of a training are known again by, in its record.

use std::fs;
use std::io::Read;
use std::path::Path;

use ckn::bio::{EncodedSequences, SequenceSketch};
use serde::{Deserialize, Serialize};

use super::path_beside;
use crate::input::hash;

/// Bytes of the largest record that is read.
const LARGEST: u64 = 64 << 20;

/// How sequences are hashed, for readers to come: see [`SequenceSketch`].
const HASH: &str = "first 8 bytes of SHA-256";

/// Hexadecimal digits of a hash.
const DIGITS: usize = 16;

/// A sketch as a record holds it.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RecordedSketch {
    hash: String,
    /// Number of sequences, doubles counted.
    sequences: usize,
    /// Whether all hashes are there.
    complete: bool,
    /// The smallest hashes, ascending, 16 hexadecimal digits each.
    smallest: String,
}

impl RecordedSketch {
    /// The sketch of some sequences.
    pub fn of(sequences: &EncodedSequences) -> Self {
        let sketch = SequenceSketch::of(sequences);
        Self {
            hash: HASH.to_owned(),
            sequences: sketch.sequences(),
            complete: sketch.is_complete(),
            smallest: sketch.smallest().iter().map(|hash| format!("{hash:016x}")).collect(),
        }
    }

    /// The sketch, unless it is damaged or of a kind that is not known here.
    fn sketch(&self) -> Option<SequenceSketch> {
        let hash = |digits: &[u8]| u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
        let whole = self.smallest.len().is_multiple_of(DIGITS) && self.hash == HASH;
        let hashes = self.smallest.as_bytes().chunks(DIGITS).map(hash).collect::<Option<Vec<_>>>()?;
        SequenceSketch::from_parts(self.sequences, self.complete, hashes).filter(|_| whole)
    }
}

/// The sketch in the record beside a model; none where there is no record, or one without a sketch. A record of another model, which
/// a training that was killed while it wrote leaves behind, is refused.
pub fn sketch_beside(model: &Path) -> Result<Option<SequenceSketch>, String> {
    #[derive(Deserialize)]
    struct Record {
        model: Option<String>,
        sketch: Option<RecordedSketch>,
    }
    let path = path_beside(model);
    // A pipe would be waited for.
    if !fs::metadata(&path).is_ok_and(|status| status.is_file()) {
        return Ok(None);
    }
    let Ok(file) = fs::File::open(&path) else { return Ok(None) };
    let (name, mut text) = (path.display(), Vec::new());
    file.take(LARGEST).read_to_end(&mut text).map_err(|cause| format!("{name} cannot be read: {cause}"))?;
    let record: Record =
        serde_json::from_slice(&text).map_err(|cause| format!("{name} is no record of a training: {cause}"))?;
    if record.model.is_some_and(|recorded| hash(model).is_ok_and(|there| there != recorded)) {
        return Err(format!("{name} is the record of another model than {}", model.display()));
    }
    match record.sketch.map(|recorded| recorded.sketch()) {
        None => Ok(None),
        Some(Some(sketch)) => Ok(Some(sketch)),
        Some(None) => Err(format!("the sketch of the sequences in {name} is damaged")),
    }
}
