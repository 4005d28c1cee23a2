//! Counts of words estimated from those of gapped k-mers: the profiles of LS-GKM's kernels 1 and 2.

use super::spectrum::{LETTERS, MAX_WORD};
use super::walsh::krawtchouk;
use crate::Error;

/// `h(0), …, h(l)`, not scaled: see [`Profile::EstimatedWords`](super::Profile::EstimatedWords).
///
/// Counts of gapped k-mers know of a table of words its part made of functions of at most `k` letters. The words' counts of least
/// norm that explain them are that part, so that the filter from counts to estimates is the projection onto it,
/// `g(m) = 4^(−l) Σ_{w ≤ k} K_w(m)`, with `K_w` the polynomials of Krawtchouk: the closed form of Ghandi et al. gives the same
/// numbers. Two sequences are compared by the inner product of their estimates, whose operator is that of `g`, squared.
pub(super) fn values(width: usize, informative: usize, mismatches: usize, truncated: bool) -> Result<Vec<f64>, Error> {
    if width > MAX_WORD {
        let (name, got) = ("width of estimated words", width as f64);
        return Err(Error::Parameter { name, got, expected: "at most 12" });
    }
    let words = (LETTERS as f64).powi(width as i32);
    // Whole numbers below 2^53: what is zero is zero exactly.
    let mut filter: Vec<f64> =
        (0..=width).map(|m| (0..=informative).map(|looked_at| krawtchouk(width, looked_at, m)).sum()).collect();
    if truncated && let Some(end) = filter.iter().position(|&value| value <= 0.0) {
        filter[end..].fill(0.0);
    }
    let squared: Vec<f64> = (0..=width)
        .map(|looked_at| {
            let terms = filter.iter().enumerate().map(|(m, value)| value / words * krawtchouk(width, m, looked_at));
            terms.sum::<f64>().powi(2)
        })
        .collect();
    let value = |m: usize| -> f64 {
        if m > mismatches {
            return 0.0;
        }
        squared.iter().enumerate().map(|(looked_at, value)| value * krawtchouk(width, looked_at, m)).sum()
    };
    Ok((0..=width).map(value).collect())
}
