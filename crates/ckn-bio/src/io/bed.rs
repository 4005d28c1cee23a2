//! BED and narrowPeak: intervals of a genome.
//!
//! ```text
//! BED         chr1  9356548  9356648  peak_1  0  +                       0-based, half-open; only the first three
//!                                                                        columns are needed
//! narrowPeak  chr1  9356548  9356648  peak_1  0  .  182  5.0  -1  50     column 10: summit, counted from the start;
//!                                                                        -1 if there is none
//! ```
//!
//! Cells are separated by tabs, or by spaces where a line has no tab. Empty lines and lines that start with `#`, `track` or
//! `browser` are passed over. A file of ten columns whose columns 7 to 9 are numbers is narrowPeak.

use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, IntervalError};
use crate::io::record::MAX_HEADER_BYTES;
use crate::io::source::{Source, open};
use crate::place::{Place, name, shown};
use crate::region::position;

/// One interval, in bp, 0-based and half-open; that it lies in a genome, and is not empty, is for [`cut`](super::cut) to say.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BedRecord {
    /// Name of the chromosome.
    pub chromosome: String,
    /// First position.
    pub start: u64,
    /// Position after the last.
    pub end: u64,
    /// Whether it lies on the reverse strand.
    pub reverse: bool,
    /// Position of the summit on the chromosome, if the file says one.
    pub summit: Option<u64>,
    /// Line of the file, counted from 1.
    pub line: u64,
}

/// The intervals of a file.
#[derive(Debug, Clone)]
pub struct Bed {
    file: Arc<str>,
    records: Vec<BedRecord>,
}

/// Reads a BED or narrowPeak file, plain or compressed with gzip, or standard input if the path is `-`.
///
/// ```
/// use ckn_bio::io::read_bed;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("peaks.bed");
/// std::fs::write(&path, "chr1\t10\t60\tpeak\n")?;
/// let bed = read_bed(&path)?;
/// assert_eq!((bed.records()[0].start, bed.records()[0].end), (10, 60));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`IntervalError::BedColumns`] for a line of fewer than three columns, or of more or fewer than the first;
/// [`IntervalError::BedCell`] for a position, a strand or a summit that is none; [`Error::BadId`]; [`Error::NoRows`]; those of
/// [`open`] and [`Source::read_line`].
pub fn read_bed(path: impl AsRef<Path>) -> Result<Bed, Error> {
    Bed::read(open(path)?)
}

impl Bed {
    /// Reads intervals to the end of a source.
    ///
    /// # Errors
    /// As [`read_bed`].
    pub fn read(mut source: Source) -> Result<Self, Error> {
        let file = Arc::clone(source.file());
        let (mut line, mut records, mut form) = (Vec::new(), Vec::new(), None);
        loop {
            let number = source.next_line();
            if !source.read_line(&mut line, MAX_HEADER_BYTES)? {
                break;
            }
            if is_comment(&line) {
                continue;
            }
            let cells: Vec<&[u8]> = if line.contains(&b'\t') {
                line.split(|&byte| byte == b'\t').map(<[u8]>::trim_ascii).collect()
            } else {
                line.split(u8::is_ascii_whitespace).filter(|cell| !cell.is_empty()).collect()
            };
            let form = *form.get_or_insert_with(|| Form::of(&cells));
            let at = || Place::record(&file, number, records.len() + 1, "");
            if cells.len() < 3 || cells.len() != form.columns {
                return Err(Error::Interval(IntervalError::BedColumns {
                    at: at(),
                    got: cells.len(),
                    expected: form.columns.max(3),
                }));
            }
            let record = record(&cells, form, number, &at)?;
            source.hold(2 * size_of::<BedRecord>() + record.chromosome.len())?;
            records.push(record);
        }
        if records.is_empty() { Err(Error::NoRows(file)) } else { Ok(Self { file, records }) }
    }

    /// The name of the file, for messages.
    pub fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// The intervals, in the order of the file.
    pub fn records(&self) -> &[BedRecord] {
        &self.records
    }

    /// Where an interval stands, by its 0-based index.
    pub(crate) fn place(&self, index: usize) -> Box<Place> {
        let line = self.records.get(index).map_or(0, |record| record.line);
        Place::record(&self.file, line, index + 1, "")
    }
}

/// What all lines of a file share.
#[derive(Clone, Copy)]
struct Form {
    columns: usize,
    has_summits: bool,
}

impl Form {
    fn of(cells: &[&[u8]]) -> Self {
        let is_number = |cell: &&[u8]| std::str::from_utf8(cell).is_ok_and(|text| text.parse::<f64>().is_ok());
        Self { columns: cells.len(), has_summits: cells.len() == 10 && cells[6..9].iter().all(is_number) }
    }
}

fn is_comment(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let word = line.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    word.is_empty() || word.starts_with(b"#") || word == b"track" || word == b"browser"
}

fn record(cells: &[&[u8]], form: Form, line: u64, at: &dyn Fn() -> Box<Place>) -> Result<BedRecord, Error> {
    let wrong = |column: usize, expected| {
        Error::Interval(IntervalError::BedCell { at: at(), column, got: shown(cells[column - 1]), expected })
    };
    let expected = "a position is a whole number from 0; a header must start with `#`";
    let start = position(cells[1]).ok_or_else(|| wrong(2, expected))?;
    let end = position(cells[2]).ok_or_else(|| wrong(3, expected))?;
    let chromosome = name(cells[0], at)?.to_owned();
    let reverse = match cells.get(5) {
        None => false,
        Some(&b"+" | &b"." | &b"") => false,
        Some(&b"-") => true,
        Some(_) => return Err(wrong(6, "a strand is `+`, `-` or `.`; keep the first three columns if this is none")),
    };
    let summit = match cells.get(9) {
        Some(cell) if form.has_summits && *cell != b"-1" => {
            let summit = position(cell).filter(|&offset| start >= end || offset < end - start);
            let expected = "a summit is counted from the start and lies before the end, or is -1";
            Some(start + summit.ok_or_else(|| wrong(10, expected))?)
        }
        _ => None,
    };
    Ok(BedRecord { chromosome, start, end, reverse, summit, line })
}
