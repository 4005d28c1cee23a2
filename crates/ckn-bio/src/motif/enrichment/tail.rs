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
    let mode = mode(drawn, with, total);
    let ratio = |x: u64| step(x + least, drawn, with, total);
    upper_tail(a - least, mode.clamp(least, most) - least, most - least, ratio)
}

/// One-sided exact test of Fisher in several tables at once: the probability of at least as large a sum of their first cells, given the margins of each.
///
/// Equals [`fisher_exact`] of one table. Never below the smallest normal `f64`.
///
/// # Source
/// Mantel and Haenszel 1959; the law of the sum is the convolution of those of the tables.
///
/// ```
/// use ckn_bio::motif::stratified_fisher_exact;
///
/// // Two ladies, each of whom tasted all of eight cups right.
/// let cups = [[4, 0], [0, 4]];
/// assert!((stratified_fisher_exact(&[cups, cups]) - 1.0 / 4900.0).abs() < 1e-15);
/// ```
pub fn stratified_fisher_exact(tables: &[[[u32; 2]; 2]]) -> f64 {
    if let [table] = tables {
        return fisher_exact(*table);
    }
    // Of sums above the least one, the probabilities; each table adds a number of its own.
    let (mut law, mut above) = (vec![1.0], 0u64);
    for table in tables {
        let [[a, b], [c, d]] = table.map(|row| row.map(u64::from));
        let (drawn, with, total) = (a + b, a + c, a + b + c + d);
        let (least, most) = ((drawn + with).saturating_sub(total), drawn.min(with));
        let own = hypergeometric(drawn, with, total, least, most);
        let mut sums = vec![0.0; law.len() + own.len() - 1];
        for (at, first) in law.iter().enumerate() {
            own.iter().enumerate().for_each(|(more, second)| sums[at + more] += first * second);
        }
        (law, above) = (sums, above + a - least);
    }
    let (rest, tail) = law.split_at(above as usize);
    let sum = |part: &[f64]| part.iter().sum::<f64>();
    (sum(tail) / (sum(rest) + sum(tail))).clamp(f64::MIN_POSITIVE, 1.0)
}

/// Probabilities of `least` to `most` of `with` among `drawn` of `total`.
fn hypergeometric(drawn: u64, with: u64, total: u64, least: u64, most: u64) -> Vec<f64> {
    let mode = mode(drawn, with, total).clamp(least, most);
    let mut law = vec![1.0; (most - least + 1) as usize];
    let place = |x: u64| (x - least) as usize;
    (mode..most).for_each(|x| law[place(x + 1)] = law[place(x)] * step(x, drawn, with, total));
    (least..mode).rev().for_each(|x| law[place(x)] = law[place(x + 1)] / step(x, drawn, with, total));
    let sum: f64 = law.iter().sum();
    law.iter_mut().for_each(|probability| *probability /= sum);
    law
}

/// The most probable number of `with` among `drawn` of `total`.
fn mode(drawn: u64, with: u64, total: u64) -> u64 {
    (u128::from(drawn + 1) * u128::from(with + 1) / u128::from(total + 2)) as u64
}

/// `P(X = x + 1)/P(X = x)` of the number of `with` among `drawn` of `total`.
fn step(x: u64, drawn: u64, with: u64, total: u64) -> f64 {
    (with - x) as f64 * (drawn - x) as f64 / ((x + 1) as f64 * (total + x + 1 - with - drawn) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(all: u32, some: u32) -> f64 {
        (0..some).map(|at| f64::from(all - at) / f64::from(at + 1)).product()
    }

    #[test]
    fn tables_together_are_all_pairs_of_their_cells() {
        let tables = [[[5u32, 2], [1, 6]], [[3, 4], [2, 9]], [[0, 0], [3, 1]]];
        let probability = |[[a, b], [c, d]]: [[u32; 2]; 2], x: u32| match x <= a + b && x <= a + c && b + d + x >= a + b
        {
            true if a + b - x <= b + d => choose(a + c, x) * choose(b + d, a + b - x) / choose(a + b + c + d, a + b),
            _ => 0.0,
        };
        let mut expected = 0.0;
        for x in 0..=7 {
            for y in 0..=7 {
                if x + y >= 8 {
                    expected += probability(tables[0], x) * probability(tables[1], y);
                }
            }
        }
        let found = stratified_fisher_exact(&tables);
        assert!((found - expected).abs() < 1e-14, "{found} {expected}");
        assert_eq!(stratified_fisher_exact(&tables[..1]), fisher_exact(tables[0]));
        // Many tables, whose probabilities together are far below what a number holds.
        let sure = stratified_fisher_exact(&[[[4, 0], [0, 4]]; 400]);
        assert_eq!(sure, f64::MIN_POSITIVE);
        assert_eq!(stratified_fisher_exact(&[]), 1.0);
    }
}
