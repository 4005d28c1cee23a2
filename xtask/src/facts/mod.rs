//! One table of facts: what `ckn train` reaches on public benchmarks by each of its ways, in how many seconds.

mod sets;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};

use crate::compare::runs::column;
use crate::reproduce::job::{NOT_CONVERGED, check};
use crate::running::Installed;
use sets::{Laid, SETS, Set};

/// What to run.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only sets whose name holds this text
    #[arg(long, value_name = "PATTERN")]
    sets: Option<String>,
    /// Ways to a model
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Way::Default, Way::Thorough, Way::Paper, Way::Baseline])]
    ways: Vec<Way>,
    #[command(flatten)]
    installed: Installed,
}

/// A way to a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Way {
    /// `ckn train`, nothing else said
    Default,
    /// `ckn train --auto`
    Thorough,
    /// The sequence paper's network: 16 anchor points, mean pooling
    Paper,
    /// The network after DeepBind
    Baseline,
}

impl Way {
    fn options(self) -> &'static [&'static str] {
        match self {
            Self::Default => &[],
            Self::Thorough => &["--auto"],
            Self::Paper => &["--filters", "16", "--pooling", "mean", "--l2", "1e-6", "--short", "pad"],
            Self::Baseline => &["--model", "deepbind"],
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Default => "`ckn train`",
            Self::Thorough => "`ckn train --auto`",
            Self::Paper => "paper's network",
            Self::Baseline => "after DeepBind",
        }
    }
}

/// Trains and tests, one run at a time on all cores, and prints the table as it grows.
pub(crate) fn facts(options: &Options) -> anyhow::Result<()> {
    let (program, data) = (options.installed.program()?, options.installed.data()?);
    let wanted = |set: &&Set| options.sets.as_ref().is_none_or(|pattern| set.name.contains(pattern.as_str()));
    let sets: Vec<&Set> = SETS.iter().filter(wanted).collect();
    if sets.is_empty() {
        bail!("no set has such a name; there are {}", SETS.map(|set| set.name).join(", "));
    }
    let titles: Vec<&str> = options.ways.iter().map(|way| way.title()).collect();
    println!("| set | {} | published |\n|---|{}---|", titles.join(" | "), "---|".repeat(titles.len()));
    for set in sets {
        let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
        let laid = set.lay_out(&data, folder.path())?;
        let mut cells = Vec::new();
        for &way in &options.ways {
            cells.push(measure(&program, &laid, way, folder.path()).with_context(|| format!("{}, {way:?}", set.name))?);
        }
        println!("| {} | {} | {} |", set.name, cells.join(" | "), set.published);
    }
    Ok(())
}

/// AUROC, Matthews correlation and seconds of a training.
fn measure(program: &Path, laid: &Laid, way: Way, folder: &Path) -> anyhow::Result<String> {
    let model = folder.join("model.ckn");
    let mut train = Command::new(program);
    train.arg("train").args(&laid.train).args(way.options()).args(["--quiet", "--force", "--out"]).arg(&model);
    let started = Instant::now();
    let trained = train.output().with_context(|| format!("cannot start {}", program.display()))?;
    let seconds = started.elapsed().as_secs_f64();
    if trained.status.code() != Some(NOT_CONVERGED) {
        check(&trained)?;
    }
    let tested = Command::new(program).arg("evaluate").arg(&model).args(&laid.test).output()?;
    check(&tested)?;
    let table = String::from_utf8_lossy(&tested.stdout);
    let number = |name: &str| column(&table, name).and_then(|values| values.first().copied());
    let (Some(auroc), Some(matthews)) = (number("auroc"), number("mcc")) else { bail!("no AUROC in\n{table}") };
    Ok(format!("{auroc:.4}, MCC {matthews:.3}, {seconds:.0} s"))
}
