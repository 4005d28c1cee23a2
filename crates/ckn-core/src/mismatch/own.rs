//! The kernel of a sequence with itself.

use rayon::prelude::*;

use super::Profile;
use super::planes::known_windows;
use crate::{Error, TokenView};

/// `K(x, x)` of every sequence: what kernels are normalised by.
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
    let complement = match (both_strands, view.table().complement()) {
        (true, None) => return Err(Error::NoComplement),
        (true, map) => map,
        (false, _) => None,
    };
    let own = |record: usize| {
        let sequence = view.sequence(record);
        let mut pairs = vec![0u64; width + 1];
        count(view, sequence, sequence, width, &mut pairs);
        if let Some(map) = complement {
            let reverse: Vec<u8> = sequence.iter().rev().map(|&token| map[usize::from(token)]).collect();
            count(view, &reverse, sequence, width, &mut pairs);
        }
        pairs.iter().zip(&values).map(|(&pairs, value)| pairs as f64 * value).sum()
    };
    Ok((0..view.len()).into_par_iter().map(own).collect())
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
