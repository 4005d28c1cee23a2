//! Pairs of motifs that stand at a preferred distance and orientation to one another.

mod arrangement;
mod chance;

use rayon::prelude::*;

pub use self::arrangement::Arrangement;
use self::arrangement::{Joint, Places};
use self::chance::{Chance, Placed};
use super::enrichment::{benjamini_hochberg, binomial_upper_tail, count, fisher_exact};
use super::{Background, Hit, Motif, MotifScanner};
use crate::encoded::EncodedSequences;
use crate::error::Error;

/// How pairs are looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairSettings {
    /// Whether sites may stand on either strand.
    pub both_strands: bool,
    /// Probability that a random sequence of the mean length has a hit of a motif.
    pub chance: f64,
    /// Sites like the background that are added to those of each motif.
    pub pseudocount: f64,
    /// Most letters between two sites.
    pub largest_gap: usize,
}

impl PairSettings {
    /// Hits that one random sequence in ten has, and up to 100 letters between them.
    pub fn new(both_strands: bool) -> Self {
        Self { both_strands, chance: super::Enrichment::CHANCE, pseudocount: 0.1, largest_gap: 100 }
    }
}

/// How two motifs stand to one another where they stand together.
///
/// Of each sequence, the two hits count that do not overlap and score best together.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct MotifPair {
    /// Both motifs, by their places in the list, counted from 0; the same twice for two sites of one motif.
    pub motifs: [usize; 2],
    /// The arrangement that stands out most.
    pub arrangement: Arrangement,
    /// Least and most letters between both sites.
    pub gap: [usize; 2],
    /// Positives that hold both.
    pub positives_with_both: usize,
    /// Positives that hold both in this arrangement.
    pub positives_arranged: usize,
    /// Number of these that is expected if sites stand where they do in other sequences.
    pub expected: f64,
    /// P-value of the arrangement: the binomial tail, times the number of arrangements and gaps that were looked at.
    pub p_value: f64,
    /// Smallest false discovery rate at which it is shown, among all pairs (Benjamini and Hochberg).
    pub q_value: f64,
    /// Negatives that hold both in this arrangement.
    pub negatives_arranged: usize,
    /// P-value of its being in more of the positives than of the negatives, one-sided: [`fisher_exact`]; for one arrangement, that
    /// was chosen among the positives.
    pub fisher_p_value: f64,
}

/// Hits of one motif in one sequence that are looked at, the best: repeats have thousands, and every two are compared.
const MOST_HITS: usize = 100;
/// Widths of the ranges of gaps that are looked at: one gap alone, and what is looser.
const RANGES: [usize; 4] = [1, 3, 9, 27];

/// Tests every two motifs, and each with itself, for an arrangement that is more frequent in positives than places by themselves make
/// it; the most significant comes first. Pairs that stand together in no positive are left out.
///
/// The null: the place and the strand of either site in its sequence are those of a positive of like length, and have nothing to do with the
/// place of the other, so that sites may gather in the middle without being a pair.
///
/// ```
/// use ckn_bio::motif::{PairSettings, motif_pairs};
/// use ckn_bio::simulate::{Simulation, demo_pair};
/// use ckn_core::seed::Seed;
/// // Without the two motifs in the sequences there is no pair of them.
/// let sequences = |name| -> Result<_, ckn_bio::Error> { Ok(Simulation::new(name, 40, 80).run(Seed(0))?.sequences) };
/// let pairs = motif_pairs(&demo_pair(), &sequences("positives")?, &sequences("negatives")?, &PairSettings::new(true))?;
/// assert!(pairs.iter().all(|pair| pair.q_value > 0.01));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of [`Background::of_sequences`], [`MotifScanner::new`] and [`MotifScanner::threshold_for`].
pub fn motif_pairs(
    motifs: &[Motif],
    positives: &EncodedSequences,
    negatives: &EncodedSequences,
    settings: &PairSettings,
) -> Result<Vec<MotifPair>, Error> {
    let background = Background::of_sequences(negatives, settings.both_strands)?;
    let letters = positives.tokens().len() + negatives.tokens().len();
    let length = letters as f64 / (positives.len() + negatives.len()).max(1) as f64;
    let scan = |motif: &Motif| -> Result<[Sites; 2], Error> {
        let sites = motif.sites.filter(|sites| *sites > 0.0).unwrap_or(super::DEFAULT_SITES);
        let log_odds = motif.probabilities.log_odds(settings.pseudocount / sites, &background)?;
        let scanner = MotifScanner::new(&log_odds, &background, settings.both_strands)?;
        let threshold = scanner.threshold_for(length, settings.chance)?;
        Ok([positives, negatives].map(|sequences| Sites::of(sequences, &scanner, threshold)))
    };
    let found = motifs.par_iter().map(scan).collect::<Result<Vec<_>, Error>>()?;
    let turned = |motif: &Motif| settings.both_strands && arrangement::is_palindrome(motif);
    let palindromes: Vec<bool> = motifs.iter().map(turned).collect();
    let two = (0..motifs.len()).flat_map(|first| (first..motifs.len()).map(move |second| [first, second]));
    let judge = |[first, second]: [usize; 2]| -> Result<Option<MotifPair>, Error> {
        let places = Places {
            widths: [first, second].map(|motif| motifs[motif].width()),
            palindromes: [first, second].map(|motif| palindromes[motif]),
            both_strands: settings.both_strands,
            same: first == second,
        };
        let joint = |class: usize, sequences: &EncodedSequences| -> Vec<Placed> {
            let all = found[first][class].hits.iter().zip(&found[second][class].hits).enumerate();
            let best = all.filter_map(|(record, (some, others))| {
                Some(Placed { length: sequences.sequence(record).len(), joint: places.best(some, others)? })
            });
            best.collect()
        };
        let (together, apart) = (joint(0, positives), joint(1, negatives));
        let Some(arranged) = best_arrangement(&places, &together, settings.largest_gap) else { return Ok(None) };
        let is_arranged = |placed: &&Placed| arranged.holds(placed.joint);
        let positives_arranged = together.iter().filter(is_arranged).count();
        let negatives_arranged = apart.iter().filter(is_arranged).count();
        Ok(Some(MotifPair {
            motifs: [first, second],
            arrangement: arranged.arrangement,
            gap: arranged.gap,
            positives_with_both: together.len(),
            positives_arranged,
            expected: arranged.expected,
            p_value: arranged.p_value,
            q_value: 1.0,
            negatives_arranged,
            fisher_p_value: fisher_exact([
                [count(positives_arranged)?, count(positives.len() - positives_arranged)?],
                [count(negatives_arranged)?, count(negatives.len() - negatives_arranged)?],
            ]),
        }))
    };
    let two: Vec<[usize; 2]> = two.collect();
    let judged = two.into_par_iter().map(judge).collect::<Result<Vec<_>, Error>>()?;
    let mut pairs: Vec<MotifPair> = judged.into_iter().flatten().collect();
    let p_values: Vec<f64> = pairs.iter().map(|pair| pair.p_value).collect();
    pairs.iter_mut().zip(benjamini_hochberg(&p_values)).for_each(|(pair, q_value)| pair.q_value = q_value);
    pairs.sort_by(|a, b| a.p_value.total_cmp(&b.p_value).then(a.motifs.cmp(&b.motifs)));
    Ok(pairs)
}

/// The hits of one motif, those of a sequence from left to right.
struct Sites {
    hits: Vec<Vec<Hit>>,
}

impl Sites {
    fn of(sequences: &EncodedSequences, scanner: &MotifScanner, threshold: f64) -> Self {
        let of_sequence = |tokens: &[u8]| {
            let mut hits = Vec::new();
            scanner.scan(tokens, threshold, |hit| hits.push(hit));
            if hits.len() > MOST_HITS {
                hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.position.cmp(&b.position)));
                hits.truncate(MOST_HITS);
                hits.sort_by_key(|hit| hit.position);
            }
            hits
        };
        Self { hits: sequences.iter().map(of_sequence).collect() }
    }
}

/// An arrangement in a range of gaps, and how it stands out.
struct Arranged {
    arrangement: Arrangement,
    gap: [usize; 2],
    expected: f64,
    /// `k ln(k/e) − k + e` nats of `k` pairs where `e` are expected.
    surprise: f64,
    p_value: f64,
}

impl Arranged {
    fn holds(&self, joint: Joint) -> bool {
        joint.arrangement == self.arrangement && (self.gap[0]..=self.gap[1]).contains(&joint.gap)
    }
}

/// The arrangement and range of gaps with the smallest p-value; `None` without any within the largest gap.
fn best_arrangement(places: &Places, together: &[Placed], largest: usize) -> Option<Arranged> {
    let arrangements = places.arrangements();
    let longest = together.iter().map(|placed| placed.length).max()?;
    let largest = largest.min(longest.saturating_sub(places.widths[0] + places.widths[1]));
    let tests: usize =
        RANGES.iter().map(|range| (largest + 2).saturating_sub(*range)).sum::<usize>() * arrangements.len();
    let mut best: Option<Arranged> = None;
    let chance = Chance::of(places, together, largest);
    for &arrangement in arrangements {
        let mut observed = vec![0usize; largest + 1];
        for placed in together.iter().filter(|placed| placed.joint.arrangement == arrangement) {
            if let Some(count) = observed.get_mut(placed.joint.gap) {
                *count += 1;
            }
        }
        for range in RANGES {
            for from in 0..(largest + 2).saturating_sub(range) {
                let gap = [from, from + range - 1];
                let count: usize = observed[from..from + range].iter().sum();
                if count == 0 {
                    continue;
                }
                let expected = chance.expected(arrangement, gap);
                let tail = binomial_upper_tail(count as u64, together.len() as u64, expected / together.len() as f64);
                let p_value = (tail * tests as f64).min(1.0);
                // P-values that are too small for a number are told apart by how surprising the counts are.
                let surprise = count as f64 * (count as f64 / expected).ln() - count as f64 + expected;
                let is_better =
                    |best: &Arranged| p_value.total_cmp(&best.p_value).then(best.surprise.total_cmp(&surprise)).is_lt();
                if best.as_ref().is_none_or(is_better) {
                    best = Some(Arranged { arrangement, gap, expected, surprise, p_value });
                }
            }
        }
    }
    best
}
