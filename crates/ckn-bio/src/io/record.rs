//! One sequence as a reader hands it over, and what all readers ask of it.

use std::sync::Arc;

use ckn_core::memory_limit;

use crate::alphabet::Alphabet;
use crate::encoded::{EncodedSequences, Origin};
use crate::error::Error;
use crate::place::{Place, name};

/// The most bytes of a header line. Names of 64 KiB exist; a megabyte is an attack or another format.
pub const MAX_HEADER_BYTES: usize = 1 << 20;

/// The most letters of one record: more than twice the longest chromosome of wheat (0.83 Gbp). It stops a small gz file that
/// unpacks without end.
pub const MAX_LETTERS: usize = 1 << 31;

/// The most letters of one record that memory has room for: it is held where it is read and where it is kept, both of which grow
/// by doubling.
pub(crate) fn most_letters() -> usize {
    const COPIES: u64 = 5;
    usize::try_from(memory_limit() / COPIES).unwrap_or(usize::MAX).min(MAX_LETTERS)
}

/// One sequence on its way from a file. Readers fill it anew for each record, so that its memory is used again.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// Name of the sequence.
    pub id: String,
    /// Its tokens.
    pub tokens: Vec<u8>,
    /// Its labels, one per label column that was asked for.
    pub labels: Vec<f64>,
    /// Number of the record in its file, counted from 1.
    pub number: usize,
    /// Line that the record starts on, counted from 1.
    pub line: u64,
}

impl Record {
    pub(crate) fn start(&mut self, number: usize, line: u64) {
        self.id.clear();
        self.tokens.clear();
        self.labels.clear();
        self.number = number;
        self.line = line;
    }

    pub(crate) fn place(&self, file: &Arc<str>) -> Box<Place> {
        Place::record(file, self.line, self.number, &self.id)
    }

    /// Takes the name from bytes of a file.
    pub(crate) fn set_id(&mut self, file: &Arc<str>, bytes: &[u8]) -> Result<(), Error> {
        self.id = name(bytes, || self.place(file))?.to_owned();
        Ok(())
    }

    /// Takes all letters at once.
    pub(crate) fn set_letters(&mut self, file: &Arc<str>, alphabet: Alphabet, letters: &[u8]) -> Result<(), Error> {
        let letters = letters.trim_ascii();
        if letters.is_empty() {
            return Err(Error::EmptyRecord(self.place(file)));
        }
        let at = || Place::record(file, self.line, self.number, &self.id);
        alphabet.encode(letters, &mut self.tokens, at)
    }

    /// Bytes that the record takes in a set of sequences, whose memory grows by doubling.
    pub(crate) fn footprint(&self) -> usize {
        2 * (self.tokens.len() + size_of::<String>() + size_of::<usize>() + size_of::<Origin>() + 8 * self.labels.len())
            + self.id.len()
    }

    /// Adds the record to a set, and leaves it without a name.
    pub(crate) fn move_into(&mut self, file: &Arc<str>, sequences: &mut EncodedSequences) {
        let origin = Origin { file: Some(Arc::clone(file)), line: self.line, record: self.number };
        sequences.push_trusted(std::mem::take(&mut self.id), &self.tokens, Some(origin));
    }
}
