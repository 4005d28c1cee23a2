//! Matrices from sites.

use ckn_bio::EncodedSequences;
use ckn_bio::motif::{Background, Hit, Probabilities};
use ckn_bio::simulate::Strand;

use super::DiscoverySettings;
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
/// Share of the sites that the background is given beside those counted.
const PSEUDOCOUNT: f64 = 0.02;

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

    /// Counts hits by the probability that they are sites, if as many positives have one as it makes expect.
    fn probable(&self, now: &Supported, hits: &Hits) -> Weights {
        let strands = if self.settings.both_strands { 2 } else { 1 };
        let mean = self.positives.tokens().len() / self.positives.len();
        let places = (strands * (mean + 1).saturating_sub(now.matrix.width())).max(1) as f64;
        let probability = move |share: f64, hit: &Hit| {
            let ratio = share / places * hit.score.exp2();
            ratio / (1.0 - share + ratio)
        };
        let mut share = now.sites / self.positives.len() as f64;
        for _ in 0..SHARES {
            let [positives, negatives] =
                [0, 1].map(|at| hits[at].iter().flatten().map(|hit| probability(share, hit)).sum::<f64>());
            let next = positives / self.positives.len() as f64 - negatives / self.negatives.len() as f64;
            share = next.clamp(1e-4, 0.99);
        }
        Box::new(move |hit| probability(share, hit))
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
                    self.count(sequences.sequence(record), *hit, now.matrix.width(), sign * weight, &mut excess);
                }
            }
        }
        let frequencies = self.background.frequencies();
        let mut values = Vec::with_capacity(excess.len());
        for column in excess.chunks_exact(letters) {
            let total: f64 = column.iter().map(|value| value.max(0.0)).sum();
            // Of a column of nothing, the background.
            let pseudo = (PSEUDOCOUNT * now.sites).max(1e-6);
            let scale = total + pseudo;
            values.extend(column.iter().zip(frequencies).map(|(value, rate)| (value.max(0.0) + pseudo * rate) / scale));
        }
        let matrix = Probabilities::new(alphabet, values)?;
        // Columns of letters that are drawn have information, too: (letters - 1)/(2 n ln 2) bits on average, of n sites.
        let chance = (letters - 1) as f64 / (2.0 * std::f64::consts::LN_2) * variance / (sites * sites).max(1e-9);
        let information = self.settings.information + TIMES_CHANCE * chance;
        let (mut matrix, _) = matrix.trimmed(information, self.background)?;
        while matrix.width() > self.settings.widest {
            matrix = without_weaker_end(&matrix, self.background)?;
        }
        Ok((matrix.width() >= 4).then_some(matrix))
    }

    /// Adds the letters around a hit.
    fn count(&self, tokens: &[u8], hit: Hit, width: usize, weight: f64, excess: &mut [f64]) {
        let letters = self.positives.alphabet().letter_count();
        let complement = self.positives.alphabet().table().complement().unwrap_or(&[]);
        for column in 0..width + 2 * FLANK {
            let place = match hit.strand {
                Strand::Forward => (hit.position + column).checked_sub(FLANK),
                Strand::Reverse => (hit.position + width - 1 + FLANK).checked_sub(column),
            };
            let Some(&token) = place.and_then(|place| tokens.get(place)) else { continue };
            let token = if hit.strand == Strand::Reverse { complement[usize::from(token)] } else { token };
            if usize::from(token) < letters {
                excess[column * letters + usize::from(token)] += weight;
            }
        }
    }
}

/// The matrix without the end that says less.
pub(super) fn without_weaker_end(matrix: &Probabilities, background: &Background) -> Result<Probabilities, Error> {
    let (information, letters) = (matrix.information(background)?, matrix.alphabet().letter_count());
    let (first, last) = (information.first().copied(), information.last().copied());
    let kept = if first < last { letters..matrix.values().len() } else { 0..matrix.values().len() - letters };
    Ok(Probabilities::new(matrix.alphabet(), matrix.values()[kept].to_vec())?)
}
