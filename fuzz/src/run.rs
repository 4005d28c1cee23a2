//! One target: its corpus, its mutations, and what came of them.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use ckn::core::seed::Seed;

use crate::corpus::seeds_of;
use crate::mutate::mutated;
use crate::targets::Target;

/// The longest that 64 KiB may take.
const LONGEST: Duration = Duration::from_secs(1);
/// Most failures that are listed: one bug fails thousands of times.
const LISTED: usize = 20;

/// What came of the runs.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) accepted: u64,
    pub(crate) refused: u64,
    pub(crate) slowest: Duration,
    pub(crate) failures: Vec<String>,
}

/// Runs a target.
pub(crate) struct Runner {
    target: &'static Target,
    seed: Seed,
    seeds: Vec<Vec<u8>>,
    folder: tempfile::TempDir,
    pub(crate) tally: Tally,
}

impl Runner {
    pub(crate) fn new(target: &'static Target, seed: u64) -> anyhow::Result<Self> {
        // In memory where there is such a place: a file a run.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let seeds = seeds_of(target)?;
        anyhow::ensure!(!seeds.is_empty(), "{} has no corpus", target.name);
        Ok(Self { target, seed: Seed(seed).child(target.name), seeds, folder: folder?, tally: Tally::default() })
    }

    pub(crate) fn seeds(&self) -> usize {
        self.seeds.len()
    }

    /// Runs the corpus, and what went wrong before.
    pub(crate) fn run_known(&mut self) -> anyhow::Result<()> {
        for seed in self.seeds.clone() {
            self.run(&seed, "the corpus")?;
        }
        let Ok(entries) = fs::read_dir(regressions(self.target)) else { return Ok(()) };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            self.run(&fs::read(&path)?, &path.display().to_string())?;
        }
        Ok(())
    }

    /// Runs mutations of some numbers.
    pub(crate) fn run_mutations(&mut self, from: u64, count: u64) -> anyhow::Result<()> {
        for number in from..from.saturating_add(count) {
            let bytes = mutated(&self.seeds, &mut self.seed.stream_at("mutations", number));
            self.run(&bytes, &format!("mutation {number}"))?;
        }
        Ok(())
    }

    fn run(&mut self, bytes: &[u8], name: &str) -> anyhow::Result<()> {
        let path = self.folder.path().join(format!("input.{}", self.target.extension));
        fs::write(&path, bytes).context("the input cannot be written")?;
        let start = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.target.run)(&path)));
        let took = start.elapsed();
        self.tally.slowest = self.tally.slowest.max(took);
        let pieces = bytes.len().div_ceil(64 << 10).max(1) as u32;
        let wrong = match outcome {
            Err(panic) => {
                let said = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
                Some(format!("a panic: {}", said.unwrap_or("of another kind")))
            }
            _ if took > LONGEST * pieces => Some(format!("{:.1} s for {} bytes", took.as_secs_f64(), bytes.len())),
            Ok(Ok(())) => {
                self.tally.accepted += 1;
                None
            }
            Ok(Err(message)) => {
                self.tally.refused += 1;
                let obeyed = |letter: char| (letter.is_control() && letter != '\n') || letter == '\u{202e}';
                match () {
                    () if message.contains(obeyed) => Some(format!("a message with control characters: {message:?}")),
                    () if !message.contains("input.") => Some(format!("a message without its file: {message}")),
                    () if message.len() > 4096 => Some(format!("a message of {} bytes", message.len())),
                    () => None,
                }
            }
        };
        if let Some(wrong) = wrong {
            self.keep(bytes, name, &wrong)?;
        }
        Ok(())
    }

    fn keep(&mut self, bytes: &[u8], name: &str, wrong: &str) -> anyhow::Result<()> {
        if self.tally.failures.len() >= LISTED {
            return Ok(());
        }
        if name.starts_with("mutation") {
            let folder = regressions(self.target);
            fs::create_dir_all(&folder)?;
            fs::write(folder.join(name.replace(' ', "-")), bytes)?;
        }
        self.tally.failures.push(format!("{name}: {wrong}"));
        Ok(())
    }
}

fn regressions(target: &Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions").join(target.name)
}

/// The most memory that the process has held, in bytes, where the system says so.
pub(crate) fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.split_whitespace().next()?;
    Some(kilobytes.parse::<u64>().ok()? << 10)
}
