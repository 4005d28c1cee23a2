//! Exact machines that are tables of words: what letters add, and what substitutions change.

use ckn_core::mismatch::{LetterRule, LetterShares, MismatchCounts, PackedWords};
use ckn_core::{LetterTable, TokenView};
use ckn_model::{KernelMachine, WordTable, WordTables};
use rayon::prelude::*;

use crate::Error;
use crate::attribution::{Attribution, AttributionWay};
use crate::mutagenesis::Mutagenesis;

/// A machine and its tables.
#[derive(Debug)]
pub(crate) struct WordReader<'a> {
    machine: &'a KernelMachine,
    tables: WordTables<f64>,
    table: LetterTable,
}

/// The windows of one sequence under the kernels of one width.
struct Windows<'r> {
    words: PackedWords,
    tables: Vec<&'r WordTable<f64>>,
    /// Sum over the windows, one a kernel.
    sums: Vec<f64>,
    pairs: MismatchCounts,
    normalised: bool,
}

impl<'a> WordReader<'a> {
    /// The reader of a machine; `None` if one of its kernels has no table.
    pub(crate) fn of(machine: &'a KernelMachine, table: &LetterTable) -> Result<Option<Self>, Error> {
        let tables = machine.word_tables(table)?;
        Ok(tables.map(|tables| Self { machine, tables, table: table.clone() }))
    }

    pub(crate) fn tables(&self) -> &WordTables<f64> {
        &self.tables
    }

    pub(crate) fn scores(&self, view: TokenView<'_>) -> Result<Vec<f64>, Error> {
        Ok(self.tables.scores(view)?)
    }

    /// Contributions by a rule, which with the baseline sum to the score. The baseline is the intercept, and what windows have that
    /// match nothing ([`LetterRule::Matches`]), or random ones ([`LetterRule::Shapley`]).
    pub(crate) fn attribute(&self, view: TokenView<'_>, way: AttributionWay) -> Result<Vec<Attribution>, Error> {
        let rule = match way {
            AttributionWay::Matches => LetterRule::Matches,
            AttributionWay::Shapley => LetterRule::Shapley,
            AttributionWay::Gradient | AttributionWay::Substitution | AttributionWay::Occlusion => {
                return Err(Error::Way {
                    way: way.name(),
                    needs: "a network of one layer with max, mean or sum pooling",
                });
            }
        };
        let scores = self.scores(view)?;
        let mut attributions: Vec<Attribution> = (0..view.len())
            .map(|record| Attribution {
                score: scores[record],
                baseline: Some(self.tables.intercept()),
                contributions: vec![0.0; view.sequence(record).len()],
            })
            .collect();
        let mut shares_at: Vec<f64> = Vec::new();
        for (index, table) in self.tables.tables().iter().enumerate() {
            let kernel = table.kernel();
            let scales = kernel.scales(view, self.tables.both_strands())?;
            let profile = kernel.profile.values(kernel.width)?;
            let support = self.machine.support_words(index, &self.table)?;
            let shares = LetterShares::new(&profile, support, rule)?;
            for position in 0..kernel.width {
                shares.at(position, &mut shares_at)?;
                let shares_at = &shares_at;
                attributions.par_iter_mut().enumerate().try_for_each_init(
                    PackedWords::default,
                    |words, (record, attribution)| {
                        // Codes do not depend on the strands.
                        words.pack(view.sequence(record), &self.table, kernel.width, false)?;
                        let mut known = 0usize;
                        for window in 0..words.len() {
                            if let Some(code) = words.code(window) {
                                attribution.contributions[window + position] += scales[record] * shares_at[code];
                                known += 1;
                            }
                        }
                        if let (0, Some(baseline)) = (position, &mut attribution.baseline) {
                            *baseline += scales[record] * known as f64 * shares.rest();
                        }
                        Ok::<(), Error>(())
                    },
                )?;
            }
        }
        Ok(attributions)
    }

    /// Scores of every substitution: sums by the windows that cover the letter, norms by the pairs that these windows leave and
    /// enter.
    pub(crate) fn mutagenesis(&self, view: TokenView<'_>) -> Result<Vec<Mutagenesis>, Error> {
        (0..view.len()).into_par_iter().map(|record| self.mutants(view, record)).collect()
    }

    fn mutants(&self, view: TokenView<'_>, record: usize) -> Result<Mutagenesis, Error> {
        let tokens = view.sequence(record);
        let mut mutants = Mutagenesis::unchanged(self.tables.intercept(), view, record);
        let mut piece = Vec::new();
        for width in self.tables.widths() {
            let windows = self.windows(tokens, width)?;
            let score = windows.score(&windows.sums, &windows.pairs);
            mutants.add_to_all(score);
            if windows.words.is_empty() {
                continue;
            }
            for (position, &reference) in tokens.iter().enumerate() {
                let (first, end) = ((position + 1).saturating_sub(width), windows.words.len().min(position + 1));
                piece.clear();
                piece.extend_from_slice(&tokens[first..end + width - 1]);
                let gone = self.windows(&piece, width)?;
                let outside = windows.without(&gone, first, end);
                for letter in (0u8..).take(self.table.letters()).filter(|&letter| letter != reference) {
                    piece[position - first] = letter;
                    let come = self.windows(&piece, width)?;
                    let after = windows.with(outside, &gone, &come, first, end);
                    mutants.add_after(position, letter, after - score);
                }
            }
        }
        Ok(mutants)
    }

    fn windows(&self, tokens: &[u8], width: usize) -> Result<Windows<'_>, Error> {
        let tables: Vec<_> = self.tables.tables().iter().filter(|table| table.kernel().width == width).collect();
        let mut words = PackedWords::new(tokens, &self.table, width, self.tables.both_strands())?;
        let sum = |table: &&WordTable<f64>| (0..words.len()).map(|window| table.value(&words, window)).sum();
        let sums = tables.iter().map(sum).collect();
        let normalised = tables.iter().any(|table| table.kernel().normalised);
        let pairs = if normalised { words.own_pairs() } else { MismatchCounts::default() };
        Ok(Windows { words, tables, sums, pairs, normalised })
    }
}

impl Windows<'_> {
    /// Sum of the kernels' scores.
    fn score(&self, sums: &[f64], pairs: &MismatchCounts) -> f64 {
        self.tables.iter().zip(sums).map(|(table, sum)| table.scale(pairs) * sum).sum()
    }

    /// The pairs without those of the windows from `first` to before `end`, which are given.
    fn without(&self, gone: &Self, first: usize, end: usize) -> MismatchCounts {
        let mut pairs = self.pairs;
        if self.normalised {
            self.add_outside(gone, first, end, -2, &mut pairs);
            pairs.iter_mut().zip(gone.pairs).for_each(|(pairs, gone)| *pairs -= gone);
        }
        pairs
    }

    /// The score with other windows in the place of those.
    fn with(&self, outside: MismatchCounts, gone: &Self, come: &Self, first: usize, end: usize) -> f64 {
        let mut pairs = outside;
        if self.normalised {
            self.add_outside(come, first, end, 2, &mut pairs);
            pairs.iter_mut().zip(come.pairs).for_each(|(pairs, come)| *pairs += come);
        }
        let changed = self.sums.iter().zip(&gone.sums).zip(&come.sums);
        let sums: Vec<f64> = changed.map(|((sum, gone), come)| sum - gone + come).collect();
        self.score(&sums, &pairs)
    }

    /// Adds the pairs of some windows with those of the sequence before `first` and from `end` on.
    fn add_outside(&self, some: &Self, first: usize, end: usize, times: i64, pairs: &mut MismatchCounts) {
        let words = (0..some.words.len()).map(|window| some.words.word(window));
        self.words.add_pairs(words.clone(), 0..first, times, pairs);
        self.words.add_pairs(words, end..self.words.len(), times, pairs);
    }
}
