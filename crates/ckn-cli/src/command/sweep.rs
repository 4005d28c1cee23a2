mod manifest;
pub(super) mod outcome;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context;
use clap::{Args, CommandFactory};

use self::manifest::Row;
use self::outcome::{Outcome, Status, measures_of, model_of, write_table};
use super::Arguments;
use super::given::effects;
use crate::exit::{self, Input, Usage};
use crate::leash;
use crate::output::{check_apart, write_results};
use crate::program;
use crate::talk::say;
use crate::text_file::read_text;

/// Train and test many models: one row of a table each
#[derive(Debug, Args)]
#[command(after_help = "\
The manifest is a tab-separated table. Its column `name` names each row; every other column is an option of `ckn train` without \
its dashes (seq, mode, pos, filters, auto, …), or `test-` and an option of `ckn evaluate` (test-seq, test-pos, test-neg, …). An \
empty cell leaves the option out; flags take yes or no. Lines that begin with # are skipped. Paths are relative to the \
manifest's folder.

Writes DIR/NAME.ckn, its record, and DIR/NAME.row.json with the outcome for each row, and DIR/results.tsv, which is printed, \
too: name, status (done, failed, open), the numbers measured, message. A row that is done is not run again unless its cells \
change: a sweep that was stopped or killed goes on where it was. A row that failed is reported, and run again with --retry.

Examples:
  ckn sweep experiments.tsv --out results
  ckn sweep experiments.tsv --out results --jobs 4 --retry
  ckn sweep experiments.tsv --out results --row elk1 --row gabpa")]
pub struct Sweep {
    /// The table of experiments
    manifest: PathBuf,
    /// Folder of models and results; made if it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Rows at a time; each gets its share of the cores
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024),
        conflicts_with = "collect")]
    jobs: u16,
    /// Threads of each training [default: its share of the cores]
    #[arg(long, value_parser = super::parse_threads, conflicts_with = "collect")]
    threads: Option<usize>,
    /// Run rows again that failed
    #[arg(long, conflicts_with = "collect")]
    retry: bool,
    /// Only the row of this name, without writing results.tsv; say it once for every row
    #[arg(long, value_name = "NAME", conflicts_with = "collect")]
    row: Vec<String>,
    /// Run nothing: write and print the table of what is there
    #[arg(long)]
    collect: bool,
    /// No progress on standard error
    #[arg(long, short)]
    quiet: bool,
}

effects!(for Sweep: manifest, out, jobs, threads, retry, row, collect, quiet);

impl Sweep {
    pub fn run(self) -> anyhow::Result<u8> {
        let text = read_text(&self.manifest)?;
        let mut commands = Arguments::command();
        // Arguments of flattened groups are there only once the command is built.
        commands.build();
        let command = |name: &str| commands.find_subcommand(name).cloned().context("a command is missing");
        let (train, evaluate) = (command("train")?, command("evaluate")?);
        let mut rows = manifest::read(&text, &self.manifest, &train, &evaluate)?;
        if let Some(missing) = self.row.iter().find(|name| !rows.iter().any(|row| row.name == **name)) {
            return Err(Usage(format!("{} has no row named `{missing}`", self.manifest.display())).into());
        }
        rows.retain(|row| self.row.is_empty() || self.row.contains(&row.name));
        let make = fs::create_dir_all(&self.out).and_then(|()| self.out.canonicalize());
        let folder = make.map_err(|cause| Usage(format!("{} cannot be made: {cause}", self.out.display())))?;

        let results = folder.join("results.tsv");
        claim(&folder)?;
        check_apart(&results, [self.manifest.as_path()])?;
        let outcomes: Vec<Mutex<Option<Outcome>>> =
            rows.iter().map(|row| Mutex::new(Outcome::load(&folder, row))).collect();
        let open = |outcome: &Option<Outcome>| match outcome.as_ref().map(|outcome| outcome.status) {
            Some(Status::Done) => false,
            Some(Status::Failed) => self.retry,
            None => true,
        };
        let todo: Vec<usize> = match self.collect {
            true => Vec::new(),
            false => (0..rows.len()).filter(|&at| outcomes[at].lock().is_ok_and(|there| open(&there))).collect(),
        };
        if !self.quiet && !self.collect {
            say(format_args!("{} of {} rows to run", todo.len(), rows.len()));
        }
        let interrupted = crate::progress::interrupt_flag();
        let next = AtomicUsize::new(0);
        let leashes: Vec<Mutex<Option<ChildStdin>>> = (0..self.jobs).map(|_| Mutex::new(None)).collect();
        let runner =
            Runner { sweep: &self, folder: &folder, train: &train, evaluate: &evaluate, interrupted: &interrupted };
        let work = |leash: &Mutex<Option<ChildStdin>>| -> anyhow::Result<()> {
            while !interrupted.load(Ordering::Relaxed) {
                let Some(&at) = todo.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                let outcome = runner.run(&rows[at], leash)?;
                if let Some(outcome) = &outcome {
                    outcome.save(&folder, &rows[at])?;
                    if !self.quiet {
                        runner.tell(&rows[at], outcome, todo.len());
                    }
                }
                if let Ok(mut slot) = outcomes[at].lock() {
                    *slot = outcome;
                }
            }
            Ok(())
        };
        std::thread::scope(|scope| -> anyhow::Result<()> {
            let workers: Vec<_> = leashes.iter().map(|leash| scope.spawn(|| work(leash))).collect();
            while workers.iter().any(|worker| !worker.is_finished()) {
                if interrupted.load(Ordering::Relaxed) {
                    leashes.iter().for_each(|leash| drop(leash.lock().map(|mut held| held.take())));
                }
                std::thread::sleep(BETWEEN_LOOKS);
            }
            for worker in workers {
                worker.join().map_err(|_| anyhow::anyhow!("a worker of the sweep broke down"))??;
            }
            Ok(())
        })?;

        let outcomes: Vec<Option<Outcome>> =
            outcomes.into_iter().map(|outcome| outcome.into_inner().unwrap_or_default()).collect();
        if self.row.is_empty() {
            write_results(Some(&results), true, |out| write_table(out, &rows, &outcomes))?;
        }
        write_results(None, false, |out| write_table(out, &rows, &outcomes))?;
        let failed: Vec<&str> = rows
            .iter()
            .zip(&outcomes)
            .filter(|(_, outcome)| outcome.as_ref().is_some_and(|outcome| outcome.status == Status::Failed))
            .map(|(row, _)| row.name.as_str())
            .collect();
        if interrupted.load(Ordering::Relaxed) {
            return Ok(exit::INTERRUPTED);
        }
        if !failed.is_empty() {
            let (count, rows, names) = (failed.len(), rows.len(), failed.join(", "));
            let message = format!(
                "{count} of {rows} rows failed ({names}): their messages are in the table; --retry runs them again"
            );
            return Err(Input(message).into());
        }
        Ok(exit::DONE)
    }
}

/// Time between two looks at whether the sweep was interrupted.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Marks a folder as that of a sweep, whose files it may replace; refuses one with files of others.
fn claim(folder: &Path) -> anyhow::Result<()> {
    let mark = folder.join(".ckn-sweep");
    if mark.exists() {
        return Ok(());
    }
    let unusable = |cause: std::io::Error| Usage(format!("{} cannot be used: {cause}", folder.display()));
    if fs::read_dir(folder).map_err(unusable)?.next().is_some() {
        let message = format!("{} has files that are not of a sweep: choose another --out", folder.display());
        return Err(Usage(message).into());
    }
    Ok(fs::write(&mark, "The files here are those of `ckn sweep`, which may replace them.\n").map_err(unusable)?)
}

/// Runs rows as commands of their own: one that breaks down or is killed takes no other with it.
struct Runner<'a> {
    sweep: &'a Sweep,
    folder: &'a Path,
    train: &'a clap::Command,
    evaluate: &'a clap::Command,
    interrupted: &'a AtomicBool,
}

impl Runner<'_> {
    /// Trains and tests; nothing if it was interrupted. Once the leash is taken away, the commands end.
    fn run(&self, row: &Row, leash: &Mutex<Option<ChildStdin>>) -> anyhow::Result<Option<Outcome>> {
        let model = model_of(self.folder, row);
        let mut outcome = Outcome {
            cells: row.cells.clone(),
            status: Status::Failed,
            message: String::new(),
            measures: BTreeMap::new(),
        };
        let mut training = self.command("train", row.training(self.train), row);
        training.arg("--force").arg("--quiet").arg("--out").arg(&model);
        let test = row.test(self.evaluate);
        let mut steps = vec![("", training)];
        if !test.is_empty() {
            let mut command = self.command("evaluate", test, row);
            command.arg("--").arg(&model);
            steps.push(("test_", command));
        }
        for (prefix, mut command) in steps {
            leash::put_on(&mut command);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.spawn().context("the program cannot start itself")?;
            if let Ok(mut held) = leash.lock() {
                *held = child.stdin.take();
            }
            let done = child.wait_with_output().context("the end of a command cannot be seen")?;
            let said = String::from_utf8_lossy(&done.stderr);
            match done.status.code() {
                Some(code) if code == i32::from(exit::DONE) || code == i32::from(exit::NOT_CONVERGED) => {
                    measures_of(&String::from_utf8_lossy(&done.stdout), prefix, &mut outcome.measures);
                }
                Some(code) if code == i32::from(exit::INTERRUPTED) => return Ok(None),
                // The terminal tells all of its programs.
                _ if self.interrupted.load(Ordering::Relaxed) => return Ok(None),
                _ => {
                    let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
                    let last = last.strip_prefix("ckn: ").unwrap_or(last).replace('\t', " ");
                    outcome.message = if last.is_empty() { format!("ended by {}", done.status) } else { last };
                    return Ok(Some(outcome));
                }
            }
        }
        outcome.status = Status::Done;
        Ok(Some(outcome))
    }

    fn command(&self, name: &str, words: Vec<String>, row: &Row) -> Command {
        let mut command = Command::new(program::path());
        command.arg(name).args(words);
        if let Some(folder) = self.sweep.manifest.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            command.current_dir(folder);
        }
        if !row.cells.contains_key("threads") {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            let share = (cores / usize::from(self.sweep.jobs)).max(1);
            command.arg(format!("--threads={}", self.sweep.threads.unwrap_or(share)));
        }
        command
    }

    fn tell(&self, row: &Row, outcome: &Outcome, of: usize) {
        let name = &row.name;
        match (outcome.status, outcome.measures.get("test_auroc").or(outcome.measures.get("validation_auroc"))) {
            (Status::Failed, _) => say(format_args!("{name} of {of} rows failed: {}", outcome.message)),
            (Status::Done, Some(auroc)) => say(format_args!("{name} of {of} rows is done: AUROC {auroc:.4}")),
            (Status::Done, None) => say(format_args!("{name} of {of} rows is done")),
        }
    }
}
