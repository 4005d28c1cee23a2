//! Choosing windows by their GC content.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use ckn_core::seed::Seed;

use super::candidates::{Places, records};
use super::gc;
use super::occupied::Occupied;
use crate::encoded::EncodedSequences;
use crate::error::{Error, IntervalError};
use crate::io::pieces::{Pieces, read_pieces};
use crate::io::{Bed, CutSequences, Genome};
use crate::region::Region;

/// How windows are matched to positives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Matching {
    /// Windows for each positive.
    pub per_positive: usize,
    /// The most by which the GC content of a window may differ from that of its positive: 0.02 is two letters in a hundred.
    pub tolerance: f64,
}

impl Default for Matching {
    fn default() -> Self {
        Self { per_positive: 1, tolerance: 0.02 }
    }
}

/// Windows that match positives.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Matched {
    /// The windows, named `chrom:start-end`, in the order of their positives.
    pub sequences: EncodedSequences,
    /// Mean GC content of the positives.
    pub positive_gc: f64,
    /// Mean GC content of the windows.
    pub negative_gc: f64,
    /// How many windows were wanted and not found.
    pub missing: usize,
}

/// Times that candidates are drawn, twice as many each time.
const ROUNDS: u32 = 6;
/// Candidates of the first round, at least.
const FIRST: usize = 1 << 14;
/// Candidates that each length looks at in a round, at least.
const LEAST_SHARE: usize = 1 << 12;
/// The most letters of the candidates of a round.
const MOST_LETTERS: usize = 1 << 28;

/// Draws, for each positive, windows of its length from the chromosomes that have positives.
///
/// A window overlaps no interval of the BED file, no positive and no other window, has known letters only, and the GC content
/// of its positive up to the tolerance: the nearest there is among random candidates. Where there is no such window, none is
/// taken, which [`Matched::missing`] counts. Candidates come from the streams `genome-windows/0`, `genome-windows/1` and so
/// on, so that the result depends on the seed, the genome and the positives alone. The genome is read up to seven times.
///
/// ```
/// use ckn_bio::Alphabet;
/// use ckn_bio::background::{Matching, matched_windows};
/// use ckn_bio::io::{Genome, Unfit, cut, read_bed};
/// use ckn_core::seed::Seed;
/// # let folder = tempfile::tempdir()?;
/// # let (genome, peaks) = (folder.path().join("genome.fa"), folder.path().join("peaks.bed"));
/// std::fs::write(&genome, ">chr1\nGGCCATATCGCGATAT\n")?;
/// std::fs::write(&peaks, "chr1\t0\t4\n")?;
/// let (genome, bed) = (Genome::open(&genome, Alphabet::Dna)?, read_bed(&peaks)?);
/// let positives = cut(&genome, &bed, None, Unfit::Refuse)?;
/// // One other window has four letters that are all G or C.
/// let matching = Matching { per_positive: 2, ..Matching::default() };
/// let matched = matched_windows(&genome, &bed, &positives, matching, Seed(0))?;
/// assert_eq!(matched.sequences.ids(), ["chr1:8-12"]);
/// assert_eq!((matched.negative_gc, matched.missing), (1.0, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`IntervalError::NoGc`] for protein; [`Error::Parameter`] for a tolerance that is negative or above 1, or no window per positive;
/// [`IntervalError::NoMatch`] if no window was found at all; those of reading the genome.
pub fn matched_windows(
    genome: &Genome,
    bed: &Bed,
    positives: &CutSequences,
    matching: Matching,
    seed: Seed,
) -> Result<Matched, Error> {
    let Matching { per_positive, tolerance } = matching;
    let alphabet = genome.alphabet();
    if !alphabet.has_complement() {
        return Err(Error::Interval(IntervalError::NoGc(alphabet)));
    }
    if !(0.0..=1.0).contains(&tolerance) {
        return Err(Error::Parameter { name: "tolerance", got: tolerance, expected: "between 0 and 1" });
    }
    if per_positive == 0 {
        return Err(Error::Parameter { name: "per_positive", got: 0.0, expected: "at least 1" });
    }
    let mut search = Search::new(bed, positives, matching);
    let chromosomes: HashSet<&str> = positives.regions.iter().map(|region| region.chromosome.as_str()).collect();
    let longest = positives.regions.iter().map(Region::length).max().unwrap_or(1);
    let places = Places::new(records(genome)?, longest, |id| chromosomes.contains(id));
    for round in 0..ROUNDS {
        let missing = search.missing();
        if missing == 0 {
            break;
        }
        let most = (MOST_LETTERS / usize::try_from(longest).unwrap_or(MOST_LETTERS).max(1)).max(1);
        let count = missing.saturating_mul(16).max(FIRST << round).min(most);
        let regions = places.draw(count, &mut seed.stream_at("genome-windows", round.into()));
        let exhaustive = regions.len() as u64 == places.total();
        search.choose(&read_pieces(genome, &regions)?, &regions, exhaustive);
        if exhaustive {
            break;
        }
    }
    let missing = search.missing();
    let mut sequences = EncodedSequences::new(alphabet);
    search.chosen.sort_by_key(|chosen| chosen.positive);
    for chosen in &search.chosen {
        sequences.push_trusted(chosen.region.to_string(), &chosen.tokens, None);
    }
    if sequences.is_empty() {
        return Err(Error::Interval(IntervalError::NoMatch { genome: Arc::clone(genome.file()), tolerance }));
    }
    let (positive_gc, negative_gc) = (gc::mean(positives.sequences.iter()), gc::mean(sequences.iter()));
    Ok(Matched { sequences, positive_gc, negative_gc, missing })
}

/// A window that was chosen for a positive.
struct Chosen {
    positive: usize,
    region: Region,
    tokens: Vec<u8>,
}

/// What was found, and what is still to be found.
struct Search {
    occupied: Occupied,
    tolerance: f64,
    /// Positives by their length, with their GC content.
    by_length: BTreeMap<usize, Vec<(usize, f64)>>,
    /// Windows still wanted by each positive.
    wanted: Vec<usize>,
    chosen: Vec<Chosen>,
}

impl Search {
    fn new(bed: &Bed, positives: &CutSequences, matching: Matching) -> Self {
        let mut occupied = Occupied::default();
        for record in bed.records() {
            occupied.take(&record.chromosome, record.start, record.end);
        }
        for region in &positives.regions {
            occupied.take(&region.chromosome, region.start, region.end);
        }
        let mut by_length: BTreeMap<usize, Vec<(usize, f64)>> = BTreeMap::new();
        for (positive, tokens) in positives.sequences.iter().enumerate() {
            // A positive of unknown letters alone matches nothing.
            let content = gc::content(tokens).unwrap_or(f64::NAN);
            by_length.entry(tokens.len()).or_default().push((positive, content));
        }
        let wanted = vec![matching.per_positive; positives.sequences.len()];
        Self { occupied, tolerance: matching.tolerance, by_length, wanted, chosen: Vec::new() }
    }

    fn missing(&self) -> usize {
        self.wanted.iter().sum()
    }

    /// Chooses among candidates, each of which serves once, from its beginning.
    ///
    /// Each length looks at its share of them, which is all if there is one length or if `exhaustive`: with hundreds of
    /// lengths, counting letters would take minutes otherwise.
    fn choose(&mut self, pieces: &Pieces, regions: &[Region], exhaustive: bool) {
        let mut used = vec![false; regions.len()];
        let missing = self.missing().max(1);
        let mut from = 0;
        for (&length, positives) in &self.by_length {
            let wanted: usize = positives.iter().map(|&(positive, _)| self.wanted[positive]).sum();
            if wanted == 0 || regions.is_empty() {
                continue;
            }
            let share = (regions.len() / missing + 1).saturating_mul(wanted).max(LEAST_SHARE);
            let share = if exhaustive { regions.len() } else { share.min(regions.len()) };
            let looked_at: Vec<usize> = (from..from + share).map(|candidate| candidate % regions.len()).collect();
            from = (from + share) % regions.len();
            // Candidates by their number of G and C; the first drawn is the last of its list.
            let mut bins: Vec<Vec<usize>> = vec![Vec::new(); length + 1];
            for candidate in looked_at.into_iter().rev().filter(|&candidate| !used[candidate]) {
                let Some(tokens) = pieces.tokens(candidate).and_then(|tokens| tokens.get(..length)) else { continue };
                let (strong, known) = gc::counts(tokens);
                if known == length {
                    bins[strong].push(candidate);
                }
            }
            for &(positive, content) in positives {
                while self.wanted[positive] > 0
                    && let Some(candidate) = nearest(&mut bins, content, self.tolerance)
                {
                    let Region { chromosome, start, .. } = regions[candidate].clone();
                    let region = Region { chromosome, start, end: start + length as u64, reverse: false };
                    let Some(tokens) = pieces.tokens(candidate).and_then(|tokens| tokens.get(..length)) else {
                        continue;
                    };
                    if self.occupied.overlaps(&region) {
                        continue;
                    }
                    used[candidate] = true;
                    self.occupied.take(&region.chromosome, region.start, region.end);
                    self.wanted[positive] -= 1;
                    self.chosen.push(Chosen { positive, region, tokens: tokens.to_vec() });
                }
            }
        }
    }
}

/// Takes a candidate from the nearest bin that has one, within the tolerance.
fn nearest(bins: &mut [Vec<usize>], content: f64, tolerance: f64) -> Option<usize> {
    let length = bins.len().checked_sub(1)? as f64;
    // Room for rounding: 0.02 of 50 letters is one letter.
    let within = |bin: &usize| (*bin as f64 - content * length).abs() <= tolerance * length + 1e-9;
    let middle = (content * length).round() as usize;
    for distance in 0..bins.len() {
        let (below, above) = (middle.checked_sub(distance), middle.checked_add(distance));
        let mut both = [below, above].into_iter().flatten().filter(|&bin| bin < bins.len()).filter(within).peekable();
        // Beyond the tolerance, or the last bin.
        both.peek()?;
        if let Some(bin) = both.find(|&bin| !bins[bin].is_empty()) {
            return bins[bin].pop();
        }
    }
    None
}
