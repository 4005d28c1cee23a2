//! Lines of a file of motifs, within limits.

use std::sync::Arc;

use crate::error::{Error, MotifError};
use crate::io::{MAX_HEADER_BYTES, Source};
use crate::place::Place;

/// The most that is read of one file: a small gz file may unpack without end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) bytes: usize,
    pub(super) lines: u64,
    pub(super) motifs: usize,
}

impl Default for Limits {
    /// Room for 100,000 motifs of 20 columns in 17 digits, several times over.
    fn default() -> Self {
        Self { bytes: 256 << 20, lines: 10_000_000, motifs: 1_000_000 }
    }
}

/// Reads a file line by line; one line can be read again.
pub(super) struct Lines {
    source: Source,
    limits: Limits,
    line: Vec<u8>,
    number: u64,
    bytes: usize,
    again: bool,
}

impl Lines {
    pub(super) fn new(source: Source, limits: Limits) -> Self {
        Self { source, limits, line: Vec::new(), number: 0, bytes: 0, again: false }
    }

    /// Passes to the next line; `false` at the end.
    pub(super) fn advance(&mut self) -> Result<bool, Error> {
        if std::mem::take(&mut self.again) {
            return Ok(true);
        }
        self.number = self.source.next_line();
        if !self.source.read_line(&mut self.line, MAX_HEADER_BYTES)? {
            return Ok(false);
        }
        self.bytes = self.bytes.saturating_add(self.line.len() + 1);
        if self.bytes > self.limits.bytes {
            return Err(MotifError::TooLarge { at: self.at(), limit: "256 MiB of text" }.into());
        }
        if self.number > self.limits.lines {
            return Err(MotifError::TooLarge { at: self.at(), limit: "10,000,000 lines" }.into());
        }
        if self.line.contains(&0) {
            return Err(MotifError::NotText(self.at()).into());
        }
        Ok(true)
    }

    /// Passes to the next line that is not empty; `false` at the end.
    pub(super) fn advance_to_text(&mut self) -> Result<bool, Error> {
        while self.advance()? {
            if !self.text().is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Lets [`Self::advance`] pass to the current line once more.
    pub(super) fn again(&mut self) {
        self.again = true;
    }

    /// The current line without white space around it.
    pub(super) fn text(&self) -> &[u8] {
        self.line.trim_ascii()
    }

    /// Number of the current line, counted from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The current line as a place.
    pub(super) fn at(&self) -> Box<Place> {
        self.place(self.number)
    }

    /// A line as a place.
    pub(super) fn place(&self, line: u64) -> Box<Place> {
        Place::line(self.file(), line)
    }

    pub(super) fn file(&self) -> &Arc<str> {
        self.source.file()
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }
}
