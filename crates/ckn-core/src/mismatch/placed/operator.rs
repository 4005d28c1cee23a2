//! The kernel with places on tables of words by places: cost does not depend on the number of pairs.

use std::ops::RangeInclusive;

use rayon::prelude::*;

use super::{NOTHING, Nearness, farthest};
use crate::mismatch::planes::known_windows;
use crate::mismatch::{Profile, WordOperator, Words};
use crate::{Error, Scalar, TokenView};

/// Numbers of the largest tables of words by places: 256 MiB in double precision.
const MOST_NUMBERS: usize = 1 << 25;

/// Columns of a table that are smoothed over places at once.
const TILE: usize = 4096;

/// The factor of places as a product `FᵀF`, through cells that are fewer than the places where `β` is wide:
/// `exp(−d²/(2β²)) = √(2/π)/β ∫ exp(−(z − c)²/β²) exp(−(z' − c)²/β²) dc`, of which a sum over cells `β/2` apart is off by
/// `2 exp(−2π²) = 5e-9` (Mairal et al. 2014, eq. 8 and after).
#[derive(Debug, Clone)]
struct Cells {
    /// `[cells, places]`.
    values: Vec<f64>,
    places: usize,
}

impl Cells {
    /// Of places `step` half letters apart; `None` unless there are half as many cells as places, or fewer.
    fn new(beta: f64, places: usize, step: usize) -> Option<Self> {
        let (spacing, tails) = (0.5 * beta, (-NOTHING.ln()).sqrt() * beta);
        let length = 0.5 * (places * step) as f64;
        let cells = ((length + 2.0 * tails) / spacing).ceil() as usize + 1;
        if 2 * cells > places {
            return None;
        }
        let scale = (spacing * (2.0 / std::f64::consts::PI).sqrt() / beta).sqrt();
        let value = |cell: usize, place: usize| {
            let distance = 0.5 * (place * step) as f64 + tails - spacing * cell as f64;
            let value = (-(distance / beta).powi(2)).exp();
            if value < NOTHING { 0.0 } else { scale * value }
        };
        let all = (0..cells).flat_map(|cell| (0..places).map(move |place| (cell, place)));
        Some(Self { values: all.map(|(cell, place)| value(cell, place)).collect(), places })
    }

    fn len(&self) -> usize {
        self.values.len() / self.places.max(1)
    }
}

/// Replaces rows by sums of others: `sums[i] = Σ_j weight(i, j) rows[j]`, rows of `length` numbers.
fn add_up<S: Scalar>(rows: &[S], length: usize, sums: &mut [S], weight: impl Fn(usize, usize) -> f64 + Sync) {
    sums.par_chunks_mut(length).enumerate().for_each(|(index, sums)| {
        for (tile, sums) in sums.chunks_mut(TILE).enumerate() {
            sums.fill(S::zero());
            for (other, row) in rows.chunks_exact(length).enumerate() {
                let weight = S::of(weight(index, other));
                if weight != S::zero() {
                    let row = &row[tile * TILE..][..sums.len()];
                    sums.iter_mut().zip(row).for_each(|(sum, &value)| *sum += weight * value);
                }
            }
        }
    });
}

/// The kernel with places as an operator on tables of words by places, `[places, 4^width]`, for alphabets of four letters: the
/// operator of the kernel without places at every place, or cell, and a sum over places nearby.
#[derive(Debug, Clone)]
pub struct PlacedOperator {
    words: WordOperator,
    /// Places of the table, in half letters from the middle.
    places: RangeInclusive<isize>,
    /// Half letters from one place of the table to the next.
    step: usize,
    nearness: Nearness,
    cells: Option<Cells>,
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
        let (words, nearness) = (WordOperator::new(width, profile)?, Nearness::new(beta, farthest(sets))?);
        let windows = |view: TokenView<'_>| -> Vec<usize> {
            let windows = (0..view.len()).map(|record| (view.sequence(record).len() + 1).saturating_sub(width));
            windows.filter(|&windows| windows > 0).collect()
        };
        let [one, two] = sets.map(windows);
        let outermost = |windows: &[usize]| windows.iter().max().map_or(0, |&windows| windows - 1);
        // Windows further out have none of the other set nearby.
        let most = outermost(&one).max(outermost(&two)).min(outermost(&one).min(outermost(&two)) + nearness.reach());
        let odd = |windows: &usize| windows % 2;
        let parity = one.first().map_or(1, odd);
        let step = if one.iter().chain(&two).all(|windows| odd(windows) == parity) { 2 } else { 1 };
        // Windows of a sequence have places of the parity of one less than their number.
        let most = if step == 2 && most % 2 == parity { most + 1 } else { most } as isize;
        let mut operator = Self { words, places: -most..=most, step, nearness, cells: None };
        if operator.numbers() > MOST_NUMBERS {
            return Ok(None);
        }
        operator.cells = Cells::new(beta, operator.numbers() / operator.words.words(), step);
        Ok(Some(operator))
    }

    /// Numbers of a table, `places · 4^width`.
    pub fn numbers(&self) -> usize {
        let places = (self.places.end() - self.places.start()) as usize / self.step + 1;
        places.saturating_mul(self.words.words())
    }

    #[cfg(test)]
    pub(super) fn has_cells(&self) -> bool {
        self.cells.is_some()
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
        let in_rows = |rows: &mut [S]| rows.par_chunks_mut(row).try_for_each(|words| self.words.apply(words));
        if let Some(cells) = &self.cells {
            buffer.resize(cells.len() * row, S::zero());
            add_up(table, row, buffer, |cell, place| cells.values[cell * cells.places + place]);
            in_rows(buffer)?;
            add_up(buffer, row, table, |place, cell| cells.values[cell * cells.places + place]);
            return Ok(());
        }
        in_rows(table)?;
        buffer.resize(table.len(), S::zero());
        let near = |distance: usize| self.nearness.values.get(distance * self.step).copied().unwrap_or_default();
        add_up(table, row, buffer, |place, other| near(place.abs_diff(other)));
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
