//! Trainings that are killed, and disks that are full: whatever happens, the next run ends with the model of a run without a break.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use ckn_core::seed::{Random, Seed};
use clap::Args;
use rand::RngExt;

use crate::process::run;
use crate::release::build;

/// How much is tried.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Trainings that are killed, at random times, most of them while they write checkpoint after checkpoint
    #[arg(long, default_value_t = 100)]
    kills: u32,
    /// Trainings on a disk that fills up (Linux, as root: a small file system in memory)
    #[arg(long, default_value_t = 20)]
    full: u32,
    /// The program; built now by default
    #[arg(long)]
    program: Option<PathBuf>,
    /// Root of the random stream
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

/// A network whose training has everything that a state holds.
const TRAINING: &str = "train --pos pos.fa --neg neg.fa --filters 8,4 --width 8,3 --pooling mean --batch 16 --patience 2 --learn-sigma \
    --strands max --epochs 60 --quiet";

/// Kills, fills, and prints a table of what was found.
pub(crate) fn kills(options: &Options) -> anyhow::Result<()> {
    let program = match &options.program {
        Some(path) => path.canonicalize().with_context(|| format!("{} is not there", path.display()))?,
        None => build()?,
    };
    let folder = tempfile::tempdir()?;
    let mut bench = Bench { program, folder: folder.path().to_owned(), random: Seed(options.seed).stream("kills") };
    bench.write_data(&bench.folder.clone())?;
    let start = Instant::now();
    ensure!(bench.train("whole", "").status()?.success(), "a training fails without being killed");
    let whole = Whole { model: fs::read(bench.path("whole"))?, took: start.elapsed() };
    println!("fault\truns\tinside_a_write\twent_on\tended_as_without");
    let killed = bench.kill(&whole, options.kills)?;
    println!("kill\t{}\t{}\t{}\t{}", killed.faults, killed.writing, killed.went_on, killed.ended);
    match bench.fill(&whole, options.full) {
        Ok(filled) => println!("full\t{}\tNA\t{}\t{}", filled.faults, filled.went_on, filled.ended),
        Err(error) => println!("full\t0\tNA\t0\t0\t# {error:#}"),
    }
    Ok(())
}

/// The training without a break.
struct Whole {
    model: Vec<u8>,
    took: Duration,
}

/// What was found; anything else ends the program.
#[derive(Debug, Default)]
struct Found {
    faults: u32,
    /// Faults that left half a file, which is swept later.
    writing: u32,
    /// Runs that began where a checkpoint was.
    went_on: u32,
    /// Trainings that came to their end, with the model of the whole.
    ended: u32,
}

struct Bench {
    program: PathBuf,
    folder: PathBuf,
    random: Random,
}

impl Bench {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn write_data(&mut self, folder: &Path) -> anyhow::Result<()> {
        for (name, motif) in [("pos.fa", "CACGTGAC"), ("neg.fa", "")] {
            let mut text = String::new();
            for record in 0..120 {
                let letters: String = (0..60).map(|_| ['A', 'C', 'G', 'T'][self.random.random_range(0..4)]).collect();
                writeln!(text, ">{name}_{record}\n{}{motif}{}", &letters[..20], &letters[20 + motif.len()..])?;
            }
            fs::write(folder.join(name), text)?;
        }
        Ok(())
    }

    /// A training that nobody listens to.
    fn train(&self, out: &str, more: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.args(TRAINING.split_whitespace()).args(["--out", out]).args(more.split_whitespace());
        command.current_dir(&self.folder).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn kill(&mut self, whole: &Whole, kills: u32) -> anyhow::Result<Found> {
        let mut found = Found::default();
        while found.faults < kills {
            let goes_on = self.path("m.checkpoint").exists();
            let mut child = self.train("m", "--checkpoint 0.0001 --resume").spawn()?;
            let patience = whole.took.mul_f64(self.random.random_range(0.0..0.6));
            let ended = wait(&mut child, patience)?;
            found.went_on += u32::from(goes_on);
            if let Some(status) = ended {
                ensure!(status.success(), "a training that goes on fails: {status}, in {}", self.folder.display());
                self.check(whole, "m")?;
                found.ended += 1;
                continue;
            }
            found.faults += 1;
            found.writing += u32::from(self.leftovers()? > 0);
            self.forget_leftovers()?;
            // Killed after its last file: nothing is left to go on with, or to do.
            if self.path("m").exists() && !self.path("m.checkpoint").exists() {
                self.check(whole, "m")?;
                found.ended += 1;
            }
        }
        ensure!(self.train("m", "--resume").status()?.success(), "the last training does not end");
        self.check(whole, "m")?;
        found.ended += 1;
        Ok(found)
    }

    /// The model is that of the whole, and nothing else is left.
    fn check(&self, whole: &Whole, name: &str) -> anyhow::Result<()> {
        ensure!(fs::read(self.path(name))? == whole.model, "the model is another than without a break");
        ensure!(!self.path(&format!("{name}.checkpoint")).exists(), "a checkpoint is left");
        fs::remove_file(self.path(name))?;
        // A kill between the two leaves a model without its record.
        match fs::remove_file(self.path(&format!("{name}.run.json"))) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn leftovers(&self) -> anyhow::Result<usize> {
        let names = fs::read_dir(&self.folder)?.flatten().map(|entry| entry.file_name());
        Ok(names.filter(|name| name.to_string_lossy().ends_with(".part")).count())
    }

    /// Removes what the next saving would sweep, had it waited for some seconds.
    fn forget_leftovers(&self) -> anyhow::Result<()> {
        for entry in fs::read_dir(&self.folder)?.flatten() {
            if entry.file_name().to_string_lossy().ends_with(".part") {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Trains on a file system with little room, at each size once; then with room, from what there is.
    fn fill(&mut self, whole: &Whole, runs: u32) -> anyhow::Result<Found> {
        let small = Small::mount(&self.path("small"))?;
        self.folder = self.path("small");
        self.write_data_again()?;
        let ballast = self.path("ballast");
        let mut found = Found::default();
        for _ in 0..runs {
            let _ = fs::remove_file(&ballast);
            let room = self.random.random_range(0..60) << 10;
            let free = small.free()?.saturating_sub(room);
            fs::write(&ballast, vec![0; usize::try_from(free)?])?;
            let status = self.train("m", "--checkpoint 0.0001 --resume").env("TMPDIR", &self.folder).status()?;
            found.faults += 1;
            ensure!(self.leftovers()? == 0, "half a file is left");
            if status.success() {
                self.check(whole, "m")?;
                found.ended += 1;
                continue;
            }
            ensure!(status.code() == Some(2), "a full disk is not said to be one: {status}");
            fs::remove_file(&ballast)?;
            for name in ["m", "m.run.json"] {
                let _ = fs::remove_file(self.path(name));
            }
            found.went_on += u32::from(self.path("m.checkpoint").exists());
            ensure!(self.train("m", "--resume").status()?.success(), "with room again, the training does not end");
            self.check(whole, "m")?;
            found.ended += 1;
        }
        Ok(found)
    }

    /// The data of the whole, in the present folder.
    fn write_data_again(&self) -> anyhow::Result<()> {
        let parent = self.folder.parent().context("a folder has a parent")?;
        for name in ["pos.fa", "neg.fa"] {
            fs::copy(parent.join(name), self.path(name))?;
        }
        Ok(())
    }
}

/// Waits for a while, then kills; nothing if it was killed.
fn wait(child: &mut Child, patience: Duration) -> anyhow::Result<Option<std::process::ExitStatus>> {
    let start = Instant::now();
    while start.elapsed() < patience {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    child.kill()?;
    let status = child.wait()?;
    // It may have ended a moment before.
    Ok(status.code().map(|_| status))
}

/// A small file system in memory, which goes with this.
struct Small(PathBuf);

impl Small {
    fn mount(at: &Path) -> anyhow::Result<Self> {
        fs::create_dir(at)?;
        let mut mount = Command::new("mount");
        run(mount.args(["-t", "tmpfs", "-o", "size=512k", "tmpfs"]).arg(at))
            .context("there is no small file system")?;
        Ok(Self(at.to_owned()))
    }

    /// Bytes that are free.
    fn free(&self) -> anyhow::Result<u64> {
        let mut df = Command::new("df");
        let text = crate::process::output(df.args(["--output=avail", "--block-size=1"]).arg(&self.0))?;
        match text.lines().nth(1).map(|line| line.trim().parse()) {
            Some(Ok(free)) => Ok(free),
            _ => bail!("df says `{text}`"),
        }
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}
