//! The kernel of whole sequences as a quadratic form of weights.

use ckn_core::mismatch::{MAX_WORD, WordOperator, Words, gram, own_kernels};
use ckn_core::{TokenView, require_memory};

use super::DependenceSettings;
use crate::Error;

/// Letters of alphabets whose words have tables.
const LETTERS: usize = 4;

/// The quadratic form of the normalised kernel.
pub(super) enum Form {
    /// Of alphabets of four letters: by the table of all words.
    Words { words: Words, operator: WordOperator, scales: Vec<f64> },
    /// Written out, `[sequences, sequences]`.
    Matrix(Vec<f32>),
}

impl Form {
    pub(super) fn new(view: TokenView<'_>, settings: &DependenceSettings) -> Result<Self, Error> {
        let DependenceSettings { width, profile, both_strands, .. } = *settings;
        let own = own_kernels(view, width, both_strands, &profile)?;
        // Sequences without a window of known letters are zero.
        let scales: Vec<f64> = own.iter().map(|&own| if own > 0.0 { 1.0 / own.sqrt() } else { 0.0 }).collect();
        if view.table().letters() == LETTERS && width <= MAX_WORD {
            // The table holds the words of both strands, and the kernel compares those of one with those of both.
            let strands: f64 = if both_strands { 2.0 } else { 1.0 };
            let scales = scales.into_iter().map(|scale| scale / strands.sqrt()).collect();
            let words = Words::new(view, width, both_strands)?;
            return Ok(Self::Words { words, operator: WordOperator::new(width, &profile)?, scales });
        }
        require_memory("the kernel matrix of the sequences", 8 * (view.len() as u64).pow(2))?;
        let mut matrix = gram(view, width, both_strands, &[profile])?.into_values();
        for (row, scale) in matrix.chunks_exact_mut(view.len().max(1)).zip(&scales) {
            row.iter_mut().zip(&scales).for_each(|(value, other)| *value *= (scale * other) as f32);
        }
        Ok(Self::Matrix(matrix))
    }

    /// `Σ_ij w_i w_j K(x_i, x_j)`.
    pub(super) fn energy(&self, weights: &[f64], table: &mut Vec<f32>) -> Result<f64, Error> {
        match self {
            Self::Words { words, operator, scales } => {
                table.clear();
                table.resize(operator.words(), 0.0);
                for (record, (weight, scale)) in weights.iter().zip(scales).enumerate() {
                    words.add(record, (weight * scale) as f32, table);
                }
                Ok(operator.energy(table)?)
            }
            Self::Matrix(matrix) => {
                let rows = matrix.chunks_exact(weights.len().max(1)).zip(weights);
                let products = rows.map(|(row, weight)| {
                    weight * row.iter().zip(weights).map(|(value, other)| f64::from(*value) * other).sum::<f64>()
                });
                Ok(products.sum())
            }
        }
    }

    /// The squared discrepancy of two classes, without bias; `None` unless labels are 0 and 1, at least two of each.
    pub(super) fn discrepancy(&self, labels: &[f64]) -> Result<Option<f64>, Error> {
        let positives = labels.iter().filter(|&&label| label == 1.0).count() as f64;
        let negatives = labels.iter().filter(|&&label| label == 0.0).count() as f64;
        if positives + negatives < labels.len() as f64 || positives < 2.0 || negatives < 2.0 {
            return Ok(None);
        }
        let sum = |of: &dyn Fn(f64) -> f64| {
            let weights: Vec<f64> = labels.iter().map(|&label| of(label)).collect();
            self.energy(&weights, &mut Vec::new())
        };
        let (within_positives, within_negatives) = (sum(&|label| label)?, sum(&|label| 1.0 - label)?);
        let between = 0.5 * (sum(&|_| 1.0)? - within_positives - within_negatives);
        let (own_positives, own_negatives) = self.own(labels);
        Ok(Some(
            (within_positives - own_positives) / (positives * (positives - 1.0))
                + (within_negatives - own_negatives) / (negatives * (negatives - 1.0))
                - 2.0 * between / (positives * negatives),
        ))
    }

    /// Sum of `K(x, x)` of positives and of negatives: 1 each, but for sequences without a window.
    fn own(&self, labels: &[f64]) -> (f64, f64) {
        let is_there = |record: usize| match self {
            Self::Words { scales, .. } => scales[record] > 0.0,
            Self::Matrix(matrix) => matrix[record * (labels.len() + 1)] > 0.0,
        };
        let count = |positive: bool| {
            let of_class = labels.iter().enumerate().filter(|(_, label)| (**label > 0.5) == positive);
            of_class.filter(|(record, _)| is_there(*record)).count() as f64
        };
        (count(true), count(false))
    }
}
