//! The kernel of a sequence with itself.

use rayon::prelude::*;

use super::planes::known_windows;
use super::spectrum::{LETTERS, MAX_WORD};
use super::{PackedWords, Profile, WordOperator, Words};
use crate::{Error, TokenView};

/// `K(x, x)` of every sequence: what kernels are normalised by.
///
/// ```
/// # use ckn_core::{LetterTable, TokenView, mismatch::Profile};
/// # let table = LetterTable::new(4, &[], Some(&[3, 2, 1, 0]))?;
/// # let (tokens, offsets) = ([0, 1, 2, 3, 0, 1, 2, 2], [0, 4, 8]);
/// let view = TokenView::new(&tokens, &offsets, &table)?;
/// let profile = Profile::GappedKmer { informative: 2, mismatches: 0 };
/// assert_eq!(ckn_core::mismatch::own_kernels(view, 2, false, &profile)?, [3.0, 3.0]);
/// # Ok::<(), ckn_core::Error>(())
/// ```
///
/// # Errors
/// Those of [`Profile::values`]; [`Error::NoComplement`] for both strands of an alphabet without complement.
pub fn own_kernels(
    view: TokenView<'_>,
    width: usize,
    both_strands: bool,
    profile: &Profile,
) -> Result<Vec<f64>, Error> {
    let values = profile.values(width)?;
    let complement = both_strands.then(|| view.table().complement().ok_or(Error::NoComplement)).transpose()?;
    let by_words = |record: usize| {
        view.table().letters() == LETTERS
            && width <= MAX_WORD
            && view.sequence(record).len() > PackedWords::MOST_COUNTED
    };
    let packed = PackedWords::fits(width, view.table().letters());
    let own = |words: &mut PackedWords, record: usize| {
        if by_words(record) {
            return Ok(0.0);
        }
        let sequence = view.sequence(record);
        if packed {
            words.pack(sequence, view.table(), width, both_strands)?;
            return Ok(words.own_pairs().iter().zip(&values).map(|(&pairs, value)| pairs as f64 * value).sum());
        }
        let mut pairs = vec![0u64; width + 1];
        count(view, sequence, sequence, width, &mut pairs);
        if let Some(map) = complement {
            let reverse: Vec<u8> = sequence.iter().rev().map(|&token| map[usize::from(token)]).collect();
            count(view, &reverse, sequence, width, &mut pairs);
        }
        Ok(pairs.iter().zip(&values).map(|(&pairs, value)| pairs as f64 * value).sum())
    };
    let records = (0..view.len()).into_par_iter();
    let mut values: Vec<f64> = records.map_init(PackedWords::default, own).collect::<Result<_, Error>>()?;
    for (record, value) in values.iter_mut().enumerate().filter(|(record, _)| by_words(*record)) {
        *value = of_long(view, record, width, both_strands, profile)?;
    }
    Ok(values)
}

/// `K(x, x) = cᵀ T c` by the table of all words: for a long sequence, cheaper than all pairs of its windows.
fn of_long(
    view: TokenView<'_>,
    record: usize,
    width: usize,
    both_strands: bool,
    profile: &Profile,
) -> Result<f64, Error> {
    let sequence = view.sequence(record);
    let offsets = [0, sequence.len()];
    let words = Words::new(TokenView::new(sequence, &offsets, view.table())?, width, both_strands)?;
    let operator = WordOperator::new(width, profile)?;
    let mut table = vec![0.0f64; operator.words()];
    words.add(0, 1.0, &mut table);
    operator.apply(&mut table)?;
    Ok(words.sum(0, &table))
}

/// Adds the pairs of windows of known letters, by their mismatches. Along a diagonal only the letters that enter and leave
/// change their number.
fn count(view: TokenView<'_>, left: &[u8], right: &[u8], width: usize, pairs: &mut [u64]) {
    let starts = |sequence: &[u8]| {
        let mut starts = vec![false; sequence.len()];
        known_windows(view, sequence, width).for_each(|start| starts[start] = true);
        starts
    };
    let (left_starts, right_starts) = (starts(left), starts(right));
    let (Some(left_last), Some(right_last)) = (left.len().checked_sub(width), right.len().checked_sub(width)) else {
        return;
    };
    for diagonal in 0..=left_last + right_last {
        let (here, there) = (left_last.saturating_sub(diagonal), diagonal.saturating_sub(left_last));
        let windows = (left_last - here).min(right_last - there) + 1;
        let (left, right) = (&left[here..][..windows + width - 1], &right[there..][..windows + width - 1]);
        let differs = |position: usize| usize::from(left[position] != right[position]);
        let mut mismatches: usize = (0..width).map(differs).sum();
        for window in 0..windows {
            if left_starts[here + window] && right_starts[there + window] {
                pairs[mismatches] += 1;
            }
            if window + 1 < windows {
                mismatches = mismatches + differs(window + width) - differs(window);
            }
        }
    }
}
