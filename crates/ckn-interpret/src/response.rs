//! A projected matrix as the whole function sees it.
//!
//! A projection is as sharp as its anchor happens to be, and an anchor moves in training for the sake of the score, not of its
//! information. The function itself says how much each letter matters: words that could stand by chance are weighed by what they
//! add to the score, as sites would be counted from sequences.

use ckn_bio::motif::Probabilities;
use ckn_core::kernel::DotProductKernel;
use ckn_core::seed::Random;
use ckn_model::NetworkView;

use crate::Error;
use crate::neighbourhood::Neighbourhood;
use crate::projection::by_position;
use crate::weights::multiply;

/// Words that are drawn.
const WORDS: usize = 40_000;
/// Share of the largest response below which a word adds nothing: what the kernel's tails add everywhere. Chosen on simulated
/// sites, where it gives matrices the information of those that were planted.
const FLOOR: f64 = 0.15;

/// What a window adds to the score of a network of one layer, up to the pooling: `f(x) = Σ_i β_i κ(⟨z_i, x⟩/√l)`, `β = R w`.
#[derive(Debug, Clone)]
pub(crate) struct WindowFunction {
    /// Of anchors and letters, `[filters, width, letters]`.
    products: Vec<f64>,
    beta: Vec<f64>,
    kernel: DotProductKernel,
    letters: usize,
    width: usize,
}

impl WindowFunction {
    /// The function of an output; `None` for networks of several layers.
    pub(crate) fn of(model: NetworkView<'_>, output: usize) -> Result<Option<Self>, Error> {
        let heads = model.heads().len();
        let Some(head) = model.heads().get(output) else { return Err(Error::Output { got: output, heads }) };
        let [layer] = model.network().layers() else { return Ok(None) };
        let (letters, width) = (layer.channels(), layer.width());
        Ok(Some(Self {
            products: by_position(&model.network().letter_products()?, letters, width),
            beta: multiply(model.network().inverse_root(0)?.matrix(), head.weights()),
            kernel: layer.kernel(),
            letters,
            width,
        }))
    }

    /// `E[(f(x) − t)₊ 1{x_j = a}]`, scaled to columns of sum one, over words `x` of the background in the neighbourhood of an
    /// anchor, with `t` 0.15 of the largest; `start` itself where no word adds to the score.
    ///
    /// Words are drawn from the mean of `start` and a flat matrix, and weighed back.
    pub(crate) fn response(
        &self,
        anchor: usize,
        start: &Probabilities,
        random: &mut Random,
    ) -> Result<Probabilities, Error> {
        let (letters, width) = (self.letters, self.width);
        let flat = 1.0 / letters as f64;
        let halfway = start.values().iter().map(|value| 0.5 * (value + flat)).collect();
        let proposal = Probabilities::new(start.alphabet(), halfway)?;
        let norm = (width as f64).sqrt();
        let closest = 1.0 - 0.5 * Neighbourhood::ThreeBandwidths.radius(&self.kernel, self.beta.len()).powi(2);
        let mut words: Vec<u8> = Vec::with_capacity(WORDS * width);
        let mut found: Vec<(f64, f64)> = Vec::with_capacity(WORDS);
        let mut word = vec![0u8; width];
        for _ in 0..WORDS {
            proposal.draw(&mut word, random);
            let shares =
                word.iter().zip(proposal.columns()).map(|(&letter, column)| flat / column[usize::from(letter)]);
            let weight: f64 = shares.product();
            if self.product(anchor, &word) / norm < closest {
                continue;
            }
            let value: f64 = (0..self.beta.len())
                .map(|anchor| self.beta[anchor] * self.kernel.value((self.product(anchor, &word) / norm).min(1.0)))
                .sum();
            found.push((value, weight));
            words.extend_from_slice(&word);
        }
        let floor = FLOOR * found.iter().fold(0.0f64, |most, (value, _)| most.max(*value));
        let mut sums = vec![0.0; width * letters];
        for ((value, weight), word) in found.iter().zip(words.chunks_exact(width)) {
            let weight = weight * (value - floor).max(0.0);
            word.iter().enumerate().for_each(|(position, &letter)| {
                sums[position * letters + usize::from(letter)] += weight;
            });
        }
        let total: f64 = sums[..letters].iter().sum();
        if total <= 0.0 {
            return Ok(start.clone());
        }
        sums.iter_mut().for_each(|sum| *sum /= total);
        Ok(Probabilities::new(start.alphabet(), sums)?)
    }

    /// `⟨z_i, x⟩`.
    fn product(&self, anchor: usize, word: &[u8]) -> f64 {
        let size = self.letters * self.width;
        let columns = self.products[anchor * size..(anchor + 1) * size].chunks_exact(self.letters);
        columns.zip(word).map(|(column, &letter)| column[usize::from(letter)]).sum()
    }
}
