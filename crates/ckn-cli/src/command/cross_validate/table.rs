//! What was measured on each fold, and over all.

use std::io::Write;

use ckn::bio::LabelledSequences;
use ckn::core::loss::Loss;
use ckn::core::metrics::{Metric, measure_names, measures};

use crate::output::{cells, write_results};

/// One task of one fold.
pub struct Row {
    fold: usize,
    task: Option<String>,
    records: usize,
    /// Of two classes.
    positives: Option<usize>,
    values: Vec<Metric>,
    seconds: f64,
}

impl Row {
    /// The rows of a fold, one for each task.
    ///
    /// # Shapes
    /// scores `[sequences, outputs]`: as many outputs as tasks, or as classes.
    pub fn of_fold(fold: usize, loss: Loss, data: &LabelledSequences, scores: &[f64], seconds: f64) -> Vec<Self> {
        let row = |task: usize| {
            let labels: Vec<f64> = data.known_labels(task).collect();
            let outputs = scores.len() / data.sequences().len().max(1);
            let values = match loss {
                Loss::Multinomial => measures(loss, outputs, scores, &labels),
                _ => {
                    let of_task = scores.iter().skip(task).step_by(data.task_count());
                    let all = data.labels().iter().skip(task).step_by(data.task_count());
                    let known = of_task.zip(all).filter(|(_, label)| !label.is_nan());
                    measures(loss, 1, &known.map(|(score, _)| *score).collect::<Vec<_>>(), &labels)
                }
            };
            let two_classes = matches!(loss, Loss::Logistic | Loss::SquaredHinge);
            let positives = two_classes.then(|| labels.iter().filter(|&&label| label > 0.5).count());
            let (task, records) = (data.tasks().get(task).cloned(), labels.len());
            Self { fold, task, records, positives, values, seconds }
        };
        (0..data.task_count()).map(row).collect()
    }
}

/// Prints the rows, and the mean and the standard deviation over folds, for each task.
pub fn write(loss: Loss, rows: &[Row]) -> anyhow::Result<()> {
    write_results(None, false, |out| write_rows(out, loss, rows))
}

fn write_rows(out: &mut dyn Write, loss: Loss, rows: &[Row]) -> anyhow::Result<()> {
    let cell = |task: &Option<String>| task.as_ref().map(|task| format!("\t{task}")).unwrap_or_default();
    let task_column = if rows.iter().any(|row| row.task.is_some()) { "\ttask" } else { "" };
    writeln!(out, "fold{task_column}\trecords\tpositives\tnegatives\t{}\tseconds", measure_names(loss).join("\t"))?;
    for row in rows {
        let (positives, negatives) = match row.positives {
            Some(positives) => (positives.to_string(), (row.records - positives).to_string()),
            None => ("NA".to_owned(), "NA".to_owned()),
        };
        let (fold, task, records) = (row.fold, cell(&row.task), row.records);
        writeln!(out, "{fold}{task}\t{records}\t{positives}\t{negatives}\t{}\t{:.1}", cells(&row.values), row.seconds)?;
    }
    let tasks: Vec<&Option<String>> =
        rows.iter().take_while(|row| row.fold == rows[0].fold).map(|row| &row.task).collect();
    for task in tasks {
        let of_task: Vec<&Row> = rows.iter().filter(|row| row.task == *task).collect();
        let moments = |at: usize| moments(of_task.iter().filter_map(|row| row.values[at].value()).collect());
        let (means, deviations): (Vec<_>, Vec<_>) = (0..measure_names(loss).len()).map(moments).unzip();
        let (seconds, spread) = moments_of_seconds(&of_task);
        for (name, values, seconds) in [("mean", means, seconds), ("sd", deviations, spread)] {
            let seconds = seconds.map_or_else(|| "NA".to_owned(), |seconds| format!("{seconds:.1}"));
            writeln!(out, "{name}{}\tNA\tNA\tNA\t{}\t{seconds}", cell(task), cells(&values))?;
        }
    }
    Ok(())
}

fn moments_of_seconds(rows: &[&Row]) -> (Option<f64>, Option<f64>) {
    moments(rows.iter().map(|row| row.seconds).collect())
}

/// Mean and standard deviation (of a sample), where there are enough values.
fn moments(values: Vec<f64>) -> (Option<f64>, Option<f64>) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    ((count > 0.0).then_some(mean), (count > 1.0).then(|| (squares / (count - 1.0)).sqrt()))
}
