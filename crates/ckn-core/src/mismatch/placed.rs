//! Kernels of whole sequences whose pairs of windows count by the distance of their places, too: sites that stand where they stand.
//!
//! `K(x, x') = Σ_{s,t} h(mismatches(x_s, x'_t)) exp(−d²/(2β²))`, where `d` is the distance in letters of the places of two windows.
//! The place of a window is that of its middle, counted from the middle of its sequence, so that the reverse complement is a mirror
//! image; it may be half a letter, so places are whole numbers of half letters. With `β → ∞` it is the kernel without places. The
//! factor is that of the kernel of image patches, `exp(−‖z − z'‖²/(2β²))` (Mairal et al. 2014, eq. 1).

mod operator;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

pub use self::operator::{PlacedOperator, PlacedWords};
use super::Profile;
use super::planes::known_windows;
use crate::{Error, TokenView};

/// Share of a pair at one place below which a pair counts nothing.
const NOTHING: f64 = 1e-9;

/// How much a pair of windows counts by the distance of their places.
#[derive(Debug, Clone, PartialEq)]
struct Nearness {
    /// By the distance in half letters, `[reach + 1]`: as far as a pair counts something, or as there are pairs.
    values: Vec<f64>,
}

impl Nearness {
    /// For distances of at most so many half letters.
    fn new(beta: f64, farthest: usize) -> Result<Self, Error> {
        check_bandwidth(beta)?;
        let value = |half_letters: usize| (-0.125 * (half_letters as f64 / beta).powi(2)).exp();
        let reach = ((beta * (-8.0 * NOTHING.ln()).sqrt()) as usize).min(farthest);
        Ok(Self { values: (0..=reach).map(value).collect() })
    }

    fn reach(&self) -> usize {
        self.values.len() - 1
    }
}

/// Checks a bandwidth `β` of places.
///
/// ```
/// use ckn_core::mismatch::check_bandwidth;
/// assert!(check_bandwidth(20.0).is_ok());
/// assert!([0.0, 2e6, f64::NAN].into_iter().all(|beta| check_bandwidth(beta).is_err()));
/// ```
///
/// # Errors
/// [`Error::Parameter`] unless it is above 0, and at most 1e6.
pub fn check_bandwidth(beta: f64) -> Result<(), Error> {
    if beta > 0.0 && beta <= 1e6 {
        return Ok(());
    }
    Err(Error::Parameter { name: "bandwidth of places", got: beta, expected: "above 0, and at most 1e6" })
}

/// The distance, in half letters, that no two places of windows of these sequences are above.
fn farthest(sets: [TokenView<'_>; 2]) -> usize {
    let longest = |view: TokenView<'_>| (0..view.len()).map(|record| view.sequence(record).len()).max().unwrap_or(0);
    sets.map(longest).iter().sum()
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
/// ```
/// # use ckn_core::{LetterTable, TokenView, mismatch::Profile};
/// # let table = LetterTable::new(4, &[], Some(&[3, 2, 1, 0]))?;
/// // AAA: two windows of two letters, which are the same, at neighbouring places.
/// let view = TokenView::new(&[0, 0, 0], &[0, 3], &table)?;
/// let profile = Profile::GappedKmer { informative: 2, mismatches: 0 };
/// let own = ckn_core::mismatch::own_placed_kernels(view, 2, false, &profile, 2.0)?;
/// assert!((own[0] - (2.0 + 2.0 * f64::exp(-1.0 / 8.0))).abs() < 1e-12);
/// # Ok::<(), ckn_core::Error>(())
/// ```
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
    let (values, nearness) = (profile.values(width)?, Nearness::new(beta, farthest([view, view]))?);
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
/// ```
/// # use ckn_core::{LetterTable, TokenView, mismatch::Profile};
/// # let table = LetterTable::new(4, &[], Some(&[3, 2, 1, 0]))?;
/// // ACTT and TTAC: they share AC and TT, each two letters apart.
/// let left = TokenView::new(&[0, 1, 3, 3], &[0, 4], &table)?;
/// let right = TokenView::new(&[3, 3, 0, 1], &[0, 4], &table)?;
/// let profile = Profile::GappedKmer { informative: 2, mismatches: 0 };
/// let kernels = ckn_core::mismatch::cross_placed(left, right, 2, false, &profile, 2.0)?;
/// assert!((kernels[0] - 2.0 * f32::exp(-0.5)).abs() < 1e-6);
/// # Ok::<(), ckn_core::Error>(())
/// ```
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
    let (values, nearness) = (profile.values(width)?, Nearness::new(beta, farthest([left, right]))?);
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
