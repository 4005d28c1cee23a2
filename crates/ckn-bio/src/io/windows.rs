//! Which windows of a genome are meant.

use std::ops::Range;

use crate::error::{Error, IntervalError};
use crate::io::genome::{Genome, GenomeRecord};

/// A stretch of a record, in letters, 0-based and half-open; to the end of the record where it ends at `u64::MAX`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRange {
    /// Name of the record.
    pub id: String,
    /// The letters.
    pub letters: Range<u64>,
}

/// One of several equal parts of all windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    number: u64,
    count: u64,
}

impl Shard {
    /// Shard `number`, counted from 1, of `count`; `None` unless `1 ≤ number ≤ count ≤ 10⁶`.
    pub fn new(number: u64, count: u64) -> Option<Self> {
        ((1..=count).contains(&number) && count <= 1_000_000).then_some(Self { number, count })
    }

    /// Which part, counted from 1.
    pub fn number(self) -> u64 {
        self.number
    }

    /// How many parts there are.
    pub fn count(self) -> u64 {
        self.count
    }
}

/// Windows of one record, by their first letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Number of the record in the file, from 0.
    pub record: usize,
    /// Windows that exist for this run.
    pub visible: Range<u64>,
    /// Windows whose hits this run reports: a hit belongs to the run that owns its first window.
    pub owned: Range<u64>,
}

impl Span {
    /// All windows of a record whose length is not known yet.
    pub(super) fn whole(record: usize) -> Self {
        Self { record, visible: 0..u64::MAX, owned: 0..u64::MAX }
    }
}

/// The windows of `length` letters of a region, or of all records, or of a shard of them; in the order of the file.
///
/// ```
/// use ckn_bio::Alphabet;
/// use ckn_bio::io::{Genome, GenomeRecord, Shard, window_spans};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("genome.fa");
/// std::fs::write(&path, ">a\nACGTACGTAC\n>b\nACGT\n")?;
/// let records = [("a", 10), ("b", 4)].map(|(id, length)| GenomeRecord { id: id.into(), length });
/// let second = Shard::new(2, 2);
/// let spans = window_spans(&Genome::open(&path, Alphabet::Dna)?, &records, 4, None, second)?;
/// // Eight windows in all: the second half of them is three of the first record, and the only one of the second.
/// assert_eq!((spans[0].owned.clone(), spans[1].owned.clone()), (4..7, 0..1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::NoSuchId`] for a region of a record that the genome does not have; [`IntervalError::RangeEnd`] and
/// [`IntervalError::RangeLength`] for one that ends after its record, or is shorter than a window; [`Error::NoWindow`] if no
/// record has a window.
pub fn window_spans(
    genome: &Genome,
    records: &[GenomeRecord],
    length: usize,
    region: Option<&RecordRange>,
    shard: Option<Shard>,
) -> Result<Vec<Span>, Error> {
    let windows = |letters: u64| (letters + 1).saturating_sub(length as u64);
    let mut spans = Vec::new();
    for (record, GenomeRecord { id, length: letters }) in records.iter().enumerate() {
        let visible = match region {
            None => 0..windows(*letters),
            Some(region) if region.id == *id => {
                let (start, end) = (region.letters.start, region.letters.end.min(*letters));
                if region.letters.end != u64::MAX && region.letters.end > *letters {
                    let (id, end, length) = (id.clone(), region.letters.end, *letters);
                    return Err(IntervalError::RangeEnd { id, end, length }.into());
                }
                if windows(end - start) == 0 {
                    return Err(IntervalError::RangeLength { length }.into());
                }
                start..start + windows(end - start)
            }
            Some(_) => continue,
        };
        spans.push(Span { record, owned: visible.clone(), visible });
        if region.is_some() {
            break;
        }
    }
    let no_window = || Error::NoWindow { file: genome.file().clone(), length };
    if let (Some(region), true) = (region, spans.is_empty()) {
        let first = records.first().ok_or_else(no_window)?;
        let (file, id) = (genome.file().clone(), region.id.clone());
        return Err(Error::NoSuchId { file, id, first: first.id.clone() });
    }
    if records.iter().all(|record| windows(record.length) == 0) {
        return Err(no_window());
    }
    if let Some(Shard { number, count }) = shard {
        let total: u128 = spans.iter().map(|span| u128::from(span.owned.end - span.owned.start)).sum();
        let bound = |number: u64| (total * u128::from(number) / u128::from(count)) as u64;
        let (from, to) = (bound(number - 1), bound(number));
        let mut before = 0;
        for span in &mut spans {
            let all = span.visible.clone();
            let place = |bound: u64| all.start + bound.saturating_sub(before).min(all.end - all.start);
            span.owned = place(from)..place(to);
            before += all.end - all.start;
        }
    }
    spans.retain(|span| !span.owned.is_empty());
    Ok(spans)
}
