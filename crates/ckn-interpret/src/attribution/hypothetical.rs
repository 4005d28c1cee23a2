//! What letters would contribute that do not stand there.

use ckn_core::TokenView;

use super::{AttributionWay, LETTERS};
use crate::{Error, Explainer};

impl Explainer<'_> {
    /// What each letter would contribute by a rule if it stood at a position and nothing else changed, for each sequence: the
    /// contribution of the position in [`Self::attribute_by`] of the changed sequence. Of the letter that stands there it is its
    /// contribution; TF-MoDISco calls these numbers hypothetical contributions.
    ///
    /// # Shapes
    /// One `[positions, letters]` a sequence.
    ///
    /// # Errors
    /// Those of [`Self::attribute_by`].
    pub fn hypothetical(&self, view: TokenView<'_>, way: AttributionWay) -> Result<Vec<Vec<f64>>, Error> {
        match way {
            AttributionWay::Matches | AttributionWay::Shapley | AttributionWay::Gradient => {
                self.hypothetical_windows(view, way)
            }
            AttributionWay::Substitution => self.hypothetical_substitutions(view),
            AttributionWay::Occlusion => self.hypothetical_occlusions(view),
        }
    }

    /// Contributions in every sequence that differs in one letter, a few sequences at a time.
    fn hypothetical_windows(&self, view: TokenView<'_>, way: AttributionWay) -> Result<Vec<Vec<f64>>, Error> {
        let letters = view.table().letters();
        let mut all = Vec::with_capacity(view.len());
        let (mut tokens, mut offsets, mut places) = (Vec::new(), vec![0], Vec::new());
        for record in 0..view.len() {
            let sequence = view.sequence(record);
            all.push(vec![0.0; sequence.len() * letters]);
            for position in 0..sequence.len() {
                for letter in 0..letters {
                    let start = tokens.len();
                    tokens.extend_from_slice(sequence);
                    tokens[start + position] = letter as u8;
                    offsets.push(tokens.len());
                    places.push((record, position, letter));
                }
            }
            if tokens.len() >= LETTERS || record + 1 == view.len() {
                let changed = TokenView::new(&tokens, &offsets, view.table())?;
                let attributions = self.attribute_by(changed, way)?;
                for (&(record, position, letter), attribution) in places.iter().zip(attributions) {
                    all[record][position * letters + letter] = attribution.contributions[position];
                }
                tokens.clear();
                offsets.truncate(1);
                places.clear();
            }
        }
        Ok(all)
    }

    /// The score with a letter, less the mean of those with each other letter.
    fn hypothetical_substitutions(&self, view: TokenView<'_>) -> Result<Vec<Vec<f64>>, Error> {
        let letters = view.table().letters();
        let others = (letters - 1).max(1) as f64;
        let less_mean = |scores: Vec<f64>| -> Vec<f64> {
            let rows = scores.chunks_exact(letters).flat_map(|row| {
                let sum: f64 = row.iter().sum();
                row.iter().map(move |score| score - (sum - score) / others)
            });
            rows.collect()
        };
        Ok(self.scores_of_letters(view)?.into_iter().map(less_mean).collect())
    }

    /// The score with a letter, less that without any.
    fn hypothetical_occlusions(&self, view: TokenView<'_>) -> Result<Vec<Vec<f64>>, Error> {
        let letters = view.table().letters();
        let mut all = self.scores_of_letters(view)?;
        for (scores, attribution) in all.iter_mut().zip(self.attribute_by(view, AttributionWay::Occlusion)?) {
            for (row, contribution) in scores.chunks_exact_mut(letters).zip(&attribution.contributions) {
                row.iter_mut().for_each(|score| *score -= attribution.score - contribution);
            }
        }
        Ok(all)
    }

    /// Scores with each letter at each position, `[positions, letters]` a sequence.
    fn scores_of_letters(&self, view: TokenView<'_>) -> Result<Vec<Vec<f64>>, Error> {
        let letters = view.table().letters();
        let of_mutants = |(record, mutants): (usize, crate::Mutagenesis)| {
            let mut scores = vec![mutants.before; view.sequence(record).len() * letters];
            for substitution in mutants.effects() {
                let place = substitution.position * letters + usize::from(substitution.alternative);
                scores[place] = substitution.effect.after;
            }
            scores
        };
        Ok(self.mutagenesis(view)?.into_iter().enumerate().map(of_mutants).collect())
    }
}
