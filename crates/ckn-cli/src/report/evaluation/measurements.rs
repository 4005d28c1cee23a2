//! Plots of measurements: predicted against measured values, and how far they are apart.

use super::super::Name;
use super::super::figure::{Figure, of};
use super::super::number::{count, signed};
use super::span;
use crate::plot::{Axis, Plot};

/// Points of a scatter plot.
const POINTS: usize = 1_500;
/// Bars of a histogram.
const BARS: usize = 40;

/// Predicted against measured values, and a histogram of the errors; none where a number is not finite.
pub fn figures(name: Option<&Name>, scores: &[f64], labels: &[f64]) -> Vec<Figure> {
    scatter(name, scores, labels).into_iter().chain(errors(name, scores, labels)).collect()
}

fn scatter(name: Option<&Name>, scores: &[f64], labels: &[f64]) -> Option<Figure> {
    let ((left, right), (low, high)) = (span(scores)?, span(labels)?);
    let mut plot = Plot::new(
        format!("Predicted and measured values{}", of(name)),
        format!("Measured values from {} to {} against predicted ones.", signed(low, 3), signed(high, 3)),
        Axis::linear("Predicted", left, right),
        Axis::linear("Measured", low, high),
    );
    plot.diagonal();
    let every = scores.len().div_ceil(POINTS).max(1);
    scores.iter().zip(labels).step_by(every).for_each(|(&score, &label)| plot.dot("first", (score, label)));
    let shown = scores.len().div_ceil(every);
    let caption = format!("{} of {} sequences are shown.", count(shown), count(scores.len()));
    let keys = vec![("first", "a sequence"), ("guide", "predicted as measured")];
    Some(Figure { title: "Predictions", svg: plot.svg(), caption, keys })
}

fn errors(name: Option<&Name>, scores: &[f64], labels: &[f64]) -> Option<Figure> {
    let errors: Vec<f64> = scores.iter().zip(labels).map(|(score, label)| score - label).collect();
    let (low, high) = span(&errors)?;
    let x = Axis::linear("Predicted less measured", low, high);
    let (low, high) = x.span();
    let width = (high - low) / BARS as f64;
    let edges: Vec<f64> = (0..=BARS).map(|edge| low + edge as f64 * width).collect();
    let mut bars = vec![0.0; BARS];
    for error in &errors {
        bars[(((error - low) / width) as usize).min(BARS - 1)] += 1.0;
    }
    let tallest = bars.iter().copied().fold(0.0, f64::max);
    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
    let mean = signed(mean, 3);
    let mut plot = Plot::new(
        format!("Errors of the predictions{}", of(name)),
        format!("Histogram of predicted less measured values, whose mean is {mean}."),
        x,
        Axis::linear("Sequences", 0.0, tallest),
    );
    plot.steps("first", &edges, &bars);
    plot.upright(0.0);
    let caption = format!("Right of the dashed line, predictions are too high; the mean error is {mean}.");
    Some(Figure { title: "Errors", svg: plot.svg(), caption, keys: Vec::new() })
}
