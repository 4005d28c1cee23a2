//! Whether hits are nearer to the centres of sequences than chance has them.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use crate::encoded::EncodedSequences;
use crate::error::{Error, MotifError};
use crate::motif::Hit;

/// Most hits whose law is summed term by term; of more, terms lose digits against each other.
const COUNTED: usize = 12;

/// How far hits are from the centres of their sequences, and whether that is less than if all positions were alike.
///
/// Of `m` possible positions, the share of those that are nearer to the centre, and half of those as near, is spread evenly between 0 and 1 if
/// all are alike. Of a hit at position `x` it is `u = |2x + 1 − m|/m` (`1/(2m)` right in the middle), whatever the length of the sequence. But for
/// shares being multiples of `1/m`, the sum of `u` over all hits then has the law of Irwin and Hall, whose lower tail is taken exactly for up to 12 hits,
/// and by Lugannani and Rice's approximation for more, with relative errors below one per cent. As sums move by steps of `2/m`, half a step of the
/// shortest sequence is added (the continuity correction): p-values are then not too small, for one hit in the middle as for many.
///
/// Of equal best hits the leftmost counts; in repeats, positions are thus not alike.
///
/// # Source
/// R. Lugannani, S. Rice: Saddle point approximation for the distribution of the sum of independent random variables, Advances in Applied
/// Probability 12, 1980.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Centrality {
    /// Number of hits.
    pub hits: usize,
    /// Mean distance of the centres of hits from those of their sequences, in letters; `None` without hits.
    pub distance: Option<f64>,
    /// P-value of so small a sum of `u`; 1 without hits.
    pub p_value: f64,
}

impl Centrality {
    /// Of the hits that score at least `threshold` bits.
    ///
    /// # Shapes
    /// best `[records]`, as [`MotifScanner::best_of_each`](crate::motif::MotifScanner::best_of_each) returns them.
    ///
    /// # Errors
    /// [`MotifError::HitCount`] for another number of hits than sequences; [`MotifError::HitPosition`] for a hit that does not fit into its
    /// sequence.
    pub fn new(
        sequences: &EncodedSequences,
        best: &[Option<Hit>],
        width: usize,
        threshold: f64,
    ) -> Result<Self, Error> {
        if best.len() != sequences.len() {
            return Err(MotifError::HitCount { hits: best.len(), sequences: sequences.len() }.into());
        }
        let (mut hits, mut distances, mut shares, mut half_step) = (0, 0.0, 0.0, 0.0f64);
        for (record, hit) in best.iter().enumerate() {
            let Some(hit) = hit.filter(|hit| hit.score >= threshold) else { continue };
            let length = sequences.sequence(record).len();
            if width == 0 || hit.position.checked_add(width).is_none_or(|end| end > length) {
                let at = Box::new(sequences.place(record));
                return Err(MotifError::HitPosition { at, position: hit.position, width, length }.into());
            }
            let possible = length - width + 1;
            let twice = (2 * hit.position + 1).abs_diff(possible) as f64;
            hits += 1;
            distances += 0.5 * twice;
            shares += share(twice, possible);
            half_step = half_step.max(1.0 / possible as f64);
        }
        let distance = (hits > 0).then(|| distances / hits as f64);
        Ok(Self { hits, distance, p_value: sum_of_uniform(hits, shares + half_step).clamp(f64::MIN_POSITIVE, 1.0) })
    }
}

/// Share of the possible positions that are nearer to the centre than one at twice that distance, and half of those as near.
fn share(twice: f64, possible: usize) -> f64 {
    twice.max(0.5) / possible as f64
}

/// Probability that a sum of so many numbers, each spread evenly between 0 and 1, is at most `sum`.
fn sum_of_uniform(count: usize, sum: f64) -> f64 {
    let all = count as f64;
    if sum >= all {
        return 1.0;
    }
    // The law is the same from both ends, and its lower half the more precise.
    if sum > 0.5 * all {
        return 1.0 - sum_of_uniform(count, all - sum);
    }
    if count <= COUNTED { counted(count, sum) } else { approximated(all, sum) }
}

/// `1/n! Σ_k (−1)^k C(n, k) (x − k)^n` over `k ≤ x`.
fn counted(count: usize, sum: f64) -> f64 {
    let mut choices = 1.0;
    let mut total = 0.0;
    for k in 0..=(sum as usize).min(count) {
        // Factors one by one: a power may be out of range where the quotient is not.
        let term: f64 = (1..=count).map(|factor| (sum - k as f64) / factor as f64).product();
        total += if k % 2 == 0 { choices * term } else { -choices * term };
        choices *= (count - k) as f64 / (k + 1) as f64;
    }
    total
}

/// The lower tail by the saddle point of `K(s) = ln((e^s − 1)/s)`, and near the mean by the first terms of Edgeworth's series.
fn approximated(count: f64, sum: f64) -> f64 {
    let below = |z: f64| 0.5 * libm::erfc(-z * FRAC_1_SQRT_2);
    let density = |z: f64| (-0.5 * z * z).exp() / (2.0 * PI).sqrt();
    let z = (sum - 0.5 * count) / (count / 12.0).sqrt();
    if z > -1.0 {
        // The excess of the kurtosis is that of one number, −6/5, over how many there are; the skewness is 0.
        return below(z) + density(z) * (1.2 / (24.0 * count)) * (z.powi(3) - 3.0 * z);
    }
    let mean = sum / count;
    // K'(s) = 1/(1 − e^−s) − 1/s falls to 0 as −1/s; s is negative below the mean.
    let tilted = |s: f64| -1.0 / (-s).exp_m1() - 1.0 / s;
    let (mut low, mut high) = (-2.0 / mean, -1e-6);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if tilted(middle) > mean { high = middle } else { low = middle }
    }
    let s = 0.5 * (low + high);
    let generating = (s.exp_m1() / s).ln();
    // e^s/(e^s − 1)² is 1/(4 sinh²(s/2)).
    let curvature = 1.0 / (s * s) - 0.25 / (0.5 * s).sinh().powi(2);
    let w = -(2.0 * count * (s * mean - generating)).sqrt();
    let v = s * (count * curvature).sqrt();
    below(w) + density(w) * (1.0 / w - 1.0 / v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_uniform_numbers_sum_to_simplices() {
        // x^n/n! up to 1; the triangle of two numbers; three numbers to 1.5, half of the cube.
        assert!((sum_of_uniform(5, 0.8) - 0.8f64.powi(5) / 120.0).abs() < 1e-16);
        assert!((sum_of_uniform(2, 1.5) - 0.875).abs() < 1e-15);
        assert!((sum_of_uniform(3, 1.5) - 0.5).abs() < 1e-15);
        assert_eq!((sum_of_uniform(0, 0.0), sum_of_uniform(4, 4.0)), (1.0, 1.0));
        // A corner of a cube of 400 dimensions is out of range, and no p-value is negative.
        assert!(sum_of_uniform(400, 0.9) >= 0.0);
    }

    #[test]
    fn p_values_of_few_hits_are_not_too_small_whatever_the_length() {
        for possible in [2usize, 3, 20, 21] {
            for hits in 1..=3u32 {
                // All ways to place the hits, by the sum of their distances.
                let mut sums: Vec<(usize, f64)> = (0..possible.pow(hits))
                    .map(|code| {
                        let places = (0..hits).map(|hit| code / possible.pow(hit) % possible);
                        let twice = places.map(|place| (2 * place + 1).abs_diff(possible));
                        twice.fold((0, 0.0), |(sum, shares), twice| {
                            (sum + twice, shares + share(twice as f64, possible))
                        })
                    })
                    .collect();
                sums.sort_by(|left, right| left.1.total_cmp(&right.1));
                let all = sums.len() as f64;
                for (at, &(_, shares)) in sums.iter().enumerate() {
                    if sums.get(at + 1).is_some_and(|next| next.1 <= shares + 1e-9) {
                        continue;
                    }
                    let (truth, got) =
                        ((at + 1) as f64 / all, sum_of_uniform(hits as usize, shares + 1.0 / possible as f64));
                    assert!(truth > 0.5 || got > 0.99 * truth, "{possible} places, {hits} hits: {got} for {truth}");
                    assert!(
                        possible < 20 || truth < 0.01 || got < 1.6 * truth,
                        "{possible}, {hits}: {got} for {truth}"
                    );
                }
            }
        }
    }

    #[test]
    fn many_sum_as_twelve_do_by_both_ways() {
        for sum in [0.05, 0.4, 1.0, 2.0, 3.0, 4.0, 4.9, 5.0, 5.5, 6.0] {
            let (exact, near) = (counted(12, sum), approximated(12.0, sum));
            assert!((near / exact - 1.0).abs() < 0.01, "{sum}: {exact} {near}");
        }
    }

    #[test]
    fn both_ways_meet_where_one_takes_over() {
        for count in [13.0, 100.0, 5000.0f64] {
            let at = |z: f64| approximated(count, 0.5 * count + z * (count / 12.0).sqrt());
            assert!((at(-1.0 - 1e-9) / at(-1.0 + 1e-9) - 1.0).abs() < 2e-3, "{count}");
        }
    }
}
