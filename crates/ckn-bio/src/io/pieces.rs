//! Many stretches of a genome, in one pass over it.

use std::collections::HashMap;
use std::ops::Range;

use crate::error::Error;
use crate::io::genome::{Genome, GenomeReader};
use crate::io::record::MAX_LETTERS;
use crate::region::Region;

/// The letters of many regions.
#[derive(Debug)]
pub(crate) struct Pieces {
    tokens: Vec<u8>,
    /// Where the letters of each region are; `None` for one that is not in the genome.
    ranges: Vec<Option<Range<usize>>>,
    lengths: HashMap<String, u64>,
    /// The region with which they would have become more than [`MAX_LETTERS`].
    overflow: Option<usize>,
}

impl Pieces {
    /// The tokens of a region, on the forward strand; `None` if it is not wholly in the genome.
    pub(crate) fn tokens(&self, region: usize) -> Option<&[u8]> {
        self.ranges.get(region)?.clone().map(|range| &self.tokens[range])
    }

    /// The region at which reading stopped, because there would be more than [`MAX_LETTERS`] in all.
    pub(crate) fn overflow(&self) -> Option<usize> {
        self.overflow
    }

    /// Lengths of the chromosomes that were asked for and found, as far as they are known: of one that was not read to its
    /// end, the number of letters seen.
    pub(crate) fn lengths(&self) -> &HashMap<String, u64> {
        &self.lengths
    }
}

/// Reads regions, in any order; their strand does not count.
pub(crate) fn read_pieces(genome: &Genome, regions: &[Region]) -> Result<Pieces, Error> {
    let mut by_chromosome: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, region) in regions.iter().enumerate() {
        by_chromosome.entry(&region.chromosome).or_default().push(index);
    }
    let mut pieces =
        Pieces { tokens: Vec::new(), ranges: vec![None; regions.len()], lengths: HashMap::new(), overflow: None };
    if regions.is_empty() {
        return Ok(pieces);
    }
    let mut reader = genome.reader()?;
    match genome.records() {
        Some(records) => {
            let mut skipped = 0;
            for record in records {
                match by_chromosome.remove(record.id.as_str()) {
                    None => skipped += 1,
                    Some(mut wanted) => {
                        // Nothing is read, and no memory taken, for what is known to be outside.
                        wanted.retain(|&index| regions[index].end <= record.length);
                        reader.skip_records(skipped)?;
                        skipped = 0;
                        reader.next_record()?;
                        read_record(&mut reader, regions, wanted, &mut pieces)?;
                        pieces.lengths.insert(record.id, record.length);
                    }
                }
            }
        }
        None => {
            while !by_chromosome.is_empty() {
                let Some(id) = reader.next_record()?.map(str::to_owned) else { break };
                let wanted = by_chromosome.remove(id.as_str()).unwrap_or_default();
                read_record(&mut reader, regions, wanted, &mut pieces)?;
                pieces.lengths.insert(id, reader.position());
            }
        }
    }
    Ok(pieces)
}

/// Reads the regions of the record that the reader stands before.
fn read_record(
    reader: &mut GenomeReader,
    regions: &[Region],
    mut wanted: Vec<usize>,
    pieces: &mut Pieces,
) -> Result<(), Error> {
    wanted.sort_unstable_by_key(|&index| (regions[index].start, index));
    let mut letters = Vec::new();
    let mut rest = wanted.as_slice();
    while let Some(&first) = rest.first() {
        // Regions that overlap are read together.
        let (start, mut end) = (regions[first].start, regions[first].end);
        let mut count = 1;
        while let Some(&next) = rest.get(count).filter(|&&next| regions[next].start <= end) {
            end = end.max(regions[next].end);
            count += 1;
        }
        let (together, others) = rest.split_at(count);
        rest = others;
        reader.skip_letters(start.saturating_sub(reader.position()))?;
        if reader.position() < start {
            break;
        }
        letters.clear();
        while reader.position() < end {
            let left = usize::try_from(end - reader.position()).unwrap_or(usize::MAX);
            if reader.read_letters(&mut letters, left)? == 0 {
                break;
            }
        }
        for &index in together {
            let range = (regions[index].start - start) as usize..(regions[index].end - start) as usize;
            if let Some(tokens) = letters.get(range) {
                if pieces.tokens.len() + tokens.len() > MAX_LETTERS {
                    pieces.overflow = Some(index);
                    return Ok(());
                }
                let from = pieces.tokens.len();
                pieces.tokens.extend_from_slice(tokens);
                pieces.ranges[index] = Some(from..pieces.tokens.len());
            }
        }
    }
    Ok(())
}
