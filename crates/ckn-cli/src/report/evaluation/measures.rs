//! The measures of a task, in words, with 95 % intervals: the numbers of `ckn evaluate`, and of measurements intervals by resampling.

use std::borrow::Cow;

use ckn::core::loss::Loss;
use ckn::core::metrics::{mean_squared_error, measure_names, measures, pearson, spearman};

use crate::quoted;

/// A number, what it is called and what it says.
pub struct Measure {
    pub name: &'static str,
    pub value: String,
    pub interval: Option<String>,
    pub meaning: Cow<'static, str>,
}

/// All measures, and those that are asked for as numbers.
pub struct Measured {
    pub measures: Vec<Measure>,
    /// How the intervals were made.
    pub intervals: &'static str,
    pub auroc: Option<f64>,
    /// 95 % interval of the AUROC.
    pub interval: Option<(f64, f64)>,
    pub auprc: Option<f64>,
}

/// Measures scores; what is not defined is left out.
///
/// # Shapes
/// scores `[sequences, outputs]`, labels `[sequences]`.
pub fn of(loss: Loss, outputs: usize, scores: &[f64], labels: &[f64]) -> Measured {
    let known: Vec<(&str, f64)> = measure_names(loss)
        .iter()
        .zip(measures(loss, outputs, scores, labels))
        .filter_map(|(name, value)| Some((*name, value.value()?)))
        .collect();
    let mut measured = Measured { measures: Vec::new(), intervals: "", auroc: None, interval: None, auprc: None };
    let value_of = |wanted: &str| known.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
    (measured.auroc, measured.auprc) = (value_of("auroc"), value_of("auprc"));
    let mut intervals: Vec<(&str, Option<(f64, f64)>)> = Vec::new();
    let mut more: Vec<(&str, Option<f64>)> = Vec::new();
    match loss {
        Loss::Multinomial => {
            let ([low, high, mean], _) = quoted::classes(outputs, scores, labels);
            intervals.push(("accuracy", low.zip(high)));
            more.push(("auroc_macro", mean));
            measured.intervals = "Interval: Wilson's.";
        }
        Loss::Squared => {
            let [low, high, ..] = quoted::measurements(scores, labels);
            measured.interval = measured.auroc.and(low.zip(high));
            intervals.push(("auroc", measured.interval));
            intervals.push(("mean_squared_error", quoted::resampled(scores, labels, mean_squared_error)));
            intervals.push(("pearson", quoted::resampled(scores, labels, pearson)));
            intervals.push(("spearman", quoted::resampled(scores, labels, spearman)));
            measured.intervals = "Intervals: percentiles of bootstrap resamples of the sequences.";
        }
        _ => {
            let [low, high, least, most, fewest, highest, mcc] = quoted::two_classes(scores, labels);
            measured.interval = measured.auroc.and(low.zip(high));
            intervals.push(("auroc", measured.interval));
            intervals.push(("auprc", least.zip(most)));
            intervals.push(("accuracy", fewest.zip(highest)));
            more.push(("mcc", mcc));
            measured.intervals = "Intervals: DeLong's of the AUROC, percentiles of bootstrap resamples of the AUPRC, Wilson's of the accuracy.";
        }
    }
    let interval_of = |wanted: &str| intervals.iter().find(|(name, _)| *name == wanted).and_then(|(_, ends)| *ends);
    let all = known.iter().copied().chain(more.into_iter().filter_map(|(name, value)| Some((name, value?))));
    measured.measures = all
        .filter_map(|(measure, value)| {
            let (name, meaning) = in_words(measure, outputs)?;
            let interval = interval_of(measure).map(|(low, high)| format!("{} to {}", decimals(low), decimals(high)));
            Some(Measure { name, value: decimals(value), interval, meaning })
        })
        .collect();
    measured
}

/// Three decimals, the true minus.
fn decimals(value: f64) -> String {
    super::super::number::signed(value, 3)
}

/// What a measure is called, and what it says.
fn in_words(measure: &str, classes: usize) -> Option<(&'static str, Cow<'static, str>)> {
    let (name, meaning) = match measure {
        "auroc" => {
            ("AUROC", "chance that a random positive scores above a random negative; 0.5 is guessing, 1 is perfect")
        }
        "auprc" => ("AUPRC", "mean precision over all recalls; guessing reaches the share of positives"),
        "accuracy" => ("Accuracy", "share of sequences put into their class"),
        "log_loss" => {
            let guess = (classes.max(2) as f64).ln();
            let what = if classes > 2 { "is a guess among all classes alike" } else { "is a coin toss" };
            return Some(("Log loss", format!("mean surprise at the true class, in nats; {guess:.3} {what}").into()));
        }
        "auroc_macro" => (
            "Mean AUROC",
            "of each class against the rest: chance that a random sequence of the class is given a higher probability of it than a random other",
        ),
        "mcc" => ("MCC", "correlation of true and predicted class (Matthews); 0 is guessing, 1 is perfect"),
        "mean_squared_error" => ("Mean squared error", "mean of the squared differences"),
        "pearson" => ("Pearson", "correlation of predicted and measured values"),
        "spearman" => ("Spearman", "correlation of their ranks"),
        _ => return None,
    };
    Some((name, meaning.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_are_those_of_evaluate_with_intervals() {
        // 2 of 3 positives and 2 of 3 negatives on their side.
        let of_classes = of(Loss::Logistic, 1, &[2.0, 1.0, -1.0, 3.0, -2.0, -3.0], &[1.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
        let get = |name: &str| of_classes.measures.iter().find(|measure| measure.name == name).unwrap();
        // Wilson's interval of 4 of 6.
        assert_eq!(
            (get("Accuracy").value.as_str(), get("Accuracy").interval.as_deref()),
            ("0.667", Some("0.300 to 0.903"))
        );
        assert_eq!((get("MCC").value.as_str(), get("AUROC").value.as_str()), ("0.333", "0.667"));
        assert!(get("AUROC").interval.is_some() && get("AUPRC").interval.is_some() && get("MCC").interval.is_none());
        let line: Vec<f64> = (0..50).map(f64::from).collect();
        let shifted: Vec<f64> = line.iter().map(|value| 1.0 - 2.0 * value).collect();
        let of_values = of(Loss::Squared, 1, &line, &shifted);
        let get = |name: &str| of_values.measures.iter().find(|measure| measure.name == name).unwrap();
        for name in ["Pearson", "Spearman"] {
            assert_eq!((get(name).value.as_str(), get(name).interval.as_deref()), ("−1.000", Some("−1.000 to −1.000")));
        }
        assert!(get("Mean squared error").interval.is_some());
        assert!(of_values.measures.iter().all(|measure| measure.name != "AUROC"));
    }
}
