//! Whether probabilities mean what they say.

/// Equal parts of the probabilities.
const BINS: usize = 10;
/// The normal quantile of a 95 % interval.
const REACH: f64 = 1.959_963_984_540_054;

/// Sequences of about the same predicted probability.
pub struct Bin {
    pub sequences: usize,
    pub positives: usize,
    /// Mean of the predicted probabilities.
    pub predicted: f64,
    /// Share of positives.
    pub observed: f64,
    /// 95 % interval of that share (Wilson 1927).
    pub interval: (f64, f64),
}

/// Log-odds as probabilities, in ten equal parts; those without a sequence are left out.
///
/// # Shapes
/// scores `[samples]`, labels `[samples]`; a label above ½ is positive.
pub fn reliability(scores: &[f64], labels: &[f64]) -> Vec<Bin> {
    let mut bins = [(0usize, 0usize, 0.0f64); BINS];
    for (score, &label) in scores.iter().zip(labels) {
        let probability = 1.0 / (1.0 + (-score).exp());
        let bin = &mut bins[((probability * BINS as f64) as usize).min(BINS - 1)];
        *bin = (bin.0 + 1, bin.1 + usize::from(label > 0.5), bin.2 + probability);
    }
    let known = bins.into_iter().filter(|bin| bin.0 > 0);
    let bin = |(sequences, positives, sum): (usize, usize, f64)| Bin {
        sequences,
        positives,
        predicted: sum / sequences as f64,
        observed: positives as f64 / sequences as f64,
        interval: wilson(positives as f64, sequences as f64),
    };
    known.map(bin).collect()
}

fn wilson(successes: f64, trials: f64) -> (f64, f64) {
    let (share, squared) = (successes / trials, REACH * REACH);
    let centre = (share + squared / (2.0 * trials)) / (1.0 + squared / trials);
    let reach =
        REACH / (1.0 + squared / trials) * (share * (1.0 - share) / trials + squared / (4.0 * trials * trials)).sqrt();
    ((centre - reach).max(0.0), (centre + reach).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_counted_by_their_probability() {
        // Probabilities 0.5, 0.5, 0.9526 and 0.0474.
        let bins = reliability(&[0.0, 0.0, 3.0, -3.0], &[1.0, 0.0, 1.0, 0.0]);
        let counts: Vec<_> = bins.iter().map(|bin| (bin.sequences, bin.positives, bin.observed)).collect();
        assert_eq!(counts, [(1, 0, 0.0), (2, 1, 0.5), (1, 1, 1.0)]);
        assert!((bins[2].predicted - 0.952_574_1).abs() < 1e-6);
        // statsmodels.stats.proportion.proportion_confint(8, 10, method="wilson")
        let (low, high) = wilson(8.0, 10.0);
        assert!((low - 0.490_162).abs() < 1e-6 && (high - 0.943_318).abs() < 1e-6, "{low} {high}");
    }
}
