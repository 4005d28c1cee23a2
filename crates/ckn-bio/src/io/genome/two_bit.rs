//! 2bit, UCSC's format of packed genomes.
//!
//! ```text
//! header    signature 1A412743, version 0, number of records, 0          4 × 4 bytes, in either byte order
//! index     for each record: length of its name (1 byte), name, place    (4 bytes)
//! record    letters; runs of N: number, starts, lengths; runs of lower case, likewise; 0; letters, four a byte: TCAG
//! ```
//!
//! Source: <https://genome.ucsc.edu/FAQ/FAQformat.html#format7>.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::GenomeRecord;
use crate::alphabet::Alphabet;
use crate::error::Error;
use crate::place::Place;

const SIGNATURE: u32 = 0x1a41_2743;

/// Whether a file begins as a 2bit file does.
pub(super) fn is_two_bit(head: &[u8]) -> bool {
    head == SIGNATURE.to_le_bytes() || head == SIGNATURE.to_be_bytes()
}

/// What stands where in a 2bit file.
#[derive(Debug)]
pub(super) struct TwoBit {
    path: PathBuf,
    file: Arc<str>,
    records: Vec<Packed>,
    /// The tokens of T, C, A, G.
    letters: [u8; 4],
    unknown: u8,
}

#[derive(Debug)]
struct Packed {
    id: String,
    length: u64,
    unknown: Vec<Range<u64>>,
    first_byte: u64,
}

/// Reads fields, none of them beyond the end of the file.
struct Fields {
    file: File,
    name: Arc<str>,
    length: u64,
    big_endian: bool,
}

impl Fields {
    fn bytes(&mut self, count: u64) -> Result<Vec<u8>, Error> {
        // Before any memory is set aside: a length may lie.
        if count > self.length {
            return Err(self.damaged());
        }
        let mut bytes = Vec::new();
        let read = (&mut self.file).take(count).read_to_end(&mut bytes);
        match read {
            Ok(read) if read as u64 == count => Ok(bytes),
            Ok(_) => Err(self.damaged()),
            Err(cause) => Err(Error::Open { file: Arc::clone(&self.name), cause }),
        }
    }

    fn numbers(&mut self, count: u32) -> Result<Vec<u32>, Error> {
        let bytes = self.bytes(4 * u64::from(count))?;
        let number = |bytes: &[u8]| match <[u8; 4]>::try_from(bytes) {
            Ok(bytes) if self.big_endian => u32::from_be_bytes(bytes),
            Ok(bytes) => u32::from_le_bytes(bytes),
            Err(_) => 0,
        };
        Ok(bytes.chunks_exact(4).map(number).collect())
    }

    fn number(&mut self) -> Result<u32, Error> {
        Ok(self.numbers(1)?.first().copied().unwrap_or_default())
    }

    fn seek(&mut self, to: SeekFrom) -> Result<u64, Error> {
        self.file.seek(to).map_err(|cause| Error::Open { file: Arc::clone(&self.name), cause })
    }

    fn damaged(&self) -> Error {
        Error::TwoBit(Arc::clone(&self.name))
    }
}

impl TwoBit {
    pub(super) fn open(path: &Path, alphabet: Alphabet) -> Result<Self, Error> {
        let name: Arc<str> = Arc::from(path.display().to_string());
        let failed = |cause| Error::Open { file: Arc::clone(&name), cause };
        let token = |letter| alphabet.encode_letter(letter).filter(|_| alphabet.has_complement());
        let (Some(t), Some(c), Some(a), Some(g), Some(unknown)) =
            (token(b'T'), token(b'C'), token(b'A'), token(b'G'), token(b'N'))
        else {
            return Err(Error::TwoBitAlphabet { file: name, alphabet });
        };
        let file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let mut fields = Fields { file, name: Arc::clone(&name), length, big_endian: false };
        fields.big_endian = fields.number()? != SIGNATURE;
        if fields.number()? != 0 {
            return Err(fields.damaged());
        }
        let count = fields.number()?;
        fields.number()?;
        let mut places = Vec::new();
        for _ in 0..count {
            let size = fields.bytes(1)?.first().copied().unwrap_or_default();
            let id = String::from_utf8(fields.bytes(size.into())?).map_err(|_| fields.damaged())?;
            if id.is_empty() || id.chars().any(char::is_control) {
                return Err(fields.damaged());
            }
            places.push((id, fields.number()?));
        }
        let mut records: Vec<Packed> = Vec::new();
        let mut bytes = 0u64;
        for (id, place) in places {
            let record = packed(&mut fields, id, place)?;
            // Records that share their bytes would ask for memory over and over.
            bytes += record.length.div_ceil(4) + 8 * record.unknown.len() as u64;
            if bytes > length {
                return Err(fields.damaged());
            }
            records.push(record);
        }
        Ok(Self { path: path.to_owned(), file: name, records, letters: [t, c, a, g], unknown })
    }

    pub(super) fn records(&self) -> Vec<GenomeRecord> {
        let records = self.records.iter().map(|record| GenomeRecord { id: record.id.clone(), length: record.length });
        records.collect()
    }
}

/// The head of a record, and where its letters stand.
fn packed(fields: &mut Fields, id: String, place: u32) -> Result<Packed, Error> {
    fields.seek(SeekFrom::Start(place.into()))?;
    let length = u64::from(fields.number()?);
    let count = fields.number()?;
    let (starts, sizes) = (fields.numbers(count)?, fields.numbers(count)?);
    let runs = starts.iter().zip(&sizes).map(|(&start, &size)| u64::from(start)..u64::from(start) + u64::from(size));
    let mut unknown: Vec<Range<u64>> = runs.collect();
    unknown.sort_unstable_by_key(|run| run.start);
    let lower_case = i64::from(fields.number()?);
    let first_byte = fields.seek(SeekFrom::Current(8 * lower_case + 4))?;
    let overlap = unknown.windows(2).any(|runs| runs[1].start < runs[0].end);
    if first_byte + length.div_ceil(4) > fields.length || overlap || unknown.last().is_some_and(|run| run.end > length)
    {
        return Err(fields.damaged());
    }
    Ok(Packed { id, length, unknown, first_byte })
}

/// Reads the letters.
#[derive(Debug)]
pub(super) struct Reader {
    index: Arc<TwoBit>,
    file: File,
    /// Number of the next record.
    next: usize,
    position: u64,
    bytes: Vec<u8>,
}

impl Reader {
    pub(super) fn new(index: Arc<TwoBit>) -> Result<Self, Error> {
        let failed = |cause| Error::Open { file: Arc::clone(&index.file), cause };
        let file = File::open(&index.path).map_err(failed)?;
        Ok(Self { index, file, next: 0, position: 0, bytes: Vec::new() })
    }

    pub(super) fn file(&self) -> &Arc<str> {
        &self.index.file
    }

    pub(super) fn next_id(&mut self) -> Option<&str> {
        let record = self.index.records.get(self.next)?;
        self.next += 1;
        self.position = 0;
        Some(&record.id)
    }

    pub(super) fn skip_records(&mut self, count: usize) {
        self.next += count;
    }

    pub(super) fn skip_letters(&mut self, count: u64) {
        self.position = self.position.saturating_add(count);
    }

    pub(super) fn read_letters(&mut self, tokens: &mut Vec<u8>, at_most: usize) -> Result<usize, Error> {
        let index = &self.index;
        let Some(record) = self.next.checked_sub(1).and_then(|record| index.records.get(record)) else { return Ok(0) };
        let end = record.length.min(self.position.saturating_add(at_most as u64));
        if self.position >= end {
            return Ok(0);
        }
        let bytes = self.position / 4..end.div_ceil(4);
        self.bytes.resize((bytes.end - bytes.start) as usize, 0);
        let from = SeekFrom::Start(record.first_byte + bytes.start);
        let read: io::Result<()> = self.file.seek(from).and_then(|_| self.file.read_exact(&mut self.bytes));
        let place = || Place { file: Some(Arc::clone(&index.file)), id: Some(record.id.clone()), ..Place::default() };
        read.map_err(|cause| Error::Read { at: Box::new(place()), cause })?;
        let start = tokens.len();
        let (skipped, count) = ((self.position % 4) as usize, (end - self.position) as usize);
        let letters = self.bytes.iter().flat_map(|byte| {
            let letter = |shift: u8| index.letters[usize::from(byte >> shift & 3)];
            [letter(6), letter(4), letter(2), letter(0)]
        });
        tokens.extend(letters.skip(skipped).take(count));
        let first = record.unknown.partition_point(|run| run.end <= self.position);
        for run in record.unknown[first..].iter().take_while(|run| run.start < end) {
            let from = run.start.max(self.position) - self.position;
            let to = run.end.min(end) - self.position;
            tokens[start + from as usize..start + to as usize].fill(index.unknown);
        }
        self.position = end;
        Ok(count)
    }
}
