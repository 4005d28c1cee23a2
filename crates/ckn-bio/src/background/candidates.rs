//! Random windows of a genome.

use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

use crate::error::Error;
use crate::io::{Genome, GenomeRecord};
use crate::region::Region;

/// Where windows of one length can start.
#[derive(Debug)]
pub(super) struct Places {
    length: u64,
    records: Vec<GenomeRecord>,
    /// Starts in this record and those before it.
    totals: Vec<u64>,
}

impl Places {
    /// All starts of windows of `length` letters in the records that `is_wanted` names.
    pub(super) fn new(records: Vec<GenomeRecord>, length: u64, is_wanted: impl Fn(&str) -> bool) -> Self {
        let mut places = Self { length, records: Vec::new(), totals: Vec::new() };
        let mut total = 0;
        for record in records.into_iter().filter(|record| record.length >= length && is_wanted(&record.id)) {
            total += record.length - length + 1;
            places.totals.push(total);
            places.records.push(record);
        }
        places
    }

    /// Number of places.
    pub(super) fn total(&self) -> u64 {
        self.totals.last().copied().unwrap_or(0)
    }

    /// Draws windows, each start as likely as any other; all there are, in random order, if there are no more than `count`.
    pub(super) fn draw(&self, count: usize, rng: &mut impl Rng) -> Vec<Region> {
        let total = self.total();
        let places: Vec<u64> = if total <= count as u64 {
            let mut all: Vec<u64> = (0..total).collect();
            all.shuffle(rng);
            all
        } else {
            (0..count).map(|_| rng.random_range(0..total)).collect()
        };
        let region = |place| {
            let record = self.totals.partition_point(|&end| end <= place);
            let before = record.checked_sub(1).map_or(0, |before| self.totals[before]);
            let start = place - before;
            let chromosome = self.records[record].id.clone();
            Region { chromosome, start, end: start + self.length, reverse: false }
        };
        places.into_iter().map(region).collect()
    }
}

/// Names and lengths of all records, for which a genome without an index is read once.
pub(super) fn records(genome: &Genome) -> Result<Vec<GenomeRecord>, Error> {
    if let Some(records) = genome.records() {
        return Ok(records);
    }
    let (mut reader, mut records) = (genome.reader()?, Vec::new());
    while let Some(id) = reader.next_record()?.map(str::to_owned) {
        reader.skip_letters(u64::MAX)?;
        records.push(GenomeRecord { id, length: reader.position() });
    }
    Ok(records)
}
