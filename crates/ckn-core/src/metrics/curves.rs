//! ROC and precision–recall curves, with bootstrap bands.

use rand::RngExt;
use rayon::prelude::*;

use super::correlation::widened;
use super::{Reason, check, is_positive};
use crate::Scalar;
use crate::seed::Seed;

/// Places at which the bands of the curves are known.
const GRID: usize = 101;
/// Resamples of a bootstrap; fewer where there are very many sequences.
const RESAMPLES: usize = 1000;
/// Sequences that are drawn in all, about.
const DRAWS: usize = 200_000_000;

/// Receiver operating characteristic and precision–recall curve, with pointwise 95 % intervals over bootstrap resamples.
///
/// ```
/// use ckn_core::metrics::Curves;
/// use ckn_core::seed::Seed;
///
/// let curves = Curves::new(&[0.1, 0.4, 0.35, 0.8], &[0.0, 0.0, 1.0, 1.0], Seed(0))?;
/// // (False-positive rate, true-positive rate) at every threshold, from the highest score down.
/// assert_eq!(curves.roc, [(0.0, 0.0), (0.0, 0.5), (0.5, 0.5), (0.5, 1.0), (1.0, 1.0)]);
/// assert_eq!(curves.recall.last(), Some(&(1.0, 0.5)));
/// # Ok::<(), ckn_core::metrics::Reason>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Curves {
    /// False-positive rate and true-positive rate, from (0, 0) to (1, 1).
    pub roc: Vec<(f64, f64)>,
    /// False-positive rate, and the interval of the true-positive rate.
    pub roc_band: Vec<(f64, f64, f64)>,
    /// Recall and precision.
    pub recall: Vec<(f64, f64)>,
    /// Recall, and the interval of the precision.
    pub recall_band: Vec<(f64, f64, f64)>,
    /// Interval of the average precision.
    pub auprc: (f64, f64),
    /// Number of resamples: 1000, or fewer where there are very many samples.
    pub resamples: usize,
}

/// Samples from the highest score down; a group of equal scores is one threshold.
struct Ranked {
    /// Record, and whether it is the last of its score.
    order: Vec<(usize, bool)>,
    positive: Vec<bool>,
}

/// What was found down to a threshold.
#[derive(Clone, Copy, Default)]
struct Counts {
    positives: f64,
    negatives: f64,
}

impl Curves {
    /// Both curves, and their bands over stratified resamples of the samples, drawn from the streams `report/curves/…`; the
    /// result does not depend on the number of threads.
    ///
    /// # Shapes
    /// scores `[samples]`, labels `[samples]`; a label above ½ is positive.
    ///
    /// # Errors
    /// The reason if empty, of unequal lengths, of one class, or not finite.
    pub fn new<S: Scalar, L: Scalar>(scores: &[S], labels: &[L], seed: Seed) -> Result<Self, Reason> {
        check(scores, labels)?;
        let ranked = Ranked::new(&widened(scores), labels);
        let of = |class: bool| (0..labels.len()).filter(|&at| ranked.positive[at] == class).collect::<Vec<_>>();
        let (positives, negatives) = (of(true), of(false));
        let once = vec![1u32; labels.len()];
        let all = Counts { positives: positives.len() as f64, negatives: negatives.len() as f64 };
        if all.positives < 1.0 || all.negatives < 1.0 {
            return Err(Reason::OneClass);
        }
        let (mut roc, mut recall) = (vec![(0.0, 0.0)], Vec::new());
        ranked.each(&once, |counts, _| {
            roc.push((counts.negatives / all.negatives, counts.positives / all.positives));
            recall.push((counts.positives / all.positives, precision(counts)));
        });
        // No recall is reached with the precision of the highest score.
        let first = recall.first().map_or(1.0, |&(_, precision)| precision);
        recall.insert(0, (0.0, first));
        let resamples = (DRAWS / labels.len()).clamp(100, RESAMPLES);
        let drawn: Vec<Resample> = (0..resamples as u64)
            .into_par_iter()
            .map_init(
                || vec![0u32; labels.len()],
                |times, resample| {
                    let mut random = seed.stream_at("report/curves", resample);
                    times.fill(0);
                    for members in [&negatives, &positives] {
                        members.iter().for_each(|_| times[members[random.random_range(0..members.len())]] += 1);
                    }
                    ranked.resample(times, all)
                },
            )
            .collect();
        let band = |of: fn(&Resample) -> &[f32]| {
            let interval = |at: usize| {
                let (low, high) = central(drawn.iter().map(|resample| f64::from(of(resample)[at])).collect());
                (at as f64 / (GRID - 1) as f64, low, high)
            };
            (0..GRID).map(interval).collect()
        };
        Ok(Self {
            roc,
            roc_band: band(|resample| &resample.rates),
            recall,
            recall_band: band(|resample| &resample.precisions),
            auprc: central(drawn.iter().map(|resample| resample.auprc).collect()),
            resamples,
        })
    }
}

/// The curves of one resample, on the grid.
struct Resample {
    rates: Vec<f32>,
    precisions: Vec<f32>,
    auprc: f64,
}

impl Ranked {
    fn new<L: Scalar>(scores: &[f64], labels: &[L]) -> Self {
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_unstable_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
        let last = |at: usize| order.get(at + 1).is_none_or(|&next| scores[next] != scores[order[at]]);
        let order = (0..order.len()).map(|at| (order[at], last(at))).collect();
        Self { order, positive: labels.iter().map(|&label| is_positive(label)).collect() }
    }

    /// Calls for every threshold, with what is at or above it and what was above it, where each sample counts some times.
    fn each(&self, times: &[u32], mut on_threshold: impl FnMut(Counts, Counts)) {
        let (mut counts, mut before) = (Counts::default(), Counts::default());
        for &(record, last) in &self.order {
            let weight = f64::from(times[record]);
            if self.positive[record] {
                counts.positives += weight
            } else {
                counts.negatives += weight
            }
            if last && counts.positives + counts.negatives > before.positives + before.negatives {
                on_threshold(counts, before);
                before = counts;
            }
        }
    }

    fn resample(&self, times: &[u32], all: Counts) -> Resample {
        let (mut rates, mut precisions) = (Vec::with_capacity(GRID), Vec::with_capacity(GRID));
        let mut auprc = 0.0;
        self.each(times, |counts, before| {
            let precision = precision(counts);
            auprc += (counts.positives - before.positives) / all.positives * precision;
            let (left, right) = (before.negatives / all.negatives, counts.negatives / all.negatives);
            let (low, high) = (before.positives / all.positives, counts.positives / all.positives);
            // Where the curve rises straight up, its upper end counts: that of a later threshold.
            while rates.len() < GRID && at(rates.len()) < right {
                let share = (at(rates.len()) - left) / (right - left);
                rates.push((low + (high - low) * share) as f32);
            }
            while precisions.len() < GRID && at(precisions.len()) <= high {
                precisions.push(precision as f32);
            }
        });
        rates.resize(GRID, 1.0);
        precisions.resize(GRID, (all.positives / (all.positives + all.negatives)) as f32);
        Resample { rates, precisions, auprc }
    }
}

fn at(place: usize) -> f64 {
    place as f64 / (GRID - 1) as f64
}

fn precision(counts: Counts) -> f64 {
    counts.positives / (counts.positives + counts.negatives)
}

/// The middle 95 % of some values.
fn central(mut values: Vec<f64>) -> (f64, f64) {
    values.sort_unstable_by(f64::total_cmp);
    let quantile = |share: f64| {
        let place = share * values.len().saturating_sub(1) as f64;
        values.get(place.round() as usize).copied().unwrap_or(f64::NAN)
    };
    (quantile(0.025), quantile(0.975))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_those_of_scikit_learn() {
        // sklearn.metrics.roc_curve(drop_intermediate=False) and precision_recall_curve of the same numbers.
        let (scores, labels) = ([0.1, 0.4, 0.35, 0.8, 0.4], [0.0, 0.0, 1.0, 1.0, 1.0]);
        let curves = Curves::new(&scores, &labels, Seed(0)).unwrap();
        let third = 1.0 / 3.0;
        assert_eq!(curves.roc, [(0.0, 0.0), (0.0, third), (0.5, 2.0 * third), (0.5, 1.0), (1.0, 1.0)]);
        assert_eq!(curves.recall, [(0.0, 1.0), (third, 1.0), (2.0 * third, 2.0 * third), (1.0, 0.75), (1.0, 0.6)]);
        assert_eq!(Curves::new(&scores, &[1.0; 5], Seed(0)), Err(Reason::OneClass));
        assert_eq!(Curves::new(&[f64::NAN, 1.0], &[0.0, 1.0], Seed(0)), Err(Reason::NotFinite));
    }

    #[test]
    fn bands_hold_the_curve_and_narrow_with_more_sequences() {
        let sample = |count: usize| {
            let mut random = Seed(1).stream("test");
            let labels: Vec<f64> = (0..count).map(|at| (at % 2) as f64).collect();
            let scores: Vec<f64> = labels.iter().map(|label| label + random.random_range(-1.0..1.0)).collect();
            Curves::new(&scores, &labels, Seed(0)).unwrap()
        };
        let width = |curves: &Curves| curves.roc_band.iter().map(|(_, low, high)| high - low).sum::<f64>();
        let (few, many) = (sample(100), sample(2000));
        assert!(width(&many) < 0.5 * width(&few) && width(&many) > 0.0);
        assert!(many.auprc.1 - many.auprc.0 < 0.5 * (few.auprc.1 - few.auprc.0));
        for &(place, low, high) in &many.roc_band[1..100] {
            let after = many.roc.iter().position(|point| point.0 >= place).unwrap();
            let rate = many.roc[after].1;
            assert!(low - 0.02 <= rate && rate <= high + 0.02, "{place}: {low} {rate} {high}");
        }
        for &(place, low, high) in &many.recall_band[5..100] {
            let precision = many.recall.iter().find(|point| point.0 >= place).unwrap().1;
            assert!(low - 0.02 <= precision && precision <= high + 0.02, "{place}: {low} {precision} {high}");
        }
    }

    #[test]
    fn perfect_scores_have_no_doubt() {
        let labels: Vec<f64> = (0..40).map(|at| f64::from(at >= 20)).collect();
        let curves = Curves::new(&labels, &labels, Seed(0)).unwrap();
        assert!(curves.roc_band.iter().all(|&(_, low, high)| (low, high) == (1.0, 1.0)), "{:?}", curves.roc_band);
        assert_eq!(curves.auprc, (1.0, 1.0));
    }
}
