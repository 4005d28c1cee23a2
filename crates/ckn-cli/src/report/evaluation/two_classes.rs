//! Plots of two classes: curves with bands, scores and calibration.

use ckn::core::loss::Loss;
use ckn::core::metrics::{Curves, ReliabilityBin, auprc, auroc, reliability};
use ckn::core::seed::Seed;

use super::super::Name;
use super::super::figure::{Figure, of};
use super::super::number::count;
use super::super::tested::Task;
use super::span;
use crate::plot::{Axis, Plot};

/// Bars of a histogram.
const BARS: usize = 40;

/// What a page shows of two classes; nothing of one alone.
#[derive(Default)]
pub struct Shown {
    pub figures: Vec<Figure>,
    pub calibration: Vec<ReliabilityBin>,
}

impl Shown {
    pub fn new(task: &Task, loss: Loss, seed: Seed) -> Self {
        let (name, scores, labels) = (task.name.as_ref(), task.scores.as_slice(), task.labels.as_slice());
        let mut figures = curves(name, scores, labels, seed);
        if figures.is_empty() {
            return Self::default();
        }
        figures.extend(histogram(name, scores, labels, loss != Loss::Squared));
        let mut bins = Vec::new();
        if loss == Loss::Logistic {
            bins = reliability(scores, labels);
            figures.push(calibration(name, &bins));
        }
        Self { figures, calibration: bins }
    }
}

/// The curve of true- against false-positive rates, and that of precision against recall, with bands; none of one class alone.
pub fn curves(name: Option<&Name>, scores: &[f64], labels: &[f64], seed: Seed) -> Vec<Figure> {
    let Ok(curves) = Curves::new(scores, labels, seed) else { return Vec::new() };
    let resamples = count(curves.resamples);
    let positives = labels.iter().filter(|&&label| label > 0.5).count();
    let prevalence = positives as f64 / labels.len() as f64;
    let area = auroc(scores, labels).value().map(|auroc| format!("AUROC {auroc:.3}. ")).unwrap_or_default();
    let keys = vec![("first", "model"), ("band", "95\u{a0}% interval at each place"), ("guide", "guessing")];
    let mut plot = Plot::new(
        format!("Receiver operating characteristic{}", of(name)),
        format!("True-positive rate against false-positive rate. {area}"),
        Axis::shares("False-positive rate"),
        Axis::shares("True-positive rate"),
    );
    plot.band("first", &curves.roc_band);
    plot.diagonal();
    plot.line("first", &curves.roc);
    let caption = format!("{area}Interval by {resamples} bootstrap resamples.");
    let roc = Figure { title: "ROC curve", svg: plot.svg(), caption, keys: keys.clone() };

    let area = auprc(scores, labels).value().map(|auprc| format!("AUPRC {auprc:.3}. ")).unwrap_or_default();
    let mut plot = Plot::new(
        format!("Precision and recall{}", of(name)),
        format!("Precision against recall. {area}"),
        Axis::shares("Recall"),
        Axis::shares("Precision"),
    );
    plot.band("first", &curves.recall_band);
    plot.level(prevalence);
    plot.line("first", &curves.recall);
    let caption = format!("{area}{:.0}\u{a0}% of the sequences are positive.", 100.0 * prevalence);
    vec![roc, Figure { title: "Precision–recall curve", svg: plot.svg(), caption, keys }]
}

fn histogram(name: Option<&Name>, scores: &[f64], labels: &[f64], zero_divides: bool) -> Option<Figure> {
    let (low, high) = span(scores)?;
    let x = Axis::linear("Score", low, high);
    let (low, high) = x.span();
    let width = (high - low) / BARS as f64;
    let edges: Vec<f64> = (0..=BARS).map(|edge| low + edge as f64 * width).collect();
    let of_class = |class: bool| {
        let mut bars = vec![0.0; BARS];
        let members = scores.iter().zip(labels).filter(|(_, label)| (**label > 0.5) == class);
        let mut all = 0.0;
        for (score, _) in members {
            bars[(((score - low) / width) as usize).min(BARS - 1)] += 1.0;
            all += 1.0;
        }
        bars.iter().map(|bar| 100.0 * bar / f64::max(all, 1.0)).collect::<Vec<f64>>()
    };
    let (negatives, positives) = (of_class(false), of_class(true));
    let tallest = negatives.iter().chain(&positives).copied().fold(0.0, f64::max);
    let mut plot = Plot::new(
        format!("Scores of both classes{}", of(name)),
        "Histograms of the scores of positives and negatives.",
        x,
        Axis::linear("Sequences of the class (%)", 0.0, tallest),
    );
    plot.steps("second", &edges, &negatives);
    plot.steps("first", &edges, &positives);
    if zero_divides {
        plot.upright(0.0);
    }
    Some(Figure {
        title: "Scores",
        svg: plot.svg(),
        caption: if zero_divides { "Above 0, the model calls a sequence positive." } else { "" }.to_owned(),
        keys: vec![("first", "positives"), ("second", "negatives")],
    })
}

fn calibration(name: Option<&Name>, bins: &[ReliabilityBin]) -> Figure {
    let mut plot = Plot::new(
        format!("Calibration{}", of(name)),
        "Share of positives against the predicted probability, with 95\u{a0}% intervals.",
        Axis::shares("Predicted probability"),
        Axis::shares("Share of positives"),
    );
    let most = bins.iter().map(|bin| bin.samples).max().unwrap_or(1) as f64;
    for bin in bins {
        let left = (bin.predicted * 10.0).floor().min(9.0) / 10.0;
        plot.bar("faint", (left, left + 0.1), 0.2 * bin.samples as f64 / most);
    }
    plot.diagonal();
    let points: Vec<(f64, f64)> = bins.iter().map(|bin| (bin.predicted, bin.observed)).collect();
    plot.line("first", &points);
    for bin in bins {
        plot.point("first", (bin.predicted, bin.observed), Some(bin.interval));
    }
    Figure {
        title: "Calibration",
        svg: plot.svg(),
        caption: "On the dashed line, probabilities mean what they say, for data with as many positives as these."
            .to_owned(),
        keys: vec![("first", "share of positives, 95\u{a0}% interval"), ("faint", "number of sequences")],
    }
}
