//! Rows of a table whose first line names the columns.

use std::sync::Arc;

use crate::error::Error;
use crate::io::cells::Cells;
use crate::io::delimited::most_row_bytes;
use crate::io::record::{MAX_HEADER_BYTES, Record};
use crate::io::source::Source;
use crate::place::{Place, shown};

/// Reads a table row by row, into memory that is used again.
#[derive(Debug)]
pub(crate) struct Rows {
    source: Source,
    delimiter: u8,
    names: Vec<String>,
    header: Box<Place>,
    count: usize,
    line: Vec<u8>,
    cells: Cells,
}

impl Rows {
    /// Reads the header: the first line that is not empty. The first of tab, comma and semicolon found in it separates
    /// cells.
    pub(crate) fn new(mut source: Source) -> Result<Self, Error> {
        if !source.skip_blank_lines()? {
            return Err(Error::EmptyFile(Arc::clone(source.file())));
        }
        let header = source.here();
        let mut line = Vec::new();
        // Binary data also make long lines with stray carriage returns, but that is not what is wrong with them.
        let outcome = source.read_line(&mut line, MAX_HEADER_BYTES);
        let is_text = |text: &str| !text.chars().any(|letter| letter.is_control() && !matches!(letter, '\t' | '\r'));
        if !std::str::from_utf8(&line).is_ok_and(is_text) {
            return Err(Error::NotText(header));
        }
        outcome?;
        let delimiter = [b'\t', b',', b';'].into_iter().find(|delimiter| line.contains(delimiter)).unwrap_or(b'\t');
        let mut cells = Cells::default();
        cells.split(&line, delimiter).map_err(|_| Error::Quote(header.clone()))?;
        let names = cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        Ok(Self { source, delimiter, names, header, count: 0, line, cells })
    }

    pub(crate) fn file(&self) -> &Arc<str> {
        self.source.file()
    }

    /// See [`Source::hold`].
    pub(crate) fn hold(&mut self, bytes: usize) -> Result<(), Error> {
        self.source.hold(bytes)
    }

    /// Names of the columns.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Where the header stands.
    pub(crate) fn header(&self) -> &Place {
        &self.header
    }

    /// The error of a file whose first line is no header of a table of sequences. Only before the first row.
    pub(crate) fn unknown_format(&self) -> Error {
        Error::UnknownFormat { at: self.header.clone(), starts: shown(&self.line) }
    }

    /// Passes to the next row that is not empty, and starts `record` with its number and line; `false` at the end.
    pub(crate) fn next_row(&mut self, record: &mut Record) -> Result<bool, Error> {
        if !self.source.skip_blank_lines()? {
            return Ok(false);
        }
        self.count += 1;
        record.start(self.count, self.source.next_line());
        self.source.read_line(&mut self.line, most_row_bytes())?;
        self.cells.split(&self.line, self.delimiter).map_err(|_| Error::Quote(record.place(self.file())))?;
        if self.cells.len() != self.names.len() {
            let (expected, got) = (self.names.len(), self.cells.len());
            return Err(Error::CellCount { at: record.place(self.file()), expected, got });
        }
        Ok(true)
    }

    /// One cell of the row, without spaces around it.
    pub(crate) fn cell(&self, column: usize) -> &[u8] {
        self.cells.get(column)
    }
}
