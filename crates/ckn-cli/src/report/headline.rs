//! The one number of the summary.

use ckn::core::loss::Loss;

use super::evaluation::Evaluation;
use super::number::{count, signed};

/// A number and what it says: "On `sequences` sequences …, `before` **value** (95 % interval `interval`) `after`".
#[derive(Debug, PartialEq)]
pub struct Headline {
    pub sequences: String,
    pub before: String,
    pub value: String,
    pub interval: Option<String>,
    pub after: String,
}

/// Of a model that was tested; none where the number is not defined.
pub fn headline(evaluations: &[Evaluation], loss: Loss, sequences: usize) -> Option<Headline> {
    let of = |before: &str, value: String, interval: Option<String>, after: String| Headline {
        sequences: count(sequences),
        before: before.to_owned(),
        value,
        interval,
        after,
    };
    let [only] = evaluations else { return tasks(evaluations, loss, sequences) };
    match (loss, only.auroc) {
        (Loss::Multinomial, _) => {
            let accuracy = only.measure("Accuracy")?;
            let largest = only.several.as_ref().and_then(|several| several.largest_share());
            let guess =
                largest.map(|share| format!("; naming the largest class every time would be right for {share}"));
            Some(of(
                "the share that it puts into their class is",
                accuracy.value.clone(),
                accuracy.interval.clone(),
                guess.unwrap_or_default(),
            ))
        }
        (_, Some(auroc)) => Some(of(
            "its AUROC is",
            format!("{auroc:.3}"),
            only.interval.map(|(low, high)| format!("{low:.3} to {high:.3}")),
            format!(
                ": of a positive and a negative sequence drawn at random, it scores the positive one higher about {:.0} times in 100",
                100.0 * auroc
            ),
        )),
        (Loss::Squared, None) => {
            let pearson = only.measure("Pearson")?;
            let after = ", 1 if they were on a line and 0 if they had nothing to do with one another".to_owned();
            let before = "the correlation of predicted with measured values is";
            Some(of(before, pearson.value.clone(), pearson.interval.clone(), after))
        }
        _ => None,
    }
}

/// The mean of several tasks.
fn tasks(evaluations: &[Evaluation], loss: Loss, sequences: usize) -> Option<Headline> {
    let value = |evaluation: &Evaluation| match evaluation.auroc {
        None if loss == Loss::Squared => evaluation.measure("Pearson")?.value.replace('\u{2212}', "-").parse().ok(),
        auroc => auroc,
    };
    let values: Vec<f64> = evaluations.iter().filter_map(value).collect();
    let (lowest, highest) = (values.iter().copied().reduce(f64::min)?, values.iter().copied().reduce(f64::max)?);
    let what = if evaluations.iter().all(|one| one.auroc.is_none()) { "correlation" } else { "AUROC" };
    Some(Headline {
        sequences: count(sequences),
        before: format!("its {what} is"),
        value: signed(values.iter().sum::<f64>() / values.len() as f64, 3),
        interval: None,
        after: format!(
            " on average over {} tasks, from {} to {}",
            count(values.len()),
            signed(lowest, 3),
            signed(highest, 3)
        ),
    })
}
