//! Tables of words that a kernel matrix is an operator on: one, or one for every place.

use ckn_core::TokenView;
use ckn_core::mismatch::{PlacedOperator, PlacedWords, WordOperator, Words};
use ckn_model::SequenceKernel;

/// The words of a set of sequences, and what their tables are multiplied by.
pub(crate) enum Tables {
    /// Words that count the same wherever they stand.
    Anywhere { words: Words, operator: WordOperator, table: Vec<f32> },
    /// Words that have places.
    Placed { words: PlacedWords, operator: PlacedOperator, table: Vec<f32>, buffer: Vec<f32> },
}

impl Tables {
    /// The tables of a kernel; `None` if it has none, or too large ones.
    pub(super) fn new(
        view: TokenView<'_>,
        kernel: &SequenceKernel,
        both_strands: bool,
    ) -> Result<Option<Self>, ckn_core::Error> {
        let SequenceKernel { width, profile, places, .. } = kernel;
        if !kernel.has_word_table(view.table().letters()) {
            return Ok(None);
        }
        let Some(places) = *places else {
            let (words, operator) = (Words::new(view, *width, both_strands)?, WordOperator::new(*width, profile)?);
            let table = vec![0.0; operator.words()];
            return Ok(Some(Self::Anywhere { words, operator, table }));
        };
        let Some(operator) = PlacedOperator::between([view, view], *width, profile, places)? else { return Ok(None) };
        let (words, table) = (PlacedWords::new(view, *width, both_strands)?, vec![0.0; operator.numbers()]);
        Ok(Some(Self::Placed { words, operator, table, buffer: Vec::new() }))
    }

    pub(super) fn clear(&mut self) {
        match self {
            Self::Anywhere { table, .. } | Self::Placed { table, .. } => table.fill(0.0),
        }
    }

    /// Adds a weight for every word of a sequence, on the strands that are read.
    pub(super) fn add(&mut self, record: usize, weight: f32) {
        match self {
            Self::Anywhere { words, table, .. } => words.add(record, weight, table),
            Self::Placed { words, operator, table, .. } => operator.add(words, record, weight, table),
        }
    }

    /// Replaces the tables by their image.
    pub(super) fn apply(&mut self) -> Result<(), ckn_core::Error> {
        match self {
            Self::Anywhere { operator, table, .. } => operator.apply(table),
            Self::Placed { operator, table, buffer, .. } => operator.apply(table, buffer),
        }
    }

    /// Sum over a sequence's words.
    pub(super) fn sum(&self, record: usize) -> f64 {
        match self {
            Self::Anywhere { words, table, .. } => words.sum(record, table),
            Self::Placed { words, operator, table, .. } => operator.sum(words, record, table),
        }
    }
}
