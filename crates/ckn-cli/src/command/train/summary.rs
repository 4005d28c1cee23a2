//! What a training prints.

use std::io::Write;
use std::path::Path;

use ckn::bio::LabelledSequences;
use ckn::core::loss::Loss;
use ckn::train::auto::AutoTrial;
use ckn::train::{EpochRecord, PenaltyTrial};

use crate::command::recipe::Chosen;

/// What sequences that were left out said of a model.
#[derive(Debug, Default)]
pub struct Judged<'a> {
    epoch: Option<usize>,
    loss: Option<f64>,
    auroc: Option<f64>,
    task_aurocs: &'a [Option<f64>],
}

impl<'a> Judged<'a> {
    /// Of the epoch that was kept.
    pub fn by_epoch(epochs: &'a [EpochRecord], kept: usize) -> Self {
        epochs.get(kept).map_or_else(Self::default, |epoch| Self {
            epoch: Some(kept),
            loss: Some(epoch.validation_loss),
            auroc: epoch.validation_auroc,
            task_aurocs: &epoch.task_aurocs,
        })
    }

    /// Of the penalty that was chosen.
    pub fn by_penalty(trial: &'a PenaltyTrial) -> Self {
        Self { epoch: None, loss: Some(trial.loss), auroc: trial.auroc, task_aurocs: &trial.task_aurocs }
    }
}

/// Writes the summary: a table of one row, or one for each task.
pub fn write_summary(
    out: &mut dyn Write,
    path: &Path,
    judged: Judged<'_>,
    data: &LabelledSequences,
    loss: Loss,
    seconds: f64,
) -> anyhow::Result<()> {
    let cell = |value: Option<String>| value.unwrap_or_else(|| "NA".to_owned());
    let column = if data.tasks().is_empty() { "" } else { "task\t" };
    writeln!(
        out,
        "model\t{column}records\tpositives\tnegatives\tbest_epoch\tvalidation_loss\tvalidation_auroc\tseconds"
    )?;
    for task in 0..data.task_count() {
        let records = data.known_labels(task).count();
        let positives = data.known_labels(task).filter(|&label| label > 0.5).count();
        // Measurements have no classes, and several classes no positives.
        let two_classes = matches!(loss, Loss::Logistic | Loss::SquaredHinge);
        let count = |records: usize| cell(two_classes.then(|| records.to_string()));
        let auroc = match data.tasks().is_empty() {
            true => judged.auroc,
            false => judged.task_aurocs.get(task).copied().flatten(),
        };
        writeln!(
            out,
            "{}\t{}{records}\t{}\t{}\t{}\t{}\t{}\t{seconds:.1}",
            path.display(),
            data.tasks().get(task).map(|name| format!("{name}\t")).unwrap_or_default(),
            count(positives),
            count(records - positives),
            cell(judged.epoch.map(|epoch| epoch.to_string())),
            cell(judged.loss.map(|loss| format!("{loss:.4}"))),
            cell(auroc.map(|auroc| format!("{auroc:.4}"))),
        )?;
    }
    Ok(())
}

/// Writes the trials of a search.
pub fn write_trials(out: &mut dyn Write, trials: &[AutoTrial]) -> anyhow::Result<()> {
    writeln!(out, "trial\tcandidate\tpenalty\tauroc\tauroc_sd\tseconds\tchosen\tfolds")?;
    for AutoTrial { trial, candidate, penalty, auroc, auroc_sd, seconds, chosen, folds } in trials {
        let penalty = penalty.map_or_else(|| "NA".to_owned(), |penalty| penalty.to_string());
        let chosen = if *chosen { "yes" } else { "no" };
        writeln!(out, "{trial}\t{candidate}\t{penalty}\t{auroc:.6}\t{auroc_sd:.6}\t{seconds:.1}\t{chosen}\t{folds}")?;
    }
    Ok(())
}

/// Writes the summary of a search: a table of one row.
pub fn write_chosen(
    out: &mut dyn Write,
    path: &Path,
    chosen: &Chosen,
    data: &LabelledSequences,
    seconds: f64,
) -> anyhow::Result<()> {
    let records = data.sequences().len();
    let positives = data.known_labels(0).filter(|&label| label > 0.5).count();
    let (negatives, trials) = (records - positives, chosen.trials.len());
    let members = chosen.trials.iter().filter(|trial| trial.chosen).count();
    let (path, auroc) = (path.display(), chosen.auroc);
    writeln!(out, "model\trecords\tpositives\tnegatives\ttrials\tmembers\tvalidation_auroc\tseconds")?;
    writeln!(out, "{path}\t{records}\t{positives}\t{negatives}\t{trials}\t{members}\t{auroc:.4}\t{seconds:.1}")?;
    Ok(())
}
