//! Measurements whose logarithms are better to learn from.

/// Fewest measurements that a distribution is seen in.
const FEWEST: usize = 20;

/// Skewness from which on logarithms are advised.
const SKEWNESS: f64 = 2.0;

/// How often the median the largest measurement is, from which on logarithms are advised.
const TIMES_MEDIAN: f64 = 20.0;

/// Advice to take logarithms, of measurements that are not negative and far from symmetric.
///
/// Skewness is the third moment about the mean over the cube of the standard deviation.
pub(super) fn advice(labels: &[f64]) -> Option<String> {
    if labels.len() < FEWEST || labels.iter().any(|&label| label < 0.0) {
        return None;
    }
    let mut ascending = labels.to_vec();
    ascending.sort_unstable_by(f64::total_cmp);
    let (smallest, median, largest) = (ascending[0], ascending[labels.len() / 2], ascending[labels.len() - 1]);
    let count = labels.len() as f64;
    let mean = labels.iter().sum::<f64>() / count;
    let moment = |power: i32| labels.iter().map(|label| (label - mean).powi(power)).sum::<f64>() / count;
    let skewness = moment(3) / moment(2).powf(1.5);
    // Of equal measurements it is not a number, and not advised.
    if !(skewness > SKEWNESS || largest > TIMES_MEDIAN * median) || smallest == largest {
        return None;
    }
    let logarithm = if smallest > 0.0 { "log(label)" } else { "log(1 + label)" };
    Some(format!(
        "the measurements are skewed (median {median}, largest {largest}, skewness {skewness:.1}), and a few of them will \
         decide the fit: train on {logarithm} instead"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_advised_of_skewed_measurements_alone() {
        let of = |label: fn(f64) -> f64| advice(&(0..100).map(|i| label(f64::from(i) / 10.0)).collect::<Vec<_>>());
        assert!(of(|i| i).is_none() && of(|_| 3.0).is_none() && of(|i| i.sin() - 1.0).is_none());
        assert!(of(|i| i.exp()).is_some_and(|text| text.ends_with("train on log(label) instead")));
        // Three of them are counted at all.
        assert!(of(|i| (i - 9.7).max(0.0).ceil()).is_some_and(|text| text.contains("log(1 + label)")));
        assert!(advice(&[1.0, 1.0, 1.0, 500.0]).is_none());
    }
}
