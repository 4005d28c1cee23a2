//! Whether two builds of the program do the same: many commands on specimens, every output byte by byte.

mod commands;
mod compare;
mod masks;
mod pictures;
mod specimens;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::Args;

use crate::process::workspace;
use crate::schedule::run_all;
use commands::Command;

/// What is compared.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The program as it was: a build of ckn
    before: PathBuf,
    /// The program as it is. Default: target/release/ckn of the workspace, as it lies there
    after: Option<PathBuf>,
    /// Differences that are meant: a command's name and the reason on each line
    #[arg(long, value_name = "FILE")]
    expected: Option<PathBuf>,
    /// Only commands that have this text in their name, and those whose models they read; say it once for each
    #[arg(long, value_name = "TEXT")]
    only: Vec<String>,
    /// Keep specimens and all outputs in this folder, which must not be there yet
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// Commands at a time. Default: one for each core
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

/// One command by both programs.
#[derive(Debug)]
struct Compared {
    name: String,
    summary: String,
    differences: Vec<String>,
    /// Why it may differ.
    reason: Option<String>,
}

impl Compared {
    fn fails(&self) -> bool {
        !self.differences.is_empty() && self.reason.is_none()
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.differences.as_slice(), &self.reason) {
            ([], None) => write!(formatter, "same ({})", self.summary),
            ([], Some(reason)) => write!(formatter, "same, though expected to differ: {reason}"),
            ([first, others @ ..], reason) => {
                let meant = reason.as_ref().map_or(String::new(), |reason| format!(", as expected ({reason})"));
                write!(formatter, "differs{meant}: {first}")?;
                others.iter().try_for_each(|other| write!(formatter, "\n    {other}"))
            }
        }
    }
}

/// Runs every command by both programs and prints what differs; fails if anything does that is not expected.
pub(crate) fn same(options: &Options) -> anyhow::Result<ExitCode> {
    let began = Instant::now();
    let before = program(&options.before)?;
    let after = program(&options.after.clone().unwrap_or_else(|| workspace().join("target/release/ckn")))?;
    let expected = options.expected.as_deref().map_or(Ok(BTreeMap::new()), expected)?;
    let all = commands::commands(&[])?;
    if let Some(unknown) = expected.keys().find(|name| all.iter().all(|command| command.name != **name)) {
        bail!("no command is called `{unknown}`: its name in the expected differences must be one of those printed");
    }
    let temporary = tempfile::tempdir().context("cannot make a temporary folder")?;
    let folder = options.keep.clone().unwrap_or_else(|| temporary.path().join("same"));
    fs::create_dir(&folder).with_context(|| format!("cannot make {}: it must be new", folder.display()))?;
    let folder = folder.canonicalize()?;
    let data = folder.join("data");
    fs::create_dir(&data).context("cannot make the folder of the specimens")?;
    specimens::write(&data)?;

    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let jobs = options.jobs.map_or(cores, NonZeroUsize::get);
    let (second, first): (Vec<Command>, Vec<Command>) =
        commands::commands(&options.only)?.into_iter().partition(|command| command.reads_models);
    let compared = |command: &Command| {
        let by =
            |program: &Path, side: &str| compare::outcome(program, command, &folder.join(side).join(&command.name));
        let (old, new) = (by(&before, "before")?, by(&after, "after")?);
        Ok(Compared {
            name: command.name.clone(),
            summary: old.summary(),
            differences: old.differences(&new),
            reason: expected.get(&command.name).cloned(),
        })
    };
    // Both programs read the models of the one before: a training that differs is then one difference, and files of
    // the program before must load.
    let mut outcomes = Vec::new();
    for stage in [first, second] {
        outcomes.extend(run_all(&stage, jobs, compared)?);
    }
    let mut failures = 0;
    for outcome in &outcomes {
        println!("{}: {outcome}", outcome.name);
        failures += usize::from(outcome.fails());
    }
    let meant = outcomes.iter().filter(|outcome| !outcome.differences.is_empty()).count() - failures;
    println!(
        "{} commands in {:.0} s: {failures} differ, {meant} as expected",
        outcomes.len(),
        began.elapsed().as_secs_f64()
    );
    Ok(if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The program's path, which holds in any folder.
fn program(path: &Path) -> anyhow::Result<PathBuf> {
    path.canonicalize().with_context(|| format!("cannot find the program {}", path.display()))
}

/// Commands that may differ, with their reasons.
fn expected(file: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut reasons = BTreeMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let Some((name, reason)) = line.split_once(char::is_whitespace) else {
            bail!("{}: `{line}` gives no reason: write why it differs behind the name", file.display());
        };
        reasons.insert(name.trim_end_matches(':').to_owned(), reason.trim().to_owned());
    }
    Ok(reasons)
}
