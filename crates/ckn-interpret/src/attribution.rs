//! What each position of a sequence contributes to its score.

mod hypothetical;
mod matching;
mod random_letters;
mod shares;
mod way;

use ckn_core::kernel::DotProductKernel;
use ckn_core::pooling::{Border, Strands};
use ckn_core::{LetterSpace, TokenView};
use rayon::prelude::*;

use self::matching::Matching;
use self::random_letters::RandomLetters;
use self::shares::WindowSum;
pub use self::way::AttributionWay;
use crate::path_integral::{PathIntegral, Rise};
use crate::single_layer::SingleLayer;
use crate::{Error, Explainer, Mutagenesis};

/// Letters of the changed sequences that are scored at once.
const LETTERS: usize = 1 << 22;

/// What each position of a sequence contributes to its score.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// Score of the sequence.
    pub score: f64,
    /// Score of unknown or random letters ([`AttributionWay`]), which with all contributions sums to the score; `None` where they do
    /// not sum to anything.
    pub baseline: Option<f64>,
    /// Contribution of each position.
    pub contributions: Vec<f64>,
}

impl Explainer<'_> {
    /// What each position contributes, for each sequence, by [`Self::default_way`]; the result does not depend on the number of
    /// threads.
    ///
    /// For networks of one layer (mean, sum and max pooling), exact machines on words of up to 12 letters of four, and ensembles of
    /// these, a score is a sum over windows, and what a window adds is shared among its letters, so that `score = baseline + Σ contributions` up to rounding in `f64`. For all other models, a contribution is what
    /// the score loses when the letter is unknown; these do not sum to the score, and there is no baseline.
    ///
    /// # Errors
    /// [`Error::Model`] for sequences that are too short or of another alphabet.
    pub fn attribute(&self, view: TokenView<'_>) -> Result<Vec<Attribution>, Error> {
        self.attribute_by(view, self.default_way())
    }

    /// The rule of [`Self::attribute`], which is the best one on simulated sequences: for networks of one layer
    /// [`AttributionWay::Matches`] with max pooling and [`AttributionWay::Shapley`] with mean or sum pooling
    /// ([`AttributionWay::Gradient`] if the kernel is not exponential); [`AttributionWay::Matches`] for exact machines that are tables
    /// of words, and for ensembles of sums over windows; [`AttributionWay::Occlusion`] for all other models.
    pub fn default_way(&self) -> AttributionWay {
        if self.is_sum_over_windows() { self.reader.default_way() } else { AttributionWay::Occlusion }
    }

    /// What each position contributes by a rule, for each sequence; the result does not depend on the number of threads.
    ///
    /// By the first three rules, contributions and baseline sum to the score. Mean and sum pooling add all windows; a maximum
    /// is divided among the windows of which each could be the best one (by [`AttributionWay::Gradient`]: given to the best).
    /// Where the larger strand counts, these are its windows; where the mean counts, the mean of both strands, always at
    /// the place on the forward strand. Ensembles have the sum of their members, each times its weight.
    ///
    /// # Errors
    /// [`Error::Way`] for a rule that the model does not allow; [`Error::Model`] for sequences that are too short or of another
    /// alphabet.
    pub fn attribute_by(&self, view: TokenView<'_>, way: AttributionWay) -> Result<Vec<Attribution>, Error> {
        match way {
            AttributionWay::Occlusion => self.occlude(view),
            AttributionWay::Substitution => self.substitute(view),
            AttributionWay::Matches | AttributionWay::Shapley | AttributionWay::Gradient => {
                self.reader.attribute(view, way)
            }
        }
    }

    /// What the score loses, on average, by another letter at each position.
    fn substitute(&self, view: TokenView<'_>) -> Result<Vec<Attribution>, Error> {
        let of_mutants = |mutants: Mutagenesis| {
            let score = mutants.before;
            let mut sums = vec![(0.0, 0usize); mutants.positions()];
            for substitution in mutants.effects() {
                let (sum, count) = &mut sums[substitution.position];
                *sum += score - substitution.effect.after;
                *count += 1;
            }
            let contributions = sums.iter().map(|&(sum, count)| sum / count.max(1) as f64).collect();
            Attribution { score, baseline: None, contributions }
        };
        Ok(self.mutagenesis(view)?.into_iter().map(of_mutants).collect())
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

/// How a part of the score is divided among windows, and then among the letters of each.
enum Division {
    Gradient(PathIntegral),
    Matches(Matching, Vec<f64>),
    Shapley(RandomLetters, Vec<f64>),
}

impl Division {
    fn new(layer: &SingleLayer, way: AttributionWay) -> Result<Self, Error> {
        let (letters, filters, width) = (layer.table().letters(), layer.filters, layer.width);
        Ok(match (way, layer.kernel) {
            (AttributionWay::Shapley, DotProductKernel::Exponential { sigma }) => {
                let random = RandomLetters::new(sigma, &layer.products, filters, letters, width);
                let neutral = random.neutral();
                Self::Shapley(random, neutral)
            }
            (AttributionWay::Shapley, _) => {
                return Err(Error::Way { way: way.name(), needs: "the exponential kernel" });
            }
            (AttributionWay::Gradient, kernel) => {
                Self::Gradient(PathIntegral::new(kernel, &layer.products, filters, letters, width))
            }
            (_, kernel) => {
                let matching = Matching::new(kernel, &layer.products, filters, letters, width);
                let neutral = matching.neutral(&layer.letters);
                Self::Matches(matching, neutral)
            }
        })
    }

    /// The windows that a score is a sum over.
    fn windows(&self, layer: &SingleLayer, reading: &[u8]) -> Result<WindowSum, Error> {
        let windows = layer.border.windows(reading.len(), layer.width);
        match self {
            Self::Gradient(_) => layer.best_windows(reading, windows),
            Self::Matches(_, neutral) | Self::Shapley(_, neutral) => layer.shared_windows(reading, windows, neutral),
        }
    }

    /// Adds what each letter of a window contributes.
    fn add(&self, space: &LetterSpace, letters: &[(usize, u8)], weights: &[f64], contributions: &mut [f64]) -> Rise {
        match self {
            Self::Gradient(integral) => integral.add(space, letters, weights, contributions),
            Self::Matches(matching, _) => matching.add(space, letters, weights, contributions),
            Self::Shapley(random, _) => random.add(space, letters, weights, contributions),
        }
    }
}

impl SingleLayer {
    /// Of all sequences.
    pub(crate) fn attribute_all(&self, view: TokenView<'_>, way: AttributionWay) -> Result<Vec<Attribution>, Error> {
        let division = Division::new(self, way)?;
        view.check_width(if self.border == Border::Valid { self.width } else { 1 })?;
        (0..view.len()).into_par_iter().map(|record| self.attribute(&division, view.sequence(record))).collect()
    }

    /// Of one sequence.
    fn attribute(&self, division: &Division, tokens: &[u8]) -> Result<Attribution, Error> {
        let mut forward = self.attribute_reading(division, tokens)?;
        let readings = self.readings(tokens);
        let Some(turned) = readings.get(1) else { return Ok(forward) };
        let mut reverse = self.attribute_reading(division, turned)?;
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
    fn attribute_reading(&self, division: &Division, reading: &[u8]) -> Result<Attribution, Error> {
        let WindowSum { constant, windows } = division.windows(self, reading)?;
        let mut contributions = vec![0.0; reading.len()];
        let (mut score, mut baseline) = (self.intercept + constant, self.intercept + constant);
        let before = self.border.before(self.width);
        for (window, weights) in windows {
            // Places before the sequence and after it are empty.
            let (first, last) = (window.saturating_sub(before), reading.len().min(window + self.width - before));
            let letters: Vec<(usize, u8)> = (first..last).map(|at| (at + before - window, reading[at])).collect();
            let rise = division.add(&self.letters, &letters, &weights, &mut contributions[first..last]);
            score += rise.value;
            baseline += rise.neutral;
        }
        Ok(Attribution { score, baseline: Some(baseline), contributions })
    }
}
