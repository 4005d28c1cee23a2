//! Machines as tables of words: what every window is worth, once for all sequences.

use ckn_core::mismatch::{MismatchCounts, PackedWords, Words};
use ckn_core::{LetterTable, Scalar, TokenView};
use rayon::prelude::*;

use super::{KernelMachine, SequenceKernel};
use crate::Error;

/// What every word is worth under one kernel of a machine: `G(u) = Σ_i c_i Σ_v h(mismatches(u, v))`, `v` over the windows of the
/// support sequences on the strands that are read.
#[derive(Debug, Clone)]
pub struct WordTable<S> {
    kernel: SequenceKernel,
    /// `h(0), …, h(l)`.
    profile: Vec<f64>,
    /// `[4^width]`, the first letter the most significant digit.
    values: Vec<S>,
}

impl<S: Scalar> WordTable<S> {
    /// The kernel.
    pub fn kernel(&self) -> &SequenceKernel {
        &self.kernel
    }

    /// The value of every word, `[4^width]`.
    pub fn values(&self) -> &[S] {
        &self.values
    }

    /// The value of a window; zero if it holds an unknown letter.
    #[inline]
    pub fn value(&self, words: &PackedWords, window: usize) -> f64 {
        words.code(window).map_or(0.0, |code| self.values[code].wide())
    }

    /// Most mismatches of a pair of words that is worth anything.
    fn most_mismatches(&self) -> usize {
        self.profile.iter().rposition(|&value| value != 0.0).unwrap_or(0)
    }

    /// What a sequence's sum is multiplied by, from the pairs of its own words: `1/√K(x, x)`, or 1; zero without a word.
    #[inline]
    pub fn scale(&self, pairs: &MismatchCounts) -> f64 {
        if !self.kernel.normalised {
            return 1.0;
        }
        let own: f64 = pairs.iter().zip(&self.profile).map(|(&pairs, value)| pairs as f64 * value).sum();
        if own > 0.0 { 1.0 / own.sqrt() } else { 0.0 }
    }
}

/// A machine as a table of words for each of its kernels: `f(x) = b + Σ_k s_k(x) Σ_u G_k(u)`, `u` over the windows of `x`.
#[derive(Debug, Clone)]
pub struct WordTables<S> {
    both_strands: bool,
    intercept: f64,
    tables: Vec<WordTable<S>>,
}

/// Memory of [`WordTables::slide`] that is used again from piece to piece.
#[derive(Debug, Clone, Default)]
pub(crate) struct WordScratch {
    words: PackedWords,
    sums: Vec<f64>,
}

impl KernelMachine {
    /// The support sequences of a kernel as a table: `c(v) = Σ_i c_i · (times that word v stands in sequence i)`, on the strands
    /// that are read, `[4^width]`.
    ///
    /// # Errors
    /// Those of [`Self::support`]; [`ckn_core::Error::Parameter`] for a kernel without a table.
    pub fn support_words<S: Scalar>(&self, kernel: usize, table: &LetterTable) -> Result<Vec<S>, Error> {
        let (support, both_strands) = (self.support(table)?, self.config.both_strands);
        let Some(found) = self.config.kernels.get(kernel).filter(|found| found.has_word_table(table.letters())) else {
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
        let letters = self.config.letters;
        if !self.config.kernels.iter().all(|kernel| kernel.is_window_sum(letters)) {
            return Ok(None);
        }
        let support = self.support(table)?;
        let of_kernel = |(index, kernel): (usize, &SequenceKernel)| {
            let values = kernel.word_table(self.coefficients_of(index), support, self.config.both_strands)?;
            Ok(WordTable { kernel: *kernel, profile: kernel.profile.values(kernel.width)?, values })
        };
        let tables = self.config.kernels.iter().enumerate().map(of_kernel).collect::<Result<_, Error>>()?;
        Ok(Some(WordTables { both_strands: self.config.both_strands, intercept: self.intercept(), tables }))
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
        for table in &self.tables {
            let scales = table.kernel.scales(view, self.both_strands)?;
            let words = Words::new(view, table.kernel.width, false)?;
            scores.par_iter_mut().zip(scales).enumerate().for_each(|(record, (score, scale))| {
                *score += scale * words.sum(record, &table.values);
            });
        }
        Ok(scores)
    }

    /// Scores of every window of `length` letters of a piece, from the word that enters it and the one that leaves.
    pub(crate) fn slide(
        &self,
        tokens: &[u8],
        letters: &LetterTable,
        length: usize,
        scratch: &mut WordScratch,
        scores: &mut Vec<f64>,
    ) -> Result<(), Error> {
        let pieces = (tokens.len() + 1).saturating_sub(length);
        scores.clear();
        scores.resize(pieces, self.intercept);
        let WordScratch { words, sums } = scratch;
        for width in self.widths() {
            words.pack(tokens, letters, width, self.both_strands)?;
            let tables: Vec<_> = self.tables.iter().filter(|table| table.kernel.width == width).collect();
            let windows = length + 1 - width;
            sums.clear();
            sums.resize(pieces * tables.len(), 0.0);
            for (number, table) in tables.iter().enumerate() {
                let mut sum: f64 = (0..windows - 1).map(|window| table.value(words, window)).sum();
                for piece in 0..pieces {
                    sum += table.value(words, piece + windows - 1);
                    sums[piece * tables.len() + number] = sum;
                    sum -= table.value(words, piece);
                }
            }
            let mut rows = scores.iter_mut().zip(sums.chunks_exact(tables.len()));
            if tables.iter().any(|table| table.kernel.normalised) {
                let most = tables.iter().map(|table| table.most_mismatches()).max().unwrap_or(0);
                words.slide(windows, most, |pairs| {
                    if let Some((score, sums)) = rows.next() {
                        *score += tables.iter().zip(sums).map(|(table, sum)| table.scale(pairs) * sum).sum::<f64>();
                    }
                });
            } else {
                rows.for_each(|(score, sums)| *score += sums.iter().sum::<f64>());
            }
        }
        Ok(())
    }

    /// The widths of the kernels, each once.
    pub fn widths(&self) -> impl Iterator<Item = usize> {
        let of = |table: &WordTable<S>| table.kernel.width;
        let first =
            move |(index, width): &(usize, usize)| self.tables[..*index].iter().all(|table| of(table) != *width);
        self.tables.iter().map(of).enumerate().filter(first).map(|(_, width)| width)
    }
}
