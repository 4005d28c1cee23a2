//! A genome cut into tiles: pieces of a fixed grid, each with the letters that its last windows need.
//!
//! The grid starts at the first letter of each record, so that a window is scored from the same letters, to the same bits,
//! whatever part of the genome a run is for.

use std::sync::Arc;

use ckn::bio::io::GenomeReader;

use super::plan::Span;

/// Letters of consecutive windows.
#[derive(Debug, Clone)]
pub struct Tile {
    pub id: Arc<str>,
    /// First letter, and first window.
    pub start: u64,
    pub tokens: Vec<u8>,
    /// Windows that count, and windows that this run reports.
    pub span: Span,
}

/// Cuts tiles from a reader, one after the other.
#[derive(Debug)]
pub struct Tiles {
    reader: GenomeReader,
    /// What is left of the plan, last span first; `None` for the whole of a genome whose lengths are not known.
    spans: Option<Vec<Span>>,
    length: usize,
    windows: usize,
    /// Records that were started.
    started: usize,
    current: Option<Current>,
    /// Letters that the last tile shares with the next.
    shared: Vec<u8>,
    /// Records shorter than a window.
    pub short_records: u64,
    /// Letters that were read.
    pub letters: u64,
}

#[derive(Debug)]
struct Current {
    id: Arc<str>,
    span: Span,
    start: u64,
}

impl Tiles {
    /// Tiles of `windows` windows of `length` letters.
    pub fn new(reader: GenomeReader, spans: Option<Vec<Span>>, length: usize, windows: usize) -> Self {
        let spans = spans.map(|mut spans| {
            spans.reverse();
            spans
        });
        let (current, shared) = (None, Vec::new());
        Self { reader, spans, length, windows, started: 0, current, shared, short_records: 0, letters: 0 }
    }

    /// The next tile; `None` at the end. A span is followed beyond the windows it owns, to the last that is visible.
    pub fn next(&mut self, mut memory: Vec<u8>) -> Result<Option<Tile>, ckn::bio::Error> {
        loop {
            if self.current.is_none() && !self.enter()? {
                return Ok(None);
            }
            let Some(current) = &mut self.current else { continue };
            if current.start >= current.span.visible.end {
                self.current = None;
                continue;
            }
            memory.clear();
            memory.extend_from_slice(&self.shared);
            let wanted = self.windows + self.length - 1 - memory.len();
            let read = self.reader.read_letters(&mut memory, wanted)?;
            self.letters += read as u64;
            if memory.len() < self.length {
                self.short_records += u64::from(current.start == 0);
                self.current = None;
                continue;
            }
            let start = current.start;
            current.start += self.windows as u64;
            self.shared.clear();
            self.shared.extend_from_slice(memory.get(self.windows..).unwrap_or_default());
            let (id, span) = (Arc::clone(&current.id), current.span.clone());
            return Ok(Some(Tile { id, start, tokens: memory, span }));
        }
    }

    /// Goes to the first tile of the next record or span.
    fn enter(&mut self) -> Result<bool, ckn::bio::Error> {
        self.shared.clear();
        let span = match &mut self.spans {
            None => Span { record: self.started, visible: 0..u64::MAX, owned: 0..u64::MAX },
            Some(spans) => match spans.pop() {
                Some(span) => span,
                None => return Ok(false),
            },
        };
        self.reader.skip_records(span.record - self.started)?;
        self.started = span.record + 1;
        let Some(id) = self.reader.next_record()? else { return Ok(false) };
        let id = Arc::from(id);
        // A hit that starts before the first owned window, and reaches into it, belongs to an earlier run.
        let first = span.owned.start.saturating_sub(self.length as u64 - 1).max(span.visible.start);
        let start = first - first % self.windows as u64;
        self.reader.skip_letters(start)?;
        self.current = Some(Current { id, span, start });
        Ok(true)
    }
}
