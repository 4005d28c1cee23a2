//! Expectation maximisation of several motifs, one of which stands in each region, turned and moved a little:
//! `p(x) = b(x) Σ_k π_k/|P| Σ_{r ∈ P} Π_j µ_k(j, x_{r(j)})/b(x_{r(j)})`, for a region x, letters of the background b, and ways P to lie.

use ckn_bio::Alphabet;
use ckn_bio::motif::{Background, MotifScanner};
use rayon::prelude::*;

use super::{FLANK, SHIFT};
use crate::Error;

/// Rounds that show which of some ways to part sites is best, and most rounds that follow.
const TRIAL: usize = 10;
const ROUNDS: usize = 100;
/// Rise of the log-likelihood of a region at which a fit is at rest, in nats.
const AT_REST: f64 = 1e-5;
/// Log-likelihood that a parameter must add, in nats: three times what one of no use adds. Flanks have no letters of their own in most
/// motifs, so that the Bayesian information criterion asks for too much.
const NATS_OF_PARAMETER: f64 = 1.5;
/// Probability of a site below which its letters are not counted.
const NEGLIGIBLE: f64 = 1e-4;
/// Share of a component without sites.
const LEAST_SHARE: f64 = 1e-9;
/// Ways to part sites that are tried.
const TRIED: usize = 12;
/// Letters of the background that every column holds beside those counted.
const PSEUDOCOUNT: f64 = 1.0;
/// Shares of the sites between which a letter may part them.
const PARTING: std::ops::Range<f64> = 0.05..0.95;

/// Letters around sites, `FLANK + SHIFT` more than the motif has on either side.
pub(super) struct Regions {
    /// `[regions, length]`; letters that are not known are none of the alphabet's.
    tokens: Vec<u8>,
    length: usize,
    letters: usize,
    /// Probabilities of letters.
    frequencies: Vec<f64>,
    /// Letters of the other strand; `None` if sites are not turned.
    complement: Option<&'static [u8]>,
}

/// One of the motifs.
#[derive(Debug, Clone)]
pub(super) struct Component {
    /// Of the sites.
    share: f64,
    /// Letters at the sites, `[columns, letters]`.
    pub(super) counts: Vec<f64>,
}

/// What regions hold of a component.
pub(super) struct Expected {
    /// Expected sites.
    pub(super) sites: f64,
    /// Letters at them, `[columns, letters]`.
    pub(super) counts: Vec<f64>,
    /// Probability that the site of a region is one of these.
    pub(super) shares: Vec<f64>,
}

impl Regions {
    /// Regions around a motif of a width.
    pub(super) fn new(width: usize, alphabet: Alphabet, background: &Background, both_strands: bool) -> Self {
        let complement = if both_strands { alphabet.table().complement() } else { None };
        let (length, letters) = (width + 2 * (FLANK + SHIFT), alphabet.letter_count());
        Self { tokens: Vec::new(), length, letters, frequencies: background.frequencies().to_vec(), complement }
    }

    pub(super) fn push(&mut self, tokens: impl Iterator<Item = u8>) {
        self.tokens.extend(tokens);
    }

    fn len(&self) -> usize {
        self.tokens.len() / self.length
    }

    fn columns(&self) -> usize {
        self.length - 2 * SHIFT
    }

    /// All regions as they lie.
    pub(super) fn one(&self) -> Component {
        self.of(&vec![1.0; self.len()])
    }

    /// The best score of each region.
    pub(super) fn best_scores(&self, scanner: &MotifScanner) -> Vec<f64> {
        let best = |tokens: &[u8]| scanner.best(tokens).map_or(f64::NEG_INFINITY, |hit| hit.score);
        self.tokens.par_chunks_exact(self.length).map(best).collect()
    }

    /// A component of regions as they lie, each by its weight.
    fn of(&self, weights: &[f64]) -> Component {
        let mut counts = vec![0.0; self.columns() * self.letters];
        for (tokens, &weight) in self.tokens.chunks_exact(self.length).zip(weights) {
            self.add(&mut counts, &tokens[SHIFT..self.length - SHIFT], weight);
        }
        Component { share: weights.iter().sum::<f64>() / self.len().max(1) as f64, counts }
    }

    fn add(&self, counts: &mut [f64], tokens: &[u8], weight: f64) {
        for (column, &token) in counts.chunks_exact_mut(self.letters).zip(tokens) {
            if let Some(count) = column.get_mut(usize::from(token)) {
                *count += weight;
            }
        }
    }

    /// The components with one of them parted into two, if that tells the sites better, both are `different`, and every component keeps
    /// `fewest` sites.
    pub(super) fn parted(
        &self,
        components: &[Component],
        parted: usize,
        fewest: f64,
        different: impl Fn(&Component, &Component) -> Result<bool, Error>,
    ) -> Result<Option<Vec<Component>>, Error> {
        let fewest = fewest / self.len().max(1) as f64;
        if components[parted].share < 2.0 * fewest {
            return Ok(None);
        }
        let (_, mut expected) = self.expected(components);
        let own = std::mem::take(&mut expected[parted].shares);
        let begin = |&(column, letter): &(usize, u8)| {
            let has = |tokens: &[u8]| tokens[SHIFT + column] == letter;
            let part = |wanted: bool| -> Vec<f64> {
                let regions = self.tokens.chunks_exact(self.length).zip(&own);
                regions.map(|(tokens, &weight)| if has(tokens) == wanted { weight } else { 0.0 }).collect()
            };
            let mut begun = components.to_vec();
            begun[parted] = self.of(&part(true));
            begun.push(self.of(&part(false)));
            self.fit(begun, TRIAL)
        };
        let ways = self.ways(&own);
        let tried: Vec<(f64, Vec<Component>)> = ways.par_iter().map(begin).collect();
        let Some((_, best)) = tried.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)) else { return Ok(None) };
        let ((before, _), (after, found)) =
            rayon::join(|| self.fit(components.to_vec(), ROUNDS), || self.fit(best, ROUNDS));
        let parameters = (self.columns() * (self.letters - 1) + 1) as f64;
        let told_better = after - before > NATS_OF_PARAMETER * parameters;
        let many = found.iter().all(|component| component.share >= fewest);
        let accepted = told_better && many && different(&found[parted], &found[components.len()])?;
        Ok(accepted.then_some(found))
    }

    /// Letters that the rest of the sites depends on most, as column and letter.
    fn ways(&self, weights: &[f64]) -> Vec<(usize, u8)> {
        let (columns, letters) = (self.columns(), self.letters);
        let total: f64 = weights.iter().sum();
        let all = self.of(weights).counts;
        let mut ways: Vec<(f64, (usize, u8))> = Vec::new();
        for column in 0..columns {
            for letter in 0..letters {
                let with = all[column * letters + letter];
                if !PARTING.contains(&(with / total.max(1.0))) {
                    continue;
                }
                let chosen = self.tokens.chunks_exact(self.length).zip(weights);
                let chosen: Vec<f64> = chosen
                    .map(|(tokens, &weight)| if usize::from(tokens[SHIFT + column]) == letter { weight } else { 0.0 })
                    .collect();
                let counts = self.of(&chosen).counts;
                // The mutual information of having the letter and of the letters of another column, in nats of all sites.
                let told: f64 = (0..columns)
                    .filter(|&other| other != column)
                    .flat_map(|other| (0..letters).map(move |at| other * letters + at))
                    .map(|at| {
                        let part = |count: f64, of: f64| {
                            let expected = all[at] * of / total;
                            if count > 0.0 && expected > 0.0 { count * (count / expected).ln() } else { 0.0 }
                        };
                        part(counts[at], with) + part(all[at] - counts[at], total - with)
                    })
                    .sum();
                ways.push((told, (column, letter as u8)));
            }
        }
        ways.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        ways.into_iter().take(TRIED).map(|(_, way)| way).collect()
    }

    /// Fits components; the log-likelihood, against letters of the background, and what they became.
    fn fit(&self, mut components: Vec<Component>, rounds: usize) -> (f64, Vec<Component>) {
        let regions = self.len().max(1) as f64;
        let mut last = f64::NEG_INFINITY;
        for _ in 0..rounds {
            let (likelihood, expected) = self.expected(&components);
            let next = |of: Expected| Component { share: (of.sites / regions).max(LEAST_SHARE), counts: of.counts };
            components = expected.into_iter().map(next).collect();
            let rises = likelihood - last >= AT_REST * regions;
            last = likelihood;
            if !rises {
                break;
            }
        }
        (last, components)
    }

    /// Log-likelihood, against letters of the background, and what the regions hold of each component.
    pub(super) fn expected(&self, components: &[Component]) -> (f64, Vec<Expected>) {
        let tables: Vec<Vec<f64>> = components.iter().map(|component| self.ratios(component)).collect();
        let none = || Expected {
            sites: 0.0,
            counts: vec![0.0; self.columns() * self.letters],
            shares: Vec::with_capacity(self.len()),
        };
        let mut expected: Vec<Expected> = components.iter().map(|_| none()).collect();
        let mut likelihood = 0.0;
        // Component, start, whether it is turned, joint probability against that of the background.
        let mut placed: Vec<(usize, usize, bool, f64)> = Vec::new();
        let mut turned = Vec::with_capacity(self.columns());
        for tokens in self.tokens.chunks_exact(self.length) {
            placed.clear();
            for (at, (component, table)) in components.iter().zip(&tables).enumerate() {
                let weight = component.share / self.placements();
                self.visit(tokens, table, |start, turn, ratio| placed.push((at, start, turn, weight * ratio)));
            }
            // Products of very many columns may be too small for a number.
            let total = placed.iter().map(|placed| placed.3).sum::<f64>().max(f64::MIN_POSITIVE);
            likelihood += total.ln();
            expected.iter_mut().for_each(|expected| expected.shares.push(0.0));
            for &(at, start, turn, weight) in &placed {
                let share = weight / total;
                let Expected { sites, counts, shares } = &mut expected[at];
                *sites += share;
                if let Some(last) = shares.last_mut() {
                    *last += share;
                }
                if share < NEGLIGIBLE {
                    continue;
                }
                let window = &tokens[start..start + self.columns()];
                match self.complement.filter(|_| turn) {
                    Some(complement) => {
                        turned.clear();
                        turned.extend(window.iter().rev().map(|&token| turn_of(complement, token)));
                        self.add(counts, &turned, share);
                    }
                    None => self.add(counts, window, share),
                }
            }
        }
        (likelihood, expected)
    }

    /// Ways in which a motif may lie in a region.
    fn placements(&self) -> f64 {
        ((2 * SHIFT + 1) * if self.complement.is_some() { 2 } else { 1 }) as f64
    }

    /// Calls with the start, whether it is turned, and how much more probable the letters are as a site, for each way to lie.
    fn visit(&self, tokens: &[u8], table: &[f64], mut on_placement: impl FnMut(usize, bool, f64)) {
        let (columns, letters) = (self.columns(), self.letters);
        let ratio = |column: usize, token: u8| {
            let token = usize::from(token);
            if token < letters { table[column * letters + token] } else { 1.0 }
        };
        for start in 0..=2 * SHIFT {
            let window = &tokens[start..start + columns];
            on_placement(start, false, window.iter().enumerate().map(|(at, &token)| ratio(at, token)).product());
            if let Some(complement) = self.complement {
                let turned = window.iter().rev().map(|&token| turn_of(complement, token));
                on_placement(start, true, turned.enumerate().map(|(at, token)| ratio(at, token)).product());
            }
        }
    }

    /// `µ_a/b_a` of every column.
    fn ratios(&self, component: &Component) -> Vec<f64> {
        let ratios = |column: &[f64]| {
            let total = column.iter().sum::<f64>() + PSEUDOCOUNT;
            let both = column.iter().zip(&self.frequencies);
            both.map(|(count, rate)| (count + PSEUDOCOUNT * rate) / (total * rate)).collect::<Vec<_>>()
        };
        component.counts.chunks_exact(self.letters).flat_map(ratios).collect()
    }
}

fn turn_of(complement: &[u8], token: u8) -> u8 {
    complement.get(usize::from(token)).copied().unwrap_or(token)
}

#[cfg(test)]
mod tests {
    use ckn_core::seed::{Random, Seed};
    use rand::RngExt;

    use super::*;

    const CORE: usize = 6;

    /// Regions with a site of either of two words of one core, turned and moved, a tenth of whose letters is drawn.
    fn regions(words: [(&str, usize); 2], random: &mut Random) -> Regions {
        let mut regions = Regions::new(CORE, Alphabet::Dna, &Background::uniform(Alphabet::Dna), true);
        for (word, count) in words {
            for _ in 0..count {
                let mut tokens: Vec<u8> = (0..regions.length).map(|_| random.random_range(0..4)).collect();
                let at = random.random_range(0..=2 * SHIFT);
                for (token, letter) in tokens[at..].iter_mut().zip(word.bytes()) {
                    if random.random_bool(0.9) {
                        *token = b"ACGT".iter().position(|&other| other == letter).unwrap() as u8;
                    }
                }
                if random.random_bool(0.5) {
                    tokens.reverse();
                    tokens.iter_mut().for_each(|token| *token = 3 - *token);
                }
                regions.push(tokens.into_iter());
            }
        }
        regions
    }

    #[test]
    fn sites_of_two_motifs_are_parted_and_those_of_one_are_not() {
        let mut random = Seed(0).stream("sites");
        let (first, second) = ("GTTGACACGTGTCCAA", "ACCTGCACGTGGTAGC");
        let two = regions([(first, 300), (second, 200)], &mut random);
        let found = two.parted(&[two.one()], 0, 30.0, |_, _| Ok(true)).unwrap().unwrap();
        let mut shares: Vec<f64> = found.iter().map(|component| component.share).collect();
        shares.sort_by(f64::total_cmp);
        assert!((shares[0] - 0.4).abs() < 0.03 && (shares[1] - 0.6).abs() < 0.03, "{shares:?}");
        // Every region belongs to the word that it was made with.
        let (_, expected) = two.expected(&found);
        let of_first = usize::from(found[1].share > found[0].share);
        let right = expected[of_first].shares.iter().enumerate().filter(|(at, share)| (**share > 0.5) == (*at < 300));
        assert!(right.count() > 490);
        // What is of one kind stays whole, however small the parts may be.
        let one = regions([(first, 300), (second, 0)], &mut random);
        assert!(one.parted(&[one.one()], 0, 1.0, |_, _| Ok(true)).unwrap().is_none());
        // The parts must be different, and have sites.
        assert!(two.parted(&[two.one()], 0, 30.0, |_, _| Ok(false)).unwrap().is_none());
        assert!(two.parted(&[two.one()], 0, 240.0, |_, _| Ok(true)).unwrap().is_none());
    }

    #[test]
    fn the_likelihood_of_a_region_is_that_of_the_formula() {
        let mut regions = Regions::new(0, Alphabet::Protein, &Background::uniform(Alphabet::Protein), true);
        let length = regions.length;
        regions.push(std::iter::repeat_n(3, length));
        // A component of one site of the letter 3: every place is as likely, and there is no other strand.
        let (likelihood, expected) = regions.expected(&[regions.one()]);
        let column = (1.0 + PSEUDOCOUNT / 20.0) / ((1.0 + PSEUDOCOUNT) / 20.0);
        assert!((likelihood - 2.0 * FLANK as f64 * f64::ln(column)).abs() < 1e-12);
        assert!((expected[0].sites - 1.0).abs() < 1e-12);
    }
}
