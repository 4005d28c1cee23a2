//! The index of a FASTA file, as `samtools faidx` writes it.
//!
//! ```text
//! name  letters  first byte  letters of a line  bytes of a line
//! chr1  100      6           60                 61
//! ```

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use super::GenomeRecord;
use crate::error::Error;
use crate::io::record::MAX_HEADER_BYTES;
use crate::io::source::Source;
use crate::place::Place;

/// Most bytes of a header that are looked at to see whether an index fits its file.
const HEADER_BYTES: u64 = 1 << 12;

/// Most bytes of a line that are looked at, at either end.
const LINE_BYTES: u64 = 1 << 12;

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
        match std::fs::metadata(&name) {
            // A pipe would be waited for.
            Ok(status) if !status.is_file() => return Err(Error::FastaIndex(Place::line(&file, 1))),
            Ok(_) => {}
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(Error::Open { file, cause }),
        }
        let reader = File::open(&name).map_err(|cause| Error::Open { file: Arc::clone(&file), cause })?;
        let mut source = Source::new(&file, reader)?;
        let (mut entries, mut line, mut header) = (Vec::new(), Vec::new(), 1);
        loop {
            let at = source.here();
            if !source.read_line(&mut line, MAX_HEADER_BYTES)? {
                break;
            }
            let entry = parse(&line, header).ok_or(Error::FastaIndex(at))?;
            source.hold(2 * size_of::<Entry>() + entry.id.len())?;
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

    /// Checks that the line of a letter stands where the index says, and is as long.
    pub(super) fn check_line(&self, file: &mut File, record: usize, letter: u64) -> Result<(), Error> {
        let Some(entry) = self.entries.get(record).filter(|entry| letter < entry.length) else { return Ok(()) };
        let first = letter - letter % entry.line_letters;
        let letters = entry.line_letters.min(entry.length - first);
        let (start, end) = (entry.byte_of(first), entry.byte_of(first + letters - 1) + 1);
        let mut look = |from: u64, count: u64| {
            let mut bytes = Vec::new();
            let read = file.seek(SeekFrom::Start(from)).and_then(|_| file.by_ref().take(count).read_to_end(&mut bytes));
            read.map_err(|cause| Error::Read { at: Place::line(&self.file, record as u64 + 1), cause }).map(|_| bytes)
        };
        // A line may be a chromosome: of one that is longer than a look, both ends.
        let inside =
            [look(start, letters.min(LINE_BYTES))?, look(end - letters.min(LINE_BYTES), letters.min(LINE_BYTES))?];
        let broken = inside.iter().any(|bytes| bytes.iter().any(u8::is_ascii_whitespace) || bytes.contains(&b'>'));
        let ends = look(end, 1)?.first().is_none_or(|byte| matches!(byte, b'\n' | b'\r'));
        if !broken && ends && look(start.saturating_sub(1), 1)? == b"\n" { Ok(()) } else { Err(self.unfit(record)) }
    }

    /// Checks that a record of which `letters` were read has no more than the index says, and at its end no fewer.
    pub(super) fn check_length(&self, record: usize, letters: u64, at_end: bool) -> Result<(), Error> {
        match self.entries.get(record) {
            Some(entry) if letters <= entry.length && !(at_end && letters < entry.length) => Ok(()),
            // What was left out by a jump may lie beyond the end, where there is nothing to read.
            Some(_) if at_end => Ok(()),
            _ => Err(self.unfit(record)),
        }
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

fn parse(line: &[u8], header: u64) -> Option<Entry> {
    let mut cells = std::str::from_utf8(line).ok()?.split('\t');
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
