//! One training of a comparison, and its tests.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::Context;

use crate::reproduce::job::{NOT_CONVERGED, check};

/// Beginning of the names of the test files.
pub(crate) const TEST: &str = "test";

/// The program and what all runs of it share.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) splits: PathBuf,
    pub(crate) threads: usize,
}

/// One training on one set, or on several tasks.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// Side of the comparison.
    pub(crate) variant: usize,
    pub(crate) label: String,
    pub(crate) options: Vec<String>,
    /// Names and folders of the tasks: one, or several.
    pub(crate) tasks: Vec<(&'static str, &'static str)>,
    /// Beginning of the names of the training files.
    pub(crate) prefix: &'static str,
    pub(crate) seed: u64,
}

/// A training that came to its end.
#[derive(Debug)]
pub(crate) struct Trained {
    pub(crate) seconds: f64,
    /// What it printed.
    pub(crate) table: String,
}

/// AUROC of each task, and seconds of training.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measured {
    pub(crate) aurocs: Vec<f64>,
    pub(crate) seconds: f64,
}

impl Run {
    /// Trains, tests, and removes the model.
    pub(crate) fn measure(&self, program: &Program) -> anyhow::Result<Measured> {
        let (trained, aurocs) = self.train_and_test(program)?;
        Ok(Measured { aurocs, seconds: trained.seconds })
    }

    /// The same, with what the training says of itself.
    pub(crate) fn train_and_test(&self, program: &Program) -> anyhow::Result<(Trained, Vec<f64>)> {
        let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
        let model = scratch.path().join("model.ckn");
        let trained = self.train(program, &model)?;
        let mut evaluate = Command::new(&program.path);
        let tested = evaluate.arg("evaluate").arg(&model).args(self.data(program, TEST)).output()?;
        check(&tested).with_context(|| format!("test of {self}"))?;
        let table = String::from_utf8_lossy(&tested.stdout);
        let aurocs = column(&table, "auroc").with_context(|| format!("test of {self}: no AUROC in\n{table}"))?;
        Ok((trained, aurocs))
    }

    /// Trains a model.
    pub(crate) fn train(&self, program: &Program, model: &Path) -> anyhow::Result<Trained> {
        let mut train = Command::new(&program.path);
        train.arg("train").args(self.data(program, self.prefix)).args(&self.options);
        train.args(["--seed", &self.seed.to_string(), "--threads", &program.threads.to_string(), "--quiet", "--out"]);
        let started = Instant::now();
        let output = train.arg(model).output().with_context(|| format!("cannot start {}", program.path.display()))?;
        let seconds = started.elapsed().as_secs_f64();
        if output.status.code() != Some(NOT_CONVERGED) {
            check(&output).with_context(|| format!("training of {self}"))?;
        }
        Ok(Trained { seconds, table: String::from_utf8_lossy(&output.stdout).into_owned() })
    }

    /// The options that give the data; names are not unique in sets that were put together.
    pub(crate) fn data(&self, program: &Program, prefix: &str) -> Vec<String> {
        let file = |folder: &str, class: &str| {
            program.splits.join(folder).join(format!("{prefix}_{class}.fa.gz")).display().to_string()
        };
        match self.tasks.as_slice() {
            [(_, folder)] => vec!["--pos".into(), file(folder, "pos"), "--neg".into(), file(folder, "neg")],
            tasks => tasks
                .iter()
                .flat_map(|(name, folder)| {
                    ["--task".into(), format!("{name}={},{}", file(folder, "pos"), file(folder, "neg"))]
                })
                .chain(["--allow-duplicates".into()])
                .collect(),
        }
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.tasks.iter().map(|(name, _)| *name).collect();
        write!(out, "{}, {}, seed {}", names.join(" + "), self.label, self.seed)
    }
}

impl std::fmt::Display for Measured {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let aurocs: Vec<String> = self.aurocs.iter().map(|auroc| format!("{auroc:.4}")).collect();
        write!(out, "AUROC {}, {:.1} s", aurocs.join(" "), self.seconds)
    }
}

/// The numbers of a column of a TSV with a header.
pub(crate) fn column(table: &str, name: &str) -> Option<Vec<f64>> {
    let mut lines = table.lines();
    let at = lines.next()?.split('\t').position(|column| column == name)?;
    lines.map(|line| line.split('\t').nth(at)?.parse().ok().filter(|value: &f64| value.is_finite())).collect()
}

#[cfg(test)]
mod tests {
    use super::column;

    #[test]
    fn a_column_is_found_by_its_name() {
        assert_eq!(column("task\tauroc\na\t0.5\nb\t0.75\n", "auroc"), Some(vec![0.5, 0.75]));
        assert_eq!(column("task\tauroc\na\tNA\n", "auroc"), None);
        assert_eq!(column("task\n", "auroc"), None);
    }
}
