//! How well a model does on one task: numbers and plots.

use ckn::core::loss::Loss;
use ckn::core::metrics::{Curves, Metric, ReliabilityBin, auroc, auroc_interval, measure_names, measures, reliability};
use ckn::core::seed::Seed;

use super::Name;
use super::number::{count, signed};
use super::tested::Task;
use crate::plot::{Axis, Plot};

/// Confidence of the intervals.
const LEVEL: f64 = 0.95;
/// Bars of a histogram.
const BARS: usize = 40;
/// Points of a scatter plot.
const POINTS: usize = 1_500;

/// How well a model does on one task.
pub struct Evaluation {
    pub name: Option<Name>,
    pub records: usize,
    /// Positives and negatives, where there are two classes.
    pub classes: Option<(usize, usize)>,
    pub measures: Vec<Measure>,
    pub auroc: Option<f64>,
    /// 95 % interval of the AUROC.
    pub interval: Option<(f64, f64)>,
    pub auprc: Option<f64>,
    pub figures: Vec<Figure>,
    pub calibration: Vec<ReliabilityBin>,
}

/// A number, what it is called and what it says.
pub struct Measure {
    pub name: &'static str,
    pub value: String,
    pub interval: Option<String>,
    pub meaning: &'static str,
}

/// A plot with what stands below it.
pub struct Figure {
    pub title: &'static str,
    pub svg: String,
    pub caption: String,
    /// Class and name of what is drawn.
    pub keys: Vec<(&'static str, &'static str)>,
}

impl Evaluation {
    pub fn new(task: &Task, loss: Loss, seed: Seed) -> Self {
        let (scores, labels) = (task.scores.as_slice(), task.labels.as_slice());
        let two_classes = loss != Loss::Multinomial && labels.iter().all(|&label| label == 0.0 || label == 1.0);
        let positives = labels.iter().filter(|&&label| label > 0.5).count();
        let mut evaluation = Self {
            name: task.name.clone(),
            records: labels.len(),
            classes: two_classes.then_some((positives, labels.len() - positives)),
            measures: Vec::new(),
            auroc: None,
            interval: None,
            auprc: None,
            figures: Vec::new(),
            calibration: Vec::new(),
        };
        let curves = if two_classes { Curves::new(scores, labels, seed).ok() } else { None };
        if two_classes {
            evaluation.auroc = auroc(scores, labels).value();
            evaluation.interval = evaluation.auroc.and_then(|_| auroc_interval(scores, labels, LEVEL));
        }
        let measured = measures(loss, task.outputs, scores, labels);
        evaluation.add_measures(loss, &measured, curves.as_ref());
        if let Some(curves) = &curves {
            evaluation.add_curves(curves, positives as f64 / labels.len() as f64);
        }
        if two_classes && curves.is_some() {
            evaluation.figures.extend(histogram(scores, labels, loss != Loss::Squared));
        }
        if loss == Loss::Logistic && curves.is_some() {
            evaluation.calibration = reliability(scores, labels);
            evaluation.figures.push(calibration(&evaluation.calibration));
        }
        if loss == Loss::Squared && !two_classes {
            evaluation.figures.extend(scatter(scores, labels));
        }
        evaluation
    }

    fn add_measures(&mut self, loss: Loss, values: &[Metric], curves: Option<&Curves>) {
        let between = |(low, high): (f64, f64)| format!("{low:.3} to {high:.3}");
        for (name, value) in measure_names(loss).iter().zip(values) {
            let Some(value) = value.value() else { continue };
            let (name, interval, meaning) = match *name {
                "auroc" => (
                    "AUROC",
                    self.interval.map(between),
                    "chance that a random positive scores above a random negative; 0.5 is guessing, 1 is perfect",
                ),
                "auprc" => {
                    self.auprc = Some(value);
                    let interval = curves.map(|curves| between(curves.auprc));
                    ("AUPRC", interval, "mean precision over all recalls; guessing reaches the share of positives")
                }
                "accuracy" => ("Accuracy", None, "share of sequences put into their class"),
                "log_loss" => ("Log loss", None, "mean surprise at the true class, in nats; 0.693 is a coin toss"),
                "mean_squared_error" => ("Mean squared error", None, "mean of the squared differences"),
                "pearson" => ("Pearson", None, "correlation of predicted and measured values"),
                "spearman" => ("Spearman", None, "correlation of their ranks"),
                _ => continue,
            };
            self.measures.push(Measure { name, value: format!("{value:.3}"), interval, meaning });
        }
    }

    fn add_curves(&mut self, curves: &Curves, prevalence: f64) {
        let resamples = count(curves.resamples);
        let area = self.auroc.map(|auroc| format!("AUROC {auroc:.3}. ")).unwrap_or_default();
        let keys = vec![("first", "model"), ("band", "95\u{a0}% interval at each place"), ("guide", "guessing")];
        let mut plot = Plot::new(
            "Receiver operating characteristic",
            format!("True-positive rate against false-positive rate. {area}"),
            Axis::shares("False-positive rate"),
            Axis::shares("True-positive rate"),
        );
        plot.band("first", &curves.roc_band);
        plot.diagonal();
        plot.line("first", &curves.roc);
        let caption = format!("{area}Interval by {resamples} bootstrap resamples.");
        self.figures.push(Figure { title: "ROC curve", svg: plot.svg(), caption, keys: keys.clone() });

        let area = self.auprc.map(|auprc| format!("AUPRC {auprc:.3}. ")).unwrap_or_default();
        let mut plot = Plot::new(
            "Precision and recall",
            format!("Precision against recall. {area}"),
            Axis::shares("Recall"),
            Axis::shares("Precision"),
        );
        plot.band("first", &curves.recall_band);
        plot.level(prevalence);
        plot.line("first", &curves.recall);
        let caption = format!("{area}{:.0} % of the sequences are positive.", 100.0 * prevalence);
        self.figures.push(Figure { title: "Precision–recall curve", svg: plot.svg(), caption, keys });
    }
}

fn histogram(scores: &[f64], labels: &[f64], zero_divides: bool) -> Option<Figure> {
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
        "Scores of both classes",
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

fn calibration(bins: &[ReliabilityBin]) -> Figure {
    let mut plot = Plot::new(
        "Calibration",
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

fn scatter(scores: &[f64], labels: &[f64]) -> Option<Figure> {
    let ((left, right), (low, high)) = (span(scores)?, span(labels)?);
    let mut plot = Plot::new(
        "Predicted and measured values",
        format!("Measured values from {} to {} against predicted ones.", signed(low, 3), signed(high, 3)),
        Axis::linear("Predicted", left, right),
        Axis::linear("Measured", low, high),
    );
    plot.diagonal();
    let every = scores.len().div_ceil(POINTS).max(1);
    scores.iter().zip(labels).step_by(every).for_each(|(&score, &label)| plot.dot("first", (score, label)));
    let shown = scores.len().div_ceil(every);
    let caption = format!("{} of {} sequences are shown.", count(shown), count(scores.len()));
    Some(Figure { title: "Predictions", svg: plot.svg(), caption, keys: vec![("first", "a sequence")] })
}

/// Smallest and largest of some values; `None` where there are none, or one is not finite.
fn span(values: &[f64]) -> Option<(f64, f64)> {
    let finite = !values.is_empty() && values.iter().all(|value| value.is_finite());
    let fold = |of: fn(f64, f64) -> f64| values.iter().copied().reduce(of);
    if finite { Some((fold(f64::min)?, fold(f64::max)?)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(labels: Vec<f64>, scores: Vec<f64>) -> Task {
        Task { name: None, outputs: scores.len() / labels.len().max(1), labels, scores }
    }

    #[test]
    fn what_is_not_defined_is_left_out() {
        let one_class = Evaluation::new(&task(vec![1.0; 4], vec![0.1, 0.2, 0.3, 0.4]), Loss::Logistic, Seed(0));
        assert!(one_class.auroc.is_none() && one_class.figures.is_empty());
        assert!(one_class.measures.iter().all(|measure| measure.name != "AUROC"));
        let empty = Evaluation::new(&task(Vec::new(), Vec::new()), Loss::Squared, Seed(0));
        assert!(empty.measures.is_empty() && empty.figures.is_empty());
        let measured = Evaluation::new(&task(vec![0.5, 2.0, 3.0], vec![0.4, 2.5, 2.0]), Loss::Squared, Seed(0));
        let titles = |evaluation: &Evaluation| evaluation.figures.iter().map(|figure| figure.title).collect::<Vec<_>>();
        assert_eq!(titles(&measured), ["Predictions"]);
        let classes = Evaluation::new(&task(vec![0.0, 1.0, 2.0], vec![0.4; 9]), Loss::Multinomial, Seed(0));
        assert!(classes.figures.is_empty() && classes.measures.len() == 2);
        let both = Evaluation::new(&task(vec![0.0, 1.0, 1.0, 0.0], vec![-1.0, 2.0, 0.1, 0.3]), Loss::Logistic, Seed(0));
        assert_eq!(titles(&both), ["ROC curve", "Precision–recall curve", "Scores", "Calibration"]);
        let hinge = Evaluation::new(&task(vec![0.0, 1.0], vec![-1.0, 2.0]), Loss::SquaredHinge, Seed(0));
        assert_eq!(titles(&hinge), ["ROC curve", "Precision–recall curve", "Scores"]);
    }
}
