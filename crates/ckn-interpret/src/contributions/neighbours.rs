//! Stretches that are like one another, a few letters shifted and on either strand.

use ckn_bio::motif::{Counts, Probabilities};
use rayon::prelude::*;

use super::stretches::Stretch;
use crate::Error;
use crate::sites::Mixture;

/// Most stretches that a motif is begun from: those that add most.
const SEEDS: usize = 400;
/// Most letters that two stretches are shifted by.
const SHIFT: usize = 3;
/// Bandwidth of the kernel of two stretches, as that of networks: `exp(−mismatches/(l σ²))`.
const SIGMA: f64 = 0.3;
/// Share of the letters that neighbours may differ in.
const FARTHEST: f64 = 0.4;
/// Kernel value from which a stretch begins no other motif.
const LIKE: f64 = 0.3;

/// A stretch that is like a seed.
#[derive(Debug, Clone, Copy)]
struct Neighbour {
    stretch: usize,
    strand: usize,
    /// Where the seed's first letter lies on that strand.
    start: usize,
    /// Value of the kernel.
    kernel: f64,
}

/// Of each seed, the stretches that are like it, itself among them.
pub(super) struct Neighbours {
    of: Vec<Vec<Neighbour>>,
}

impl Neighbours {
    pub(super) fn new(mixture: &Mixture<'_>, stretches: &[Stretch]) -> Self {
        let seeds = stretches[..stretches.len().min(SEEDS)].par_iter();
        let of = |seed: &Stretch| {
            let word = &mixture.strands(seed.sequence)[0][seed.start..seed.start + seed.width];
            let found = stretches.iter().enumerate();
            found.filter_map(|(stretch, other)| nearest(word, mixture, stretch, other)).collect()
        };
        Self { of: seeds.map(of).collect() }
    }

    /// The seed whose neighbours add most to the scores, of those that are left, and what that is.
    pub(super) fn heaviest(&self, stretches: &[Stretch], left: &[bool]) -> Option<(usize, f64)> {
        let value = |neighbours: &Vec<Neighbour>| -> f64 {
            let still = neighbours.iter().filter(|neighbour| left[neighbour.stretch]);
            still.map(|neighbour| neighbour.kernel * stretches[neighbour.stretch].value).sum()
        };
        let seeds = self.of.iter().enumerate().filter(|(seed, _)| left[*seed]);
        seeds
            .map(|(seed, neighbours)| (seed, value(neighbours)))
            .reduce(|best, next| if next.1 > best.1 { next } else { best })
    }

    /// Letters of a seed's neighbours, by the kernel and by what they add to the scores; as many sites as neighbours.
    pub(super) fn matrix(
        &self,
        seed: usize,
        mixture: &Mixture<'_>,
        stretches: &[Stretch],
        left: &[bool],
    ) -> Result<Probabilities, Error> {
        let background = mixture.background();
        let (letters, width) = (background.frequencies().len(), stretches[seed].width);
        let mut counts = vec![0.0; width * letters];
        let (mut neighbours, mut total) = (0usize, 0.0);
        for neighbour in self.of[seed].iter().filter(|neighbour| left[neighbour.stretch]) {
            let stretch = &stretches[neighbour.stretch];
            let weight = neighbour.kernel * stretch.value;
            let tokens = &mixture.strands(stretch.sequence)[neighbour.strand];
            for (column, &token) in counts.chunks_exact_mut(letters).zip(&tokens[neighbour.start..]) {
                if let Some(count) = column.get_mut(usize::from(token)) {
                    *count += weight;
                }
            }
            neighbours += 1;
            total += weight;
        }
        counts.iter_mut().for_each(|count| *count *= neighbours as f64 / total);
        Ok(Counts::new(background.alphabet(), counts)?.probabilities(1.0, background)?)
    }

    /// The stretches that need no motif beside one begun from a seed.
    pub(super) fn like(&self, seed: usize) -> impl Iterator<Item = usize> {
        self.of[seed].iter().filter(|neighbour| neighbour.kernel >= LIKE).map(|neighbour| neighbour.stretch)
    }
}

/// How a word lies best over a stretch; `None` if it differs in too many letters.
fn nearest(word: &[u8], mixture: &Mixture<'_>, stretch: usize, other: &Stretch) -> Option<Neighbour> {
    let width = word.len();
    let most = (FARTHEST * width as f64) as usize;
    let mut best: Option<(usize, usize, usize)> = None;
    for (strand, tokens) in mixture.strands(other.sequence).iter().enumerate() {
        let start = if strand == 0 { other.start } else { tokens.len() - other.start - width };
        for first in start.saturating_sub(SHIFT)..=(start + SHIFT).min(tokens.len() - width) {
            let limit = best.map_or(most + 1, |(mismatches, ..)| mismatches);
            let mismatches = word.iter().zip(&tokens[first..]).filter(|(a, b)| a != b).take(limit).count();
            if mismatches < limit {
                best = Some((mismatches, strand, first));
            }
        }
    }
    let (mismatches, strand, start) = best?;
    let kernel = (-(mismatches as f64) / (width as f64 * SIGMA * SIGMA)).exp();
    Some(Neighbour { stretch, strand, start, kernel })
}
