//! The accuracy table: the release binary on fixed splits, several seeds, beside the reference numbers.

pub(crate) mod job;
mod report;
pub(crate) mod targets;

use std::fmt;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, ValueEnum};

use crate::process::workspace;
use crate::{release, schedule};
use job::{Job, Program};
use report::Report;
use targets::{Protocol, Row};

/// What to run.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Regularisation of the inverse root: as the authors' code has it, or with an exact gradient
    #[arg(long, value_enum, default_value_t = Regularisation::Reference)]
    regularisation: Regularisation,
    /// Engine that trains
    #[arg(long, value_enum, default_value_t = Engine::Slices)]
    engine: Engine,
    /// Training data: the 500 strongest peaks of ten sets, or all peaks of ELK1, SRF and GABPA (mean pooling, l2 1e-6)
    #[arg(long, value_enum, default_value_t = Mode::Top)]
    mode: Mode,
    /// Seeds 1 to N
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=1000))]
    seeds: u64,
    /// Only sets whose name holds this text, in either case
    #[arg(long, value_name = "PATTERN")]
    sets: Option<String>,
    /// Trainings at a time; each gets its share of the cores. Default: one for each core
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Folder that holds encode_splits. Default: the environment variable CKN_DATA, else ../shared/data
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// The program to run. Default: the release build of this workspace, made now
    #[arg(long, value_name = "FILE")]
    ckn: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Regularisation {
    Reference,
    Shift,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Engine {
    Slices,
    Reference,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    Top,
    All,
}

impl Mode {
    fn protocol(self) -> Protocol {
        match self {
            Self::Top => targets::TOP,
            Self::All => targets::ALL,
        }
    }
}

impl fmt::Display for Regularisation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Reference => "reference",
            Self::Shift => "shift",
        })
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Slices => "slices",
            Self::Reference => "reference",
        })
    }
}

/// Trains and tests everything, prints the table, and fails if the criterion does not hold.
pub(crate) fn reproduce(options: &Options) -> anyhow::Result<ExitCode> {
    let protocol = options.mode.protocol();
    let rows = chosen(&protocol, options.sets.as_deref())?;
    let splits = splits(options.data.as_deref())?;
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let at_a_time = options.jobs.map_or(cores, NonZeroUsize::get);
    let program = Program {
        path: match &options.ckn {
            Some(path) => path.clone(),
            None => release::build()?,
        },
        splits,
        regularisation: options.regularisation.to_string(),
        engine: options.engine.to_string(),
        threads: (cores / at_a_time).max(1),
    };
    let mut jobs = Vec::new();
    for (row, set) in rows.iter().enumerate() {
        for (column, setting) in protocol.settings.iter().enumerate() {
            jobs.extend((1..=options.seeds).map(|seed| Job { row, column, set, setting, seed }));
        }
    }
    let outcomes = schedule::run_all(&jobs, at_a_time, |job| job.run(&program, protocol.prefix))?;
    let report = Report::new(&protocol, &rows, &jobs, &outcomes);
    println!(
        "## `{}` mode, regularisation `{}`, engine `{}`, {} seed(s)\n\n{report}",
        protocol.name, options.regularisation, options.engine, options.seeds
    );
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn chosen(protocol: &Protocol, pattern: Option<&str>) -> anyhow::Result<Vec<&'static Row>> {
    let wanted = pattern.unwrap_or_default().to_lowercase();
    let fits = |row: &Row| [row.name, row.folder].iter().any(|name| name.to_lowercase().contains(&wanted));
    let rows: Vec<&Row> = protocol.rows.iter().filter(|row| fits(row)).collect();
    if rows.is_empty() {
        let names: Vec<&str> = protocol.rows.iter().map(|row| row.name).collect();
        bail!("no set is called `{wanted}`: choose among {}", names.join(", "));
    }
    Ok(rows)
}

pub(crate) fn splits(data: Option<&Path>) -> anyhow::Result<PathBuf> {
    let from_environment = || std::env::var_os("CKN_DATA").map(PathBuf::from);
    let data = data.map(Path::to_path_buf).or_else(from_environment);
    let folder = data.unwrap_or_else(|| workspace().join("../shared/data")).join("encode_splits");
    if !folder.is_dir() {
        bail!(
            "{} does not exist: set CKN_DATA to the folder that holds encode_splits (the README says what belongs in it)",
            folder.display()
        );
    }
    Ok(folder)
}
