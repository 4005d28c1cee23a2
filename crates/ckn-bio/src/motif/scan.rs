//! Where a motif occurs, and how surprising that is.

mod change;
mod distribution;
mod grid;
mod records;
mod set;
mod words;

use std::cmp::Reverse;

pub use change::{MotifChange, changed};
pub use distribution::ScoreDistribution;
pub use set::{MotifSet, Site, SiteProgress};

use self::words::{WordTables, encode, word_length};
use super::{Background, LogOdds};
use crate::alphabet::Alphabet;
use crate::error::Error;
use crate::simulate::Strand;

/// Windows that are scored at a time: their codes stay in the cache.
const BLOCK: usize = 512;

/// A place where a motif scores well.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Hit {
    /// First letter of the window on the given strand, counted from 0, whichever strand the motif is on.
    pub position: usize,
    /// The strand that shows the motif.
    pub strand: Strand,
    /// Score on the grid of the [`ScoreDistribution`], in bits.
    pub score: f64,
    /// Probability that a random word scores at least as much.
    pub p_value: f64,
}

/// Scores every window of sequences with a motif, on one strand or both.
///
/// A window that holds an ambiguous letter is not scored, as in FIMO; nor is a sequence shorter than the motif. On both
/// strands, a palindrome is hit twice at the same place, as in FIMO.
///
/// Scores are those of the matrix rounded to the grid of its [`ScoreDistribution`], so that p-values are exact for
/// them. For both strands, the background is first averaged with its complement: both strands of random sequences
/// together have these frequencies, and a score has one p-value, whichever strand it is on.
///
/// ```
/// use ckn_bio::{Alphabet, EncodedSequences};
/// use ckn_bio::motif::{Background, Counts, MotifScanner};
///
/// // TGACT.
/// let counts = vec![0., 0., 0., 9., 0., 0., 9., 0., 9., 0., 0., 0., 0., 9., 0., 0., 0., 0., 0., 9.];
/// let background = Background::uniform(Alphabet::Dna);
/// let log_odds = Counts::new(Alphabet::Dna, counts)?.probabilities(0.0, &background)?.log_odds(0.1, &background)?;
/// let scanner = MotifScanner::new(&log_odds, &background, true)?;
///
/// let mut sequences = EncodedSequences::new(Alphabet::Dna);
/// sequences.push("site", b"CCAGTCATT")?;
/// let hit = scanner.best(sequences.sequence(0)).unwrap();
/// assert_eq!((hit.position, hit.p_value), (2, 1.0 / 1024.0));
/// # Ok::<(), ckn_bio::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct MotifScanner {
    alphabet: Alphabet,
    width: usize,
    word: usize,
    distribution: ScoreDistribution,
    strands: Vec<(Strand, WordTables)>,
}

impl MotifScanner {
    /// A scanner for one strand, or with `both_strands` for both.
    ///
    /// # Errors
    /// Those of [`ScoreDistribution::new`]; [`MotifError::NoComplement`](crate::MotifError::NoComplement) for both strands of protein.
    pub fn new(log_odds: &LogOdds, background: &Background, both_strands: bool) -> Result<Self, Error> {
        let (alphabet, letters) = (log_odds.alphabet(), log_odds.alphabet().letter_count());
        let distribution = if both_strands {
            ScoreDistribution::new(log_odds, &background.of_both_strands()?)?
        } else {
            ScoreDistribution::new(log_odds, background)?
        };
        let mut strands = vec![(Strand::Forward, WordTables::new(&distribution.grid.levels, letters))];
        if both_strands {
            let turned = grid::Grid::new(&log_odds.reverse_complement()?)?;
            strands.push((Strand::Reverse, WordTables::new(&turned.levels, letters)));
        }
        let (width, word) = (log_odds.width(), word_length(letters, log_odds.width()));
        Ok(Self { alphabet, width, word, distribution, strands })
    }

    /// The same scanner for hits of at least `threshold` bits, in a fraction of the memory: the probabilities of lower scores,
    /// which are most of its [`ScoreDistribution`], are forgotten. Hits below the threshold then have the p-value 1, and
    /// thresholds for larger p-values are not found any more.
    pub fn for_hits_above(mut self, threshold: f64) -> Self {
        self.distribution.keep_from(self.distribution.grid.level(threshold));
        self
    }

    /// The distribution of scores that p-values come from, and thresholds.
    pub fn distribution(&self) -> &ScoreDistribution {
        &self.distribution
    }

    /// Number of columns of the motif.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Number of strands that are scored: 1 or 2.
    pub fn strands(&self) -> usize {
        self.strands.len()
    }

    /// Calls `on_hit` for every window with a score of at least `threshold` bits, from left to right, at each position
    /// the forward strand first.
    ///
    /// # Shapes
    /// tokens `[length]`.
    pub fn scan(&self, tokens: &[u8], threshold: f64, mut on_hit: impl FnMut(Hit)) {
        let limit = self.distribution.grid.level(threshold) as u32;
        let mut block = Vec::new();
        self.sweep(tokens, limit, |found| {
            match found {
                Some(found) => block.push(found),
                None => {
                    block.sort_unstable();
                    block.drain(..).for_each(|found| on_hit(self.hit(&found)));
                }
            }
            limit
        });
    }

    /// The best hit of a sequence: of equal scores the leftmost, on the forward strand before the reverse. `None` where
    /// no window can be scored.
    ///
    /// # Shapes
    /// tokens `[length]`.
    pub fn best(&self, tokens: &[u8]) -> Option<Hit> {
        let mut best: Option<Found> = None;
        self.sweep(tokens, 0, |found| {
            best = best
                .into_iter()
                .chain(found)
                .max_by_key(|found| (found.level, Reverse((found.position, found.strand))));
            best.map_or(0, |best| best.level)
        });
        best.map(|found| self.hit(&found))
    }

    /// Calls `on_found` for every window whose level is at least a limit, which each call sets anew: block by block,
    /// first those of the forward strand, then those of the reverse, then `None`.
    #[inline(always)]
    fn sweep(&self, tokens: &[u8], mut limit: u32, mut on_found: impl FnMut(Option<Found>) -> u32) {
        let windows = (tokens.len() + 1).saturating_sub(self.width);
        let overhang = self.width - self.word;
        let (mut codes, mut candidates) = (vec![0; windows.min(BLOCK) + overhang], [0; BLOCK]);
        for start in (0..windows).step_by(BLOCK) {
            let length = BLOCK.min(windows - start);
            let codes = &mut codes[..length + overhang];
            encode(&tokens[start..start + length + self.width - 1], self.alphabet.letter_count(), self.word, codes);
            for (strand, (_, tables)) in self.strands.iter().enumerate() {
                limit = tables.find(codes, &mut candidates[..length], limit, |at, level| {
                    on_found(Some(Found { position: start + at, strand, level }))
                });
            }
            limit = on_found(None);
        }
    }

    fn hit(&self, found: &Found) -> Hit {
        let level = found.level as usize;
        Hit {
            position: found.position,
            strand: self.strands[found.strand].0,
            score: self.distribution.grid.score(level),
            p_value: self.distribution.p_value_of_level(level),
        }
    }
}

/// A window, the strand as its place among those scored, and its level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    position: usize,
    strand: usize,
    level: u32,
}
