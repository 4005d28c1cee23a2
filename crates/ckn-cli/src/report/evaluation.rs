//! How well a model does on one task: numbers and plots.

mod classes;
mod measurements;
mod measures;
mod two_classes;

use ckn::core::loss::Loss;
use ckn::core::metrics::ReliabilityBin;
use ckn::core::seed::Seed;

pub use self::classes::SeveralClasses;
pub use self::measures::Measure;
use super::Name;
use super::figure::Figure;
use super::tested::Task;

/// How well a model does on one task.
pub struct Evaluation {
    pub name: Option<Name>,
    pub records: usize,
    /// Positives and negatives, where there are two classes.
    pub classes: Option<(usize, usize)>,
    pub measures: Vec<Measure>,
    /// How the intervals of the measures were made.
    pub intervals: &'static str,
    pub auroc: Option<f64>,
    /// 95 % interval of the AUROC.
    pub interval: Option<(f64, f64)>,
    pub auprc: Option<f64>,
    pub figures: Vec<Figure>,
    pub calibration: Vec<ReliabilityBin>,
    pub several: Option<SeveralClasses>,
}

/// How much of a task is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Numbers alone: a page of very many tasks has a row for each.
    Numbers,
    /// Numbers and plots.
    All,
}

impl Evaluation {
    /// Measures the scores of one task; the seed is that of the bands of its curves.
    pub fn new(task: &Task, loss: Loss, seed: Seed, depth: Depth) -> Self {
        let (scores, labels) = (task.scores.as_slice(), task.labels.as_slice());
        let two_classes = loss != Loss::Multinomial && labels.iter().all(|&label| label == 0.0 || label == 1.0);
        let positives = labels.iter().filter(|&&label| label > 0.5).count();
        let measures::Measured { measures, intervals, auroc, interval, auprc } =
            measures::of(loss, task.outputs, scores, labels);
        let mut evaluation = Self {
            name: task.name.clone(),
            records: labels.len(),
            classes: two_classes.then_some((positives, labels.len() - positives)),
            measures,
            intervals,
            auroc,
            interval,
            auprc,
            figures: Vec::new(),
            calibration: Vec::new(),
            several: None,
        };
        if depth == Depth::Numbers {
            return evaluation;
        }
        if two_classes {
            let shown = two_classes::Shown::new(task, loss, seed);
            (evaluation.figures, evaluation.calibration) = (shown.figures, shown.calibration);
        } else if loss == Loss::Squared {
            evaluation.figures = measurements::figures(task.name.as_ref(), scores, labels);
        } else {
            evaluation.several = SeveralClasses::new(task, seed);
        }
        evaluation
    }

    /// A measure by its name.
    pub fn measure(&self, name: &str) -> Option<&Measure> {
        self.measures.iter().find(|measure| measure.name == name)
    }
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
        let outputs = scores.len() / labels.len().max(1);
        Task {
            name: None,
            classes: Vec::new(),
            place: 0,
            records: (0..labels.len()).collect(),
            outputs,
            labels,
            scores,
        }
    }

    fn evaluated(labels: Vec<f64>, scores: Vec<f64>, loss: Loss) -> Evaluation {
        Evaluation::new(&task(labels, scores), loss, Seed(0), Depth::All)
    }

    #[test]
    fn what_is_not_defined_is_left_out() {
        let one_class = evaluated(vec![1.0; 4], vec![0.1, 0.2, 0.3, 0.4], Loss::Logistic);
        assert!(one_class.auroc.is_none() && one_class.figures.is_empty());
        assert!(one_class.measure("AUROC").is_none() && one_class.measure("Accuracy").is_some());
        let empty = evaluated(Vec::new(), Vec::new(), Loss::Squared);
        assert!(empty.measures.is_empty() && empty.figures.is_empty());
        let titles = |evaluation: &Evaluation| evaluation.figures.iter().map(|figure| figure.title).collect::<Vec<_>>();
        let measured = evaluated(vec![0.5, 2.0, 3.0], vec![0.4, 2.5, 2.0], Loss::Squared);
        assert_eq!(titles(&measured), ["Predictions", "Errors"]);
        let both = evaluated(vec![0.0, 1.0, 1.0, 0.0], vec![-1.0, 2.0, 0.1, 0.3], Loss::Logistic);
        assert_eq!(titles(&both), ["ROC curve", "Precision–recall curve", "Scores", "Calibration"]);
        let hinge = evaluated(vec![0.0, 1.0], vec![-1.0, 2.0], Loss::SquaredHinge);
        assert_eq!(titles(&hinge), ["ROC curve", "Precision–recall curve", "Scores"]);
        let numbers = Evaluation::new(&task(vec![0.0, 1.0], vec![-1.0, 2.0]), Loss::Logistic, Seed(0), Depth::Numbers);
        assert!(numbers.figures.is_empty() && numbers.auroc == Some(1.0));
    }

    #[test]
    fn classes_have_a_matrix_and_measures_of_their_own() {
        let classes = evaluated(vec![0.0, 1.0, 2.0], vec![0.4; 9], Loss::Multinomial);
        assert!(classes.figures.is_empty() && classes.several.is_some());
        let names: Vec<&str> = classes.measures.iter().map(|measure| measure.name).collect();
        assert_eq!(names, ["Accuracy", "Log loss", "Mean AUROC"]);
        // Equal scores are a guess: the logarithm of three classes.
        assert_eq!(classes.measures[1].value, "1.099");
        assert!(classes.measures[1].meaning.contains("1.099"));
    }
}
