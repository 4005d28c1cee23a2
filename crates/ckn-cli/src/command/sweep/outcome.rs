//! What became of a row, in a file of its own: what makes a sweep resumable.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::manifest::Row;
use crate::output::write_results;

/// Columns of numbers of the table of results, in its order.
const MEASURES: [&str; 9] = [
    "records",
    "validation_auroc",
    "test_auroc",
    "test_auprc",
    "test_accuracy",
    "test_log_loss",
    "test_mean_squared_error",
    "test_pearson",
    "seconds",
];

/// Longest record that is read, in bytes.
const LONGEST: u64 = 16 << 20;

/// Whether a row ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Done,
    Failed,
}

/// The record of a row: `NAME.row.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Outcome {
    /// The cells that it ran with.
    pub cells: BTreeMap<String, String>,
    pub status: Status,
    /// What the failed command said last.
    pub message: String,
    /// Numbers of the table of results, by column.
    pub measures: BTreeMap<String, f64>,
}

impl Outcome {
    /// The file of a row.
    pub fn path(folder: &Path, row: &Row) -> PathBuf {
        folder.join(format!("{}.row.json", row.name))
    }

    /// What became of a row, if it ran with the cells that it has now, and what it made is still there.
    pub fn load(folder: &Path, row: &Row) -> Option<Self> {
        let path = Self::path(folder, row);
        // A pipe would be waited for.
        fs::metadata(&path).ok().filter(|status| status.is_file() && status.len() <= LONGEST)?;
        let outcome: Self = serde_json::from_str(&fs::read_to_string(path).ok()?).ok()?;
        let there = outcome.status == Status::Failed || model_of(folder, row).is_file();
        (outcome.cells == row.cells && there).then_some(outcome)
    }

    pub fn save(&self, folder: &Path, row: &Row) -> anyhow::Result<()> {
        write_results(Some(&Self::path(folder, row)), true, |out| {
            serde_json::to_writer_pretty(&mut *out, self)?;
            Ok(writeln!(out)?)
        })
    }
}

/// The model of a row.
pub fn model_of(folder: &Path, row: &Row) -> PathBuf {
    folder.join(format!("{}.ckn", row.name))
}

/// Numbers of a table that a command printed: the mean over its rows of each column.
pub fn measures_of(table: &str, prefix: &str, into: &mut BTreeMap<String, f64>) {
    let mut lines = table.lines();
    let Some(header) = lines.next() else { return };
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split('\t').collect()).collect();
    for (at, column) in header.split('\t').enumerate() {
        let name = format!("{prefix}{column}");
        let values: Vec<f64> =
            rows.iter().filter_map(|row| row.get(at)?.parse().ok()).filter(|value: &f64| value.is_finite()).collect();
        if MEASURES.contains(&name.as_str()) && !values.is_empty() {
            into.insert(name, values.iter().sum::<f64>() / values.len() as f64);
        }
    }
}

/// Writes the table of results: name, status, the numbers that any row has, message.
pub fn write_table(out: &mut dyn Write, rows: &[Row], outcomes: &[Option<Outcome>]) -> anyhow::Result<()> {
    let of_any = |measure: &&&str| outcomes.iter().flatten().any(|outcome| outcome.measures.contains_key(**measure));
    let measures: Vec<&&str> = MEASURES.iter().filter(of_any).collect();
    let names: String = measures.iter().map(|measure| format!("\t{measure}")).collect();
    writeln!(out, "name\tstatus{names}\tmessage")?;
    for (row, outcome) in rows.iter().zip(outcomes) {
        let status = match outcome.as_ref().map(|outcome| outcome.status) {
            Some(Status::Done) => "done",
            Some(Status::Failed) => "failed",
            None => "open",
        };
        write!(out, "{}\t{status}", row.name)?;
        for measure in &measures {
            match outcome.as_ref().and_then(|outcome| outcome.measures.get(**measure)) {
                Some(value) => write!(out, "\t{value}")?,
                None => write!(out, "\tNA")?,
            }
        }
        writeln!(out, "\t{}", outcome.as_ref().map_or("", |outcome| outcome.message.as_str()))?;
    }
    Ok(())
}
