//! Which sequences hold which words.

use std::cmp::Reverse;

use ckn_bio::{Alphabet, EncodedSequences};
use rayon::prelude::*;

use super::SelectionSettings;
use crate::{Error, Strata};

/// Sequences that a word must stand in to be in the grid.
const LEAST: u32 = 3;

/// Sequences some of whose letters are masked.
pub(super) struct Masked<'a> {
    sequences: &'a EncodedSequences,
    settings: &'a SelectionSettings,
    /// Whether a letter may be in a site, of all sequences one after the other.
    free: Vec<bool>,
}

impl<'a> Masked<'a> {
    pub(super) fn new(sequences: &'a EncodedSequences, settings: &'a SelectionSettings) -> Result<Self, Error> {
        let letters = sequences.tokens().len();
        let near = 1 + 3 * settings.width * settings.mismatches;
        // Words of each window, and half as many again while they are sorted.
        ckn_core::require_memory("the words of the sequences", (6 * letters * near) as u64)?;
        let free = sequences.tokens().iter().map(|&token| token < 4).collect();
        Ok(Self { sequences, settings, free })
    }

    /// The words that a sequence holds, each once, in ascending order.
    fn words(&self, record: usize) -> Vec<u32> {
        let mut words: Vec<u32> = Vec::new();
        self.windows(record, |_, code| self.near(code, |word| words.push(word)));
        words.sort_unstable();
        words.dedup();
        words
    }

    /// Number of windows that are each word, without a letter that differs.
    fn exact(&self) -> Vec<u32> {
        let mut windows = vec![0; 1 << (2 * self.settings.width)];
        (0..self.sequences.len()).for_each(|record| {
            self.windows(record, |_, code| windows[self.canonical(code) as usize] += 1);
        });
        windows
    }

    /// All windows of free letters: where they start in all letters, and their codes.
    fn windows(&self, record: usize, mut each: impl FnMut(usize, u32)) {
        let (width, start) = (self.settings.width, self.sequences.offsets()[record]);
        let mask = (1u32 << (2 * width)) - 1;
        let (mut code, mut known) = (0u32, 0usize);
        for (at, &token) in self.sequences.sequence(record).iter().enumerate() {
            code = (code << 2 | u32::from(token & 3)) & mask;
            known = if self.free[start + at] { known + 1 } else { 0 };
            if known >= width {
                each(start + at + 1 - width, code);
            }
        }
    }

    /// The words that a window is a site of.
    fn near(&self, code: u32, mut each: impl FnMut(u32)) {
        each(self.canonical(code));
        for place in 0..self.settings.width * self.settings.mismatches {
            (1..4).for_each(|change| each(self.canonical(code ^ change << (2 * place))));
        }
    }

    /// The word itself, or its reverse complement, if that comes first and either strand may hold it.
    fn canonical(&self, code: u32) -> u32 {
        if !self.settings.both_strands {
            return code;
        }
        let (mut rest, mut turned) = (code, 0u32);
        for _ in 0..self.settings.width {
            turned = turned << 2 | (3 - (rest & 3));
            rest >>= 2;
        }
        code.min(turned)
    }

    /// Masks all sites of a word.
    pub(super) fn mask(&mut self, word: u32) {
        let mut starts = Vec::new();
        for record in 0..self.sequences.len() {
            self.windows(record, |start, code| {
                let mut is_site = false;
                self.near(code, |other| is_site |= other == word);
                if is_site {
                    starts.push(start);
                }
            });
        }
        starts.into_iter().for_each(|start| self.free[start..start + self.settings.width].fill(false));
    }

    pub(super) fn letters(&self, word: u32) -> String {
        let alphabet: Alphabet = self.sequences.alphabet();
        let letters = alphabet.letters().as_bytes();
        let place = |at: usize| char::from(letters[(word >> (2 * (self.settings.width - 1 - at)) & 3) as usize]);
        (0..self.settings.width).map(place).collect()
    }
}

/// Largest scores of a grid, and behind them the sum of the fourth powers of all that are above zero: as numbers of sequences are whole, the
/// largest are often the same.
const LARGEST: usize = 3;
pub(super) type Best = [f64; LARGEST + 1];

/// The words that stand in at least three sequences, and in which.
pub(super) struct Grid {
    /// Words, the most frequent first.
    words: Vec<u32>,
    /// Numbers of the words that each sequence holds, in ascending order.
    rows: Vec<Vec<u32>>,
    /// Of each word, the mean of its number of positives and the inverse of the standard deviation.
    scores: Vec<(f64, f64)>,
    /// Positives that hold each word, by the labels as they are.
    counts: Vec<u32>,
}

impl Grid {
    pub(super) fn new(masked: &Masked<'_>, positive: &[bool], given: &Strata) -> Self {
        let mut rows: Vec<Vec<u32>> = (0..positive.len()).into_par_iter().map(|record| masked.words(record)).collect();
        let mut holders = vec![0u32; 1 << (2 * masked.settings.width)];
        rows.iter().flatten().for_each(|&word| holders[word as usize] += 1);
        let mut words: Vec<u32> =
            (0u32..).zip(&holders).filter(|(_, holders)| **holders >= LEAST).map(|(word, _)| word).collect();
        // Of words that differ in a letter and have the same sites, that comes first which stands as it is most often.
        let exact = masked.exact();
        words.sort_by_key(|&word| (Reverse(exact[word as usize]), word));
        // From words to their numbers, in the same memory.
        (0u32..).zip(&words).for_each(|(number, &word)| holders[word as usize] = number | 1 << 31);
        let number = |word: u32| holders[word as usize];
        rows.par_iter_mut().for_each(|row| {
            row.retain(|&word| number(word) >> 31 == 1);
            row.iter_mut().for_each(|word| *word = number(*word) & !(1 << 31));
            row.sort_unstable();
        });
        let scores = scores(&rows, words.len(), positive, given);
        let mut grid = Self { words, rows, scores, counts: Vec::new() };
        grid.counts = grid.count(positive);
        grid
    }

    /// How many positives hold each word.
    pub(super) fn count(&self, positive: &[bool]) -> Vec<u32> {
        let mut counts = vec![0; self.words.len()];
        for (row, _) in self.rows.iter().zip(positive).filter(|(_, positive)| **positive) {
            row.iter().for_each(|&number| counts[number as usize] += 1);
        }
        counts
    }

    /// The largest scores, from the largest on, and what else tells labels apart, of which as many are positive.
    pub(super) fn best_scores(&self, positive: &[bool]) -> Best {
        let mut best = [0.0; LARGEST + 1];
        let mut powers = 0.0;
        for (number, &count) in self.count(positive).iter().enumerate() {
            let score = self.score(number, count).max(0.0);
            powers += score.powi(4);
            let largest = &mut best[..LARGEST];
            if score > largest[LARGEST - 1] {
                let at = largest.partition_point(|&better| better >= score);
                largest[at..].rotate_right(1);
                largest[at] = score;
            }
        }
        best[LARGEST] = powers;
        best
    }

    /// The number of the word with the largest score, of equal ones the first; `None` if no score is above zero.
    pub(super) fn best(&self) -> Option<usize> {
        let mut best = None;
        let mut most = 0.0;
        for number in 0..self.words.len() {
            let score = self.score(number, self.counts[number]);
            if score > most {
                (best, most) = (Some(number), score);
            }
        }
        best
    }

    pub(super) fn word(&self, number: usize) -> u32 {
        self.words[number]
    }

    /// The sequences that hold a word.
    pub(super) fn holders(&self, number: usize) -> Vec<usize> {
        (0..self.rows.len()).filter(|&record| self.holds(record, number)).collect()
    }

    pub(super) fn holds(&self, record: usize, number: usize) -> bool {
        self.rows[record].binary_search(&(number as u32)).is_ok()
    }

    pub(super) fn row(&self, record: usize) -> &[u32] {
        &self.rows[record]
    }

    /// Score of a word that `count` positives hold.
    #[inline]
    pub(super) fn score(&self, number: usize, count: u32) -> f64 {
        let (mean, inverse) = self.scores[number];
        (f64::from(count) - mean) * inverse
    }
}

/// Of each word, the mean of its number of positives and the inverse of the standard deviation, labels exchanged within groups.
fn scores(rows: &[Vec<u32>], words: usize, positive: &[bool], given: &Strata) -> Vec<(f64, f64)> {
    let mut moments = vec![(0.0, 0.0); words];
    let mut holders = vec![0u32; words];
    for members in given.members() {
        let (all, positives) =
            (members.len() as f64, members.iter().filter(|&&record| positive[record]).count() as f64);
        members.iter().flat_map(|&record| &rows[record]).for_each(|&word| holders[word as usize] += 1);
        // The words of a group are those of its members: each is taken once, and counted anew for the next group.
        for &word in members.iter().flat_map(|&record| &rows[record]) {
            let share = f64::from(std::mem::take(&mut holders[word as usize])) / all;
            let (mean, variance) = &mut moments[word as usize];
            *mean += share * positives;
            *variance += share * (1.0 - share) * positives * (all - positives) / f64::max(all - 1.0, 1.0);
        }
    }
    let inverse = |variance: f64| if variance > 0.0 { variance.sqrt().recip() } else { 0.0 };
    moments.into_iter().map(|(mean, variance)| (mean, inverse(variance))).collect()
}
