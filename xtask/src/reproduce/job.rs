//! One training and its test.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::targets::{Row, Setting};

/// Exit status of a training that did not converge, but wrote its model.
pub(crate) const NOT_CONVERGED: i32 = 5;

/// The program and what all runs of it share.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) splits: PathBuf,
    pub(crate) regularisation: String,
    pub(crate) engine: String,
    pub(crate) threads: usize,
}

/// A cell of the table under one seed.
#[derive(Debug)]
pub(crate) struct Job<'a> {
    pub(crate) row: usize,
    pub(crate) column: usize,
    pub(crate) set: &'a Row,
    pub(crate) setting: &'a Setting,
    pub(crate) seed: u64,
}

/// What came out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    pub(crate) auroc: f64,
    pub(crate) converged: bool,
    /// Wall-clock time of the training.
    pub(crate) training: Duration,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let remark = if self.converged { "" } else { ", did not converge" };
        write!(out, "AUROC {:.4}, {:.1} s{remark}", self.auroc, self.training.as_secs_f64())
    }
}

impl Job<'_> {
    /// Trains, tests, and removes the model.
    pub(crate) fn run(&self, program: &Program, prefix: &str) -> anyhow::Result<Outcome> {
        let folder = program.splits.join(self.set.folder);
        let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
        let model = scratch.path().join("model.ckn");
        let started = Instant::now();
        let trained = Command::new(&program.path)
            .arg("train")
            .arg("--pos")
            .arg(folder.join(format!("{prefix}_pos.fa.gz")))
            .arg("--neg")
            .arg(folder.join(format!("{prefix}_neg.fa.gz")))
            .args(["--regularisation", &program.regularisation, "--engine", &program.engine])
            .args(["--pooling", self.setting.pooling, "--l2", self.setting.l2])
            .args(["--seed", &self.seed.to_string(), "--threads", &program.threads.to_string()])
            .arg("--out")
            .arg(&model)
            .output()
            .with_context(|| format!("cannot start {}", program.path.display()))?;
        let training = started.elapsed();
        let converged = trained.status.code() != Some(NOT_CONVERGED);
        if converged {
            check(&trained).with_context(|| format!("training of {self}"))?;
        }
        let tested = Command::new(&program.path)
            .arg("evaluate")
            .arg(&model)
            .arg("--pos")
            .arg(folder.join("test_pos.fa.gz"))
            .arg("--neg")
            .arg(folder.join("test_neg.fa.gz"))
            .output()?;
        check(&tested).with_context(|| format!("test of {self}"))?;
        let table = String::from_utf8_lossy(&tested.stdout);
        let auroc = cell(&table, "auroc")
            .with_context(|| format!("test of {self}: no number in column `auroc` of\n{table}"))?;
        Ok(Outcome { auroc, converged, training })
    }
}

impl std::fmt::Display for Job<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}, {}, seed {}", self.set.name, self.setting.label, self.seed)
    }
}

pub(crate) fn check(output: &Output) -> anyhow::Result<()> {
    if !output.status.success() {
        bail!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim_end());
    }
    Ok(())
}

/// The number of a column in the first row of a TSV with a header.
fn cell(table: &str, column: &str) -> Option<f64> {
    let mut lines = table.lines();
    let at = lines.next()?.split('\t').position(|name| name == column)?;
    lines.next()?.split('\t').nth(at)?.parse().ok().filter(|value: &f64| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_cell_is_found_by_the_name_of_its_column() {
        let table = "records\tauroc\tauprc\n1000\t0.9187\t0.91\n";
        assert_eq!(cell(table, "auroc"), Some(0.9187));
        assert_eq!(cell(table, "accuracy"), None);
        assert_eq!(cell("auroc\nNA\n", "auroc"), None);
        assert_eq!(cell("auroc\n", "auroc"), None);
        assert_eq!(cell("", "auroc"), None);
    }
}
