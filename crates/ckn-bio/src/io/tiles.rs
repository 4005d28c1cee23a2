//! A genome cut into tiles: pieces of a fixed grid, each with the letters that its last windows need.
//!
//! The grid starts at the first letter of each record, so that a window is scored from the same letters, to the same bits,
//! whatever part of the genome a run is for.

use std::sync::Arc;

use crate::error::Error;
use crate::io::genome::GenomeReader;
use crate::io::windows::Span;

/// Letters of consecutive windows.
#[derive(Debug, Clone)]
pub struct Tile {
    /// Name of the record: one allocation for each, so that records of the same name are told apart.
    pub id: Arc<str>,
    /// First letter, and first window.
    pub start: u64,
    /// The letters.
    pub tokens: Vec<u8>,
    /// Windows that count, and windows that this run reports.
    pub span: Span,
    windows: usize,
}

impl Tile {
    /// The letters whose windows of `length` letters are those of the tile.
    pub fn tokens_for(&self, length: usize) -> &[u8] {
        self.tokens.get(..self.windows + length - 1).unwrap_or(&self.tokens)
    }
}

/// Cuts tiles from a reader, one after the other.
///
/// ```
/// use ckn_bio::Alphabet;
/// use ckn_bio::io::{Genome, Tiles};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("genome.fa");
/// std::fs::write(&path, ">a\nACGTACGTAC\n")?;
/// let mut tiles = Tiles::new(Genome::open(&path, Alphabet::Dna)?.reader()?, None, 3, 5);
/// // Five windows of three letters in the first tile, three in the last.
/// let first = tiles.next_tile()?.unwrap();
/// assert_eq!((first.start, first.tokens.len()), (0, 7));
/// let last = tiles.next_tile()?.unwrap();
/// assert_eq!((last.start, last.tokens.len()), (5, 5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Tiles {
    reader: GenomeReader,
    /// What is left of the plan, last span first; `None` for the whole of a genome whose lengths are not known.
    spans: Option<Vec<Span>>,
    /// Letters of the shortest and of the longest window.
    lengths: (usize, usize),
    windows: usize,
    /// Records that were started.
    started: usize,
    current: Option<Current>,
    /// Letters that the last tile shares with the next.
    shared: Vec<u8>,
    /// Records shorter than the shortest window.
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
    /// Tiles of `windows` windows of `length` letters: those of some spans, or of the whole genome.
    pub fn new(reader: GenomeReader, spans: Option<Vec<Span>>, length: usize, windows: usize) -> Self {
        let spans = spans.map(|mut spans| {
            spans.reverse();
            spans
        });
        let (current, shared, lengths) = (None, Vec::new(), (length, length));
        Self { reader, spans, lengths, windows, started: 0, current, shared, short_records: 0, letters: 0 }
    }

    /// Tiles of `windows` windows of each of several lengths, of the whole genome.
    pub(crate) fn of_lengths(reader: GenomeReader, shortest: usize, longest: usize, windows: usize) -> Self {
        Self { lengths: (shortest, longest), ..Self::new(reader, None, longest, windows) }
    }

    /// The next tile; `None` at the end. A span is followed beyond the windows it owns, to the last that is visible.
    ///
    /// # Errors
    /// Those of [`GenomeReader`].
    pub fn next_tile(&mut self) -> Result<Option<Tile>, Error> {
        loop {
            if self.current.is_none() && !self.enter()? {
                return Ok(None);
            }
            let Some(current) = &mut self.current else { continue };
            if current.start >= current.span.visible.end {
                self.current = None;
                continue;
            }
            let mut tokens = std::mem::take(&mut self.shared);
            let wanted = self.windows + self.lengths.1 - 1 - tokens.len();
            self.letters += self.reader.read_letters(&mut tokens, wanted)? as u64;
            if tokens.len() < self.lengths.0 {
                self.short_records += u64::from(current.start == 0);
                self.current = None;
                continue;
            }
            let start = current.start;
            current.start += self.windows as u64;
            self.shared.extend_from_slice(tokens.get(self.windows..).unwrap_or_default());
            let (id, span) = (Arc::clone(&current.id), current.span.clone());
            return Ok(Some(Tile { id, start, tokens, span, windows: self.windows }));
        }
    }

    /// Goes to the first tile of the next record or span.
    fn enter(&mut self) -> Result<bool, Error> {
        self.shared.clear();
        let span = match &mut self.spans {
            None => Span::whole(self.started),
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
        let first = span.owned.start.saturating_sub(self.lengths.1 as u64 - 1).max(span.visible.start);
        let start = first - first % self.windows as u64;
        self.reader.skip_letters(start)?;
        self.current = Some(Current { id, span, start });
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::alphabet::Alphabet;
    use crate::io::Genome;

    #[test]
    fn every_window_of_every_length_belongs_to_one_tile() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        for length in 1..=20 {
            writeln!(file, ">r{length}\n{}", "ACGTA".repeat(4).get(..length).unwrap()).unwrap();
        }
        let genome = Genome::open(file.path(), Alphabet::Dna).unwrap();
        for (longest, starts) in [(1, 1), (1, 5), (4, 1), (4, 5), (7, 3), (30, 2), (5, 16)] {
            let mut tiles = Tiles::of_lengths(genome.reader().unwrap(), 1, longest, starts);
            let mut found = Vec::new();
            while let Some(tile) = tiles.next_tile().unwrap() {
                for width in 1..=longest {
                    for (at, _) in tile.tokens_for(width).windows(width).enumerate() {
                        found.push((width, tile.id.to_string(), tile.start + at as u64));
                    }
                }
            }
            let mut expected = Vec::new();
            for (width, length) in (1..=longest).flat_map(|width| (1..=20).map(move |length| (width, length))) {
                expected.extend((width..=length).map(|end| (width, format!("r{length}"), (end - width) as u64)));
            }
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{longest} {starts}");
        }
    }
}
