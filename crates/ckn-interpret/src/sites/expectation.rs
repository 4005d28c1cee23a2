//! Expectation maximisation of a motif with zero or one site in each sequence.

use std::ops::Range;

use ckn_bio::EncodedSequences;
use ckn_bio::motif::{Background, Counts, Probabilities};

use crate::Error;

/// Most rounds; most fits need fewer than thirty.
const ROUNDS: usize = 100;
/// Largest change of a probability at which a fit is at rest.
const AT_REST: f64 = 1e-3;
/// Letters of the background that every column holds beside those counted.
const PSEUDOCOUNT: f64 = 1.0;
/// Share of sequences with a site at which a fit starts.
const FIRST_SHARE: f64 = 0.5;
/// Probability below which a site is not counted.
const NEGLIGIBLE: f64 = 1e-4;
/// Marks a letter that is not known.
const UNKNOWN: u8 = u8::MAX;

/// Sequences on the strands that are read, and the letters between motifs.
#[derive(Debug)]
pub(crate) struct Mixture<'a> {
    background: &'a Background,
    /// Strands of each sequence.
    strands: Vec<Vec<Vec<u8>>>,
}

/// A motif fitted to sequences.
#[derive(Debug, Clone)]
pub(crate) struct Fit {
    pub(crate) counts: Counts,
    pub(crate) probabilities: Probabilities,
    /// Share of the sequences that hold a site.
    pub(crate) share: f64,
    /// Sequence, strand, start, probability.
    pub(crate) sites: Vec<(usize, usize, usize, f64)>,
}

impl<'a> Mixture<'a> {
    pub(crate) fn new(
        sequences: &EncodedSequences,
        chosen: &[usize],
        background: &'a Background,
        both_strands: bool,
    ) -> Result<Self, Error> {
        let table = sequences.alphabet().table();
        let letters = table.letters();
        let complement = if both_strands { table.complement() } else { None };
        let known = |token: u8| if usize::from(token) < letters { token } else { UNKNOWN };
        let strands = chosen
            .iter()
            .map(|&record| {
                let forward: Vec<u8> = sequences.sequence(record).iter().map(|&token| known(token)).collect();
                let turned = complement.map(|complement| {
                    let turn = |&token: &u8| if token == UNKNOWN { UNKNOWN } else { complement[usize::from(token)] };
                    forward.iter().rev().map(turn).collect()
                });
                std::iter::once(forward.clone()).chain(turned).collect()
            })
            .collect();
        Ok(Self { background, strands })
    }

    /// Strands of a sequence as they read; letters that are not known are none of the alphabet's.
    pub(crate) fn strands(&self, sequence: usize) -> &[Vec<u8>] {
        &self.strands[sequence]
    }

    /// Makes letters of a sequence unknown on all strands; places are those of the first one.
    pub(crate) fn mask(&mut self, sequence: usize, letters: Range<usize>) {
        for (number, strand) in self.strands[sequence].iter_mut().enumerate() {
            let length = strand.len();
            let range = if number == 0 { letters.clone() } else { length - letters.end..length - letters.start };
            strand[range].fill(UNKNOWN);
        }
    }

    pub(crate) fn background(&self) -> &Background {
        self.background
    }

    /// Fits a motif of the width of `start`; `None` if no sequence is as long.
    pub(crate) fn fit(&self, start: &Probabilities) -> Result<Option<Fit>, Error> {
        let (width, alphabet) = (start.width(), start.alphabet());
        let letters = alphabet.letters().len();
        let mut matrix = start.clone();
        let mut share = FIRST_SHARE;
        let mut sites = Vec::new();
        let mut ratios = Vec::new();
        let mut counts = vec![0.0; width * letters];
        for _ in 0..ROUNDS {
            sites.clear();
            counts.fill(0.0);
            let table = self.ratios(&matrix);
            let (mut expected, mut readable) = (0.0, 0usize);
            for (number, strands) in self.strands.iter().enumerate() {
                ratios.clear();
                for strand in strands {
                    ratios.extend(strand.windows(width).map(|window| likelihood_ratio(&table, letters, window)));
                }
                if ratios.is_empty() {
                    continue;
                }
                readable += 1;
                let prior = share / ratios.len() as f64;
                let total = 1.0 - share + prior * ratios.iter().sum::<f64>();
                let windows = ratios.len() / strands.len();
                for (at, ratio) in ratios.iter().enumerate() {
                    let probability = prior * ratio / total;
                    if probability > NEGLIGIBLE {
                        let (strand, start) = (at / windows, at % windows);
                        sites.push((number, strand, start, probability));
                        expected += probability;
                        add(&mut counts, letters, &strands[strand][start..start + width], probability);
                    }
                }
            }
            if readable == 0 {
                return Ok(None);
            }
            share = (expected / readable as f64).clamp(1e-6, 1.0 - 1e-6);
            let next = Counts::new(alphabet, counts.clone())?.probabilities(PSEUDOCOUNT, self.background)?;
            let moved = next.values().iter().zip(matrix.values()).fold(0.0f64, |most, (a, b)| most.max((a - b).abs()));
            matrix = next;
            if moved < AT_REST {
                break;
            }
        }
        let counts = Counts::new(alphabet, counts)?;
        Ok(Some(Fit { counts, probabilities: matrix, share, sites }))
    }

    /// The counts of a fit with `flank` columns more on both sides.
    pub(crate) fn widened(&self, fit: &Fit, flank: usize) -> Result<Counts, Error> {
        let alphabet = fit.probabilities.alphabet();
        let letters = alphabet.letters().len();
        let width = fit.probabilities.width() + 2 * flank;
        let mut counts = vec![0.0; width * letters];
        for &(number, strand, start, probability) in &fit.sites {
            let sequence = &self.strands[number][strand];
            let skipped = flank.saturating_sub(start);
            let from = (start + skipped).saturating_sub(flank);
            let to = (start + width - flank).min(sequence.len());
            add(&mut counts[skipped * letters..], letters, &sequence[from..to], probability);
        }
        Ok(Counts::new(alphabet, counts)?)
    }

    /// `µ_a/b_a` of every column.
    fn ratios(&self, matrix: &Probabilities) -> Vec<f64> {
        let frequencies = self.background.frequencies();
        matrix.columns().flat_map(|column| column.iter().zip(frequencies).map(|(value, b)| value / b)).collect()
    }
}

/// How much more probable a window is as a site; unknown letters say nothing.
fn likelihood_ratio(table: &[f64], letters: usize, window: &[u8]) -> f64 {
    let columns = table.chunks_exact(letters).zip(window);
    columns.map(|(column, &token)| column.get(usize::from(token)).copied().unwrap_or(1.0)).product()
}

/// Adds the letters of a site.
fn add(counts: &mut [f64], letters: usize, window: &[u8], weight: f64) {
    for (column, &token) in counts.chunks_exact_mut(letters).zip(window) {
        if let Some(count) = column.get_mut(usize::from(token)) {
            *count += weight;
        }
    }
}
