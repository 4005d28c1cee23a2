//! The paper's comparisons: trainings of both sides under several seeds, with intervals.

pub(crate) mod experiments;
pub(crate) mod network;
pub(crate) mod pairs;
pub(crate) mod plan;
mod plot;
pub(crate) mod runs;
pub(crate) mod statistics;
pub(crate) mod table;

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;

use self::experiments::{Comparison, Mode};
use self::network::Pooling;
use self::plan::Plan;
use self::runs::Program;
use self::table::Table;
use crate::running::Running;
use crate::schedule;

/// What to compare.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// What is compared
    #[arg(value_enum)]
    comparison: Comparison,
    /// Training data
    #[arg(long, value_enum, default_value_t = Mode::Top)]
    mode: Mode,
    /// Global pooling of the kernel networks; not of the comparison of poolings
    #[arg(long, value_enum, default_value_t = Pooling::Max)]
    pooling: Pooling,
    /// Calibrations of DeepBind-style networks
    #[arg(long, value_name = "N", default_value_t = 30)]
    calibrations: u64,
    /// Seeds 1 to N
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=1000))]
    seeds: u64,
    /// Only sets whose name holds this text, in either case
    #[arg(long, value_name = "PATTERN")]
    sets: Option<String>,
    /// Draw a sweep (width, sigma), or the AUROCs of both sides against one another, into this SVG file
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    running: Running,
}

/// Trains and tests everything, and prints the table.
pub(crate) fn compare(options: &Options) -> anyhow::Result<()> {
    let plan = Plan {
        comparison: options.comparison,
        mode: options.mode,
        pooling: options.pooling,
        calibrations: options.calibrations,
        seeds: options.seeds,
    };
    if options.comparison == Comparison::Pooling && options.pooling != Pooling::Max {
        bail!("the comparison of poolings has both of them: leave out --pooling");
    }
    let wanted = options.sets.as_deref().unwrap_or_default().to_lowercase();
    let trainings = plan.trainings(|name| name.to_lowercase().contains(&wanted))?;
    let splits = options.running.installed.splits()?;
    let (at_a_time, threads) = options.running.shares();
    let program = Program { path: options.running.installed.program()?, splits, threads };
    let measured = schedule::run_all(&trainings.runs, at_a_time, |run| run.measure(&program))?;
    let table = Table::new(&trainings, &measured.into_iter().map(Some).collect::<Vec<_>>());
    let (name, mode, seeds) = (options.comparison, options.mode, options.seeds);
    println!("## {name:?}, `{mode:?}` mode, {seeds} seeds\n\n{table}");
    options.plot.as_ref().map_or(Ok(()), |path| draw(path, &plan, &table))
}

/// Draws what suits the comparison: a sweep, or both sides against one another.
pub(crate) fn draw(path: &Path, plan: &Plan, table: &Table) -> anyhow::Result<()> {
    let network = format!("one layer of 16 filters, {} pooling", plan.pooling.word());
    let axis = match plan.comparison {
        Comparison::Width => "patch width l (bp)",
        Comparison::Sigma => "bandwidth σ",
        Comparison::Penalty => bail!("penalties are powers of ten, which are not drawn"),
        _ => return pairs::draw(path, &format!("{:?} mode, {} pooling", plan.mode, plan.pooling.word()), table),
    };
    let values = table.sides.iter().map(|label| Ok(label.parse()?)).collect::<anyhow::Result<Vec<f64>>>()?;
    plot::draw(path, (&format!("CKN, {network}"), axis), &values, &table.lines())
}
