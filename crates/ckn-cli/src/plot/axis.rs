//! Axes: what they span, and where they have numbers.

/// An axis.
pub struct Axis {
    label: String,
    low: f64,
    high: f64,
    ticks: Vec<(f64, String)>,
}

/// Largest number on an axis.
const LARGEST: f64 = 1e300;
/// Smallest span of an axis, as a part of the numbers on it.
const LEAST_SPAN: f64 = 1e-9;

impl Axis {
    /// From 0 to 1.
    pub fn shares(label: &str) -> Self {
        let ticks = (0..=5).map(|fifth| (f64::from(fifth) / 5.0, format!("{:.1}", f64::from(fifth) / 5.0))).collect();
        Self { label: label.to_owned(), low: 0.0, high: 1.0, ticks }
    }

    /// Round numbers over a span of finite values, which is widened to the round numbers around it.
    pub fn linear(label: &str, low: f64, high: f64) -> Self {
        // Beyond, a span is no number.
        let (low, high) = (low.clamp(-LARGEST, LARGEST), high.clamp(-LARGEST, LARGEST));
        let least = (LEAST_SPAN * low.abs().max(high.abs())).max(1.0 / LARGEST);
        let (low, high) =
            if high - low > least { (low, high) } else { (low - 0.5f64.max(least), low + 0.5f64.max(least)) };
        let step = round_step(high - low);
        let (first, last) = ((low / step + 1e-9).floor(), (high / step - 1e-9).ceil());
        let digits = (-step.log10().floor()).max(0.0) as usize;
        let count = (last - first).clamp(1.0, 20.0) as usize;
        let tick = |at: usize| {
            let value = (first + at as f64) * step;
            // Not −0.
            (value, format!("{:.digits$}", value + 0.0).replace('-', "\u{2212}"))
        };
        Self { label: label.to_owned(), low: first * step, high: last * step, ticks: (0..=count).map(tick).collect() }
    }

    pub(super) fn label(&self) -> &str {
        &self.label
    }

    pub(super) fn ticks(&self) -> &[(f64, String)] {
        &self.ticks
    }

    /// The ends.
    pub fn span(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// Where a value lies between the ends, not beyond them.
    pub(super) fn share(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}

/// A step of 1, 2 or 5 times a power of ten, that goes into a span about five times.
fn round_step(span: f64) -> f64 {
    let rough = span / 5.0;
    let power = 10f64.powf(rough.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= rough * 0.999).unwrap_or(10.0);
    factor * power
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64) -> Vec<String> {
        Axis::linear("", low, high).ticks.into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_round_numbers_around_the_values() {
        assert_eq!(labels(0.0, 100.0), ["0", "20", "40", "60", "80", "100"]);
        assert_eq!(labels(0.31, 0.69), ["0.3", "0.4", "0.5", "0.6", "0.7"]);
        assert_eq!(labels(-3.2, 4.1), ["−4", "−2", "0", "2", "4", "6"]);
        assert_eq!(labels(0.8123, 0.8471), ["0.81", "0.82", "0.83", "0.84", "0.85"]);
        assert_eq!(Axis::linear("", -3.2, 4.1).span(), (-4.0, 6.0));
        // Values that do not differ have a span all the same.
        let (low, high) = Axis::linear("", 2.0, 2.0).span();
        assert!(low < 2.0 && high > 2.0 && high - low < 2.0);
    }

    #[test]
    fn numbers_of_any_size_have_an_axis() {
        for (low, high) in [
            (1e17, 1e17),
            (-1e300, 1e300),
            (f64::MIN, f64::MAX),
            (f64::MAX, f64::MAX),
            (0.0, 5e-324),
            (1.0, 1.0 + 1e-15),
        ] {
            let axis = Axis::linear("", low, high);
            let (first, last) = axis.span();
            assert!(last > first && first.is_finite() && last.is_finite(), "{low} to {high}: {first} to {last}");
            assert!(axis.ticks().len() >= 2 && axis.ticks().iter().all(|(_, label)| label.len() < 400));
        }
    }
}
