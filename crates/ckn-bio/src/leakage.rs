//! Sequences of one set that another set knows already.

use std::collections::HashMap;

use crate::encoded::EncodedSequences;
use crate::region::Region;

/// How a sequence is known already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Likeness {
    /// The same letters.
    Identical,
    /// The same letters, read from the opposite strand.
    ReverseComplement,
    /// The names, such as `chr1:100-201`, say that both hold the same part of a genome.
    Overlap {
        /// Letters that both hold, in bp.
        letters: u64,
    },
}

impl Likeness {
    /// The word for it in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::ReverseComplement => "reverse_complement",
            Self::Overlap { .. } => "overlap",
        }
    }
}

/// A sequence, and its counterpart in another set, by their 0-based indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leak {
    /// The sequence.
    pub record: usize,
    /// The first like it among the others.
    pub other: usize,
    /// How they are alike: the first of the kinds that holds.
    pub likeness: Likeness,
}

/// The sequences that `others` hold, too: each at most once, in their order.
///
/// ```
/// use ckn_bio::{Alphabet, EncodedSequences, Likeness, leaks};
///
/// let (mut training, mut test) = (EncodedSequences::new(Alphabet::Dna), EncodedSequences::new(Alphabet::Dna));
/// training.push("a", b"ACGTT")?;
/// test.push("b", b"AACGT")?;
/// assert_eq!(leaks(&training, &test)[0].likeness, Likeness::ReverseComplement);
/// # Ok::<(), ckn_bio::Error>(())
/// ```
pub fn leaks(sequences: &EncodedSequences, others: &EncodedSequences) -> Vec<Leak> {
    let mut letters: HashMap<&[u8], usize> = HashMap::with_capacity(others.len());
    for (other, tokens) in others.iter().enumerate() {
        letters.entry(tokens).or_insert(other);
    }
    let places = Places::new(others);
    let complement = sequences.alphabet().table().complement();
    let (mut found, mut reverse) = (Vec::new(), Vec::new());
    for (record, tokens) in sequences.iter().enumerate() {
        let mut leak = |other, likeness| found.push(Leak { record, other, likeness });
        if let Some(&other) = letters.get(tokens) {
            leak(other, Likeness::Identical);
            continue;
        }
        if let Some(map) = complement {
            reverse.clear();
            reverse.extend(tokens.iter().rev().map(|&token| map[usize::from(token)]));
            if let Some(&other) = letters.get(reverse.as_slice()) {
                leak(other, Likeness::ReverseComplement);
                continue;
            }
        }
        let overlap = Region::from_id(&sequences.ids()[record]).and_then(|region| places.overlapping(&region));
        if let Some((other, letters)) = overlap {
            leak(other, Likeness::Overlap { letters });
        }
    }
    found
}

/// Where the names of sequences say that they lie.
struct Places {
    chromosomes: HashMap<String, Vec<Reach>>,
}

/// A region, and the one of it and those that start before it that ends last.
struct Reach {
    start: u64,
    furthest: (u64, u64, usize),
}

impl Places {
    fn new(sequences: &EncodedSequences) -> Self {
        let mut regions: HashMap<String, Vec<(u64, u64, usize)>> = HashMap::new();
        for (record, id) in sequences.ids().iter().enumerate() {
            if let Some(region) = Region::from_id(id) {
                regions.entry(region.chromosome).or_default().push((region.start, region.end, record));
            }
        }
        let reaches = |mut regions: Vec<(u64, u64, usize)>| {
            regions.sort_unstable();
            let mut furthest = None;
            let mut reach = |(start, end, record)| {
                let last = furthest.filter(|&(_, last, _)| last >= end).unwrap_or((start, end, record));
                furthest = Some(last);
                Reach { start, furthest: last }
            };
            regions.into_iter().map(&mut reach).collect()
        };
        Self { chromosomes: regions.into_iter().map(|(name, regions)| (name, reaches(regions))).collect() }
    }

    /// A region that overlaps this one, and by how many letters.
    fn overlapping(&self, region: &Region) -> Option<(usize, u64)> {
        let reaches = self.chromosomes.get(&region.chromosome)?;
        let before = reaches.partition_point(|reach| reach.start < region.end);
        let (start, end, record) = reaches.get(before.checked_sub(1)?)?.furthest;
        (end > region.start).then(|| (record, end.min(region.end) - start.max(region.start)))
    }
}
