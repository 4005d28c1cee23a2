//! In-silico saturation mutagenesis: the score of every substitution of one letter.

use ckn_core::TokenView;
use ckn_core::pooling::{Border, WindowPooling};
use rayon::prelude::*;

use crate::single_layer::SingleLayer;
use crate::{Effect, Error, Explainer};

/// Positions whose substitutions are embedded at once.
const POSITIONS: usize = 1_024;
/// Letters of the changed sequences that are scored at once, where all of each is scored.
const LETTERS: usize = 1 << 22;

/// Scores of all sequences that differ from one in a single letter.
#[derive(Debug, Clone, PartialEq)]
pub struct Mutagenesis {
    /// Score of the sequence as it is.
    pub before: f64,
    letters: usize,
    tokens: Vec<u8>,
    /// `[positions, letters]`.
    after: Vec<f64>,
}

/// One substitution and what it does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Substitution {
    /// Position, counted from 0.
    pub position: usize,
    /// Token that stood there.
    pub reference: u8,
    /// Letter that stands there now, as a token.
    pub alternative: u8,
    /// Scores before and after.
    pub effect: Effect,
}

impl Mutagenesis {
    /// Substitutions of one sequence that change nothing.
    pub(crate) fn unchanged(before: f64, view: TokenView<'_>, record: usize) -> Self {
        let (letters, tokens) = (view.table().letters(), view.sequence(record).to_vec());
        Self { before, letters, after: vec![before; tokens.len() * letters], tokens }
    }

    /// Adds another model's scores, times its weight.
    pub(crate) fn add(&mut self, weight: f64, other: &Self) {
        self.before += weight * other.before;
        self.after.iter_mut().zip(&other.after).for_each(|(sum, score)| *sum += weight * score);
    }

    /// Adds to all scores.
    pub(crate) fn add_to_all(&mut self, score: f64) {
        self.before += score;
        self.after.iter_mut().for_each(|after| *after += score);
    }

    /// Sets the score of one substitution.
    fn set_after(&mut self, position: usize, letter: u8, score: f64) {
        self.after[position * self.letters + usize::from(letter)] = score;
    }

    /// Adds to the score of one substitution.
    pub(crate) fn add_after(&mut self, position: usize, letter: u8, difference: f64) {
        self.after[position * self.letters + usize::from(letter)] += difference;
    }

    /// Scores with each letter at each position; that of the sequence itself where it has this letter.
    ///
    /// # Shapes
    /// `[positions, letters]`.
    pub fn after(&self) -> &[f64] {
        &self.after
    }

    /// Positions of the sequence.
    pub fn positions(&self) -> usize {
        self.tokens.len()
    }

    /// Effect of a letter at a position, both counted from 0; `None` where there is no such position or letter.
    pub fn effect(&self, position: usize, letter: usize) -> Option<Effect> {
        let after = *self.after.chunks_exact(self.letters).nth(position)?.get(letter)?;
        Some(Effect { before: self.before, after })
    }

    /// All substitutions: of each position, the letters that do not stand there already. Of an unknown or ambiguous letter
    /// these are all letters.
    pub fn effects(&self) -> impl Iterator<Item = Substitution> {
        let rows = self.after.chunks_exact(self.letters).zip(&self.tokens).enumerate();
        rows.flat_map(move |(position, (row, &reference))| {
            let letters = (0u8..).zip(row).filter(move |&(letter, _)| letter != reference);
            letters.map(move |(alternative, &after)| {
                let effect = Effect { before: self.before, after };
                Substitution { position, reference, alternative, effect }
            })
        })
    }
}

impl Explainer<'_> {
    /// Scores of every substitution of one letter, of each sequence; the result does not depend on the number of threads.
    ///
    /// For networks of one layer (mean, sum and max pooling) only the windows that cover the changed letter are computed again:
    /// sums are corrected by their difference, and maxima taken with those of the windows before and after them; so are the sums
    /// and the norms of exact machines that are tables of words, and ensembles have the sums of their members. All other models
    /// score each changed sequence.
    ///
    /// # Errors
    /// [`Error::Model`] for sequences that are too short or of another alphabet.
    pub fn mutagenesis(&self, view: TokenView<'_>) -> Result<Vec<Mutagenesis>, Error> {
        self.reader.mutagenesis(view)
    }
}

/// Scores each changed sequence.
pub(crate) fn rescored(
    view: TokenView<'_>,
    scores_of: impl Fn(TokenView<'_>) -> Result<Vec<f64>, Error>,
) -> Result<Vec<Mutagenesis>, Error> {
    let letters = view.table().letters();
    let before = scores_of(view)?;
    let mut scored: Vec<Mutagenesis> =
        (0..view.len()).zip(&before).map(|(record, &before)| Mutagenesis::unchanged(before, view, record)).collect();
    let (mut tokens, mut offsets, mut places) = (Vec::new(), vec![0], Vec::new());
    for record in 0..view.len() {
        let sequence = view.sequence(record);
        for (position, &reference) in sequence.iter().enumerate() {
            for letter in (0u8..).take(letters).filter(|&letter| letter != reference) {
                tokens.extend_from_slice(sequence);
                let start = tokens.len() - sequence.len();
                tokens[start + position] = letter;
                offsets.push(tokens.len());
                places.push((record, position * letters + usize::from(letter)));
            }
            let last = record + 1 == view.len() && position + 1 == sequence.len();
            if last || tokens.len() > LETTERS {
                let scores = scores_of(TokenView::new(&tokens, &offsets, view.table())?)?;
                for (&(record, place), score) in places.iter().zip(scores) {
                    scored[record].after[place] = score;
                }
                tokens.clear();
                offsets.truncate(1);
                places.clear();
            }
        }
    }
    Ok(scored)
}

/// Maxima of the coordinates over the windows before and after each window of one reading.
struct Maxima {
    /// Over the windows before the `t`-th, `[windows + 1, filters]`.
    before: Vec<f64>,
    /// Over the `t`-th and those after it, `[windows + 1, filters]`.
    from: Vec<f64>,
}

impl Maxima {
    fn new(coordinates: &[f64], filters: usize) -> Self {
        let mut before = vec![f64::NEG_INFINITY; coordinates.len() + filters];
        let mut from = before.clone();
        for at in 0..coordinates.len() {
            before[at + filters] = before[at].max(coordinates[at]);
        }
        for at in (0..coordinates.len()).rev() {
            from[at] = from[at + filters].max(coordinates[at]);
        }
        Self { before, from }
    }

    /// Largest values over all windows but those from `start` to before `end`.
    fn outside(&self, start: usize, end: usize, filters: usize) -> impl Iterator<Item = f64> {
        let before = &self.before[start * filters..][..filters];
        let from = &self.from[end * filters..][..filters];
        before.iter().zip(from).map(|(before, from)| before.max(*from))
    }
}

/// Sequences of which one letter was changed, and where they belong.
#[derive(Default)]
struct Changed {
    tokens: Vec<u8>,
    offsets: Vec<usize>,
    /// Position and letter.
    places: Vec<(usize, u8)>,
}

impl Changed {
    /// Adds a piece of a sequence with one letter changed.
    fn push(&mut self, sequence: &[u8], piece: std::ops::Range<usize>, position: usize, letter: u8) {
        let start = self.tokens.len();
        let within = start + position - piece.start;
        self.tokens.extend_from_slice(&sequence[piece]);
        self.tokens[within] = letter;
        self.offsets.push(self.tokens.len());
        self.places.push((position, letter));
    }

    fn clear(&mut self) {
        self.tokens.clear();
        self.offsets.clear();
        self.offsets.push(0);
        self.places.clear();
    }
}

impl SingleLayer {
    /// Of all sequences.
    pub(crate) fn mutagenesis_of_all(&self, view: TokenView<'_>) -> Result<Vec<Mutagenesis>, Error> {
        let (before, values) = (self.strand_scores(view)?, self.word_values()?);
        let records = (0..view.len()).into_par_iter().zip(before.par_chunks_exact(self.strands.count()));
        let known = |tokens: &[u8]| tokens.iter().all(|&token| self.table().is_letter(token));
        records
            .map(|(record, before)| match values {
                Some(values) if known(view.sequence(record)) => Ok(self.mutants_of_words(view, record, before, values)),
                _ => self.mutagenesis(view.sequence(record), before),
            })
            .collect()
    }

    /// Of one sequence of known letters, given the scores of its strands and the value of every word.
    fn mutants_of_words(&self, view: TokenView<'_>, record: usize, before: &[f64], values: &[f64]) -> Mutagenesis {
        let tokens = view.sequence(record);
        let mut mutants = Mutagenesis::unchanged(self.join(before), view, record);
        let (readings, share) = (self.readings(tokens), self.pooling.share(tokens.len() + 1 - self.width));
        let mut changed = before.to_vec();
        for (position, &reference) in tokens.iter().enumerate() {
            for letter in (0u8..).take(self.table().letters()).filter(|&letter| letter != reference) {
                for (strand, reading) in readings.iter().enumerate() {
                    let (place, letter) = match (strand, self.table().complement()) {
                        (1, Some(map)) => (tokens.len() - 1 - position, map[usize::from(letter)]),
                        _ => (position, letter),
                    };
                    let (from, to) = ((place + 1).saturating_sub(self.width), tokens.len().min(place + self.width));
                    let (mut code, mut other, mut difference) = (0, 0, 0.0);
                    for at in from..to {
                        code = (code << 2 | usize::from(reading[at])) & (values.len() - 1);
                        let now = if at == place { letter } else { reading[at] };
                        other = (other << 2 | usize::from(now)) & (values.len() - 1);
                        if at + 1 - from >= self.width {
                            difference += values[other] - values[code];
                        }
                    }
                    changed[strand] = before[strand] + share * difference;
                }
                mutants.set_after(position, letter, self.join(&changed));
            }
        }
        mutants
    }

    /// Of one sequence, given the scores of its strands.
    fn mutagenesis(&self, tokens: &[u8], before: &[f64]) -> Result<Mutagenesis, Error> {
        let letters = self.table().letters();
        let score = self.join(before);
        let mut after = vec![score; tokens.len() * letters];
        let maxima = match self.pooled {
            WindowPooling::Maxima => {
                let readings = self.readings(tokens);
                let maxima = |reading: &Vec<u8>| Ok(Maxima::new(&self.coordinates(reading)?, self.filters));
                readings.iter().map(maxima).collect::<Result<Vec<_>, Error>>()?
            }
            WindowPooling::Sums => Vec::new(),
        };
        let (mut pieces, mut whole) = (Changed::default(), Changed::default());
        for first in (0..tokens.len()).step_by(POSITIONS) {
            pieces.clear();
            whole.clear();
            for position in first..tokens.len().min(first + POSITIONS) {
                let piece = (position + 1).saturating_sub(self.width)..tokens.len().min(position + self.width);
                let inside = position + 1 >= self.width && position + self.width <= tokens.len();
                let reference = tokens[position];
                for letter in (0u8..).take(letters).filter(|&letter| letter != reference) {
                    // Windows that hang over an end are those of the whole sequence.
                    match inside || self.border == Border::Valid {
                        true => pieces.push(tokens, piece.clone(), position, letter),
                        false => whole.push(tokens, 0..tokens.len(), position, letter),
                    }
                }
                if self.pooled == WindowPooling::Sums && (inside || self.border == Border::Valid) {
                    pieces.push(tokens, piece, position, reference);
                }
            }
            self.take_pieces(tokens, before, &maxima, &pieces, &mut after)?;
            let scores = self.scores(TokenView::new(&whole.tokens, &whole.offsets, self.table())?)?;
            for (&(position, letter), score) in whole.places.iter().zip(scores) {
                after[position * letters + usize::from(letter)] = score;
            }
        }
        Ok(Mutagenesis { before: score, letters, tokens: tokens.to_vec(), after })
    }

    /// Scores from the windows that cover the changed letters.
    fn take_pieces(
        &self,
        tokens: &[u8],
        before: &[f64],
        maxima: &[Maxima],
        pieces: &Changed,
        after: &mut [f64],
    ) -> Result<(), Error> {
        let (letters, windows) = (self.table().letters(), self.border.windows(tokens.len(), self.width));
        let embeddings = self.embed(TokenView::new(&pieces.tokens, &pieces.offsets, self.table())?)?;
        let row = before.len() * self.filters;
        let mut changed = vec![0.0; before.len()];
        // The pieces of a position follow one another, its own letter last.
        let mut start = 0;
        for same in pieces.places.chunk_by(|left, right| left.0 == right.0) {
            let position = same[0].0;
            let rows = &embeddings[start * row..][..same.len() * row];
            let count = pieces.offsets[start + 1] - pieces.offsets[start] + 1 - self.width;
            start += same.len();
            let own: Vec<f64> = match self.pooled {
                WindowPooling::Maxima => Vec::new(),
                WindowPooling::Sums => {
                    rows[rows.len() - row..].chunks_exact(self.filters).map(|strand| self.product(strand)).collect()
                }
            };
            // Of mean pooling, an embedding is the mean over the windows of the piece.
            let share = self.pooling.share_of(count, windows);
            for (&(_, letter), embedding) in same.iter().zip(rows.chunks_exact(row)) {
                for (strand, values) in embedding.chunks_exact(self.filters).enumerate() {
                    changed[strand] = match self.pooled {
                        WindowPooling::Maxima => {
                            let place = if strand == 0 { position } else { tokens.len() - 1 - position };
                            let last = place + self.border.before(self.width);
                            let (first, end) = ((last + 1).saturating_sub(self.width), windows.min(last + 1));
                            let outside = maxima[strand].outside(first, end, self.filters);
                            let largest = outside.zip(values).map(|(outside, value)| outside.max(*value));
                            let terms = largest.zip(&self.weights).map(|(value, weight)| weight * value);
                            self.intercept + terms.sum::<f64>()
                        }
                        WindowPooling::Sums => before[strand] + share * (self.product(values) - own[strand]),
                    };
                }
                if letter != tokens[position] {
                    after[position * letters + usize::from(letter)] = self.join(&changed);
                }
            }
        }
        Ok(())
    }
}
