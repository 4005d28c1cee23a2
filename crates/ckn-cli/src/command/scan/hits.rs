//! From scores of windows to lines of BED or bedGraph.

use std::io::{self, Write};
use std::sync::Arc;

use clap::ValueEnum;

use super::tiles::Tile;

/// How hits are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One line for each run of overlapping hits: their union, and the best of them.
    Bed,
    /// The score of every hit, at the middle of its window.
    Bedgraph,
}

/// A window above the threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    pub start: u64,
    pub score: f64,
    pub reverse: bool,
}

/// Joins hits into lines, in the order of the genome.
#[derive(Debug)]
pub struct Lines {
    format: Format,
    length: u64,
    stranded: bool,
    open: Option<Open>,
    /// Lines that were written.
    pub written: u64,
}

/// A line that the next hit may still join.
#[derive(Debug)]
struct Open {
    id: Arc<str>,
    first: u64,
    last: u64,
    best: Hit,
    owned: bool,
}

impl Lines {
    /// Windows have `length` letters.
    pub fn new(format: Format, length: usize, stranded: bool) -> Self {
        Self { format, length: length as u64, stranded, open: None, written: 0 }
    }

    /// Takes the hits of the next tile.
    pub fn take(&mut self, tile: &Tile, hits: &[Hit], out: &mut dyn Write) -> io::Result<()> {
        for hit in hits.iter().filter(|hit| tile.span.visible.contains(&hit.start)) {
            match &mut self.open {
                Some(open) if open.joins(&tile.id, hit, self.format, self.length) => {
                    open.last = hit.start;
                    if hit.score > open.best.score {
                        open.best = *hit;
                    }
                }
                _ => {
                    self.finish(out)?;
                    let (id, owned) = (Arc::clone(&tile.id), tile.span.owned.contains(&hit.start));
                    self.open = Some(Open { id, first: hit.start, last: hit.start, best: *hit, owned });
                }
            }
        }
        Ok(())
    }

    /// Whether a hit at or after a window may still belong to a line of this run.
    pub fn reaches(&self, start: u64) -> bool {
        self.open.as_ref().is_some_and(|open| open.owned && start < open.last + self.length)
    }

    /// Writes the line that is open.
    pub fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let Some(open) = self.open.take().filter(|open| open.owned) else { return Ok(()) };
        self.written += 1;
        let Open { id, first, last, best, .. } = open;
        match self.format {
            Format::Bed => {
                let (end, peak_end) = (last + self.length, best.start + self.length);
                let strand = match (self.stranded, best.reverse) {
                    (false, _) => '.',
                    (true, false) => '+',
                    (true, true) => '-',
                };
                writeln!(out, "{id}\t{first}\t{end}\t.\t{:.4}\t{strand}\t{}\t{peak_end}", best.score, best.start)
            }
            Format::Bedgraph => {
                let middle = self.length / 2;
                writeln!(out, "{id}\t{}\t{}\t{:.4}", first + middle, last + middle + 1, best.score)
            }
        }
    }
}

impl Open {
    fn joins(&self, id: &Arc<str>, hit: &Hit, format: Format, length: u64) -> bool {
        let reach = match format {
            Format::Bed => hit.start < self.last + length,
            Format::Bedgraph => hit.start == self.last + 1 && printed(hit.score) == printed(self.best.score),
        };
        // One allocation for each record, so that records of the same name are told apart.
        reach && Arc::ptr_eq(&self.id, id)
    }
}

/// A score as far as it is printed.
fn printed(score: f64) -> i64 {
    (score * 1e4).round() as i64
}
