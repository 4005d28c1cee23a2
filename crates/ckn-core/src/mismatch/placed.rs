//! Kernels of whole sequences whose pairs of windows count by the distance of their places, too: sites that stand where they stand.
//!
//! `K(x, x') = Σ_{s,t} h(mismatches(x_s, x'_t)) exp(−d²/(2β²))`, where `d` is the distance in letters of the places of two windows.
//! The place of a window is that of its middle, counted from the middle of its sequence, so that the reverse complement is a mirror
//! image; it may be half a letter, so places are whole numbers of half letters. With `β → ∞` it is the kernel without places. The
//! factor is that of the kernel of image patches, `exp(−‖z − z'‖²/(2β²))` (Mairal et al. 2014, eq. 1).

#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use rayon::prelude::*;

use super::planes::known_windows;
use super::{Profile, WordOperator, Words};
use crate::{Error, Scalar, TokenView};

/// Share of a pair at one place below which a pair counts nothing.
const NOTHING: f64 = 1e-9;

/// Numbers of the largest tables of words by places: 256 MiB in double precision.
const MOST_NUMBERS: usize = 1 << 25;

/// Columns of a table that are smoothed over places at once.
const TILE: usize = 4096;

/// How much a pair of windows counts by the distance of their places.
#[derive(Debug, Clone, PartialEq)]
struct Nearness {
    /// By the distance in half letters, `[reach + 1]`.
    values: Vec<f64>,
}

impl Nearness {
    fn new(beta: f64) -> Result<Self, Error> {
        if !(beta > 0.0 && beta <= 1e6) {
            let (name, expected) = ("bandwidth of places", "above 0, and at most 1e6");
            return Err(Error::Parameter { name, got: beta, expected });
        }
        let value = |half_letters: usize| (-0.125 * (half_letters as f64 / beta).powi(2)).exp();
        let reach = (beta * (-8.0 * NOTHING.ln()).sqrt()) as usize;
        Ok(Self { values: (0..=reach).map(value).collect() })
    }

    fn reach(&self) -> usize {
        self.values.len() - 1
    }
}

/// Checks a bandwidth `β` of places.
///
/// # Errors
/// [`Error::Parameter`] unless it is above 0, and at most 1e6.
pub fn check_bandwidth(beta: f64) -> Result<(), Error> {
    Nearness::new(beta).map(|_| ())
}

/// A sequence whose windows have places.
struct Placed<'s> {
    tokens: &'s [u8],
    /// Whether a window of known letters starts at a position.
    starts: Vec<bool>,
}

impl<'s> Placed<'s> {
    fn new(view: TokenView<'s>, tokens: &'s [u8], width: usize) -> Self {
        let mut starts = vec![false; (tokens.len() + 1).saturating_sub(width)];
        known_windows(view, tokens, width).for_each(|start| starts[start] = true);
        Self { tokens, starts }
    }

    /// Adds, for every number of mismatches, how much the pairs of windows count. Along a diagonal only the letters that enter and
    /// leave change the mismatches.
    fn add_pairs(&self, other: &Placed<'_>, width: usize, nearness: &Nearness, pairs: &mut [f64]) {
        let (left, right) = (self.starts.len() as isize, other.starts.len() as isize);
        if left == 0 || right == 0 {
            return;
        }
        // Of windows that start at `s` and `s − shift`: the distance in half letters is `2 shift − (left − right)`.
        let reach = nearness.reach() as isize;
        let first = (left - right - reach).div_euclid(2).max(1 - right);
        for shift in first..=((left - right + reach).div_euclid(2)).min(left - 1) {
            let distance = (2 * shift - (left - right)).unsigned_abs();
            let Some(&near) = nearness.values.get(distance) else { continue };
            let (here, there) = (shift.max(0) as usize, (-shift).max(0) as usize);
            let windows = (self.starts.len() - here).min(other.starts.len() - there);
            let (one, two) = (&self.tokens[here..], &other.tokens[there..]);
            let differs = |position: usize| usize::from(one[position] != two[position]);
            let mut mismatches: usize = (0..width).map(differs).sum();
            for window in 0..windows {
                if self.starts[here + window] && other.starts[there + window] {
                    pairs[mismatches] += near;
                }
                if window + 1 < windows {
                    mismatches = mismatches + differs(window + width) - differs(window);
                }
            }
        }
    }
}

/// The reverse complement of every sequence, where it is read.
fn reversed(view: TokenView<'_>, record: usize, both_strands: bool) -> Result<Option<Vec<u8>>, Error> {
    if !both_strands {
        return Ok(None);
    }
    let map = view.table().complement().ok_or(Error::NoComplement)?;
    Ok(Some(view.sequence(record).iter().rev().map(|&token| map[usize::from(token)]).collect()))
}

/// `K(x, x)` of every sequence under a kernel with places of bandwidth `beta`, in letters; with `both_strands`, windows are compared
/// with those of the reverse complement, too.
///
/// # Errors
/// Those of [`Profile::values`]; [`Error::Parameter`] for a bandwidth that is not above 0, or above 1e6; [`Error::NoComplement`] for
/// both strands of an alphabet without complement.
pub fn own_placed_kernels(
    view: TokenView<'_>,
    width: usize,
    both_strands: bool,
    profile: &Profile,
    beta: f64,
) -> Result<Vec<f64>, Error> {
    let (values, nearness) = (profile.values(width)?, Nearness::new(beta)?);
    let own = |record: usize| {
        let sequence = Placed::new(view, view.sequence(record), width);
        let mut pairs = vec![0.0; width + 1];
        sequence.add_pairs(&sequence, width, &nearness, &mut pairs);
        if let Some(reverse) = reversed(view, record, both_strands)? {
            sequence.add_pairs(&Placed::new(view, &reverse, width), width, &nearness, &mut pairs);
        }
        Ok(pairs.iter().zip(&values).map(|(pairs, value)| pairs * value).sum())
    };
    (0..view.len()).into_par_iter().map(own).collect()
}

/// `K(x, x')` of every sequence on the left with every one on the right, by going through their pairs of windows, `[left, right]`.
///
/// # Errors
/// Those of [`own_placed_kernels`].
pub fn cross_placed(
    left: TokenView<'_>,
    right: TokenView<'_>,
    width: usize,
    both_strands: bool,
    profile: &Profile,
    beta: f64,
) -> Result<Vec<f32>, Error> {
    let (values, nearness) = (profile.values(width)?, Nearness::new(beta)?);
    let others: Vec<Placed<'_>> =
        (0..right.len()).map(|record| Placed::new(right, right.sequence(record), width)).collect();
    let mut kernels = vec![0.0f32; left.len() * right.len()];
    kernels.par_chunks_mut(right.len().max(1)).enumerate().try_for_each(|(record, row)| {
        let sequence = Placed::new(left, left.sequence(record), width);
        let reverse = reversed(left, record, both_strands)?;
        let reverse = reverse.as_deref().map(|reverse| Placed::new(left, reverse, width));
        let mut pairs = vec![0.0; width + 1];
        for (slot, other) in row.iter_mut().zip(&others) {
            pairs.fill(0.0);
            for strand in [Some(&sequence), reverse.as_ref()].into_iter().flatten() {
                strand.add_pairs(other, width, &nearness, &mut pairs);
            }
            *slot = pairs.iter().zip(&values).map(|(pairs, value)| pairs * value).sum::<f64>() as f32;
        }
        Ok::<(), Error>(())
    })?;
    Ok(kernels)
}

/// The kernel with places as an operator on tables of words by places, `[places, 4^width]`, for alphabets of four letters: the
/// operator of the kernel without places at every place, and a sum over places nearby.
#[derive(Debug, Clone)]
pub struct PlacedOperator {
    words: WordOperator,
    /// Places of the table, in half letters from the middle.
    places: RangeInclusive<isize>,
    /// Half letters from one place of the table to the next.
    step: usize,
    nearness: Nearness,
}

impl PlacedOperator {
    /// The operator between two sets of sequences; `None` if its table is too large.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a width of zero or above 12, a profile outside its domain, or a bandwidth that is not above 0, or above
    /// 1e6.
    pub fn between(
        sets: [TokenView<'_>; 2],
        width: usize,
        profile: &Profile,
        beta: f64,
    ) -> Result<Option<Self>, Error> {
        let (words, nearness) = (WordOperator::new(width, profile)?, Nearness::new(beta)?);
        let windows = |view: TokenView<'_>| -> Vec<usize> {
            let windows = (0..view.len()).map(|record| (view.sequence(record).len() + 1).saturating_sub(width));
            windows.filter(|&windows| windows > 0).collect()
        };
        let [one, two] = sets.map(windows);
        let farthest = |windows: &[usize]| windows.iter().max().map_or(0, |&windows| windows - 1);
        // Windows further out have none of the other set nearby.
        let most = farthest(&one).max(farthest(&two)).min(farthest(&one).min(farthest(&two)) + nearness.reach());
        let odd = |windows: &usize| windows % 2;
        let parity = one.first().map_or(1, odd);
        let step = if one.iter().chain(&two).all(|windows| odd(windows) == parity) { 2 } else { 1 };
        // Windows of a sequence have places of the parity of one less than their number.
        let most = if step == 2 && most % 2 == parity { most + 1 } else { most } as isize;
        let operator = Self { words, places: -most..=most, step, nearness };
        Ok((operator.numbers() <= MOST_NUMBERS).then_some(operator))
    }

    /// Numbers of a table, `places · 4^width`.
    pub fn numbers(&self) -> usize {
        let places = (self.places.end() - self.places.start()) as usize / self.step + 1;
        places.saturating_mul(self.words.words())
    }

    /// Row of the table of a place.
    fn row(&self, place: isize) -> Option<usize> {
        self.places.contains(&place).then(|| (place - self.places.start()) as usize / self.step)
    }

    /// Replaces a table by its image; `buffer` is memory that is used again.
    ///
    /// # Errors
    /// [`Error::Shape`] if the table has not [`Self::numbers`] numbers.
    pub fn apply<S: Scalar>(&self, table: &mut Vec<S>, buffer: &mut Vec<S>) -> Result<(), Error> {
        crate::error::check_length("table of words by places", self.numbers(), table.len())?;
        let row = self.words.words();
        table.par_chunks_mut(row).try_for_each(|words| match words.iter().all(|&value| value == S::zero()) {
            true => Ok(()),
            false => self.words.apply(words),
        })?;
        buffer.resize(table.len(), S::zero());
        let (places, reach) = (table.len() / row, self.nearness.reach() / self.step);
        let near: Vec<S> = self.nearness.values.iter().step_by(self.step).map(|&value| S::of(value)).collect();
        let (table_of, tiles) = (&*table, row.div_ceil(TILE));
        buffer.par_chunks_mut(row).enumerate().for_each(|(place, sums)| {
            for tile in 0..tiles {
                let columns = tile * TILE..row.min((tile + 1) * TILE);
                let sums = &mut sums[columns.clone()];
                sums.fill(S::zero());
                for other in place.saturating_sub(reach)..places.min(place + reach + 1) {
                    let near = near[place.abs_diff(other)];
                    let values = &table_of[other * row..][columns.clone()];
                    sums.iter_mut().zip(values).for_each(|(sum, &value)| *sum += near * value);
                }
            }
        });
        std::mem::swap(table, buffer);
        Ok(())
    }

    /// Adds `weight` to the table for every word of a sequence, at its place, on the strands that are read.
    #[inline]
    pub fn add<S: Scalar>(&self, words: &PlacedWords, record: usize, weight: S, table: &mut [S]) {
        let row = self.words.words();
        for (&code, &place) in words.words.of(record).iter().zip(words.places_of(record)) {
            if let Some(found) = self.row(place as isize) {
                table[found * row + code as usize] += weight;
            }
        }
        for (&code, &place) in words.words.reverse_of(record).iter().zip(words.places_of(record)) {
            if let Some(found) = self.row(-(place as isize)) {
                table[found * row + code as usize] += weight;
            }
        }
    }

    /// Sum of the table over a sequence's words, as it stands, each at its place.
    #[inline]
    pub fn sum<S: Scalar>(&self, words: &PlacedWords, record: usize, table: &[S]) -> f64 {
        let row = self.words.words();
        let of_words = words.words.of(record).iter().zip(words.places_of(record));
        of_words
            .filter_map(|(&code, &place)| {
                self.row(place as isize).map(|found| table[found * row + code as usize].wide())
            })
            .sum()
    }
}

/// The words of a set of sequences, and their places.
#[derive(Debug, Clone)]
pub struct PlacedWords {
    words: Words,
    /// In half letters from the middle, one a word.
    places: Vec<i32>,
    offsets: Vec<usize>,
}

impl PlacedWords {
    /// Codes all words of known letters.
    ///
    /// # Errors
    /// Those of [`Words::new`].
    pub fn new(view: TokenView<'_>, width: usize, both_strands: bool) -> Result<Self, Error> {
        let words = Words::new(view, width, both_strands)?;
        let (mut places, mut offsets) = (Vec::new(), vec![0]);
        for record in 0..view.len() {
            let sequence = view.sequence(record);
            let place = |start: usize| (2 * start + width) as i32 - sequence.len() as i32;
            places.extend(known_windows(view, sequence, width).map(place));
            offsets.push(places.len());
        }
        Ok(Self { words, places, offsets })
    }

    fn places_of(&self, record: usize) -> &[i32] {
        &self.places[self.offsets[record]..self.offsets[record + 1]]
    }
}
