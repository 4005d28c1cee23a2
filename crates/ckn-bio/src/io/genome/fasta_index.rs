//! The index of a FASTA file, as `samtools faidx` writes it.
//!
//! ```text
//! name  letters  first byte  letters of a line  bytes of a line
//! chr1  100      6           60                 61
//! ```

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use super::GenomeRecord;
use crate::error::Error;
use crate::place::Place;

/// Most bytes of a header that are looked at to see whether an index fits its file.
const HEADER_BYTES: u64 = 1 << 12;

#[derive(Debug)]
pub(super) struct FastaIndex {
    file: Arc<str>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    id: String,
    length: u64,
    byte: u64,
    line_letters: u64,
    line_bytes: u64,
    /// Line of the header, counted from 1, if no line is empty.
    line: u64,
}

/// Where a letter stands.
pub(super) struct Target<'a> {
    pub(super) id: &'a str,
    pub(super) byte: u64,
    /// Complete lines before it.
    pub(super) line: u64,
    /// Line of the record's header, counted from 1.
    pub(super) first_line: u64,
}

impl FastaIndex {
    /// The index beside a file, if there is one.
    pub(super) fn beside(path: &Path) -> Result<Option<Self>, Error> {
        let mut name = path.as_os_str().to_owned();
        name.push(".fai");
        let file: Arc<str> = Arc::from(Path::new(&name).display().to_string());
        let reader = match File::open(&name) {
            Ok(reader) => reader,
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(Error::Open { file, cause }),
        };
        let (mut entries, mut header) = (Vec::new(), 1);
        for (number, line) in (1..).zip(BufReader::new(reader).lines()) {
            let at = Place::line(&file, number);
            let line = line.map_err(|cause| Error::Read { at: at.clone(), cause })?;
            let entry = parse(&line, header).ok_or(Error::FastaIndex(at))?;
            header += 1 + entry.length.div_ceil(entry.line_letters.max(1));
            entries.push(entry);
        }
        Ok(Some(Self { file, entries }))
    }

    pub(super) fn records(&self) -> Vec<GenomeRecord> {
        let records = self.entries.iter().map(|entry| GenomeRecord { id: entry.id.clone(), length: entry.length });
        records.collect()
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Letters of a record; 0 if there is none.
    pub(super) fn length(&self, record: usize) -> u64 {
        self.entries.get(record).map_or(0, |entry| entry.length)
    }

    /// Checks that a file of `length` bytes holds all that the index names.
    pub(super) fn check_end(&self, length: u64) -> Result<(), Error> {
        match self.entries.iter().position(|entry| entry.end() > length) {
            Some(record) => Err(self.unfit(record)),
            None => Ok(()),
        }
    }

    /// Checks that the record's letters follow a header of its name.
    pub(super) fn check_header(&self, file: &mut File, record: usize) -> Result<(), Error> {
        let Some(entry) = self.entries.get(record) else { return Ok(()) };
        let from = entry.byte.saturating_sub(HEADER_BYTES);
        let mut before = Vec::new();
        let read = file.seek(SeekFrom::Start(from)).and_then(|_| file.take(entry.byte - from).read_to_end(&mut before));
        read.map_err(|cause| Error::Read { at: Place::line(&self.file, record as u64 + 1), cause })?;
        let Some(header) = before.strip_suffix(b"\n") else { return Err(self.unfit(record)) };
        let start = header.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        if start == 0 && from > 0 {
            // A header longer than what was read.
            return Ok(());
        }
        let named = header[start..].strip_prefix(b">").map(crate::io::fasta::first_word);
        if named == Some(entry.id.as_bytes()) { Ok(()) } else { Err(self.unfit(record)) }
    }

    pub(super) fn find(&self, record: usize, letter: u64) -> Option<Target<'_>> {
        let entry = self.entries.get(record)?;
        let letter = letter.min(entry.length);
        Some(Target {
            id: &entry.id,
            byte: entry.byte_of(letter),
            line: entry.line + letter / entry.line_letters.max(1),
            first_line: entry.line,
        })
    }

    fn unfit(&self, record: usize) -> Error {
        Error::FastaIndex(Place::line(&self.file, record as u64 + 1))
    }
}

impl Entry {
    fn byte_of(&self, letter: u64) -> u64 {
        let lines = letter / self.line_letters.max(1);
        self.byte + lines * self.line_bytes + letter % self.line_letters.max(1)
    }

    fn end(&self) -> u64 {
        if self.length == 0 { self.byte } else { self.byte_of(self.length - 1) + 1 }
    }
}

fn parse(line: &str, header: u64) -> Option<Entry> {
    let mut cells = line.split('\t');
    let id = cells.next().filter(|id| !id.is_empty())?.to_owned();
    let mut number = || cells.next()?.parse::<u64>().ok().filter(|&number| number < 1 << 48);
    let entry =
        Entry { id, length: number()?, byte: number()?, line_letters: number()?, line_bytes: number()?, line: header };
    // A line has an end of one or two bytes, or none in a file of one line.
    let sound = entry.line_bytes >= entry.line_letters
        && entry.line_bytes - entry.line_letters <= 2
        && (entry.line_letters > 0 || entry.length == 0);
    sound.then_some(entry)
}
