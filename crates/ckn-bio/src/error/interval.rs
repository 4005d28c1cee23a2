//! What can be wrong with intervals of a genome.

use std::sync::Arc;

use thiserror::Error as ThisError;

use crate::alphabet::Alphabet;
use crate::place::{Place, shown};

/// What can be wrong with a BED file, with a genome that its intervals do not fit, or with windows that match them.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum IntervalError {
    /// A line of a BED file with too few columns, or with others than the first line.
    #[error(
        "{at} has {got} columns, not {expected}: BED has chromosome, start and end, separated by tabs, and as many columns \
         on all lines: repair the line, or check that the file is complete"
    )]
    BedColumns {
        /// Where.
        at: Box<Place>,
        /// Columns of the line.
        got: usize,
        /// Columns of the first line; at least 3.
        expected: usize,
    },
    /// A cell of a BED file that is not what its column says.
    #[error("{at}: column {column} holds `{got}`: {expected}")]
    BedCell {
        /// Where.
        at: Box<Place>,
        /// The column, counted from 1.
        column: usize,
        /// What it holds.
        got: String,
        /// What it should hold, in words.
        expected: &'static str,
    },
    /// An interval without a letter.
    #[error(
        "{at}: start {start} is not before end {end}{}: intervals are 0-based and half-open: repair them, or leave them \
         out",
        and_others(*others)
    )]
    EmptyInterval {
        /// Where.
        at: Box<Place>,
        /// Start.
        start: u64,
        /// End.
        end: u64,
        /// Other intervals that cannot be cut.
        others: usize,
    },
    /// A window that starts before its chromosome.
    #[error(
        "{at}: a window of {window} letters starts before {chromosome} does{}: take a shorter window, or leave such \
         intervals out",
        and_others(*others)
    )]
    BeforeChromosome {
        /// Where.
        at: Box<Place>,
        /// Letters of the window.
        window: usize,
        /// The chromosome.
        chromosome: String,
        /// Other intervals that cannot be cut.
        others: usize,
    },
    /// An interval, or its window, that runs past the end of its chromosome.
    #[error(
        "{at}: {what} runs past the end of its chromosome, which has {length} letters{}: use the genome of the peaks, or leave such \
         intervals out",
        and_others(*others)
    )]
    OutsideChromosome {
        /// Where.
        at: Box<Place>,
        /// The interval or the window.
        what: String,
        /// Letters of the chromosome.
        length: u64,
        /// Other intervals that cannot be cut.
        others: usize,
    },
    /// An interval on a chromosome that the genome does not have.
    #[error(
        "{at}: `{}` has no chromosome `{chromosome}`{}: {hint}, or leave such intervals out",
        shown(genome.as_bytes()), and_others(*others)
    )]
    NoChromosome {
        /// Where.
        at: Box<Place>,
        /// The chromosome.
        chromosome: String,
        /// The file of the genome.
        genome: Arc<str>,
        /// What the genome has, and what to do.
        hint: String,
        /// Other intervals that cannot be cut.
        others: usize,
    },
    /// Intervals of which none can be cut.
    #[error(
        "no interval of `{}` lies in `{}`: use the genome of the peaks, and the same names of chromosomes",
        shown(file.as_bytes()), shown(genome.as_bytes())
    )]
    AllUnfit {
        /// The file of intervals.
        file: Arc<str>,
        /// The file of the genome.
        genome: Arc<str>,
    },
    /// GC content of something that has none.
    #[error("{0} has no GC content: windows of a genome are matched for DNA and RNA; shuffle instead")]
    NoGc(Alphabet),
    /// A region that ends after its record.
    #[error("the region ends at {end}, but {} has {length} letters: end it there", shown(id.as_bytes()))]
    RangeEnd {
        /// Name of the record.
        id: String,
        /// End asked for.
        end: u64,
        /// Letters of the record.
        length: u64,
    },
    /// A region shorter than a window.
    #[error("the region is shorter than a window of {length} letters: give a longer one")]
    RangeLength {
        /// Letters of a window.
        length: usize,
    },
    /// A genome without windows like the positives.
    #[error(
        "`{}` has no window of the length of a positive, without unknown letters, outside the positives, whose GC content \
         differs by at most {tolerance}: allow more (--gc-tolerance), or shuffle instead",
        shown(genome.as_bytes())
    )]
    NoMatch {
        /// The file of the genome.
        genome: Arc<str>,
        /// The most by which GC contents may differ.
        tolerance: f64,
    },
}

/// How many others have the same trouble, in brackets.
fn and_others(others: usize) -> String {
    if others > 0 { format!(" ({others} more intervals cannot be cut)") } else { String::new() }
}
