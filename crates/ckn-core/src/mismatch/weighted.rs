//! Kernels whose windows have weights, by where they start.

use rayon::prelude::*;

use super::planes::known_windows;
use super::spectrum::{LETTERS, MAX_WORD};
use super::{Profile, WordOperator, Words};
use crate::{Error, TokenView};

/// Letters above which the pairs of a sequence's windows are not gone through, where there is a table of words.
const LONG: usize = 8_000;

/// Starts of the windows of known letters of a sequence, in its order: those that [`Words`] codes.
///
/// ```
/// # use ckn_core::{LetterTable, TokenView};
/// # let table = LetterTable::new(4, &[0.25; 4], None)?;
/// // AC, an unknown letter, GTA.
/// let view = TokenView::new(&[0, 1, 4, 2, 3, 0], &[0, 6], &table)?;
/// let starts: Vec<usize> = ckn_core::mismatch::window_starts(view, 0, 2).collect();
/// assert_eq!(starts, [0, 3, 4]);
/// # Ok::<(), ckn_core::Error>(())
/// ```
pub fn window_starts<'a>(view: TokenView<'a>, record: usize, width: usize) -> impl Iterator<Item = usize> + 'a {
    known_windows(view, view.sequence(record), width)
}

/// `K(x, x) = Σ_{s,t} w_s w_t h(mismatches(x_s, x_t))` of every sequence; with `both_strands`, windows are compared with those of
/// the reverse complement, too, which keep the weights of the windows that they are read from.
///
/// `weight(s, n)` is the weight of the window that starts at `s` in a sequence of `n` letters.
///
/// ```
/// # use ckn_core::{LetterTable, TokenView, mismatch::Profile};
/// # let table = LetterTable::new(4, &[], Some(&[3, 2, 1, 0]))?;
/// // AAAC: AA twice, of weights 2 and 3, and AC, of weight 4.
/// let view = TokenView::new(&[0, 0, 0, 1], &[0, 4], &table)?;
/// let profile = Profile::GappedKmer { informative: 2, mismatches: 0 };
/// let weight = |start: usize, _| (start + 2) as f64;
/// let own = ckn_core::mismatch::own_weighted_kernels(view, 2, false, &profile, weight)?;
/// assert_eq!(own, [(2.0 + 3.0) * (2.0 + 3.0) + 4.0 * 4.0]);
/// # Ok::<(), ckn_core::Error>(())
/// ```
///
/// # Errors
/// Those of [`Profile::values`]; [`Error::NoComplement`] for both strands of an alphabet without complement.
pub fn own_weighted_kernels(
    view: TokenView<'_>,
    width: usize,
    both_strands: bool,
    profile: &Profile,
    weight: impl Fn(usize, usize) -> f64 + Sync,
) -> Result<Vec<f64>, Error> {
    let values = profile.values(width)?;
    let complement = both_strands.then(|| view.table().complement().ok_or(Error::NoComplement)).transpose()?;
    let has_table = view.table().letters() == LETTERS && width <= MAX_WORD;
    let is_long = |record: usize| has_table && view.sequence(record).len() > LONG;
    let own = |record: usize| {
        if is_long(record) {
            return 0.0;
        }
        let sequence = view.sequence(record);
        let mut weights = vec![0.0; (sequence.len() + 1).saturating_sub(width)];
        known_windows(view, sequence, width).for_each(|start| weights[start] = weight(start, sequence.len()));
        let mut pairs = vec![0.0; width + 1];
        add_pairs([sequence, sequence], [&weights, &weights], width, &mut pairs);
        if let Some(map) = complement {
            let reverse: Vec<u8> = sequence.iter().rev().map(|&token| map[usize::from(token)]).collect();
            let mirrored: Vec<f64> = weights.iter().rev().copied().collect();
            add_pairs([&reverse, sequence], [&mirrored, &weights], width, &mut pairs);
        }
        pairs.iter().zip(&values).map(|(pairs, value)| pairs * value).sum()
    };
    let mut own: Vec<f64> = (0..view.len()).into_par_iter().map(own).collect();
    for (record, value) in own.iter_mut().enumerate().filter(|(record, _)| is_long(*record)) {
        *value = of_long(view, record, width, both_strands, profile, &weight)?;
    }
    Ok(own)
}

/// `K(x, x)` by the table of all words.
fn of_long(
    view: TokenView<'_>,
    record: usize,
    width: usize,
    both_strands: bool,
    profile: &Profile,
    weight: &impl Fn(usize, usize) -> f64,
) -> Result<f64, Error> {
    let letters = view.sequence(record).len();
    let weights: Vec<f64> = window_starts(view, record, width).map(|start| weight(start, letters)).collect();
    let words = Words::new(TokenView::new(view.sequence(record), &[0, letters], view.table())?, width, both_strands)?;
    let operator = WordOperator::new(width, profile)?;
    let mut table = vec![0.0f64; operator.words()];
    words.add_weighted(0, 1.0, &weights, &mut table);
    operator.apply(&mut table)?;
    Ok(words.weighted_sum(0, &weights, &table))
}

/// Adds the products of the weights of all pairs of windows, by their mismatches. Windows of unknown letters weigh nothing.
fn add_pairs(sequences: [&[u8]; 2], weights: [&[f64]; 2], width: usize, pairs: &mut [f64]) {
    let [left, right] = sequences;
    let [Some(left_last), Some(right_last)] = weights.map(|weights| weights.len().checked_sub(1)) else { return };
    for diagonal in 0..=left_last + right_last {
        let (here, there) = (left_last.saturating_sub(diagonal), diagonal.saturating_sub(left_last));
        let windows = (left_last - here).min(right_last - there) + 1;
        let (left, right) = (&left[here..][..windows + width - 1], &right[there..][..windows + width - 1]);
        let weights = weights[0][here..].iter().zip(&weights[1][there..]).take(windows);
        let differs = |position: usize| usize::from(left[position] != right[position]);
        let mut mismatches: usize = (0..width).map(differs).sum();
        for (window, (here, there)) in weights.enumerate() {
            pairs[mismatches] += here * there;
            if window + 1 < windows {
                mismatches = mismatches + differs(window + width) - differs(window);
            }
        }
    }
}
