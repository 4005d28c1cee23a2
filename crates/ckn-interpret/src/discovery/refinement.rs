//! Matrices from sites.

use ckn_bio::EncodedSequences;
use ckn_bio::motif::{Background, Hit, Probabilities};

use super::DiscoverySettings;
use super::matrix::{self, letters_around};
use super::seeds::{Seed, support};
use crate::Error;
use crate::evidence::scanner;

/// Probability of the letter of a seed, before there are sites.
const SURE: f64 = 0.85;
/// Columns that are looked at on either side of a matrix.
const FLANK: usize = 4;
/// Most rounds of sites and matrix.
const ROUNDS: usize = 10;
/// Rounds that raise the support by a smaller part are the last.
const RAISED: f64 = 0.002;
/// Rounds in which a share of positives with a site is found.
const SHARES: usize = 20;
/// Probability below which a hit is not counted.
const NEGLIGIBLE: f64 = 1e-3;
/// Support that a column of nothing adds where it is fitted, in nats: half a nat for each of three free letters, and the choice of ends.
const COLUMN: f64 = 2.0;
/// How many times the information that chance gives an end must have beyond what is asked for.
const TIMES_CHANCE: f64 = 1.0;
/// Fewest positives with a hit.
const FEWEST: u32 = 5;

/// A matrix, and what speaks for it.
#[derive(Debug, Clone)]
pub(super) struct Supported {
    pub(super) matrix: Probabilities,
    /// In nats.
    pub(super) support: f64,
    /// Of the support, in bits.
    pub(super) threshold: f64,
    /// Sites in positives beyond what negatives have.
    pub(super) sites: f64,
}

impl Supported {
    /// The support beyond what so many columns fit of chance.
    pub(super) fn beyond_chance(&self) -> f64 {
        self.support - COLUMN * self.matrix.width() as f64
    }
}

/// The best hit of each positive, and of each negative.
type Hits = [Vec<Option<Hit>>; 2];
/// What a hit counts.
type Weights = Box<dyn Fn(&Hit) -> f64>;

/// How probable it is that the best hit of a sequence is a site, if a share of the sequences has one at any of its places.
#[derive(Debug, Clone, Copy)]
struct SiteProbability {
    share: f64,
    places: f64,
}

impl SiteProbability {
    /// Of a score in bits: `s 2^score/P / (1 − s + s 2^score/P)`.
    fn of(self, score: f64) -> f64 {
        let ratio = self.share / self.places * score.exp2();
        ratio / (1.0 - self.share + ratio)
    }

    /// With the share of positives that its probabilities make expect, beyond that of negatives; scores of so many sequences of each.
    fn fitted(mut self, scores: &[Vec<f64>; 2], sequences: [usize; 2]) -> Self {
        for _ in 0..SHARES {
            let [positives, negatives] = [0, 1].map(|at| {
                let sites: f64 = scores[at].iter().map(|&score| self.of(score)).sum();
                sites / sequences[at] as f64
            });
            self.share = (positives - negatives).clamp(1e-4, 0.99);
        }
        self
    }
}

/// Makes matrices fit sequences.
pub(super) struct Refiner<'a> {
    positives: &'a EncodedSequences,
    negatives: &'a EncodedSequences,
    background: &'a Background,
    settings: &'a DiscoverySettings,
}

impl<'a> Refiner<'a> {
    pub(super) fn new(
        positives: &'a EncodedSequences,
        negatives: &'a EncodedSequences,
        background: &'a Background,
        settings: &'a DiscoverySettings,
    ) -> Self {
        Self { positives, negatives, background, settings }
    }

    /// The matrix of the sites of a word.
    pub(super) fn improve(&self, seed: &Seed) -> Result<Supported, Error> {
        let frequencies = self.background.frequencies();
        let column = |letter: &Option<u8>| -> Vec<f64> {
            let of = |at: usize, frequency: f64| match letter {
                Some(letter) if usize::from(*letter) == at => SURE,
                Some(letter) => (1.0 - SURE) * frequency / (1.0 - frequencies[usize::from(*letter)]),
                None => frequency,
            };
            frequencies.iter().enumerate().map(|(at, &frequency)| of(at, frequency)).collect()
        };
        let values = seed.letters.iter().flat_map(column).collect();
        let (found, sites) = self.judge(Probabilities::new(self.positives.alphabet(), values)?)?;
        self.next(&found, &sites, self.above_threshold(&found, &sites))?
            .map_or(Ok(found), |matrix| Ok(self.judge(matrix)?.0))
    }

    /// Sites make a matrix, and the matrix sites, as long as the support rises: hits above the threshold first, then all by the
    /// probability that they are sites, which brings those back that a sharp matrix cannot see.
    pub(super) fn refine(&self, first: Supported) -> Result<Supported, Error> {
        let (mut best, mut hits) = self.judge(first.matrix)?;
        for weigh in [Self::above_threshold, Self::probable] {
            for _ in 0..ROUNDS {
                let Some(matrix) = self.next(&best, &hits, weigh(self, &best, &hits))? else { break };
                let (found, found_hits) = self.judge(matrix)?;
                if found.beyond_chance() <= best.beyond_chance() + RAISED * best.support {
                    break;
                }
                (best, hits) = (found, found_hits);
            }
        }
        Ok(best)
    }

    /// Counts hits above the threshold.
    fn above_threshold(&self, now: &Supported, _: &Hits) -> Weights {
        let threshold = now.threshold;
        Box::new(move |hit| f64::from(hit.score >= threshold))
    }

    /// Counts hits by the probability that they are sites.
    fn probable(&self, now: &Supported, hits: &Hits) -> Weights {
        let strands = if self.settings.both_strands { 2 } else { 1 };
        let mean = self.positives.tokens().len() / self.positives.len();
        let places = (strands * (mean + 1).saturating_sub(now.matrix.width())).max(1) as f64;
        let begun = SiteProbability { share: now.sites / self.positives.len() as f64, places };
        let scores = [0, 1].map(|at| hits[at].iter().flatten().map(|hit| hit.score).collect::<Vec<f64>>());
        let sites = begun.fitted(&scores, [self.positives.len(), self.negatives.len()]);
        Box::new(move |hit| sites.of(hit.score))
    }

    /// The support of a matrix at its best threshold, and its best hits.
    fn judge(&self, matrix: Probabilities) -> Result<(Supported, Hits), Error> {
        let scanner = scanner(&matrix, self.background, self.settings.both_strands)?;
        let hits = [scanner.best_of_each(self.positives)?, scanner.best_of_each(self.negatives)?];
        let scored = |hits: &[Option<Hit>], positive: bool| -> Vec<(f64, bool)> {
            hits.iter().flatten().map(|hit| (hit.score, positive)).collect()
        };
        let mut scores = scored(&hits[0], true);
        scores.extend(scored(&hits[1], false));
        scores.sort_by(|a, b| b.0.total_cmp(&a.0));
        let all = (self.positives.len() + self.negatives.len()) as f64;
        let share = self.positives.len() as f64 / all;
        let (mut with, mut without) = (0, 0);
        let mut best = (0.0, f64::INFINITY, 0.0);
        for (at, &(score, positive)) in scores.iter().enumerate() {
            if positive {
                with += 1
            } else {
                without += 1
            }
            let ends = scores.get(at + 1).is_none_or(|next| next.0 < score);
            if !ends || with < FEWEST || score <= 0.0 {
                continue;
            }
            let supported = support(with, without, share);
            if supported > best.0 {
                let excess = f64::from(with) - f64::from(without) * share / (1.0 - share);
                best = (supported, score, excess);
            }
        }
        let (support, threshold, sites) = best;
        Ok((Supported { matrix, support, threshold, sites }, hits))
    }

    /// The matrix of the sites in positives beyond those in negatives, wider by what its neighbours say; none if nothing is left.
    fn next(&self, now: &Supported, hits: &Hits, weights: Weights) -> Result<Option<Probabilities>, Error> {
        if now.support <= 0.0 {
            return Ok(None);
        }
        let alphabet = self.positives.alphabet();
        let (letters, width) = (alphabet.letter_count(), now.matrix.width() + 2 * FLANK);
        let mut excess = vec![0.0; width * letters];
        let (mut sites, mut variance) = (0.0, 0.0);
        let ratio = self.positives.len() as f64 / self.negatives.len() as f64;
        for (sequences, hits, sign) in [(self.positives, &hits[0], 1.0), (self.negatives, &hits[1], -ratio)] {
            for (record, hit) in hits.iter().enumerate() {
                let Some(hit) = hit else { continue };
                let weight = weights(hit);
                if weight >= NEGLIGIBLE {
                    sites += sign * weight;
                    variance += sign * sign * weight;
                    let tokens = sequences.sequence(record);
                    let around = letters_around(
                        tokens,
                        hit.position..hit.position + now.matrix.width(),
                        hit.strand,
                        FLANK,
                        alphabet,
                    );
                    for (column, token) in excess.chunks_exact_mut(letters).zip(around) {
                        if let Some(count) = column.get_mut(usize::from(token)) {
                            *count += sign * weight;
                        }
                    }
                }
            }
        }
        // Columns of letters that are drawn have information, too: (letters - 1)/(2 n ln 2) bits on average, of n sites.
        let chance = (letters - 1) as f64 / (2.0 * std::f64::consts::LN_2) * variance / (sites * sites).max(1e-9);
        let information = self.settings.information + TIMES_CHANCE * chance;
        matrix::of_counts(&excess, now.sites, information, self.settings.widest, self.background)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_sites_is_that_of_positives_beyond_negatives() {
        let begun = SiteProbability { share: 0.1, places: 200.0 };
        // Of ten positives six have a sure site, of five negatives one: 0.6 - 0.2.
        let scores = [[vec![60.0; 6], vec![-60.0; 4]].concat(), vec![60.0, -60.0, -60.0, -60.0, -60.0]];
        let sites = begun.fitted(&scores, [10, 5]);
        assert!((sites.share - 0.4).abs() < 1e-9);
        // A hit at which both are as probable: (1 - s)/s of 200 places.
        let score = f64::log2(200.0 * 0.6 / 0.4);
        assert!((sites.of(score) - 0.5).abs() < 1e-9);
        assert!((sites.of(score + 1.0) - 2.0 / 3.0).abs() < 1e-9);
    }

    #[test]
    fn columns_have_a_price() {
        let matrix = Probabilities::new(ckn_bio::Alphabet::Dna, [1.0, 0.0, 0.0, 0.0].repeat(7)).unwrap();
        let supported = Supported { matrix, support: 20.0, threshold: 0.0, sites: 10.0 };
        assert_eq!(supported.beyond_chance(), 20.0 - 7.0 * 2.0);
    }
}
