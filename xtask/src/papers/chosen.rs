//! A setting that is chosen on the training sequences that are held out, set by set.

use std::collections::BTreeMap;

use anyhow::Context;

use super::cache::Entry;
use crate::compare::plan::Trainings;
use crate::compare::runs::{Measured, Program, Run, column};
use crate::compare::statistics::mean;

/// Name of what is measured.
pub(crate) const QUANTITY: &str = "validation loss and auroc";

/// Trains and tests: the lowest validation loss, and the test AUROC.
pub(crate) fn measure(run: &Run, program: &Program) -> anyhow::Result<Entry> {
    let (trained, aurocs) = run.train_and_test(program)?;
    let losses = column(&trained.table, "validation_loss");
    let losses = losses.with_context(|| format!("training of {run}: no validation_loss in\n{}", trained.table))?;
    Ok(Entry { seconds: trained.seconds, values: [losses, aurocs].concat() })
}

/// The AUROC alone.
pub(crate) fn measured(entry: &Entry) -> Option<Measured> {
    let [_, auroc] = entry.values[..] else { return None };
    Some(Measured { aurocs: vec![auroc], seconds: entry.seconds })
}

/// The mean AUROC of what is chosen for each set and seed of which all sides are measured, in a sentence.
pub(crate) fn said(trainings: &Trainings, entries: &[Option<Entry>]) -> Option<String> {
    let mut candidates: BTreeMap<(&str, u64), Vec<[f64; 2]>> = BTreeMap::new();
    for (run, entry) in trainings.runs.iter().zip(entries) {
        let Some([loss, auroc]) = entry.as_ref().map(|entry| entry.values.as_slice()) else { continue };
        candidates.entry((run.tasks[0].0, run.seed)).or_default().push([*loss, *auroc]);
    }
    let whole = candidates.values().filter(|results| results.len() == trainings.sides.len());
    let best = whole.filter_map(|results| results.iter().min_by(|a, b| a[0].total_cmp(&b[0])));
    let aurocs: Vec<f64> = best.map(|[_, auroc]| *auroc).collect();
    let all = aurocs.len();
    (all > 0).then(|| format!("Chosen by validation loss for each of {all} sets and seeds: {:.4}.", mean(&aurocs)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::experiments::{Comparison, Mode};
    use crate::compare::network::Pooling;
    use crate::compare::plan::Plan;

    #[test]
    fn the_side_of_the_lowest_loss_counts_where_all_sides_are_there() {
        let (mode, pooling) = (Mode::Top, Pooling::Mean);
        let plan = Plan { comparison: Comparison::Filters, mode, pooling, calibrations: 0, seeds: 1 };
        let trainings = plan.trainings(|name| name.starts_with("USF1")).unwrap();
        let entry = |loss: f64, auroc: f64| Some(Entry { seconds: 1.0, values: vec![loss, auroc] });
        let entries = [entry(0.5, 0.75), entry(0.4, 0.7), entry(0.3, 0.9), None];
        let sentence = said(&trainings, &entries).unwrap();
        assert_eq!(sentence, "Chosen by validation loss for each of 1 sets and seeds: 0.7000.");
        assert_eq!(said(&trainings, &[None, None, None, None]), None);
    }
}
