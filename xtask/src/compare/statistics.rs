//! Means and their intervals.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// Mean of some numbers, NaN for none.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Standard deviation of a sample; `None` below two numbers.
pub(crate) fn deviation(values: &[f64]) -> Option<f64> {
    let freedom = values.len().checked_sub(1).filter(|&freedom| freedom > 0)?;
    let centre = mean(values);
    Some((values.iter().map(|value| (value - centre).powi(2)).sum::<f64>() / freedom as f64).sqrt())
}

/// Half the width of Student's 95 % interval of the mean; `None` below two numbers.
pub(crate) fn half_width(values: &[f64]) -> Option<f64> {
    let deviation = deviation(values)?;
    let quantile = StudentsT::new(0.0, 1.0, (values.len() - 1) as f64).ok()?.inverse_cdf(0.975);
    Some(quantile * deviation / (values.len() as f64).sqrt())
}

/// A mean with its interval: `0.9123 ± 0.0045`.
pub(crate) fn with_interval(values: &[f64]) -> String {
    match half_width(values) {
        Some(half) => format!("{:.4} ± {half:.4}", mean(values)),
        None => format!("{:.4}", mean(values)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_the_tables() {
        // Quantile of four degrees of freedom: 2.776; standard deviation of 1 to 5: 1.5811.
        let half = half_width(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
        assert!((half - 2.776445 * 1.581139 / 5f64.sqrt()).abs() < 1e-4);
        assert_eq!(half_width(&[1.0]), None);
        assert_eq!(with_interval(&[0.5]), "0.5000");
    }
}
