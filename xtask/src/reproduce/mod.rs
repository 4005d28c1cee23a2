//! The accuracy table: the release binary on fixed splits, several seeds, beside the reference numbers.

pub(crate) mod job;
mod report;
pub(crate) mod targets;

use std::fmt;
use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, ValueEnum};

use crate::running::Running;
use crate::schedule;
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
    #[command(flatten)]
    running: Running,
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
    let splits = options.running.installed.splits()?;
    let (at_a_time, threads) = options.running.shares();
    let program = Program {
        path: options.running.installed.program()?,
        splits,
        regularisation: options.regularisation.to_string(),
        engine: options.engine.to_string(),
        threads,
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
