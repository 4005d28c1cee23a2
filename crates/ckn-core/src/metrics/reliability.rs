//! Calibration: whether probabilities mean what they say.

use super::is_positive;
use super::normal::central_quantile;
use crate::Scalar;

/// Equal parts of the probabilities.
const BINS: usize = 10;
/// Confidence of the intervals.
const LEVEL: f64 = 0.95;

/// A bin of a reliability diagram: samples of about the same predicted probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReliabilityBin {
    /// Number of samples.
    pub samples: usize,
    /// Number of positives among them.
    pub positives: usize,
    /// Mean of the predicted probabilities.
    pub predicted: f64,
    /// Share of positives.
    pub observed: f64,
    /// 95 % interval of that share ([`wilson_interval`]).
    pub interval: (f64, f64),
}

/// Reliability diagram of log-odds `f`, as probabilities `1/(1 + exp(−f))` in ten equal bins; those without a sample are left
/// out.
///
/// ```
/// use ckn_core::metrics::reliability;
///
/// let bins = reliability(&[0.1, 0.1, 3.0], &[1.0, 0.0, 1.0]);
/// assert_eq!((bins[0].samples, bins[0].observed), (2, 0.5));
/// assert_eq!(bins[1].positives, 1);
/// ```
///
/// # Shapes
/// scores `[samples]`, labels `[samples]`; a label above ½ is positive.
pub fn reliability<S: Scalar, L: Scalar>(scores: &[S], labels: &[L]) -> Vec<ReliabilityBin> {
    let mut bins = [(0usize, 0usize, 0.0f64); BINS];
    for (score, &label) in scores.iter().zip(labels) {
        let probability = 1.0 / (1.0 + (-score.wide()).exp());
        let bin = &mut bins[((probability * BINS as f64) as usize).min(BINS - 1)];
        *bin = (bin.0 + 1, bin.1 + usize::from(is_positive(label)), bin.2 + probability);
    }
    let known = bins.into_iter().filter(|bin| bin.0 > 0);
    let bin = |(samples, positives, sum): (usize, usize, f64)| ReliabilityBin {
        samples,
        positives,
        predicted: sum / samples as f64,
        observed: positives as f64 / samples as f64,
        interval: wilson_interval(positives, samples, LEVEL),
    };
    known.map(bin).collect()
}

/// Wilson's score interval of a proportion of `successes` among `trials`, at a confidence `level` inside (0, 1); it stays within
/// `[0, 1]`. NaN without a trial.
///
/// ```
/// use ckn_core::metrics::wilson_interval;
///
/// // Same as statsmodels' proportion_confint(8, 10, method="wilson").
/// let (low, high) = wilson_interval(8, 10, 0.95);
/// assert!((low - 0.490_162).abs() < 1e-6 && (high - 0.943_318).abs() < 1e-6);
/// ```
///
/// # Source
/// Wilson 1927, Journal of the American Statistical Association 22.
pub fn wilson_interval(successes: usize, trials: usize, level: f64) -> (f64, f64) {
    let (trials, z) = (trials as f64, central_quantile(level));
    let (share, squared) = (successes as f64 / trials, z * z);
    let centre = (share + squared / (2.0 * trials)) / (1.0 + squared / trials);
    let reach =
        z / (1.0 + squared / trials) * (share * (1.0 - share) / trials + squared / (4.0 * trials * trials)).sqrt();
    ((centre - reach).max(0.0), (centre + reach).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_counted_by_their_probability() {
        // Probabilities 0.5, 0.5, 0.9526 and 0.0474.
        let bins = reliability(&[0.0, 0.0, 3.0, -3.0], &[1.0, 0.0, 1.0, 0.0]);
        let counts: Vec<_> = bins.iter().map(|bin| (bin.samples, bin.positives, bin.observed)).collect();
        assert_eq!(counts, [(1, 0, 0.0), (2, 1, 0.5), (1, 1, 1.0)]);
        assert!((bins[2].predicted - 0.952_574_1).abs() < 1e-6);
    }

    #[test]
    fn intervals_of_proportions_are_those_of_wilson() {
        // By hand: ten of a hundred, 0.0552 to 0.1744.
        let (low, high) = wilson_interval(10, 100, 0.95);
        assert!((low - 0.055_23).abs() < 1e-4 && (high - 0.174_37).abs() < 1e-4, "{low} {high}");
        assert_eq!(wilson_interval(0, 50, 0.95).0, 0.0);
    }
}
