//! FASTQ: four lines per record, of which qualities are passed over.

use std::sync::Arc;

use crate::alphabet::Alphabet;
use crate::error::Error;
use crate::io::fasta::first_word;
use crate::io::record::{MAX_HEADER_BYTES, Record, most_letters};
use crate::io::source::Source;

/// Reads FASTQ record by record.
///
/// A record is `@name description`, one line of letters, `+`, and one line of as many qualities (Cock et al. 2010, without
/// its wrapped variant, which no sequencer writes any more).
#[derive(Debug)]
pub struct Reader {
    source: Source,
    alphabet: Alphabet,
    records: usize,
    line: Vec<u8>,
    letters: Vec<u8>,
}

impl Reader {
    /// Starts at the first record.
    ///
    /// # Errors
    /// [`Error::EmptyFile`], and those of reading.
    pub fn new(mut source: Source, alphabet: Alphabet) -> Result<Self, Error> {
        if !source.skip_blank_lines()? {
            return Err(Error::EmptyFile(Arc::clone(source.file())));
        }
        Ok(Self { source, alphabet, records: 0, line: Vec::new(), letters: Vec::new() })
    }

    /// The name of the file, for messages.
    pub fn file(&self) -> &Arc<str> {
        self.source.file()
    }

    /// See [`Source::hold`].
    pub(crate) fn hold(&mut self, bytes: usize) -> Result<(), Error> {
        self.source.hold(bytes)
    }

    /// Replaces `record` by the next one; `false` at the end.
    ///
    /// # Errors
    /// [`Error::Fastq`], [`Error::Qualities`], [`Error::MissingId`], [`Error::BadId`], [`Error::EmptyRecord`],
    /// [`Error::Letter`], and those of [`Source::read_line`].
    pub fn read_record(&mut self, record: &mut Record) -> Result<bool, Error> {
        if !self.source.skip_blank_lines()? {
            return Ok(false);
        }
        let file = Arc::clone(self.source.file());
        self.records += 1;
        record.start(self.records, self.source.next_line());
        self.source.read_line(&mut self.line, MAX_HEADER_BYTES)?;
        let Some(header) = self.line.strip_prefix(b"@") else {
            return Err(Error::Fastq { at: record.place(&file), missing: "`@` before the name" });
        };
        record.set_id(&file, first_word(header))?;
        let missing = |missing| Error::Fastq { at: record.place(&file), missing };
        if !self.source.read_line(&mut self.letters, most_letters())? {
            return Err(missing("the line of letters"));
        }
        if !self.source.read_line(&mut self.line, MAX_HEADER_BYTES)? || !self.line.starts_with(b"+") {
            return Err(missing("the line that starts with `+`"));
        }
        if !self.source.read_line(&mut self.line, most_letters())? {
            return Err(missing("the line of qualities"));
        }
        record.set_letters(&file, self.alphabet, &self.letters)?;
        let (letters, qualities) = (record.tokens.len(), self.line.trim_ascii_end().len());
        if letters != qualities {
            return Err(Error::Qualities { at: record.place(&file), letters, qualities });
        }
        Ok(true)
    }
}
