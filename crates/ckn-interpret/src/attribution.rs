//! What each position of a sequence contributes to its score.

use ckn_core::TokenView;
use ckn_core::pooling::{Border, Strands, WindowPooling};
use rayon::prelude::*;

use crate::path_integral::PathIntegral;
use crate::single_layer::SingleLayer;
use crate::{Error, Explainer};

/// Letters of the changed sequences that are scored at once.
const LETTERS: usize = 1 << 22;

/// What each position of a sequence contributes to its score.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// Score of the sequence.
    pub score: f64,
    /// Score that unknown letters would have, which with all contributions sums to the score; `None` where contributions do
    /// not sum to anything.
    pub baseline: Option<f64>,
    /// Contribution of each position.
    pub contributions: Vec<f64>,
}

impl Explainer<'_> {
    /// What each position contributes, for each sequence; the result does not depend on the number of threads.
    ///
    /// For networks of one layer (mean, sum and max pooling) a score is a sum over windows: of mean and sum pooling over all of
    /// them, of max pooling over the best window of each coordinate. What a window adds above the same window of unknown letters
    /// is spread over its letters by integrated gradients, so that `score = baseline + Σ contributions` up to rounding in
    /// `f64`. Where the larger strand counts, these are its windows; where the mean counts, the mean of both strands, always at
    /// the place on the forward strand.
    ///
    /// For exact machines that are tables of words, a pair of windows gives what it adds to the letters that match in it, in equal
    /// parts ([`LetterRule::Matches`](ckn_core::mismatch::LetterRule)). For ensembles, contributions are those of the members, each
    /// times its weight.
    ///
    /// For all other models, a contribution is what the score loses when the letter is unknown (occlusion); these do not sum
    /// to the score, and there is no baseline.
    ///
    /// # Errors
    /// [`Error::Model`] for sequences that are too short or of another alphabet.
    pub fn attribute(&self, view: TokenView<'_>) -> Result<Vec<Attribution>, Error> {
        match self.reader.attribute(view)? {
            Some(attributions) => Ok(attributions),
            None => self.occlude(view),
        }
    }

    /// What the score loses without each letter.
    fn occlude(&self, view: TokenView<'_>) -> Result<Vec<Attribution>, Error> {
        let unknown = self.alphabet.unknown();
        let mut attributions = Vec::with_capacity(view.len());
        for (record, score) in self.scores(view)?.into_iter().enumerate() {
            let sequence = view.sequence(record);
            let mut contributions = Vec::with_capacity(sequence.len());
            let at_once = (LETTERS / sequence.len().max(1)).max(1);
            for first in (0..sequence.len()).step_by(at_once) {
                let positions = first..sequence.len().min(first + at_once);
                let mut tokens = sequence.repeat(positions.len());
                for (copy, position) in tokens.chunks_exact_mut(sequence.len()).zip(positions.clone()) {
                    copy[position] = unknown;
                }
                let offsets: Vec<usize> = (0..=positions.len()).map(|copy| copy * sequence.len()).collect();
                let without = self.scores(TokenView::new(&tokens, &offsets, view.table())?)?;
                contributions.extend(without.iter().map(|without| score - without));
            }
            attributions.push(Attribution { score, baseline: None, contributions });
        }
        Ok(attributions)
    }
}

impl Attribution {
    /// Adds another model's, times its weight.
    pub(crate) fn add(&mut self, weight: f64, other: &Self) {
        self.score += weight * other.score;
        self.baseline = self.baseline.zip(other.baseline).map(|(sum, baseline)| sum + weight * baseline);
        self.contributions.iter_mut().zip(&other.contributions).for_each(|(sum, value)| *sum += weight * value);
    }
}

impl SingleLayer {
    /// Of all sequences.
    pub(crate) fn attribute_all(&self, view: TokenView<'_>) -> Result<Vec<Attribution>, Error> {
        view.check_width(if self.border == Border::Valid { self.width } else { 1 })?;
        let integral = PathIntegral::new(self.kernel, &self.anchors, self.filters, self.table.letters(), self.width);
        (0..view.len()).into_par_iter().map(|record| self.attribute(&integral, view.sequence(record))).collect()
    }

    /// Of one sequence.
    fn attribute(&self, integral: &PathIntegral, tokens: &[u8]) -> Result<Attribution, Error> {
        let mut forward = self.attribute_reading(integral, tokens)?;
        let readings = self.readings(tokens);
        let Some(turned) = readings.get(1) else { return Ok(forward) };
        let mut reverse = self.attribute_reading(integral, turned)?;
        reverse.contributions.reverse();
        if self.strands == Strands::Max {
            return Ok(if reverse.score > forward.score { reverse } else { forward });
        }
        let mean = |left: f64, right: f64| 0.5 * (left + right);
        forward.score = mean(forward.score, reverse.score);
        forward.baseline = forward.baseline.zip(reverse.baseline).map(|(left, right)| mean(left, right));
        for (left, right) in forward.contributions.iter_mut().zip(&reverse.contributions) {
            *left = mean(*left, *right);
        }
        Ok(forward)
    }

    /// Of one strand as it reads.
    fn attribute_reading(&self, integral: &PathIntegral, reading: &[u8]) -> Result<Attribution, Error> {
        let windows = self.border.windows(reading.len(), self.width);
        let mut contributions = vec![0.0; reading.len()];
        let (mut score, mut baseline) = (self.intercept, self.intercept);
        for (window, weights) in self.window_weights(reading, windows)? {
            let before = self.border.before(self.width);
            // Places before the sequence and after it are empty.
            let (first, last) = (window.saturating_sub(before), reading.len().min(window + self.width - before));
            let letters: Vec<(usize, u8)> = (first..last).map(|at| (at + before - window, reading[at])).collect();
            let rise = integral.add(&self.table, &letters, &weights, &mut contributions[first..last]);
            score += rise.value;
            baseline += rise.neutral;
        }
        Ok(Attribution { score, baseline: Some(baseline), contributions })
    }

    /// The windows that the score is a sum over, and the weight of each kernel value in its part, `v = Rᵀ w`.
    fn window_weights(&self, reading: &[u8], windows: usize) -> Result<Vec<(usize, Vec<f64>)>, Error> {
        let add = |sums: &mut [f64], coordinate: usize, weight: f64| {
            let row = &self.root()[coordinate * self.filters..][..self.filters];
            sums.iter_mut().zip(row).for_each(|(sum, root)| *sum += weight * root);
        };
        if self.pooled == WindowPooling::Sums {
            let share = self.pooling.share(windows);
            let mut sums = vec![0.0; self.filters];
            self.weights.iter().enumerate().for_each(|(coordinate, weight)| add(&mut sums, coordinate, share * weight));
            return Ok((0..windows).map(|window| (window, sums.clone())).collect());
        }
        let coordinates = self.coordinates(reading)?;
        let mut peaks: Vec<(usize, usize)> = (0..self.filters)
            .map(|coordinate| {
                let value = |window: usize| coordinates[window * self.filters + coordinate];
                let best = (1..windows).fold(0, |best, window| if value(window) > value(best) { window } else { best });
                (best, coordinate)
            })
            .collect();
        peaks.sort_unstable();
        let of_window = |same: &[(usize, usize)]| {
            let mut sums = vec![0.0; self.filters];
            same.iter().for_each(|&(_, coordinate)| add(&mut sums, coordinate, self.weights[coordinate]));
            (same[0].0, sums)
        };
        Ok(peaks.chunk_by(|left, right| left.0 == right.0).map(of_window).collect())
    }
}
