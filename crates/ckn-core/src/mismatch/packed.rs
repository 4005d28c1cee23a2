//! The words of one sequence in two planes of bits: pairs counted by their mismatches, 32 at a time.

use std::ops::Range;

use super::sliding_pairs::PairScratch;
use super::spectrum::{LETTERS, MAX_WORD};
use crate::vectors::on_widest_vectors;
use crate::{Error, LetterTable};

/// Words compared at once.
pub(super) const LANES: usize = 32;
/// Numbers of mismatches of two words of up to [`MAX_WORD`] letters.
pub(super) const BINS: usize = MAX_WORD + 1;
/// Pairs that a lane of 8 bits counts before it is emptied.
const MOST_TICKS: u32 = 254;
/// Bits of a place that holds no word: more mismatches than there can be.
const NONE: u16 = u16::MAX;

/// Cuts the last words of a range: the last `n` lanes are no words at `MASKS[n..][..LANES]`.
const MASKS: [u16; 2 * LANES] = {
    let mut masks = [0; 2 * LANES];
    let mut lane = LANES;
    while lane < 2 * LANES {
        masks[lane] = NONE;
        lane += 1;
    }
    masks
};

/// Numbers of pairs of words by their mismatches; differences of such numbers may be negative.
pub type MismatchCounts = [i64; BINS];

type Lanes = [u8; LANES];

/// The words of one sequence of four letters, and perhaps of its reverse complement, packed for comparison with others.
///
/// The letter of each place is two bits, which stand in two planes, so that two words differ at the bits of
/// `(h xor h') or (l xor l')`. All numbers are counts, so that sums of them carry no rounding.
#[derive(Debug, Clone, Default)]
pub struct PackedWords {
    width: usize,
    both_strands: bool,
    words: usize,
    high: Vec<u16>,
    low: Vec<u16>,
    reverse_high: Vec<u16>,
    reverse_low: Vec<u16>,
    /// [`NONE`] where a window holds an unknown letter.
    unknown: Vec<u16>,
    /// Codes of the words, the first letter the most significant digit of base 4.
    codes: Vec<u32>,
    letters: Vec<u8>,
    complement: Vec<u8>,
    unknown_places: Vec<u8>,
    pub(super) scratch: PairScratch,
}

/// One word, to be compared with those of a sequence.
#[derive(Debug, Clone, Copy)]
pub(super) struct PackedWord {
    high: u16,
    low: u16,
}

impl PackedWords {
    /// Letters of a sequence above which a table of all words is cheaper than counting its pairs.
    pub const MOST_COUNTED: usize = 8_000;

    /// Whether words of this width and alphabet can be packed.
    pub fn fits(width: usize, letters: usize) -> bool {
        letters == LETTERS && (1..=MAX_WORD).contains(&width)
    }

    /// The words of a sequence.
    ///
    /// # Errors
    /// Those of [`Self::pack`].
    pub fn new(sequence: &[u8], table: &LetterTable, width: usize, both_strands: bool) -> Result<Self, Error> {
        let mut words = Self::default();
        words.pack(sequence, table, width, both_strands)?;
        Ok(words)
    }

    /// Takes the words of another sequence, in the same memory.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a width of zero or above 12, or an alphabet that has not four letters;
    /// [`Error::NoComplement`] for both strands of an alphabet without complement.
    pub fn pack(
        &mut self,
        sequence: &[u8],
        table: &LetterTable,
        width: usize,
        both_strands: bool,
    ) -> Result<(), Error> {
        if width == 0 || width > MAX_WORD {
            return Err(Error::Parameter { name: "width", got: width as f64, expected: "between 1 and 12" });
        }
        if table.letters() != LETTERS {
            return Err(Error::Parameter { name: "letters", got: table.letters() as f64, expected: "4" });
        }
        if both_strands && table.complement().is_none() {
            return Err(Error::NoComplement);
        }
        (self.width, self.both_strands) = (width, both_strands);
        self.words = (sequence.len() + 1).saturating_sub(width);
        let places = self.words + LANES;
        for plane in [&mut self.high, &mut self.low, &mut self.reverse_high, &mut self.reverse_low] {
            plane.clear();
            plane.resize(places, 0);
        }
        self.unknown.clear();
        self.unknown.resize(places, NONE);
        self.codes.clear();
        self.codes.resize(self.words, 0);
        self.unknown_places.clear();
        self.unknown_places.resize(self.words, 0);
        self.letters.clear();
        self.letters.extend(sequence.iter().map(|token| token & 3));
        self.complement.clear();
        if let Some(map) = table.complement().filter(|_| both_strands) {
            self.complement.extend(sequence.iter().map(|&token| map[usize::from(token)] & 3));
        }
        self.pack_windows(sequence, table, 0..self.words);
        Ok(())
    }

    /// Takes the windows that hold a letter of the same sequence anew, after that letter was changed.
    ///
    /// # Panics
    /// If the sequence, of the same length and table, has no such place.
    pub fn change(&mut self, sequence: &[u8], table: &LetterTable, place: usize) {
        let token = sequence[place];
        self.letters[place] = token & 3;
        if let Some(map) = table.complement().filter(|_| self.both_strands) {
            self.complement[place] = map[usize::from(token)] & 3;
        }
        self.pack_windows(sequence, table, self.covering(place));
    }

    /// The windows that hold a place.
    pub fn covering(&self, place: usize) -> Range<usize> {
        (place + 1).saturating_sub(self.width)..self.words.min(place + 1)
    }

    fn pack_windows(&mut self, sequence: &[u8], table: &LetterTable, windows: Range<usize>) {
        if windows.is_empty() {
            return;
        }
        let (width, start) = (self.width, windows.start);
        let complement = table.complement().filter(|_| self.both_strands);
        let (mask, word) = ((1u16 << width) - 1, (1u32 << (2 * width)) - 1);
        let (mut high, mut low, mut reverse_high, mut reverse_low, mut known, mut code) = (0, 0, 0, 0, 0, 0u32);
        for (end, &token) in sequence.iter().enumerate().take(windows.end + width - 1).skip(start) {
            known = if table.is_letter(token) { known + 1 } else { 0 };
            let bits = |token: u8| (u16::from(token >> 1 & 1), u16::from(token & 1));
            let (h, l) = bits(token);
            (high, low) = ((high << 1 | h) & mask, (low << 1 | l) & mask);
            code = (code << 2 | u32::from(token & 3)) & word;
            if let Some(map) = complement {
                let (h, l) = bits(map[usize::from(token)]);
                reverse_high = reverse_high >> 1 | h << (width - 1);
                reverse_low = reverse_low >> 1 | l << (width - 1);
            }
            if end + 1 >= start + width {
                let place = end + 1 - width;
                (self.high[place], self.low[place]) = (high, low);
                (self.reverse_high[place], self.reverse_low[place]) = (reverse_high, reverse_low);
                self.codes[place] = code;
                self.unknown[place] = if known >= width { 0 } else { NONE };
                self.unknown_places[place] = self.unknown[place] as u8;
            }
        }
    }

    /// Number of windows, those with unknown letters included.
    pub fn len(&self) -> usize {
        self.words
    }

    /// Whether there is no window.
    pub fn is_empty(&self) -> bool {
        self.words == 0
    }

    /// The word of a window; `None` if it holds an unknown letter, or there is no such window.
    pub(super) fn word(&self, window: usize) -> Option<PackedWord> {
        let known = window < self.words && self.unknown[window] == 0;
        known.then(|| PackedWord { high: self.high[window], low: self.low[window] })
    }

    /// Where the word of a window stands in a table of all words; `None` if it holds an unknown letter.
    ///
    /// # Panics
    /// If there is no such window.
    #[inline]
    pub fn code(&self, window: usize) -> Option<usize> {
        (self.unknown[window] == 0).then(|| self.codes[window] as usize)
    }

    /// Adds `times` the pairs of the windows of one range with those of another, on the strands that are read: each of `some`, as it
    /// stands, with each of `others`. Pairs of more than `most` mismatches need not be counted.
    pub fn add_pairs(
        &self,
        some: Range<usize>,
        others: Range<usize>,
        times: i64,
        most: usize,
        pairs: &mut MismatchCounts,
    ) {
        match most {
            0..=4 => self.add_bins::<5>(some, others, times, pairs),
            5..=8 => self.add_bins::<9>(some, others, times, pairs),
            _ => self.add_bins::<BINS>(some, others, times, pairs),
        }
    }

    fn add_bins<const B: usize>(
        &self,
        some: Range<usize>,
        others: Range<usize>,
        times: i64,
        pairs: &mut MismatchCounts,
    ) {
        let mut bins = [[0; LANES]; B];
        let mut counts = [0; B];
        on_widest_vectors(
            #[inline(always)]
            || {
                let mut ticks = 0;
                let mut start = others.start;
                while start < others.end {
                    let none = self.none(start, (start + LANES).saturating_sub(others.end));
                    let forward = (lanes(&self.high, start), lanes(&self.low, start));
                    let reverse = (lanes(&self.reverse_high, start), lanes(&self.reverse_low, start));
                    for window in some.clone() {
                        let Some(word) = self.word(window) else { continue };
                        tally(word, forward, &none, &mut bins);
                        if self.both_strands {
                            tally(word, reverse, &none, &mut bins);
                        }
                        ticks += 2;
                        if ticks >= MOST_TICKS {
                            empty(&mut bins, &mut counts);
                            ticks = 0;
                        }
                    }
                    start += LANES;
                }
                empty(&mut bins, &mut counts);
            },
        );
        pairs.iter_mut().zip(counts).for_each(|(pairs, count)| *pairs += times * count);
    }

    /// Letters of a word.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn reads_both_strands(&self) -> bool {
        self.both_strands
    }

    /// The letters of the sequence; one that is unknown stands as the first letter.
    pub(super) fn letters(&self) -> &[u8] {
        &self.letters
    }

    /// The complement of each letter, at its place.
    pub(super) fn complement(&self) -> &[u8] {
        &self.complement
    }

    /// All bits set for a window with an unknown letter, none for the others.
    pub(super) fn unknown_places(&self) -> &[u8] {
        &self.unknown_places
    }

    /// Letters in which two windows differ, one of them perhaps as its reverse complement.
    #[inline(always)]
    pub(super) fn mismatches(&self, window: usize, other: usize, reverse: bool) -> u8 {
        let (highs, lows) = if reverse { (&self.reverse_high, &self.reverse_low) } else { (&self.high, &self.low) };
        ((self.high[window] ^ highs[other]) | (self.low[window] ^ lows[other])).count_ones() as u8
    }

    /// Adds the pairs of a word with itself: none of its letters differ, and some from its reverse complement.
    #[inline(always)]
    pub(super) fn add_self(&self, window: usize, times: i64, pairs: &mut MismatchCounts) {
        let Some(word) = self.word(window) else { return };
        pairs[0] += times;
        if self.both_strands {
            let differ = (word.high ^ self.reverse_high[window]) | (word.low ^ self.reverse_low[window]);
            pairs[differ.count_ones() as usize] += times;
        }
    }

    /// Which lanes from a window on hold no word: those of unknown letters, and the last `beyond`.
    #[inline(always)]
    fn none(&self, start: usize, beyond: usize) -> [u16; LANES] {
        let (unknown, mask) = (lanes(&self.unknown, start), &MASKS[beyond..][..LANES]);
        let mut none = [0; LANES];
        for lane in 0..LANES {
            none[lane] = unknown[lane] | mask[lane];
        }
        none
    }
}

#[inline(always)]
fn lanes(plane: &[u16], start: usize) -> [u16; LANES] {
    let mut lanes = [0; LANES];
    lanes.copy_from_slice(&plane[start..][..LANES]);
    lanes
}

#[inline(always)]
fn tally<const B: usize>(
    word: PackedWord,
    (highs, lows): ([u16; LANES], [u16; LANES]),
    none: &[u16; LANES],
    bins: &mut [Lanes; B],
) {
    // As bytes, so that the counts of all bins stay in registers.
    let mut mismatches = [0u8; LANES];
    for lane in 0..LANES {
        mismatches[lane] = ((highs[lane] ^ word.high) | (lows[lane] ^ word.low) | none[lane]).count_ones() as u8;
    }
    for bin in 0..B {
        for lane in 0..LANES {
            bins[bin][lane] += u8::from(mismatches[lane] == bin as u8);
        }
    }
}

/// Adds the lanes to the counts, and starts anew.
#[inline(always)]
fn empty<const B: usize>(bins: &mut [Lanes; B], counts: &mut [i64; B]) {
    for bin in 0..B {
        let mut sum = 0u32;
        for lane in 0..LANES {
            sum += u32::from(bins[bin][lane]);
        }
        counts[bin] += i64::from(sum);
        bins[bin] = [0; LANES];
    }
}
