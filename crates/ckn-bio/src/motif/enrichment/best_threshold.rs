//! The threshold at which a motif is most enriched, with a p-value that allows for the choice.

use super::hypergeometric::Hypergeometric;
use crate::error::{Error, MotifError};
use crate::motif::Hit;

/// Tables up to so many cells are counted out; beyond, the bound is given.
const MOST_CELLS: u64 = 1 << 32;
/// Least p-values whose sum can be counted in the range of `f64`.
const LEAST: f64 = 1e-280;
/// P-values that differ by a smaller part are the same.
const ROUNDING: f64 = 1e-8;
/// Standard deviations below the mean from which on paths are left out: they hold less than 1e-22 of all.
const NEVER: f64 = 10.0;

/// The threshold of scores at which the p-value of Fisher's exact test is smallest, of all scores above which positives have more than their
/// share.
///
/// That p-value is too small, as the threshold was chosen on the same sequences. `p_value` is exact for the choice: it is the probability that
/// labels dealt out at random, the scores being what they are, have a p-value as small at any threshold. Sequences in the order of their scores
/// are steps, up for a positive; thresholds lie where scores differ; and the probability that such a path enters the region of small p-values is
/// summed from the first sequence on, `f(n + 1, k) = f(n, k)(1 − (P − k)/(T − n)) + f(n, k − 1)(P − k + 1)/(T − n)` for `n` of `T` sequences and
/// `k` of `P` positives, taking out what enters. Sums have positive terms, so that small p-values are as precise as large ones. Below 1e-280, and
/// for more than 2³² pairs of a positive and a negative, it is the bound of the same source, the smallest p-value times the positives.
///
/// # Source
/// E. Eden, D. Lipson, S. Yogev, Z. Yakhini: Discovering motifs in ranked lists of DNA sequences, PLoS Computational Biology 3, 2007 (the
/// minimum hypergeometric score); here with ties.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct BestThreshold {
    /// Least score of a hit, in bits; infinite where no threshold has more positives than their share.
    pub threshold: f64,
    /// Positives with a hit.
    pub positives_with_hit: usize,
    /// Negatives with a hit.
    pub negatives_with_hit: usize,
    /// P-value as if the threshold had been given.
    pub fisher_p_value: f64,
    /// P-value that allows for the choice.
    pub p_value: f64,
}

impl BestThreshold {
    /// Chooses the threshold, and tests it.
    ///
    /// # Shapes
    /// positives `[P]`, negatives `[N]`, as [`MotifScanner::best_of_each`](crate::motif::MotifScanner::best_of_each) returns them.
    ///
    /// # Errors
    /// [`MotifError::NoSequences`] for none of either; [`Error::Parameter`] for a score that is not finite.
    pub fn new(positives: &[Option<Hit>], negatives: &[Option<Hit>]) -> Result<Self, Error> {
        for (hits, of) in [(positives, "positives"), (negatives, "negatives")] {
            if hits.is_empty() {
                return Err(MotifError::NoSequences(of).into());
            }
        }
        let scored = |hits: &[Option<Hit>], class: bool| -> Vec<(f64, bool)> {
            hits.iter().flatten().map(|hit| (hit.score, class)).collect()
        };
        let mut scores = scored(positives, true);
        scores.extend(scored(negatives, false));
        if let Some((score, _)) = scores.iter().find(|(score, _)| !score.is_finite()) {
            return Err(Error::Parameter { name: "score", got: *score, expected: "finite" });
        }
        scores.sort_by(|a, b| b.0.total_cmp(&a.0));
        let counts = Hypergeometric::new(positives.len(), positives.len() + negatives.len());
        let mut best = Self {
            threshold: f64::INFINITY,
            positives_with_hit: 0,
            negatives_with_hit: 0,
            fisher_p_value: 1.0,
            p_value: 1.0,
        };
        let (mut with, mut ends) = (0, Vec::new());
        for (at, &(score, positive)) in scores.iter().enumerate() {
            with += usize::from(positive);
            // Equal scores are on one side of every threshold.
            if scores.get(at + 1).is_some_and(|next| next.0 == score) {
                continue;
            }
            let all = at + 1;
            ends.push(all);
            // At most its share is nothing, and a tail is not below its first term.
            if !counts.is_above_share(all, with) || counts.probability(all, with) >= best.fisher_p_value {
                continue;
            }
            let fisher_p_value = counts.tail(all, with);
            if fisher_p_value < best.fisher_p_value {
                let (positives_with_hit, negatives_with_hit) = (with, all - with);
                best = Self { threshold: score, positives_with_hit, negatives_with_hit, fisher_p_value, p_value: 1.0 };
            }
        }
        if best.threshold.is_finite() {
            best.p_value = allowing_for_choice(&counts, &ends, best.fisher_p_value);
        }
        Ok(best)
    }
}

/// Probability that labels at random have a p-value of at most `least` at one of the thresholds, each after so many sequences.
fn allowing_for_choice(counts: &Hypergeometric, ends: &[usize], least: f64) -> f64 {
    let (positives, total) = (counts.positives(), counts.total());
    let bound = (least * positives as f64).min(1.0);
    let cells = positives as u64 * (total - positives) as u64;
    if least < LEAST || cells > MOST_CELLS {
        return bound.max(f64::MIN_POSITIVE);
    }
    let mut of_count = vec![0.0; positives + 2];
    of_count[0] = 1.0;
    // Counts from the first to the last that can be.
    let (mut first, mut last, mut entry, mut entered) = (0, 0, 0, 0.0);
    let mut drawn = 0;
    for &end in ends {
        entry = counts.surprising(end, entry, least * (1.0 + ROUNDING));
        // No count of more sequences is surprising either.
        if entry > positives {
            break;
        }
        while drawn < end {
            let left = 1.0 / (total - drawn) as f64;
            last = (last + 1).min(positives);
            for count in (first..=last).rev() {
                let up = |count: usize| (positives - count) as f64 * left;
                let from_below = if count > first { of_count[count - 1] * up(count - 1) } else { 0.0 };
                of_count[count] = of_count[count] * (1.0 - up(count)) + from_below;
            }
            drawn += 1;
            let unlikely = counts.mean(drawn) - NEVER * counts.deviation(drawn) - 1.0;
            while first < last && (first as f64) < unlikely {
                of_count[first] = 0.0;
                first += 1;
            }
        }
        // An entry is above the mean, and so above 0.
        while last >= entry {
            entered += std::mem::take(&mut of_count[last]);
            last -= 1;
        }
        if last < first {
            break;
        }
    }
    // Not below the one threshold's, nor above the bound, but for rounding.
    entered.clamp(least.min(bound), bound)
}
