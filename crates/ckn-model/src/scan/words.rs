//! Scores of windows by a machine that is tables of words: sums that slide, and the scales of those windows that matter.

use std::ops::Range;

use ckn_core::LetterTable;
use ckn_core::mismatch::{MismatchCounts, PackedWords};

use crate::machine::WordScales;
use crate::{Error, KernelMachine};

/// A machine made ready for windows of one length.
#[derive(Debug)]
pub(super) struct WordScanner<'a> {
    letters: &'a LetterTable,
    length: usize,
    both_strands: bool,
    intercept: f64,
    widths: Vec<OfWidth>,
}

/// The kernels of one width.
#[derive(Debug)]
struct OfWidth {
    width: usize,
    scales: Vec<WordScales>,
    /// Smallest and largest scale of a window, by its number of known words, `[words + 1, kernels]`.
    ranges: Vec<(f64, f64)>,
    /// What every word is worth, `[4^width, kernels]`: the values of a word lie side by side, as memory is what takes the time.
    values: Vec<f32>,
}

/// What a piece of sequence is worth under each width.
#[derive(Debug, Clone, Default)]
pub(super) struct WordSums {
    widths: Vec<SumsOfWidth>,
}

#[derive(Debug, Clone, Default)]
struct SumsOfWidth {
    /// Places of the words in the table; [`UNKNOWN`] for those with an unknown letter.
    codes: Vec<u32>,
    /// `[words, kernels]`.
    values: Vec<f32>,
    /// Sum of the values of every window, `[windows, kernels]`.
    sums: Vec<f64>,
    /// Known words of every window.
    known: Vec<u32>,
}

const UNKNOWN: u32 = u32::MAX;

impl<'a> WordScanner<'a> {
    /// Makes a machine ready; `None` if one of its kernels has no table of words.
    ///
    /// # Errors
    /// Those of [`KernelMachine::word_tables`].
    pub(super) fn new(machine: &KernelMachine, letters: &'a LetterTable, length: usize) -> Result<Option<Self>, Error> {
        if !machine.has_word_tables() {
            return Ok(None);
        }
        let both_strands = machine.config().both_strands;
        let kernels = &machine.config().kernels;
        let mut widths: Vec<OfWidth> = Vec::new();
        for width in kernels.iter().map(|kernel| kernel.width) {
            if widths.iter().any(|of| of.width == width) {
                continue;
            }
            let indices: Vec<usize> = (0..kernels.len()).filter(|&index| kernels[index].width == width).collect();
            let (mut scales, mut values) = (Vec::new(), Vec::new());
            for (column, &index) in indices.iter().enumerate() {
                let (scale, own) = machine.word_table_of::<f32>(index, letters)?.into_parts();
                scales.push(scale);
                if indices.len() == 1 {
                    values = own;
                    continue;
                }
                values.resize(own.len() * indices.len(), 0.0);
                values.iter_mut().skip(column).step_by(indices.len()).zip(own).for_each(|(to, value)| *to = value);
            }
            let strands = if both_strands { 2 } else { 1 };
            let counts = 0..length + 2 - width;
            let ranges = counts.flat_map(|words| scales.iter().map(move |scale| scale.range(words, strands))).collect();
            widths.push(OfWidth { width, scales, ranges, values });
        }
        Ok(Some(Self { letters, length, both_strands, intercept: machine.intercept(), widths }))
    }

    /// What windows have beside their sums.
    pub(super) fn intercept(&self) -> f64 {
        self.intercept
    }

    /// Sums of the windows of a piece that has one.
    pub(super) fn sum(&self, tokens: &[u8], sums: &mut WordSums) {
        sums.widths.resize_with(self.widths.len(), SumsOfWidth::default);
        for (of, sums) in self.widths.iter().zip(&mut sums.widths) {
            sums.code(tokens, self.letters, of.width);
            sums.look_up(of);
            sums.slide(self.length + 1 - of.width, of.scales.len());
        }
    }

    /// Adds to each window the most that `weight` times its score can be, but for the intercept.
    pub(super) fn add_bounds(&self, weight: f64, sums: &WordSums, bounds: &mut [f64]) {
        for (of, sums) in self.widths.iter().zip(&sums.widths) {
            let kernels = of.scales.len();
            let rows = sums.sums.chunks_exact(kernels).zip(&sums.known);
            for (bound, (row, &known)) in bounds.iter_mut().zip(rows) {
                let ranges = &of.ranges[known as usize * kernels..][..kernels];
                for (sum, &(smallest, largest)) in row.iter().zip(ranges) {
                    *bound += (weight * sum * largest).max(weight * sum * smallest);
                }
            }
        }
    }

    /// Adds `weight` times the scores, but for the intercept, of the windows of a range.
    ///
    /// # Errors
    /// Those of [`PackedWords::pack`].
    pub(super) fn add(
        &self,
        weight: f64,
        tokens: &[u8],
        windows: Range<usize>,
        sums: &WordSums,
        words: &mut PackedWords,
        scores: &mut [f64],
    ) -> Result<(), Error> {
        let piece = &tokens[windows.start..windows.end - 1 + self.length];
        for (of, sums) in self.widths.iter().zip(&sums.widths) {
            let kernels = of.scales.len();
            let mut rows = scores[windows.clone()].iter_mut().zip(sums.sums.chunks_exact(kernels).skip(windows.start));
            let scaled = |pairs: &MismatchCounts, row: &[f64]| -> f64 {
                of.scales.iter().zip(row).map(|(scale, sum)| scale.of(pairs) * sum).sum()
            };
            if !of.scales.iter().any(|scale| scale.kernel.normalised) {
                rows.for_each(|(score, row)| *score += weight * row.iter().sum::<f64>());
                continue;
            }
            words.pack(piece, self.letters, of.width, self.both_strands)?;
            let most = of.scales.iter().map(WordScales::most_mismatches).max().unwrap_or(0);
            words.slide(self.length + 1 - of.width, most, |pairs| {
                if let Some((score, row)) = rows.next() {
                    *score += weight * scaled(pairs, row);
                }
            });
        }
        Ok(())
    }
}

impl SumsOfWidth {
    fn code(&mut self, tokens: &[u8], letters: &LetterTable, width: usize) {
        self.codes.clear();
        let mask = ((1u64 << (2 * width)) - 1) as u32;
        let (mut code, mut known) = (0u32, 0);
        let (head, rest) = tokens.split_at(width - 1);
        let mut next = |token: u8| {
            known = if letters.is_letter(token) { known + 1 } else { 0 };
            code = (code << 2 | u32::from(token & 3)) & mask;
            if known >= width { code } else { UNKNOWN }
        };
        head.iter().for_each(|&token| {
            next(token);
        });
        self.codes.extend(rest.iter().map(|&token| next(token)));
    }

    fn look_up(&mut self, of: &OfWidth) {
        match of.scales.len() {
            1 => self.look_up_rows::<1>(&of.values),
            2 => self.look_up_rows::<2>(&of.values),
            3 => self.look_up_rows::<3>(&of.values),
            4 => self.look_up_rows::<4>(&of.values),
            kernels => {
                self.values.clear();
                for &code in &self.codes {
                    let row = (code != UNKNOWN).then(|| &of.values[code as usize * kernels..][..kernels]);
                    self.values.extend((0..kernels).map(|kernel| row.map_or(0.0, |row| row[kernel])));
                }
            }
        }
    }

    /// Rows of a length that the compiler knows are no calls.
    fn look_up_rows<const KERNELS: usize>(&mut self, table: &[f32]) {
        let (table, _) = table.as_chunks::<KERNELS>();
        self.values.clear();
        self.values.resize(self.codes.len() * KERNELS, 0.0);
        let (rows, _) = self.values.as_chunks_mut::<KERNELS>();
        for (row, &code) in rows.iter_mut().zip(&self.codes) {
            if code != UNKNOWN {
                *row = table[code as usize];
            }
        }
    }

    fn slide(&mut self, words: usize, kernels: usize) {
        let windows = self.codes.len() + 1 - words;
        self.sums.clear();
        self.sums.resize(windows * kernels, 0.0);
        for kernel in 0..kernels {
            let value = |word: usize| f64::from(self.values[word * kernels + kernel]);
            let mut sum: f64 = (0..words - 1).map(value).sum();
            for window in 0..windows {
                sum += value(window + words - 1);
                self.sums[window * kernels + kernel] = sum;
                sum -= value(window);
            }
        }
        self.known.clear();
        let is_known = |word: usize| u32::from(self.codes[word] != UNKNOWN);
        let mut known: u32 = (0..words - 1).map(is_known).sum();
        for window in 0..windows {
            known += is_known(window + words - 1);
            self.known.push(known);
            known -= is_known(window);
        }
    }
}
