//! Which known motifs a motif resembles: Tomtom (Gupta, Stamatoyannopoulos, Bailey and Noble 2007).
//!
//! A query of `w` columns is laid over a target at every offset at which they share a column, and over the target's reverse
//! complement where both strands are compared. Two columns score their Euclidean distance, negated; from it the median of the
//! query column's scores against all columns of the database is taken, so that a column of the query which meets no column
//! of the target counts as the median, and alignments of all lengths compare (the *complete scores* of Tomtom, its default;
//! Tanaka, Bailey, Grant, Noble and Keich 2011):
//!
//! ```text
//! s(o) = Σ_{i aligned at o} [ -‖q_i - t_{i+o}‖ - median_t(-‖q_i - t‖) ],   score = max_o s(o)
//! ```
//!
//! The p-value is the probability that a target of the same width, of columns drawn from those of the database, scores as
//! well. Scores are rounded to integers; the distribution of the sum over each stretch of the query is found exactly by
//! convolution; offsets are taken as independent, and so are the strands:
//!
//! ```text
//! P = 1 - Π_o P(s(o) < score),   p = 1 - (1 - P)²,   E = p × targets
//! ```
//!
//! q-values are those of Benjamini and Hochberg (1995) over the targets of one query. Tomtom multiplies them by an estimate
//! of the share of targets that are unrelated (Storey and Tibshirani 2003), which it draws by a bootstrap; here that share
//! is one, which is never too small and the same at every run.
//!
//! Tomtom rounds scores to 100 levels; here they are 1,000 ([`Database::with_bins`]). Measured against 10,000 levels on
//! noisy JASPAR motifs, p-values from 1e-10 to 1e-6 are off by 1.5 % in the median and 6 % at most, and at 100 levels by
//! 14 % and 90 %. Motifs of many dozens of columns get fewer levels, so that no search takes minutes.
//!
//! The database is the null model. Of a few dozen targets the p-values depend on which they are, and of a single motif they
//! mean little; Tomtom warns below 50. Targets that occur twice are kept, and each of them is reported.

mod alignments;
mod database;
mod null;
mod scores;
mod similarity;

use rayon::prelude::*;

pub use database::Database;
pub use similarity::{Alignment, best_alignment};

use super::{Motif, Probabilities, benjamini_hochberg};
use crate::error::{Error, MotifError};
use crate::simulate::Strand;
use scores::ColumnScores;

/// A target of a [`Database`], and how well a query resembles it.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// The target's place in the database, counted from 0; [`Database::name`] knows its name.
    pub target: usize,
    /// Where the query's first column lies, in columns from the target's first, on `strand`. As in Tomtom, the query is
    /// shifted to the right where it is positive, and hangs over the target's left end where it is negative.
    pub offset: isize,
    /// Whether the query resembles the target as given, or its reverse complement.
    pub strand: Strand,
    /// Number of columns of either that meet one of the other.
    pub overlap: usize,
    /// Probability that a random target of this width is as similar; never zero: what is below `f64::MIN_POSITIVE` is
    /// given as that.
    pub p_value: f64,
    /// Expected number of random targets as similar, in a database of this size.
    pub e_value: f64,
    /// Smallest false discovery rate at which the target is found, among the targets of this query.
    pub q_value: f64,
}

impl Database {
    /// Compares a motif with every target: one match a target, sorted by p-value, then by name.
    ///
    /// Among alignments of equal score, the longer overlap wins, then the given strand, then the smaller offset.
    ///
    /// # Errors
    /// [`MotifError::Alphabets`].
    pub fn search(&self, query: &Probabilities) -> Result<Vec<Match>, Error> {
        if query.alphabet() != self.alphabet() {
            return Err(MotifError::Alphabets { first: query.alphabet(), second: self.alphabet() }.into());
        }
        let bins = null::affordable_bins(query.width(), self.widths(), self.bins());
        let scores = ColumnScores::new(query, self, bins);
        let (best, histograms) = alignments::best(&scores, self);
        // Targets of one width and one score have one p-value.
        let mut asked: Vec<(usize, i32)> =
            best.iter().zip(self.widths()).map(|(best, width)| (width, best.score)).collect();
        asked.sort_unstable();
        asked.dedup();
        let tails = null::tails(&histograms, scores.unaligned(), &asked);
        let mut matches = Vec::with_capacity(best.len());
        for (target, (best, width)) in best.iter().zip(self.widths()).enumerate() {
            let tail = asked.binary_search(&(width, best.score)).map_or(1.0, |at| tails[at]);
            // 1 - (1 - P)², without the rounding of small P.
            let p_value = if self.both_strands() { tail * (2.0 - tail) } else { tail };
            let p_value = p_value.clamp(f64::MIN_POSITIVE, 1.0);
            let e_value = p_value * self.len() as f64;
            let (offset, strand, overlap) = (best.offset, best.strand, best.overlap);
            matches.push(Match { target, offset, strand, overlap, p_value, e_value, q_value: 1.0 });
        }
        let name = |found: &Match| self.name(found.target);
        matches.sort_unstable_by(|a, b| {
            a.p_value.total_cmp(&b.p_value).then_with(|| name(a).cmp(name(b))).then(a.target.cmp(&b.target))
        });
        let p_values: Vec<f64> = matches.iter().map(|found| found.p_value).collect();
        matches.iter_mut().zip(benjamini_hochberg(&p_values)).for_each(|(found, q_value)| found.q_value = q_value);
        Ok(matches)
    }
}

/// Compares each motif with every target of a database: one list a query, in order, each as [`Database::search`] gives it.
///
/// All matches are held at once, 56 bytes each: search one query at a time where thousands meet a large database.
///
/// ```
/// use ckn_bio::motif::compare::{Database, compare};
/// use ckn_bio::simulate::{Strand, demo_pair};
/// let targets = demo_pair();
/// let queries = [targets[1].reverse_complement()?, targets[0].clone()];
/// let found = compare(&queries, &Database::new(&targets, true)?)?;
/// let best: Vec<_> = found.iter().map(|matches| (matches[0].target, matches[0].strand, matches[0].overlap)).collect();
/// assert_eq!(best, [(1, Strand::Reverse, 8), (0, Strand::Forward, 8)]);
/// assert!(found.iter().all(|matches| matches.len() == 2 && matches[0].p_value < matches[1].p_value));
/// # Ok::<(), ckn_bio::Error>(())
/// ```
///
/// # Errors
/// [`MotifError::Alphabets`].
pub fn compare(queries: &[Motif], database: &Database) -> Result<Vec<Vec<Match>>, Error> {
    queries.par_iter().map(|query| database.search(&query.probabilities)).collect()
}
