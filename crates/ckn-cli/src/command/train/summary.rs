//! What a training prints.

use std::io::Write;
use std::path::Path;

use ckn::core::loss::Loss;
use ckn::train::EpochRecord;

use crate::input::TrainingSet;

/// Writes the summary: a table of one row, or one for each task.
pub fn write_summary(
    out: &mut dyn Write,
    path: &Path,
    (epochs, kept): (&[EpochRecord], usize),
    data: &TrainingSet,
    loss: Loss,
    seconds: f64,
) -> anyhow::Result<()> {
    let cell = |value: Option<String>| value.unwrap_or_else(|| "NA".to_owned());
    let best = epochs.get(kept);
    let column = if data.tasks.is_empty() { "" } else { "task\t" };
    writeln!(
        out,
        "model\t{column}records\tpositives\tnegatives\tbest_epoch\tvalidation_loss\tvalidation_auroc\tseconds"
    )?;
    for task in 0..data.task_count() {
        let records = data.labels_of(task).count();
        let positives = data.labels_of(task).filter(|&label| label > 0.5).count();
        // Measurements have no classes, and several classes no positives.
        let two_classes = matches!(loss, Loss::Logistic | Loss::SquaredHinge);
        let count = |records: usize| cell(two_classes.then(|| records.to_string()));
        let auroc = match data.tasks.is_empty() {
            true => best.and_then(|epoch| epoch.validation_auroc),
            false => best.and_then(|epoch| epoch.task_aurocs.get(task).copied().flatten()),
        };
        writeln!(
            out,
            "{}\t{}{records}\t{}\t{}\t{}\t{}\t{}\t{seconds:.1}",
            path.display(),
            data.tasks.get(task).map(|name| format!("{name}\t")).unwrap_or_default(),
            count(positives),
            count(records - positives),
            kept,
            cell(best.map(|epoch| format!("{:.4}", epoch.validation_loss))),
            cell(auroc.map(|auroc| format!("{auroc:.4}"))),
        )?;
    }
    Ok(())
}
