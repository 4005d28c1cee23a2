//! Whether a motif tells two sets of sequences apart.

mod best_threshold;
mod centrality;
mod false_discovery;
mod hypergeometric;
mod known;
mod positions;
mod tail;

use ckn_core::metrics::{Alternative, rank_sum};

pub use best_threshold::BestThreshold;
pub use centrality::Centrality;
pub use false_discovery::benjamini_hochberg;
pub use known::{KnownEnrichment, KnownMotifSettings, enriched_motifs};
pub use positions::PositionalDistribution;
pub(super) use tail::binomial_upper_tail;
pub use tail::{fisher_exact, stratified_fisher_exact};

use super::{Hit, MotifScanner};
use crate::error::{Error, MotifError};

/// How much more often, and how much better, a motif occurs in positives than in negatives.
///
/// The p-values are those of sequences that had no part in finding the motif.
///
/// ```
/// use ckn_bio::{Alphabet, EncodedSequences};
/// use ckn_bio::motif::{Background, Counts, Enrichment, MotifScanner};
///
/// // TGACT.
/// let counts = vec![0., 0., 0., 9., 0., 0., 9., 0., 9., 0., 0., 0., 0., 9., 0., 0., 0., 0., 0., 9.];
/// let background = Background::uniform(Alphabet::Dna);
/// let log_odds = Counts::new(Alphabet::Dna, counts)?.probabilities(0.0, &background)?.log_odds(0.1, &background)?;
/// let scanner = MotifScanner::new(&log_odds, &background, true)?;
///
/// let (mut positives, mut negatives) = (EncodedSequences::new(Alphabet::Dna), EncodedSequences::new(Alphabet::Dna));
/// for (id, site, other) in [("a", b"CCTGACTAG", b"CCTCACTAG"), ("b", b"TAGTCATTT", b"TAGGCATTT")] {
///     positives.push(id, site)?;
///     negatives.push(id, other)?;
/// }
/// let (positives, negatives) = (scanner.best_of_each(&positives)?, scanner.best_of_each(&negatives)?);
/// let enrichment = Enrichment::new(&positives, &negatives, scanner.threshold_for(9.0, Enrichment::CHANCE)?)?;
/// assert_eq!((enrichment.positives_with_hit, enrichment.negatives_with_hit), (2, 0));
/// assert_eq!((enrichment.fisher_p_value, enrichment.auroc), (1.0 / 6.0, 1.0));
/// # Ok::<(), ckn_bio::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Enrichment {
    /// Least score of what counts as a hit, in bits.
    pub threshold: f64,
    /// Number of positives.
    pub positives: usize,
    /// Number of negatives.
    pub negatives: usize,
    /// Number of positives with at least one hit, `a`.
    pub positives_with_hit: usize,
    /// Number of negatives with at least one hit, `c`.
    pub negatives_with_hit: usize,
    /// `log2((a + ½)/(P + 1) · (N + 1)/(c + ½))`: the ratio of the rates, each with half a sequence added to those with
    /// a hit and half to those without.
    pub log2_ratio: f64,
    /// P-value of the ratio, one-sided: [`fisher_exact`].
    pub fisher_p_value: f64,
    /// Probability that the best score of a positive is above that of a negative, ties counted as one half; no
    /// threshold is needed.
    pub auroc: f64,
    /// P-value of the AUROC, one-sided: [`rank_sum`].
    pub rank_sum_p_value: f64,
}

impl Enrichment {
    /// The chance of a hit in a random sequence that thresholds are usually chosen by, see
    /// [`MotifScanner::threshold_for`].
    pub const CHANCE: f64 = 0.1;

    /// Compares the best hits of positives and negatives. A sequence in which no window can be scored has no hit, and
    /// ranks below all others.
    ///
    /// # Shapes
    /// positives `[P]`, negatives `[N]`, as [`MotifScanner::best_of_each`] returns them.
    ///
    /// # Errors
    /// [`MotifError::NoSequences`] for none of either; [`Error::Parameter`] for a threshold that is NaN, a score that
    /// is not finite, and 2³² sequences or more.
    pub fn new(positives: &[Option<Hit>], negatives: &[Option<Hit>], threshold: f64) -> Result<Self, Error> {
        if threshold.is_nan() {
            return Err(Error::Parameter { name: "threshold", got: threshold, expected: "a number of bits" });
        }
        for (hits, of) in [(positives, "positives"), (negatives, "negatives")] {
            if hits.is_empty() {
                return Err(MotifError::NoSequences(of).into());
            }
        }
        let with_hit = |hits: &[Option<Hit>]| hits.iter().flatten().filter(|hit| hit.score >= threshold).count();
        let (a, c) = (with_hit(positives), with_hit(negatives));
        let rate = |with: usize, of: usize| (with as f64 + 0.5) / (of as f64 + 1.0);
        let all = || positives.iter().chain(negatives);
        let worst = all().flatten().map(|hit| hit.score).fold(0.0, f64::min) - 1.0;
        let scores: Vec<f64> = all().map(|hit| hit.map_or(worst, |hit| hit.score)).collect();
        let labels: Vec<f32> = (0..scores.len()).map(|at| if at < positives.len() { 1.0 } else { 0.0 }).collect();
        let ranks = rank_sum(&scores, &labels, Alternative::Greater).map_err(|_| Error::Parameter {
            name: "score",
            got: f64::NAN,
            expected: "finite",
        })?;
        Ok(Self {
            threshold,
            positives: positives.len(),
            negatives: negatives.len(),
            positives_with_hit: a,
            negatives_with_hit: c,
            log2_ratio: (rate(a, positives.len()) / rate(c, negatives.len())).log2(),
            fisher_p_value: fisher_exact([
                [count(a)?, count(positives.len() - a)?],
                [count(c)?, count(negatives.len() - c)?],
            ]),
            auroc: ranks.auroc,
            rank_sum_p_value: ranks.p_value,
        })
    }

    /// The same comparison with both sets called by the other's name: counts exchanged, `log2_ratio` negated, `auroc` that of the other
    /// set. The p-values stay, and are then those of the positives' having less.
    #[must_use]
    pub fn exchanged(self) -> Self {
        Self {
            positives: self.negatives,
            negatives: self.positives,
            positives_with_hit: self.negatives_with_hit,
            negatives_with_hit: self.positives_with_hit,
            log2_ratio: -self.log2_ratio,
            auroc: 1.0 - self.auroc,
            ..self
        }
    }
}

/// As many sequences as a table of Fisher's test can count.
pub(super) fn count(sequences: usize) -> Result<u32, Error> {
    u32::try_from(sequences).map_err(|_| Error::Parameter {
        name: "number of sequences",
        got: sequences as f64,
        expected: "below 4294967296",
    })
}

impl MotifScanner {
    /// The score, in bits, that a random sequence of `length` letters reaches with probability `chance`, windows and
    /// strands taken as independent: the p-value of a window is `1 − (1 − chance)^(1/m)` over `m` windows. The best
    /// score for a motif too weak for that.
    ///
    /// Where lengths differ, give their mean.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless the length is finite and `chance` between 0 and 1.
    pub fn threshold_for(&self, length: f64, chance: f64) -> Result<f64, Error> {
        if !length.is_finite() {
            return Err(Error::Parameter { name: "length", got: length, expected: "finite" });
        }
        if !(chance > 0.0 && chance < 1.0) {
            return Err(Error::Parameter { name: "chance", got: chance, expected: "between 0 and 1" });
        }
        let windows = (length - self.width() as f64 + 1.0).max(1.0) * self.strands() as f64;
        let p_value = -f64::exp_m1(f64::ln_1p(-chance) / windows);
        Ok(self.distribution().threshold(p_value).unwrap_or_else(|| self.distribution().best()))
    }
}
