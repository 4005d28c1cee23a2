//! Windows of a genome around the intervals of a BED file.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::encoded::{EncodedSequences, Origin};
use crate::error::{Error, IntervalError};
use crate::io::bed::{Bed, BedRecord};
use crate::io::genome::Genome;
use crate::io::pieces::read_pieces;
use crate::io::record::MAX_LETTERS;
use crate::place::shown;
use crate::region::Region;

/// What to do with an interval that cannot be cut: empty, past an end of its chromosome, or on none of the genome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// An error.
    Refuse,
    /// Leave it out, and count it.
    Drop,
}

/// How many intervals were left out, by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dropped {
    /// Their start was not before their end.
    pub empty: usize,
    /// They, or their windows, ran past an end of their chromosome.
    pub outside: usize,
    /// The genome has no such chromosome.
    pub no_chromosome: usize,
}

impl Dropped {
    /// All that were left out.
    pub fn total(&self) -> usize {
        self.empty + self.outside + self.no_chromosome
    }
}

/// Sequences cut from a genome, in the order of the BED file.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CutSequences {
    /// The sequences, named `chrom:start-end`, with `(-)` behind those of the reverse strand, which are reverse complements.
    pub sequences: EncodedSequences,
    /// Where each of them lies.
    pub regions: Vec<Region>,
    /// What was left out.
    pub dropped: Dropped,
}

/// Why an interval cannot be cut.
enum Misfit {
    Empty,
    Outside { length: u64 },
    NoChromosome,
}

/// Cuts the intervals of a BED file from a genome: as they are, or windows of `window` letters around their summits, or
/// around their centres where there is no summit.
///
/// The window of an odd length has the summit in its middle; of an even one, right of the middle. The genome is read once,
/// in pieces; parts without intervals are jumped over if it is 2bit or has an index.
///
/// ```
/// use ckn_bio::Alphabet;
/// use ckn_bio::io::{Genome, Unfit, cut, read_bed};
/// # let folder = tempfile::tempdir()?;
/// # let (genome, peaks) = (folder.path().join("genome.fa"), folder.path().join("peaks.bed"));
/// std::fs::write(&genome, ">chr1\nAACCGGTTAC\n")?;
/// std::fs::write(&peaks, "chr1\t2\t5\ta\t0\t-\nchr1\t8\t20\tb\t0\t+\n")?;
/// let (genome, bed) = (Genome::open(&genome, Alphabet::Dna)?, read_bed(&peaks)?);
/// let whole = cut(&genome, &bed, None, Unfit::Drop)?;
/// assert_eq!((whole.sequences.ids()[0].as_str(), whole.sequences.decode(0)), ("chr1:2-5(-)", "CGG".to_owned()));
/// assert_eq!((whole.sequences.len(), whole.dropped.outside), (1, 1));
/// let windows = cut(&genome, &bed, Some(5), Unfit::Drop)?;
/// assert_eq!((windows.regions[0].start, windows.sequences.decode(0)), (1, "CCGGT".to_owned()));
/// assert!(cut(&genome, &bed, None, Unfit::Refuse).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Parameter`] for a window of 0 letters; with [`Unfit::Refuse`], [`IntervalError::EmptyInterval`],
/// [`IntervalError::OutsideChromosome`] or [`IntervalError::NoChromosome`], whichever comes first in the file; [`IntervalError::AllUnfit`] if every
/// interval was left out; [`Error::TooManyLetters`]; [`Error::NoComplement`]; those of reading the genome.
pub fn cut(genome: &Genome, bed: &Bed, window: Option<usize>, unfit: Unfit) -> Result<CutSequences, Error> {
    if window == Some(0) {
        return Err(Error::Parameter { name: "window", got: 0.0, expected: "at least 1" });
    }
    let names: Option<HashSet<String>> =
        genome.records().map(|records| records.into_iter().map(|record| record.id).collect());
    let mut misfits = BTreeMap::new();
    let (mut wanted, mut indices) = (Vec::new(), Vec::new());
    for (index, record) in bed.records().iter().enumerate() {
        match target(record, window) {
            _ if record.start >= record.end => {
                misfits.insert(index, Misfit::Empty);
            }
            None => {
                let known = names.as_ref().is_none_or(|names| names.contains(&record.chromosome));
                let misfit = if known { Misfit::Outside { length: 0 } } else { Misfit::NoChromosome };
                misfits.insert(index, misfit);
            }
            Some(region) => {
                wanted.push(region);
                indices.push(index);
            }
        }
    }
    let pieces = read_pieces(genome, &wanted)?;
    if let Some(piece) = pieces.overflow() {
        return Err(Error::TooManyLetters { at: bed.place(indices[piece]), limit: MAX_LETTERS });
    }
    for (piece, (region, &index)) in wanted.iter().zip(&indices).enumerate() {
        if pieces.tokens(piece).is_none() {
            let length = pieces.lengths().get(&region.chromosome).copied();
            misfits.insert(index, length.map_or(Misfit::NoChromosome, |length| Misfit::Outside { length }));
        }
    }
    if let (Unfit::Refuse, Some((&index, misfit))) = (unfit, misfits.first_key_value()) {
        return Err(refuse(genome, bed, window, index, misfit, pieces.lengths(), misfits.len() - 1));
    }
    if misfits.len() == bed.records().len() {
        let (file, genome) = (Arc::clone(bed.file()), Arc::clone(genome.file()));
        return Err(Error::Interval(IntervalError::AllUnfit { file, genome }));
    }
    let mut dropped = Dropped::default();
    for misfit in misfits.values() {
        match misfit {
            Misfit::Empty => dropped.empty += 1,
            Misfit::Outside { .. } => dropped.outside += 1,
            Misfit::NoChromosome => dropped.no_chromosome += 1,
        }
    }
    let (mut sequences, mut regions) = (EncodedSequences::new(genome.alphabet()), Vec::new());
    for (piece, region) in wanted.into_iter().enumerate() {
        let Some(tokens) = pieces.tokens(piece) else { continue };
        let line = bed.records()[indices[piece]].line;
        let origin = Origin { file: Some(Arc::clone(bed.file())), line, record: indices[piece] + 1 };
        if region.reverse {
            sequences.push_trusted(region.to_string(), &reversed(genome, tokens)?, Some(origin));
        } else {
            sequences.push_trusted(region.to_string(), tokens, Some(origin));
        }
        regions.push(region);
    }
    Ok(CutSequences { sequences, regions, dropped })
}

/// What is cut for an interval; `None` before the start of the chromosome.
fn target(record: &BedRecord, window: Option<usize>) -> Option<Region> {
    let (start, end) = match window {
        None => (record.start, record.end),
        Some(length) => {
            let centre = record.summit.unwrap_or(record.start.midpoint(record.end));
            let start = centre.checked_sub(length as u64 / 2)?;
            (start, start + length as u64)
        }
    };
    Some(Region { chromosome: record.chromosome.clone(), start, end, reverse: record.reverse })
}

fn reversed(genome: &Genome, tokens: &[u8]) -> Result<Vec<u8>, Error> {
    let alphabet = genome.alphabet();
    let map = alphabet.table().complement().ok_or(Error::NoComplement(alphabet))?;
    Ok(tokens.iter().rev().map(|&token| map[usize::from(token)]).collect())
}

/// The error of an interval that cannot be cut.
fn refuse(
    genome: &Genome,
    bed: &Bed,
    window: Option<usize>,
    index: usize,
    misfit: &Misfit,
    lengths: &HashMap<String, u64>,
    others: usize,
) -> Error {
    let record = &bed.records()[index];
    let (at, chromosome) = (bed.place(index), shown(record.chromosome.as_bytes()));
    match *misfit {
        Misfit::Empty => {
            Error::Interval(IntervalError::EmptyInterval { at, start: record.start, end: record.end, others })
        }
        Misfit::Outside { length } => {
            let what = match (target(record, window), window) {
                (Some(region), None) => format!("interval {chromosome}:{}-{}", region.start, region.end),
                (Some(region), Some(_)) => format!("window {chromosome}:{}-{}", region.start, region.end),
                (None, _) => {
                    return Error::Interval(IntervalError::BeforeChromosome {
                        at,
                        window: window.unwrap_or_default(),
                        chromosome,
                        others,
                    });
                }
            };
            Error::Interval(IntervalError::OutsideChromosome { at, what, length, others })
        }
        Misfit::NoChromosome => {
            let mut known: Vec<String> = match genome.records() {
                Some(records) => records.into_iter().map(|record| record.id).collect(),
                None => lengths.keys().cloned().collect(),
            };
            let other = match record.chromosome.strip_prefix("chr") {
                Some(bare) => bare.to_owned(),
                None => format!("chr{}", record.chromosome),
            };
            let hint = match known.contains(&other) {
                true => format!(
                    "it has `{}`, so write names as the genome does, with or without `chr`",
                    shown(other.as_bytes())
                ),
                false => {
                    if genome.records().is_none() {
                        known.sort();
                    }
                    let few: Vec<String> =
                        known.iter().take(5).map(|id| format!("`{}`", shown(id.as_bytes()))).collect();
                    let more = if known.len() > few.len() { ", ..." } else { "" };
                    format!("it has {}{more}: use the genome of the peaks", few.join(", "))
                }
            };
            Error::Interval(IntervalError::NoChromosome {
                at,
                chromosome,
                genome: Arc::clone(genome.file()),
                hint,
                others,
            })
        }
    }
}
