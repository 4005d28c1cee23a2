//! Machines as tables of words: what every window is worth, once for all sequences.

use ckn_core::mismatch::{MismatchCounts, PackedWords};
use ckn_core::{LetterTable, Scalar, TokenView};
use rayon::prelude::*;

use super::{KernelMachine, SequenceKernel};
use crate::Error;

/// What every word is worth under one kernel of a machine: `G(u) = Σ_i c_i Σ_v h(mismatches(u, v))`, `v` over the windows of the
/// support sequences on the strands that are read.
#[derive(Debug, Clone)]
pub struct WordTable<S> {
    scales: WordScales,
    /// `[4^width]`, the first letter the most significant digit.
    values: Vec<S>,
}

/// What the sums of a table are multiplied by: the kernel, and its profile.
#[derive(Debug, Clone)]
pub(crate) struct WordScales {
    pub(crate) kernel: SequenceKernel,
    /// `h(0), …, h(l)`.
    profile: Vec<f64>,
}

impl WordScales {
    /// Most mismatches of a pair of words that is worth anything.
    pub(crate) fn most_mismatches(&self) -> usize {
        self.profile.iter().rposition(|&value| value != 0.0).unwrap_or(0)
    }

    /// What a sequence's sum is multiplied by, from the pairs of its own words: `1/√K(x, x)`, or 1; zero without a word.
    #[inline]
    pub(crate) fn of(&self, pairs: &MismatchCounts) -> f64 {
        if !self.kernel.normalised {
            return 1.0;
        }
        let own: f64 = pairs.iter().zip(&self.profile).map(|(&pairs, value)| pairs as f64 * value).sum();
        if own > 0.0 { 1.0 / own.sqrt() } else { 0.0 }
    }

    /// The smallest and the largest number that [`Self::of`] can be for a sequence of so many words, each of them compared with those
    /// of so many strands: `n h(0) + (s n² − n) h_min ≤ K(x, x) ≤ s n² h(0)`.
    pub(crate) fn range(&self, words: usize, strands: usize) -> (f64, f64) {
        if words == 0 || !self.kernel.normalised {
            return (1.0, 1.0);
        }
        let (words, least) = (words as f64, self.profile.iter().copied().fold(f64::INFINITY, f64::min));
        let pairs = strands as f64 * words * words;
        let (own, most) = (words * self.profile[0] + (pairs - words) * least, pairs * self.profile[0]);
        let scale = |own: f64| if own > 0.0 { 1.0 / own.sqrt() } else { f64::INFINITY };
        (scale(most), scale(own))
    }
}

impl<S: Scalar> WordTable<S> {
    /// The kernel.
    pub fn kernel(&self) -> &SequenceKernel {
        &self.scales.kernel
    }

    /// The value of every word, `[4^width]`.
    pub fn values(&self) -> &[S] {
        &self.values
    }

    /// Scales and values, apart.
    pub(crate) fn into_parts(self) -> (WordScales, Vec<S>) {
        (self.scales, self.values)
    }

    /// The value of a window; zero if it holds an unknown letter.
    #[inline]
    pub fn value(&self, words: &PackedWords, window: usize) -> f64 {
        words.code(window).map_or(0.0, |code| self.values[code].wide())
    }

    /// Most mismatches of a pair of words that is worth anything.
    pub fn most_mismatches(&self) -> usize {
        self.scales.most_mismatches()
    }

    /// What a sequence's sum is multiplied by, from the pairs of its own words: `1/√K(x, x)`, or 1; zero without a word.
    #[inline]
    pub fn scale(&self, pairs: &MismatchCounts) -> f64 {
        self.scales.of(pairs)
    }
}

/// A machine as a table of words for each of its kernels: `f(x) = b + Σ_k s_k(x) Σ_u G_k(u)`, `u` over the windows of `x`.
#[derive(Debug, Clone)]
pub struct WordTables<S> {
    both_strands: bool,
    intercept: f64,
    tables: Vec<WordTable<S>>,
}

impl KernelMachine {
    /// The support sequences of a kernel as a table: `c(v) = Σ_i c_i · (times that word v stands in sequence i)`, on the strands
    /// that are read, `[4^width]`.
    ///
    /// # Errors
    /// Those of [`Self::support`]; [`ckn_core::Error::Parameter`] for a kernel without a table.
    pub fn support_words<S: Scalar>(&self, kernel: usize, table: &LetterTable) -> Result<Vec<S>, Error> {
        let (support, both_strands) = (self.support(table)?, self.config.both_strands);
        let has_one = |found: &&SequenceKernel| found.has_word_table(table.letters()) && found.places.is_none();
        let Some(found) = self.config.kernels.get(kernel).filter(has_one) else {
            let expected = "that of a kernel with a table of words";
            return Err(ckn_core::Error::Parameter { name: "kernel", got: kernel as f64, expected }.into());
        };
        found.support_table(self.coefficients_of(kernel), support, both_strands)
    }

    /// The machine as tables of words, of its first output; `None` if a kernel has none.
    ///
    /// # Errors
    /// Those of [`Self::support_words`].
    pub fn word_tables<S: Scalar>(&self, table: &LetterTable) -> Result<Option<WordTables<S>>, Error> {
        if !self.has_word_tables() {
            return Ok(None);
        }
        let tables = (0..self.config.kernels.len()).map(|kernel| self.word_table_of(kernel, table));
        let tables = tables.collect::<Result<_, Error>>()?;
        Ok(Some(WordTables { both_strands: self.config.both_strands, intercept: self.intercept(), tables }))
    }

    /// The table of one kernel, of a machine all of whose kernels have one.
    pub(crate) fn word_table_of<S: Scalar>(&self, index: usize, table: &LetterTable) -> Result<WordTable<S>, Error> {
        let (kernel, support) = (self.config.kernels[index], self.support(table)?);
        let values = kernel.word_table(self.coefficients_of(index), support, self.config.both_strands)?;
        Ok(WordTable { scales: WordScales { kernel, profile: kernel.profile.values(kernel.width)? }, values })
    }

    /// Whether [`Self::word_tables`] has tables.
    pub(crate) fn has_word_tables(&self) -> bool {
        self.config.kernels.iter().all(|kernel| kernel.is_window_sum(self.config.letters))
    }
}

impl<S: Scalar> WordTables<S> {
    /// The tables, one a kernel.
    pub fn tables(&self) -> &[WordTable<S>] {
        &self.tables
    }

    /// Whether windows of the reverse complement count, too.
    pub fn both_strands(&self) -> bool {
        self.both_strands
    }

    /// The score of a sequence without a window of known letters.
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// Scores of sequences, on all threads; the result depends neither on their number nor on the other sequences.
    ///
    /// # Errors
    /// [`ckn_core::Error::TooShort`] names a sequence that a kernel cannot see; [`ckn_core::Error::NoComplement`] for both strands
    /// of an alphabet without complement.
    pub fn scores(&self, view: TokenView<'_>) -> Result<Vec<f64>, Error> {
        view.check_width(self.widths().max().unwrap_or(1))?;
        let mut scores = vec![self.intercept; view.len()];
        for width in self.widths() {
            let tables: Vec<_> = self.tables.iter().filter(|table| table.kernel().width == width).collect();
            let by_pairs = tables.iter().any(|table| table.kernel().normalised);
            // Pairs are counted once for all kernels of a width.
            scores.par_iter_mut().enumerate().try_for_each_init(PackedWords::default, |words, (record, score)| {
                words.pack(view.sequence(record), view.table(), width, self.both_strands)?;
                let scales = match by_pairs {
                    true if words.len() > PackedWords::MOST_COUNTED => self.scales(&tables, view, record)?,
                    true => {
                        let pairs = words.own_pairs();
                        tables.iter().map(|table| table.scale(&pairs)).collect()
                    }
                    false => vec![1.0; tables.len()],
                };
                for (table, scale) in tables.iter().zip(scales) {
                    *score += scale * (0..words.len()).map(|window| table.value(words, window)).sum::<f64>();
                }
                Ok::<(), Error>(())
            })?;
        }
        Ok(scores)
    }

    /// Scales of a sequence too long for its pairs to be counted.
    fn scales(&self, tables: &[&WordTable<S>], view: TokenView<'_>, record: usize) -> Result<Vec<f64>, Error> {
        let sequence = view.sequence(record);
        let offsets = [0, sequence.len()];
        let view = TokenView::new(sequence, &offsets, view.table())?;
        let scale = |table: &&WordTable<S>| Ok(table.kernel().scales(view, self.both_strands)?[0]);
        tables.iter().map(scale).collect()
    }

    /// The widths of the kernels, each once.
    pub fn widths(&self) -> impl Iterator<Item = usize> {
        let of = |table: &WordTable<S>| table.kernel().width;
        let first =
            move |(index, width): &(usize, usize)| self.tables[..*index].iter().all(|table| of(table) != *width);
        self.tables.iter().map(of).enumerate().filter(first).map(|(_, width)| width)
    }
}
