//! Upper tails of counts.

/// A share of the sum below which further terms are left out.
const NEGLIGIBLE: f64 = 1e-18;

/// `P(X ≥ count)` of a unimodal count between 0 and `most`, from `ratio(x) = P(X = x + 1)/P(X = x)`.
///
/// Probabilities are taken relative to that of the mode and summed away from it, in falling terms: neither factorials
/// nor differences cost digits. Never below the smallest normal `f64`.
fn upper_tail(count: u64, mode: u64, most: u64, ratio: impl Fn(u64) -> f64) -> f64 {
    let (mut tail, mut rest) = (0.0, 0.0);
    let mut term = 1.0;
    for x in mode..=most {
        if x >= count {
            tail += term
        } else {
            rest += term
        }
        // Terms far below the mode's matter as long as they are the tail.
        if term < NEGLIGIBLE * tail || term < f64::MIN_POSITIVE {
            break;
        }
        term *= ratio(x);
    }
    term = 1.0;
    for x in (0..mode).rev() {
        term /= ratio(x);
        if x >= count {
            tail += term
        } else {
            rest += term
        }
        if term < NEGLIGIBLE * (tail + rest) {
            break;
        }
    }
    (tail / (tail + rest)).clamp(f64::MIN_POSITIVE, 1.0)
}

/// `P(X ≥ count)` of successes among `trials`, each of which succeeds with probability `chance`.
pub(in crate::motif) fn binomial_upper_tail(count: u64, trials: u64, chance: f64) -> f64 {
    if count == 0 || chance >= 1.0 {
        return 1.0;
    }
    let odds = chance / (1.0 - chance);
    let mode = (((trials + 1) as f64 * chance) as u64).min(trials);
    upper_tail(count, mode, trials, |x| (trials - x) as f64 / (x + 1) as f64 * odds)
}

/// One-sided exact test of Fisher: the probability of at least `table[0][0]` in the first cell, given both margins.
///
/// ```text
///              with   without
/// positives    a      b           table = [[a, b], [c, d]]
/// negatives    c      d
/// ```
///
/// Equals SciPy's `fisher_exact(table, alternative="greater")`. Never below the smallest normal `f64`.
///
/// # Source
/// Fisher 1935, Journal of the Royal Statistical Society 98.
///
/// ```
/// use ckn_bio::motif::fisher_exact;
///
/// // The lady who tasted all of eight cups right.
/// assert!((fisher_exact([[4, 0], [0, 4]]) - 1.0 / 70.0).abs() < 1e-15);
/// ```
pub fn fisher_exact(table: [[u32; 2]; 2]) -> f64 {
    let [[a, b], [c, d]] = table.map(|row| row.map(u64::from));
    let (drawn, with, total) = (a + b, a + c, a + b + c + d);
    // The first cell holds at least `least`: counted from there, so that no count is negative.
    let least = (drawn + with).saturating_sub(total);
    let most = drawn.min(with);
    let mode = (u128::from(drawn + 1) * u128::from(with + 1) / u128::from(total + 2)) as u64;
    let ratio = |x: u64| {
        let x = x + least;
        let up = (with - x) as f64 * (drawn - x) as f64;
        up / ((x + 1) as f64 * (total + x + 1 - with - drawn) as f64)
    };
    upper_tail(a - least, mode.clamp(least, most) - least, most - least, ratio)
}
