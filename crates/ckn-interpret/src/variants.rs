//! What variants of a genome do to the score of their surroundings.

use std::ops::Range;

use ckn_core::TokenView;
use ckn_core::seed::{Random, Seed};
use rand::RngExt;

use crate::{Effect, Error, Explainer};

/// Draws of a place in a context before it is given up, where most letters are unknown.
const DRAWS: usize = 64;

/// Effects of random substitutions, to compare others with.
#[derive(Debug, Clone, PartialEq)]
pub struct NullEffects {
    /// Absolute differences in ascending order.
    sizes: Vec<f64>,
}

impl NullEffects {
    /// Number of substitutions.
    pub fn len(&self) -> usize {
        self.sizes.len()
    }

    /// Whether there is none: no context had a known letter outside what changes.
    pub fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }

    /// Share of random substitutions whose effect is at least as large, `(1 + #{|d_null| ≥ |d|})/(1 + N)`.
    ///
    /// Source: B. Phipson and G. K. Smyth, Stat. Appl. Genet. Mol. Biol. 9 (2010) 39.
    pub fn p_value(&self, effect: Effect) -> f64 {
        let size = effect.difference().abs();
        let smaller = self.sizes.partition_point(|&null| null < size);
        (1 + self.sizes.len() - smaller) as f64 / (1 + self.sizes.len()) as f64
    }
}

impl Explainer<'_> {
    /// Effects of pairs of contexts: with the reference allele, and with the alternative one.
    ///
    /// # Errors
    /// [`ckn_core::Error::Shape`] if there are not as many of both; [`Error::Model`] for contexts that are too short.
    pub fn effects(&self, before: TokenView<'_>, after: TokenView<'_>) -> Result<Vec<Effect>, Error> {
        let (expected, got) = (before.len(), after.len());
        if expected != got {
            return Err(ckn_core::Error::Shape { what: "changed sequences", expected, got }.into());
        }
        let (before, after) = self.reader.pair_scores(before, after)?;
        Ok(before.into_iter().zip(after).map(|(before, after)| Effect { before, after }).collect())
    }

    /// Effects of `count` random substitutions of one letter: each in a context drawn at random, at a position drawn among those
    /// outside its `changed` range whose letter is known, by one of the other letters; from the stream `null` of a seed.
    /// `scores` are those of the contexts.
    ///
    /// # Shapes
    /// changed and scores: one a context.
    ///
    /// # Errors
    /// [`ckn_core::Error::Shape`] if there are not as many; [`Error::Model`] for contexts that are too short.
    pub fn null_effects(
        &self,
        contexts: TokenView<'_>,
        changed: &[Range<usize>],
        scores: &[f64],
        count: usize,
        seed: Seed,
    ) -> Result<NullEffects, Error> {
        let expected = contexts.len();
        if let Some(&got) = [changed.len(), scores.len()].iter().find(|&&got| got != expected) {
            return Err(ckn_core::Error::Shape { what: "ranges and scores of contexts", expected, got }.into());
        }
        let mut random = seed.stream("null");
        let (mut tokens, mut offsets, mut drawn) = (Vec::new(), vec![0], Vec::new());
        for _ in 0..if contexts.is_empty() { 0 } else { count } {
            let record = random.random_range(0..contexts.len());
            let context = contexts.sequence(record);
            let letters = contexts.table().letters() as u8;
            let Some((position, letter)) = draw(context, &changed[record], letters, &mut random) else { continue };
            let start = tokens.len();
            tokens.extend_from_slice(context);
            tokens[start + position] = letter;
            offsets.push(tokens.len());
            drawn.push(record);
        }
        let after = self.scores(TokenView::new(&tokens, &offsets, contexts.table())?)?;
        let mut sizes: Vec<f64> =
            drawn.iter().zip(after).map(|(&record, after)| (after - scores[record]).abs()).collect();
        sizes.sort_by(f64::total_cmp);
        Ok(NullEffects { sizes })
    }
}

/// A position outside the changed range whose letter is known, and another letter; `None` if there seems to be no such position.
fn draw(context: &[u8], changed: &Range<usize>, letters: u8, random: &mut Random) -> Option<(usize, u8)> {
    if context.is_empty() || letters < 2 {
        return None;
    }
    let place = |_| random.random_range(0..context.len());
    let position = (0..DRAWS).map(place).find(|place| !changed.contains(place) && context[*place] < letters)?;
    Some((position, (context[position] + random.random_range(1..letters)) % letters))
}
