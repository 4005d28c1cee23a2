//! Percentile bootstrap intervals of metrics (Efron and Tibshirani 1993).

use rand::RngExt;
use rayon::prelude::*;

use super::correlation::widened;
use super::{Metric, Reason, check, is_positive};
use crate::Scalar;
use crate::seed::Seed;

/// How an interval is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    /// Resamples, at least 1.
    pub resamples: usize,
    /// Share of the resamples that the interval holds, between 0 and 1.
    pub level: f64,
    /// Root of the random streams `bootstrap/0`, `bootstrap/1`, …
    pub seed: Seed,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { resamples: 2000, level: 0.95, seed: Seed(0) }
    }
}

/// Percentile interval of `AUROC(first) − AUROC(second)` over paired bootstrap resamples of the samples.
///
/// Each resample draws positives from the positives and negatives from the negatives, with replacement, and takes both
/// scores of what it drew; the ends are the quantiles `(1 ∓ level)/2` of the differences, linear between order statistics
/// (NumPy's default). `O(n)` a resample; the result does not depend on the number of threads.
///
/// ```
/// use ckn_core::metrics::{Bootstrap, auroc_difference_interval};
///
/// let labels = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0];
/// let (perfect, turned) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [6.0, 5.0, 4.0, 3.0, 2.0, 1.0]);
/// let between = [1.0, 4.0, 2.0, 3.0, 5.0, 6.0];
/// assert_eq!(auroc_difference_interval(&perfect, &turned, &labels, &Bootstrap::default())?, (1.0, 1.0));
/// let (low, high) = auroc_difference_interval(&between, &perfect, &labels, &Bootstrap::default())?;
/// assert!(low < -0.1 && high == 0.0);
/// # Ok::<(), ckn_core::metrics::Reason>(())
/// ```
///
/// # Shapes
/// first `[samples]`, second `[samples]`, labels `[samples]`.
///
/// # Errors
/// The reason if empty, of unequal lengths, of one class, or not finite; [`Reason::Empty`] without a resample;
/// [`Reason::NotFinite`] for a level outside (0, 1).
///
/// # Source
/// Efron and Tibshirani 1993, chapter 13; stratified as the default of the R package pROC.
pub fn auroc_difference_interval<S: Scalar, T: Scalar, L: Scalar>(
    first: &[S],
    second: &[T],
    labels: &[L],
    bootstrap: &Bootstrap,
) -> Result<(f64, f64), Reason> {
    check(first, labels)?;
    check(second, labels)?;
    let (first, second) = (Order::new(&widened(first)), Order::new(&widened(second)));
    percentiles(labels, bootstrap, |drawn, [negatives, positives]| {
        let pairs = 2.0 * positives as f64 * negatives as f64;
        // A difference of whole numbers: equal rankings differ by exactly zero.
        (first.doubled_wins(drawn) as f64 - second.doubled_wins(drawn) as f64) / pairs
    })
}

/// Percentile interval of the average precision ([`auprc`](super::auprc)) over bootstrap resamples of the samples.
///
/// Resamples are drawn as those of [`auroc_difference_interval`], so that the share of positives, which the average precision
/// depends on, is that of the samples in all of them.
///
/// ```
/// use ckn_core::metrics::{Bootstrap, auprc_interval};
///
/// let labels = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
/// let (low, high) = auprc_interval(&[0.1, 0.4, 0.35, 0.8, 0.4, 0.3, 0.9], &labels, &Bootstrap::default())?;
/// assert!(low > 0.5 && low < 0.9 && high == 1.0);
/// # Ok::<(), ckn_core::metrics::Reason>(())
/// ```
///
/// # Shapes
/// scores `[samples]`, labels `[samples]`.
///
/// # Errors
/// As [`auroc_difference_interval`].
///
/// # Source
/// Efron and Tibshirani 1993, chapter 13.
pub fn auprc_interval<S: Scalar, L: Scalar>(
    scores: &[S],
    labels: &[L],
    bootstrap: &Bootstrap,
) -> Result<(f64, f64), Reason> {
    check(scores, labels)?;
    let order = Order::new(&widened(scores));
    percentiles(labels, bootstrap, |drawn, [_, positives]| order.average_precision(drawn, positives))
}

/// Percentile interval of any metric of pairs, such as [`pearson`](super::pearson), [`spearman`](super::spearman) or
/// [`mean_squared_error`](super::mean_squared_error), over bootstrap resamples of the pairs.
///
/// Each resample draws as many pairs as there are, with replacement. Resamples on which the metric is not defined, such as a correlation
/// of equal numbers, are left out.
///
/// ```
/// use ckn_core::metrics::{Bootstrap, metric_interval, pearson};
///
/// let measured = [0.1, 0.9, 2.2, 2.9, 4.1, 5.2, 5.8, 7.1];
/// let (low, high) = metric_interval(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], &measured, &Bootstrap::default(), pearson)?;
/// assert!(low > 0.98 && high <= 1.0 && low < high);
/// # Ok::<(), ckn_core::metrics::Reason>(())
/// ```
///
/// # Shapes
/// scores `[samples]`, targets `[samples]`.
///
/// # Errors
/// The reason if empty, of unequal lengths, or not finite; [`Reason::Empty`] without a resample; [`Reason::NotFinite`] for a level outside
/// (0, 1); [`Reason::TooFew`] if the metric is defined on fewer than half of the resamples.
///
/// # Source
/// Efron and Tibshirani 1993, chapter 13.
pub fn metric_interval<S: Scalar, T: Scalar>(
    scores: &[S],
    targets: &[T],
    bootstrap: &Bootstrap,
    metric: impl Fn(&[f64], &[f64]) -> Metric + Sync,
) -> Result<(f64, f64), Reason> {
    check(scores, targets)?;
    bootstrap.check()?;
    let (scores, targets) = (widened(scores), widened(targets));
    let drawn = (0..bootstrap.resamples as u64).into_par_iter().map_init(
        || (scores.clone(), targets.clone()),
        |(some, others), resample| {
            let mut random = bootstrap.seed.stream_at("bootstrap", resample);
            for (slot, other) in some.iter_mut().zip(others.iter_mut()) {
                let at = random.random_range(0..scores.len());
                (*slot, *other) = (scores[at], targets[at]);
            }
            metric(some, others).value()
        },
    );
    let mut values: Vec<f64> = drawn.collect::<Vec<_>>().into_iter().flatten().collect();
    if 2 * values.len() < bootstrap.resamples {
        return Err(Reason::TooFew);
    }
    Ok(bootstrap.central(&mut values))
}

impl Bootstrap {
    fn check(&self) -> Result<(), Reason> {
        if self.resamples == 0 {
            return Err(Reason::Empty);
        }
        if self.level > 0.0 && self.level < 1.0 { Ok(()) } else { Err(Reason::NotFinite) }
    }

    /// What lies in the middle of the values.
    fn central(&self, values: &mut [f64]) -> (f64, f64) {
        values.sort_unstable_by(f64::total_cmp);
        let tail = 0.5 * (1.0 - self.level);
        (quantile(values, tail), quantile(values, 1.0 - tail))
    }
}

/// Percentile interval of a statistic of resamples: how often each sample was drawn `[as negative, as positive]`, and the numbers
/// of negatives and of positives.
fn percentiles<L: Scalar>(
    labels: &[L],
    bootstrap: &Bootstrap,
    statistic: impl Fn(&[[u32; 2]], [usize; 2]) -> f64 + Sync,
) -> Result<(f64, f64), Reason> {
    bootstrap.check()?;
    let of = |class: bool| (0..labels.len()).filter(|&i| is_positive(labels[i]) == class).collect::<Vec<_>>();
    let (positives, negatives) = (of(true), of(false));
    if positives.is_empty() || negatives.is_empty() {
        return Err(Reason::OneClass);
    }
    let mut values: Vec<f64> = (0..bootstrap.resamples as u64)
        .into_par_iter()
        .map_init(
            || vec![[0u32; 2]; labels.len()],
            |drawn, resample| {
                let mut random = bootstrap.seed.stream_at("bootstrap", resample);
                drawn.fill([0; 2]);
                for (class, members) in [&negatives, &positives].into_iter().enumerate() {
                    for _ in members {
                        drawn[members[random.random_range(0..members.len())]][class] += 1;
                    }
                }
                statistic(drawn, [negatives.len(), positives.len()])
            },
        )
        .collect();
    Ok(bootstrap.central(&mut values))
}

/// Samples from the lowest score up, cut into groups of equal scores.
struct Order {
    groups: Vec<Vec<usize>>,
}

impl Order {
    fn new(scores: &[f64]) -> Self {
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_unstable_by(|&a, &b| scores[a].total_cmp(&scores[b]).then(a.cmp(&b)));
        Self { groups: order.chunk_by(|&a, &b| scores[a] == scores[b]).map(<[usize]>::to_vec).collect() }
    }

    /// Twice the pairs in which the positive scores above the negative, ties as one half, for samples drawn
    /// `[as negative, as positive]` times.
    fn doubled_wins(&self, drawn: &[[u32; 2]]) -> u64 {
        let (mut below, mut doubled) = (0u64, 0u64);
        for group in &self.groups {
            let (mut negatives, mut positives) = (0u64, 0u64);
            for &sample in group {
                negatives += u64::from(drawn[sample][0]);
                positives += u64::from(drawn[sample][1]);
            }
            doubled += positives * (2 * below + negatives);
            below += negatives;
        }
        doubled
    }

    /// Average precision of samples drawn `[as negative, as positive]` times, so many of them as positives.
    fn average_precision(&self, drawn: &[[u32; 2]], positives: usize) -> f64 {
        let (mut found, mut taken, mut area) = (0u64, 0u64, 0.0);
        for group in self.groups.iter().rev() {
            let count = |class: usize| group.iter().map(|&sample| u64::from(drawn[sample][class])).sum::<u64>();
            let here = count(1);
            found += here;
            taken += here + count(0);
            if here > 0 {
                area += here as f64 * (found as f64 / taken as f64);
            }
        }
        area / positives as f64
    }
}

/// A quantile of ascending values, linear between them.
pub(crate) fn quantile(ascending: &[f64], share: f64) -> f64 {
    let place = share * (ascending.len() - 1) as f64;
    let (low, high) = (place.floor() as usize, place.ceil() as usize);
    ascending[low] + (ascending[high] - ascending[low]) * (place - low as f64)
}
