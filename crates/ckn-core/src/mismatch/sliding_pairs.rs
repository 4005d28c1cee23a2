//! Pairs of the words of every stretch of a sequence, by their mismatches.
//!
//! Two words that move on together keep all their letters but one: of a pair of windows, the number of mismatches changes by the
//! letters that enter and those that leave. Each of these numbers has a byte of its own, so that a vector holds many.

use std::ops::Range;

use super::packed::{BINS, MismatchCounts, PackedWords};
use crate::vectors::on_widest_vectors;

/// Numbers of mismatches that are counted at once.
const LANES: usize = 64;
/// Vectors after which lanes are emptied: they count from half of a byte to its ends.
const RUN: usize = 100;
const HALF: u8 = 0x80;
/// Words that are compared with each other in less time than numbers of mismatches are kept up to date.
const SHORT: usize = 400;
/// Mismatches of a pair that does not count.
const NONE: u8 = 0x80;

/// Mismatches of one word with others, kept up to date as all move on.
#[derive(Debug, Clone, Default)]
struct Diagonals {
    /// With words of the same strand, by distance.
    forward: Vec<u8>,
    /// With words of the other strand, by the sum of both places.
    reverse: Vec<u8>,
    /// All of them, one after the other, as they are counted.
    lanes: Vec<u8>,
}

/// Memory of [`PackedWords::slide`].
#[derive(Debug, Clone, Default)]
pub(super) struct PairScratch {
    entering: Diagonals,
    leaving: Diagonals,
}

impl PackedWords {
    /// Pairs of these words, each a window of `K(x, x)`: every word with every word, on the strands that are read.
    pub fn own_pairs(&mut self) -> MismatchCounts {
        let mut own = MismatchCounts::default();
        if self.len() <= SHORT {
            // A pair counts as often as its mirror image.
            for start in (0..self.len()).step_by(super::packed::LANES) {
                let block = start..self.len().min(start + super::packed::LANES);
                self.add_pairs(0..start, block.clone(), 2, BINS - 1, &mut own);
                self.add_pairs(block.clone(), block, 1, BINS - 1, &mut own);
            }
        } else {
            self.slide(self.len(), BINS - 1, |pairs| own = *pairs);
        }
        own
    }

    /// Pairs of every stretch of `windows` windows, one stretch after the other: [`Self::own_pairs`] of each, from the word that
    /// enters and the one that leaves. Pairs of more than `most` mismatches need not be counted.
    pub fn slide(&mut self, windows: usize, most: usize, mut each: impl FnMut(&MismatchCounts)) {
        if windows == 0 || self.len() < windows {
            return;
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        match most {
            0..=4 => self.slide_bins::<5>(windows, &mut scratch, &mut each),
            5..=8 => self.slide_bins::<9>(windows, &mut scratch, &mut each),
            9..=10 => self.slide_bins::<11>(windows, &mut scratch, &mut each),
            _ => self.slide_bins::<BINS>(windows, &mut scratch, &mut each),
        }
        self.scratch = scratch;
    }

    fn slide_bins<const B: usize>(
        &self,
        windows: usize,
        scratch: &mut PairScratch,
        each: &mut impl FnMut(&MismatchCounts),
    ) {
        let PairScratch { entering, leaving } = scratch;
        entering.clear(windows, self.len());
        leaving.clear(windows, self.len());
        let mut pairs = MismatchCounts::default();
        on_widest_vectors(
            #[inline(always)]
            || {
                for word in 0..self.len() {
                    let first = (word + 1).saturating_sub(windows);
                    let mut counts = MismatchCounts::default();
                    entering.enter(self, word, first, windows);
                    entering.collect(self, word, first..word, first + windows - 1 - word);
                    self.add_self(word, 1, &mut pairs);
                    if first > 0 {
                        leaving.leave(self, first - 1, windows);
                        leaving.collect(self, first - 1, first..word, 0);
                        self.add_self(first - 1, -1, &mut pairs);
                    }
                    tally::<B>(&entering.lanes, &leaving.lanes, &mut counts);
                    for bin in 0..B {
                        pairs[bin] += 2 * counts[bin];
                    }
                    if word + 1 >= windows {
                        each(&pairs);
                    }
                }
            },
        );
    }
}

impl Diagonals {
    fn clear(&mut self, windows: usize, words: usize) {
        self.lanes.clear();
        self.forward.clear();
        self.forward.resize(windows, 0);
        self.reverse.clear();
        self.reverse.resize(2 * words, 0);
    }

    /// Mismatches of a word with those before it, from `first` on: of the pair one place before, and of what changed.
    #[inline(always)]
    fn enter(&mut self, words: &PackedWords, word: usize, first: usize, windows: usize) {
        if word > 0 {
            let lane = first.max(1) + windows - 1 - word;
            self.advance_forward(words, word, first.max(1)..word, lane);
            if first == 0 {
                self.forward[windows - 1 - word] = words.mismatches(word, 0, false);
            }
        }
        if words.reads_both_strands() {
            self.advance_reverse(words, word, first..word.saturating_sub(1).max(first));
            // The pair of a word with itself becomes that of the word after it with the one before.
            for other in word.saturating_sub(1).max(first)..=word {
                self.reverse[word + other] = words.mismatches(word, other, true);
            }
        }
    }

    /// Mismatches of a word with the `windows − 1` words after it.
    #[inline(always)]
    fn leave(&mut self, words: &PackedWords, word: usize, windows: usize) {
        let last = word + windows;
        if word > 0 {
            self.advance_forward(words, word, word + 1..last, 0);
        } else {
            for other in 1..last {
                self.forward[other - 1] = words.mismatches(0, other, false);
            }
        }
        if words.reads_both_strands() {
            let known = if word > 0 { (last - 2).max(word + 1) } else { 1 };
            if word > 0 {
                self.advance_reverse(words, word, word + 1..known);
            }
            for other in known..last {
                self.reverse[word + other] = words.mismatches(word, other, true);
            }
        }
    }

    #[inline(always)]
    fn advance_forward(&mut self, words: &PackedWords, word: usize, others: Range<usize>, lane: usize) {
        let Some(before) = others.start.checked_sub(1).filter(|_| !others.is_empty()) else { return };
        let (letters, width) = (words.letters(), words.width());
        let (come, gone) = (letters[word + width - 1], letters[word - 1]);
        let entered = &letters[others.start + width - 1..][..others.len()];
        let left = &letters[before..][..others.len()];
        advance(&mut self.forward[lane..][..others.len()], (entered, come), (left, gone));
    }

    #[inline(always)]
    fn advance_reverse(&mut self, words: &PackedWords, word: usize, others: Range<usize>) {
        if others.is_empty() {
            return;
        }
        let (letters, width) = (words.letters(), words.width());
        let (come, gone) = (letters[word + width - 1], letters[word - 1]);
        let entered = &words.complement()[others.start..][..others.len()];
        let left = &words.complement()[others.start + width..][..others.len()];
        advance(&mut self.reverse[word + others.start..][..others.len()], (entered, come), (left, gone));
    }

    /// Lays the numbers that count one after the other, and fills the last vector.
    #[inline(always)]
    fn collect(&mut self, words: &PackedWords, word: usize, others: Range<usize>, lane: usize) {
        self.lanes.clear();
        if words.word(word).is_none() {
            return;
        }
        let count = others.len();
        let strands = if words.reads_both_strands() { 2 } else { 1 };
        self.lanes.resize((strands * count).next_multiple_of(LANES), NONE);
        let unknown = &words.unknown_places()[others.start..][..count];
        mask(&mut self.lanes[..count], &self.forward[lane..][..count], unknown);
        if strands == 2 {
            let reverse = &self.reverse[word + others.start..][..count];
            mask(&mut self.lanes[count..][..count], reverse, unknown);
        }
    }
}

// Loops over places, not iterators: the functions of those are not inlined into the dispatch on the vector width.
#[inline(always)]
fn advance(mismatches: &mut [u8], (entered, come): (&[u8], u8), (left, gone): (&[u8], u8)) {
    let count = mismatches.len();
    let (entered, left) = (&entered[..count], &left[..count]);
    for lane in 0..count {
        let difference = u8::from(entered[lane] != come).wrapping_sub(u8::from(left[lane] != gone));
        mismatches[lane] = mismatches[lane].wrapping_add(difference);
    }
}

#[inline(always)]
fn mask(lanes: &mut [u8], mismatches: &[u8], unknown: &[u8]) {
    let count = lanes.len();
    let (mismatches, unknown) = (&mismatches[..count], &unknown[..count]);
    for lane in 0..count {
        lanes[lane] = mismatches[lane] | unknown[lane] & NONE;
    }
}

/// Adds how often each number of mismatches occurs among the pairs that come, and takes away how often among those that go.
#[inline(always)]
fn tally<const B: usize>(come: &[u8], gone: &[u8], counts: &mut MismatchCounts) {
    let run = RUN * LANES;
    for start in (0..come.len().max(gone.len())).step_by(run) {
        let part = |lanes: &'_ [u8]| start.min(lanes.len())..(start + run).min(lanes.len());
        // Differences above a half: the sum of unsigned bytes is one instruction.
        let mut bins = [[HALF; LANES]; B];
        count::<B, true>(&come[part(come)], &mut bins);
        count::<B, false>(&gone[part(gone)], &mut bins);
        for bin in 0..B {
            let mut sum = 0u32;
            for lane in 0..LANES {
                sum += u32::from(bins[bin][lane]);
            }
            counts[bin] += i64::from(sum) - (LANES * usize::from(HALF)) as i64;
        }
    }
}

#[inline(always)]
fn count<const B: usize, const ADD: bool>(lanes: &[u8], bins: &mut [[u8; LANES]; B]) {
    // As arrays: of slices the compiler does not see that no lane is out of bounds, and compares them one by one.
    let vectors = lanes.as_chunks::<LANES>().0;
    for place in 0..vectors.len() {
        let vector = &vectors[place];
        for bin in 0..B {
            for lane in 0..LANES {
                let equal = u8::from(vector[lane] == bin as u8);
                bins[bin][lane] = if ADD { bins[bin][lane] + equal } else { bins[bin][lane] - equal };
            }
        }
    }
}
