//! The value of every word under a network of one layer whose pooling is a sum: a table in place of many anchor points.

use std::ops::Range;

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

use super::CheckedConfig;
use crate::kernel::DotProductKernel;
use crate::mismatch::MAX_WORD;
use crate::pooling::WindowPooling;
use crate::{Error, Scalar};

/// Letters of the alphabet.
const LETTERS: usize = 4;

/// Anchor points below which a window's sum over them takes no longer than looking it up.
const FEWEST_FILTERS: usize = 64;

/// First halves of words that one product takes.
const ROWS: usize = 64;

impl CheckedConfig {
    /// Whether a table of all words is worth its time: networks of one layer of many anchor points, of an exponential kernel, on
    /// words of up to 12 of four letters, pooled by sums.
    pub fn has_word_values(&self) -> bool {
        let [layer] = &self.layers[..] else { return false };
        self.letters == LETTERS
            && layer.width <= MAX_WORD
            && layer.filters >= FEWEST_FILTERS
            && matches!(layer.kernel, DotProductKernel::Exponential { .. })
            && self.by_windows() == Some(WindowPooling::Sums)
    }

    /// `Σ_i v_i ‖z‖ κ(z_i ᵀz/‖z‖)` of every word `z` of known letters; with `v = Rᵀ w`, `⟨w, R k(z)⟩`.
    ///
    /// The exponential is a product of a factor for each letter: with a word cut in two, the table is the product of a matrix of
    /// first halves by anchor points and one of anchor points by second halves.
    ///
    /// # Shapes
    /// anchors `[filters, letters, width]`, of unit norm; weights `v` `[filters]` → `[4^width]`, the first letter the most
    /// significant digit.
    ///
    /// # Errors
    /// [`Error::Parameter`] if [`Self::has_word_values`] is false; [`Error::Shape`] if a slice does not fit.
    pub fn word_values<A: Scalar, S: Scalar>(&self, anchors: &[A], weights: &[f64]) -> Result<Vec<S>, Error> {
        let (true, [layer]) = (self.has_word_values(), &self.layers[..]) else {
            return Err(Error::Parameter {
                name: "table of words",
                got: 0.0,
                expected: "of sums over many anchor points",
            });
        };
        let (filters, width) = (layer.filters, layer.width);
        crate::error::check_length("anchor points", filters * LETTERS * width, anchors.len())?;
        crate::error::check_length("weights of the anchor points", filters, weights.len())?;
        let by_letter = self.letter_products(anchors)?;
        let (norm, alpha) = ((width as f64).sqrt(), layer.kernel.alpha().unwrap_or_default());
        // κ(u) = exp(α (u − 1)), and u is a sum over positions: each gives its share of it.
        let factors = |position: usize, letter: usize| -> Vec<f64> {
            let entries = by_letter.iter().skip(letter * width + position).step_by(LETTERS * width);
            entries.map(|entry| (alpha * (entry / norm - 1.0 / width as f64)).exp()).collect()
        };
        let scaled: Vec<f64> = weights.iter().map(|weight| norm * weight).collect();
        let first = products(0..width / 2, &factors, vec![1.0; filters]);
        let second = products(width / 2..width, &factors, scaled);
        let columns = second.len() / filters;
        let mut values = vec![S::zero(); first.len() / filters * columns];
        let second = MatRef::from_row_major_slice(&second, columns, filters).transpose();
        let blocks = values.par_chunks_mut(ROWS * columns).zip(first.par_chunks(ROWS * filters));
        blocks.for_each_init(Vec::new, |block, (values, first)| {
            let rows = first.len() / filters;
            block.resize(values.len(), 0.0);
            let out = MatMut::from_row_major_slice_mut(block, rows, columns);
            matmul(out, Accum::Replace, MatRef::from_row_major_slice(first, rows, filters), second, 1.0, Par::Seq);
            values.iter_mut().zip(&*block).for_each(|(value, &wide)| *value = S::of(wide));
        });
        Ok(values)
    }
}

/// Products of the factors of the letters of every word of some positions, times those of no letter, `[words, filters]`.
fn products(positions: Range<usize>, factors: &impl Fn(usize, usize) -> Vec<f64>, start: Vec<f64>) -> Vec<f64> {
    let filters = start.len();
    positions.fold(start, |shorter, position| {
        let factors: Vec<f64> = (0..LETTERS).flat_map(|letter| factors(position, letter)).collect();
        let mut longer = Vec::with_capacity(LETTERS * shorter.len());
        for row in shorter.chunks_exact(filters) {
            for factors in factors.chunks_exact(filters) {
                longer.extend(row.iter().zip(factors).map(|(product, factor)| product * factor));
            }
        }
        longer
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::network::{LayerConfig, NetworkConfig, Prepared};
    use crate::pooling::{Border, Pooling, Strands};
    use crate::seed::Seed;
    use crate::whitening::Regularisation;
    use crate::{LetterTable, TokenView, head::LinearHead, kernel::DotProductKernel};
    use rand::RngExt;

    #[test]
    fn the_table_holds_the_score_of_every_word() {
        let mut random = Seed(3).stream("anchors");
        for (width, sigma) in [(5, 0.4), (2, 1.0), (1, 0.5)] {
            let kernel = DotProductKernel::Exponential { sigma };
            let layer = LayerConfig { filters: 70, width, kernel, subsampling: 1 };
            let (pooling, strands, border) = (Pooling::Sum, Strands::Forward, Border::Valid);
            let regularisation = Regularisation::Shift { epsilon: 0.1 };
            let config = NetworkConfig {
                letters: 4,
                layers: vec![layer],
                pooling,
                strands,
                border,
                regularisation,
                ..NetworkConfig::of_one_layer(4, 1, 1)
            };
            let config = config.check().unwrap();
            assert!(config.has_word_values());
            let mut anchors: Vec<f64> = (0..70 * 4 * width).map(|_| random.random_range(0.0..1.0)).collect();
            for anchor in anchors.chunks_exact_mut(4 * width) {
                let norm = anchor.iter().map(|value| value * value).sum::<f64>().sqrt();
                anchor.iter_mut().for_each(|value| *value /= norm);
            }
            let weights: Vec<f64> = (0..70).map(|_| random.random_range(-1.0..1.0)).collect();
            let table = LetterTable::new(4, &[0.25; 4], None).unwrap();
            let prepared = Prepared::<f64>::new(&config, &[&anchors], &table).unwrap();
            let mut patch_weights = vec![0.0; 70];
            for (row, weight) in prepared.inverse_root(0).matrix().chunks_exact(70).zip(&weights) {
                patch_weights.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
            }
            let values: Vec<f64> = config.word_values(&anchors, &patch_weights).unwrap();
            let words = 1usize << (2 * width);
            let letter = |word: usize, at: usize| (word >> (2 * (width - 1 - at)) & 3) as u8;
            let tokens: Vec<u8> = (0..words).flat_map(|word| (0..width).map(move |at| letter(word, at))).collect();
            let offsets: Vec<usize> = (0..=words).map(|word| word * width).collect();
            let heads = [LinearHead::new(weights, 0.0).unwrap()];
            let scores = prepared.scores(&heads, TokenView::new(&tokens, &offsets, &table).unwrap()).unwrap();
            for (word, (value, score)) in values.iter().zip(scores).enumerate() {
                assert!((value - score).abs() < 1e-10 * (1.0 + score.abs()), "word {word}: {value} {score}");
            }
        }
    }
}
