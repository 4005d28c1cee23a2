//! Counting pairs of windows by the letters they share, in the bits of many sequences at once.
//!
//! Along a diagonal (a fixed distance of two windows' starts) the number of shared letters changes by the letter that
//! enters and the one that leaves. A word holds one binary digit of that number for every sequence of a block, so an
//! addition is a handful of `xor` and `and`; so is counting how often each number occurs, by carry-save adders.

use super::planes::{Block, Blocks};
use super::{LANES, Word, ZERO};
use crate::vectors::on_widest_vectors;

/// Windows whose numbers are added up at once.
const GROUP: usize = 16;

/// Counts pairs of windows of one sequence with the windows of a block of others.
#[derive(Debug, Clone)]
pub(super) struct PairCounter {
    width: usize,
    /// Binary digits of the numbers of pairs, `[width + 1, digits]`, by shared letters.
    totals: Vec<Word>,
    digits: usize,
    /// Whether the two lowest digits of the number of shared letters are those of 0, 1, 2 or 3: `[windows, 4]` of one
    /// diagonal, and of one vector of lanes.
    low: Vec<Word>,
    /// Whether the other digits are those of 0, 4, 8, …, and there is a window, `[windows, highs]`.
    high: Vec<Word>,
}

impl PairCounter {
    /// For windows of as many letters as those of the blocks.
    pub(super) fn new(blocks: &Blocks) -> Self {
        Self { width: blocks.width, totals: Vec::new(), digits: 0, low: Vec::new(), high: Vec::new() }
    }

    /// Forgets what was counted; `pairs` is the most that will be.
    pub(super) fn clear(&mut self, pairs: usize) {
        // Windows are added up in groups of sixteen, whose four lowest digits come first.
        self.digits = ((usize::BITS - pairs.leading_zeros()) as usize).max(5);
        self.totals.clear();
        self.totals.resize((self.width + 1) * self.digits, ZERO);
    }

    /// Counts the pairs of a sequence's windows with those of every sequence of a block; adds to what was counted since
    /// [`Self::clear`].
    ///
    /// # Shapes
    /// starts: whether a window of known letters starts at a position, `[sequence]`.
    pub(super) fn count(&mut self, sequence: &[u8], starts: &[bool], block: &Block) {
        if sequence.len() < self.width || block.longest < self.width {
            return;
        }
        let count = Count { counter: self, sequence, starts, block };
        let arch = pulp::Arch::new();
        match count.counter.width {
            0..=3 => arch.dispatch(Digits::<2>(count)),
            4..=7 => arch.dispatch(Digits::<3>(count)),
            8..=15 => arch.dispatch(Digits::<4>(count)),
            16..=31 => arch.dispatch(Digits::<5>(count)),
            _ => arch.dispatch(Digits::<6>(count)),
        }
    }

    /// Numbers of pairs with `shared` letters in common, one for each sequence of the block.
    pub(super) fn pairs(&self, shared: usize, numbers: &mut [u32; LANES]) {
        numbers.fill(0);
        let digits = &self.totals[shared * self.digits..][..self.digits];
        on_widest_vectors(
            #[inline(always)]
            || {
                for (digit, word) in digits.iter().enumerate() {
                    for (numbers, &bits) in numbers.chunks_exact_mut(32).zip(bytemuck::cast_slice::<u64, u32>(word)) {
                        for (lane, number) in numbers.iter_mut().enumerate() {
                            *number |= ((bits >> lane) & 1) << digit;
                        }
                    }
                }
            },
        );
    }
}

/// One count: a sequence against a block.
struct Count<'a> {
    counter: &'a mut PairCounter,
    sequence: &'a [u8],
    starts: &'a [bool],
    block: &'a Block,
}

/// A count whose numbers of shared letters have `B` binary digits.
struct Digits<'a, const B: usize>(Count<'a>);

impl<const B: usize> pulp::WithSimd for Digits<'_, B> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) {
        let Count { counter, sequence, starts, block } = self.0;
        // A word is one vector, or several, each of which is counted by itself.
        let parts = size_of::<Word>() / size_of::<S::u64s>();
        let width = counter.width;
        let offsets = (sequence.len() - width) + (block.longest - width);
        for part in 0..parts {
            let mut lanes = Lanes::<S> {
                simd,
                width,
                highs: width / 4 + 1,
                digits: counter.digits,
                parts,
                part,
                planes: bytemuck::cast_slice(block.planes.as_flattened()),
                windows: bytemuck::cast_slice(block.windows.as_flattened()),
                longest: block.longest,
                totals: bytemuck::cast_slice_mut(counter.totals.as_flattened_mut()),
            };
            // From the sequence's last window over the block's first to the sequence's first over the block's last.
            for offset in 0..=offsets {
                let here = (sequence.len() - width).saturating_sub(offset);
                let there = offset.saturating_sub(sequence.len() - width);
                let windows = (sequence.len() - width - here).min(block.longest - width - there) + 1;
                // As many words as windows: more than vectors need.
                let whole = windows.next_multiple_of(GROUP);
                counter.low.resize(4 * whole, ZERO);
                counter.high.resize(lanes.highs * whole, ZERO);
                let low: &mut [S::u64s] = bytemuck::cast_slice_mut(counter.low.as_flattened_mut());
                let high: &mut [S::u64s] = bytemuck::cast_slice_mut(counter.high.as_flattened_mut());
                let (sequence, starts) = (&sequence[here..], &starts[here..]);
                let counted = lanes.diagonal::<B>(sequence, starts, there, windows, low, high);
                lanes.add_up(&low[..4 * counted], &high[..lanes.highs * counted]);
            }
        }
    }
}

/// One vector of a block's sequences.
struct Lanes<'a, S: pulp::Simd> {
    simd: S,
    width: usize,
    highs: usize,
    digits: usize,
    parts: usize,
    part: usize,
    /// `[letters, longest, parts]`.
    planes: &'a [S::u64s],
    /// `[longest, parts]`.
    windows: &'a [S::u64s],
    longest: usize,
    /// `[width + 1, digits, parts]`.
    totals: &'a mut [S::u64s],
}

impl<S: pulp::Simd> Lanes<'_, S> {
    /// Writes the digits of the number of shared letters of the windows of a diagonal; returns how many windows were
    /// written, a multiple of [`GROUP`].
    #[inline(always)]
    fn diagonal<const B: usize>(
        &self,
        sequence: &[u8],
        starts: &[bool],
        there: usize,
        windows: usize,
        low: &mut [S::u64s],
        high: &mut [S::u64s],
    ) -> usize {
        let (simd, width, zero) = (self.simd, self.width, self.simd.splat_u64s(0));
        let plane = |position: usize| {
            let place = usize::from(sequence[position]) * self.longest + there + position;
            // Unknown letters have no plane: they are in no window that counts.
            self.planes.get(place * self.parts + self.part).copied().unwrap_or(zero)
        };
        let mut digits = [zero; B];
        let mut written = 0;
        for position in 0..width + windows - 1 {
            let enters = plane(position);
            let mut change = enters;
            if position >= width {
                change = simd.xor_u64s(change, plane(position - width));
            }
            // Where a letter enters and none leaves, one is added, else taken away: the carry of an addition is where the
            // new digit is 0, that of a subtraction where it is 1.
            for digit in &mut digits {
                *digit = simd.xor_u64s(*digit, change);
                change = simd.and_u64s(change, simd.xor_u64s(*digit, enters));
            }
            if position + 1 < width || !starts[position + 1 - width] {
                continue;
            }
            let valid = self.windows[(there + position + 1 - width) * self.parts + self.part];
            let [one, two] = [digits[0], digits[1]];
            let [no_one, no_two] = [simd.not_u64s(one), simd.not_u64s(two)];
            let slots = &mut low[4 * written..][..4];
            slots[0] = simd.and_u64s(no_one, no_two);
            slots[1] = simd.and_u64s(one, no_two);
            slots[2] = simd.and_u64s(no_one, two);
            slots[3] = simd.and_u64s(one, two);
            for (value, slot) in high[self.highs * written..][..self.highs].iter_mut().enumerate() {
                let mut word = valid;
                for (bit, digit) in digits[2..].iter().enumerate() {
                    let digit = if value >> bit & 1 == 1 { *digit } else { simd.not_u64s(*digit) };
                    word = simd.and_u64s(word, digit);
                }
                *slot = word;
            }
            written += 1;
        }
        let whole = written.next_multiple_of(GROUP);
        high[self.highs * written..self.highs * whole].fill(zero);
        whole
    }

    /// Adds windows to the totals.
    #[inline(always)]
    fn add_up(&mut self, low: &[S::u64s], high: &[S::u64s]) {
        let simd = self.simd;
        for shared in 0..=self.width {
            let total = |digit: usize| (shared * self.digits + digit) * self.parts + self.part;
            let mut sums = [0, 1, 2, 3].map(|digit| self.totals[total(digit)]);
            let groups = low.chunks_exact(4 * GROUP).zip(high.chunks_exact(self.highs * GROUP));
            for (low, high) in groups {
                let has =
                    |window: usize| simd.and_u64s(low[4 * window + shared % 4], high[self.highs * window + shared / 4]);
                let mut carry = sixteen(simd, &mut sums, has);
                for digit in 4..self.digits {
                    let slot = &mut self.totals[total(digit)];
                    let both = simd.and_u64s(*slot, carry);
                    *slot = simd.xor_u64s(*slot, carry);
                    carry = both;
                }
            }
            (0..4).for_each(|digit| self.totals[total(digit)] = sums[digit]);
        }
    }
}

/// Adds sixteen bits to four digits; returns what is carried to the fifth.
#[inline(always)]
fn sixteen<S: pulp::Simd>(simd: S, sums: &mut [S::u64s; 4], has: impl Fn(usize) -> S::u64s) -> S::u64s {
    let mut eights = [simd.splat_u64s(0); 2];
    for (eight, slot) in eights.iter_mut().enumerate() {
        let mut fours = [simd.splat_u64s(0); 2];
        for (four, slot) in fours.iter_mut().enumerate() {
            let from = 8 * eight + 4 * four;
            let first = add(simd, &mut sums[0], has(from), has(from + 1));
            let second = add(simd, &mut sums[0], has(from + 2), has(from + 3));
            *slot = add(simd, &mut sums[1], first, second);
        }
        *slot = add(simd, &mut sums[2], fours[0], fours[1]);
    }
    add(simd, &mut sums[3], eights[0], eights[1])
}

/// Adds two bits to a digit: the digit becomes their sum, what is returned is carried.
#[inline(always)]
fn add<S: pulp::Simd>(simd: S, digit: &mut S::u64s, left: S::u64s, right: S::u64s) -> S::u64s {
    let either = simd.xor_u64s(*digit, left);
    let carry = simd.or_u64s(simd.and_u64s(*digit, left), simd.and_u64s(either, right));
    *digit = simd.xor_u64s(either, right);
    carry
}
