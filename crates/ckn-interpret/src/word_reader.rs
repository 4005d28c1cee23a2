//! Exact machines that are tables of words: what letters add, and what substitutions change.

use std::ops::Range;

use ckn_core::mismatch::{LetterRule, LetterShares, MismatchCounts, PackedWords};
use ckn_core::{LetterTable, TokenView};
use ckn_model::{KernelMachine, WordTable, WordTables};
use rayon::prelude::*;

use crate::Error;
use crate::attribution::{Attribution, AttributionWay};
use crate::mutagenesis::Mutagenesis;

/// Letters of a sequence that may change before all of it is scored anew.
const MOST_CHANGED: usize = 4;

/// A machine and its tables.
#[derive(Debug)]
pub(crate) struct WordReader<'a> {
    machine: &'a KernelMachine,
    tables: WordTables<f64>,
    table: LetterTable,
}

/// Memory of [`WordReader::mutants`] that is used again from sequence to sequence.
#[derive(Debug, Clone, Default)]
struct Scratch {
    words: PackedWords,
    tokens: Vec<u8>,
    /// Sum over the windows, one a kernel: of the sequence, of the windows around a letter, and of all after it was changed.
    sums: Vec<f64>,
    gone: Vec<f64>,
    changed: Vec<f64>,
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
                    needs: "a network of one layer of contiguous patches with max, mean or sum pooling",
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
        let records = (0..view.len()).into_par_iter();
        records.map_init(Scratch::default, |scratch, record| self.mutants(view, record, scratch)).collect()
    }

    /// Scores of sequences, and of the same sequences of which some letters were changed: the latter from the windows that hold
    /// these.
    ///
    /// # Errors
    /// Those of [`Self::scores`].
    pub(crate) fn pair_scores(
        &self,
        before: TokenView<'_>,
        after: TokenView<'_>,
    ) -> Result<(Vec<f64>, Vec<f64>), Error> {
        let is_near = |record: usize| {
            let (before, after) = (before.sequence(record), after.sequence(record));
            let changed = before.iter().zip(after).filter(|(before, after)| before != after).count();
            before.len() == after.len() && before.len() <= PackedWords::MOST_COUNTED && changed <= MOST_CHANGED
        };
        if !(0..before.len()).all(is_near) {
            return Ok((self.scores(before)?, self.scores(after)?));
        }
        before.check_width(self.tables.widths().max().unwrap_or(1))?;
        let records = (0..before.len()).into_par_iter();
        let pairs = records.map_init(Scratch::default, |scratch, record| {
            self.pair(before.sequence(record), after.sequence(record), scratch)
        });
        Ok(pairs.collect::<Result<Vec<_>, Error>>()?.into_iter().unzip())
    }

    fn pair(&self, before: &[u8], after: &[u8], scratch: &mut Scratch) -> Result<(f64, f64), Error> {
        let Scratch { words, tokens, sums, gone, changed } = scratch;
        let (mut score, mut other) = (self.tables.intercept(), self.tables.intercept());
        for width in self.tables.widths() {
            let tables: Vec<_> = self.tables.tables().iter().filter(|table| table.kernel().width == width).collect();
            tokens.clear();
            tokens.extend_from_slice(before);
            words.pack(tokens, &self.table, width, self.tables.both_strands())?;
            let normalised = tables.iter().any(|table| table.kernel().normalised);
            let most = tables.iter().map(|table| table.most_mismatches()).max().unwrap_or(0);
            let mut pairs = if normalised { words.own_pairs() } else { MismatchCounts::default() };
            take_values(&tables, words, 0..words.len(), sums);
            score += joined(&tables, sums, &pairs);
            for place in (0..before.len()).filter(|&place| before[place] != after[place]) {
                let windows = words.covering(place);
                take_values(&tables, words, windows.clone(), gone);
                if normalised {
                    add_own(words, windows.clone(), -1, most, &mut pairs);
                }
                tokens[place] = after[place];
                words.change(tokens, &self.table, place);
                take_values(&tables, words, windows.clone(), changed);
                if normalised {
                    add_own(words, windows, 1, most, &mut pairs);
                }
                sums.iter_mut().zip(&*changed).zip(&*gone).for_each(|((sum, come), gone)| *sum += come - gone);
            }
            other += joined(&tables, sums, &pairs);
        }
        Ok((score, other))
    }

    fn mutants(&self, view: TokenView<'_>, record: usize, scratch: &mut Scratch) -> Result<Mutagenesis, Error> {
        let Scratch { words, tokens, sums, gone, changed } = scratch;
        tokens.clear();
        tokens.extend_from_slice(view.sequence(record));
        let mut mutants = Mutagenesis::unchanged(self.tables.intercept(), view, record);
        for width in self.tables.widths() {
            let tables: Vec<_> = self.tables.tables().iter().filter(|table| table.kernel().width == width).collect();
            words.pack(tokens, &self.table, width, self.tables.both_strands())?;
            let normalised = tables.iter().any(|table| table.kernel().normalised);
            let most = tables.iter().map(|table| table.most_mismatches()).max().unwrap_or(0);
            let pairs = if normalised { words.own_pairs() } else { MismatchCounts::default() };
            take_values(&tables, words, 0..words.len(), sums);
            let score = joined(&tables, sums, &pairs);
            mutants.add_to_all(score);
            for position in 0..tokens.len() {
                let (windows, reference) = (words.covering(position), tokens[position]);
                if windows.is_empty() {
                    continue;
                }
                take_values(&tables, words, windows.clone(), gone);
                let mut outside = pairs;
                if normalised {
                    add_own(words, windows.clone(), -1, most, &mut outside);
                }
                for letter in (0u8..).take(self.table.letters()).filter(|&letter| letter != reference) {
                    tokens[position] = letter;
                    words.change(tokens, &self.table, position);
                    take_values(&tables, words, windows.clone(), changed);
                    changed.iter_mut().zip(&*sums).zip(&*gone).for_each(|((come, sum), gone)| *come += sum - gone);
                    let mut pairs = outside;
                    if normalised {
                        add_own(words, windows.clone(), 1, most, &mut pairs);
                    }
                    mutants.add_after(position, letter, joined(&tables, changed, &pairs) - score);
                }
                tokens[position] = reference;
                words.change(tokens, &self.table, position);
            }
        }
        Ok(mutants)
    }
}

/// The score, but for the intercept, of kernels from their sums and the pairs of the sequence's own words.
fn joined(tables: &[&WordTable<f64>], sums: &[f64], pairs: &MismatchCounts) -> f64 {
    tables.iter().zip(sums).map(|(table, sum)| table.scale(pairs) * sum).sum()
}

/// Sums over a range of windows, one a kernel.
fn take_values(tables: &[&WordTable<f64>], words: &PackedWords, windows: Range<usize>, sums: &mut Vec<f64>) {
    sums.clear();
    let value = |table: &&WordTable<f64>| -> f64 { windows.clone().map(|window| table.value(words, window)).sum() };
    sums.extend(tables.iter().map(value));
}

/// Adds `times` the pairs of which at least one window is in a range: those of the range with all, twice, without its own.
fn add_own(words: &PackedWords, windows: Range<usize>, times: i64, most: usize, pairs: &mut MismatchCounts) {
    words.add_pairs(windows.clone(), 0..words.len(), 2 * times, most, pairs);
    words.add_pairs(windows.clone(), windows, -times, most, pairs);
}
