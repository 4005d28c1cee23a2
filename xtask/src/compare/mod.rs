//! The paper's comparisons: trainings of both sides under several seeds, with intervals.

mod experiments;
mod plot;
pub(crate) mod runs;
mod statistics;

use std::path::PathBuf;

use anyhow::bail;
use ckn_core::metrics::{Alternative, signed_rank};
use clap::Args;

use self::experiments::{Comparison, Mode, TASKS};
use self::runs::{Measured, Program, Run};
use self::statistics::{mean, with_interval};
use crate::reproduce::targets::{Row, TOP};
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
    /// Seeds 1 to N
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=1000))]
    seeds: u64,
    /// Only sets whose name holds this text, in either case
    #[arg(long, value_name = "PATTERN")]
    sets: Option<String>,
    /// Draw a sweep (width, sigma) into this SVG file
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    running: Running,
}

/// Trains and tests everything, and prints the table.
pub(crate) fn compare(options: &Options) -> anyhow::Result<()> {
    let sweep = matches!(options.comparison, Comparison::Width | Comparison::Sigma);
    if options.plot.is_some() && !sweep {
        bail!("--plot draws sweeps: it goes with width and sigma");
    }
    let rows = rows(options)?;
    let splits = options.running.installed.splits()?;
    let (at_a_time, threads) = options.running.shares();
    let program =
        Program { path: options.running.installed.program()?, splits, prefix: options.mode.prefix(), threads };
    let (labels, runs) = match options.comparison {
        Comparison::Tasks => tasks(&rows, options.seeds)?,
        _ => sides(&rows, options),
    };
    let measured = schedule::run_all(&runs, at_a_time, |run| run.measure(&program))?;
    let table = Table::new(&labels, &runs, &measured);
    let (name, mode, seeds) = (options.comparison, options.mode, options.seeds);
    println!("## {name:?}, `{mode:?}` mode, {seeds} seeds\n\n{table}");
    if let Some(path) = &options.plot {
        let values = labels.iter().map(|label| Ok(label.parse()?)).collect::<anyhow::Result<Vec<f64>>>()?;
        let axis = if options.comparison == Comparison::Width { "patch width l (bp)" } else { "bandwidth σ" };
        plot::draw(path, ("CKN, one layer of 16 filters, max pooling", axis), &values, &table.lines())?;
    }
    Ok(())
}

fn rows(options: &Options) -> anyhow::Result<Vec<&'static Row>> {
    let wanted = options.sets.as_deref().unwrap_or_default().to_lowercase();
    let rows: Vec<_> = TOP.rows.iter().filter(|row| row.name.to_lowercase().contains(&wanted)).collect();
    if rows.is_empty() {
        let names: Vec<&str> = TOP.rows.iter().map(|row| row.name).collect();
        bail!("no set is called `{wanted}`: choose among {}", names.join(", "));
    }
    Ok(rows)
}

/// Every side on every set.
fn sides(rows: &[&'static Row], options: &Options) -> (Vec<String>, Vec<Run>) {
    let variants = options.comparison.variants();
    let mut runs = Vec::new();
    for row in rows {
        for (number, variant) in variants.iter().enumerate() {
            runs.extend((1..=options.seeds).map(|seed| Run {
                variant: number,
                label: variant.label.clone(),
                options: variant.options.clone(),
                tasks: vec![(row.name, row.folder)],
                seed,
            }));
        }
    }
    (variants.into_iter().map(|variant| variant.label).collect(), runs)
}

/// Each task alone, and together with its partner.
fn tasks(rows: &[&'static Row], seeds: u64) -> anyhow::Result<(Vec<String>, Vec<Run>)> {
    let labels = ["single task".to_owned(), "multitask".to_owned()];
    let mut runs = Vec::new();
    for pair in TASKS {
        let found: Vec<_> =
            rows.iter().filter(|row| pair.contains(&row.name)).map(|row| (row.name, row.folder)).collect();
        let [first, second] = found[..] else { continue };
        let sides = [(0, vec![first]), (0, vec![second]), (1, vec![first, second])];
        for (variant, tasks) in sides {
            runs.extend((1..=seeds).map(|seed| Run {
                variant,
                label: labels[variant].clone(),
                options: Vec::new(),
                tasks: tasks.clone(),
                seed,
            }));
        }
    }
    if runs.is_empty() {
        bail!("no pair of tasks is left: choose --mode top, and --sets usf1");
    }
    Ok((labels.to_vec(), runs))
}

/// AUROCs by set, side and seed.
#[derive(Debug)]
struct Table {
    sides: Vec<String>,
    /// Name of the set; AUROCs of each side, by seed.
    sets: Vec<(&'static str, Vec<Vec<f64>>)>,
    /// Seconds of each side's trainings.
    seconds: Vec<Vec<f64>>,
}

impl Table {
    fn new(sides: &[String], runs: &[Run], measured: &[Measured]) -> Self {
        let empty = || vec![Vec::new(); sides.len()];
        let mut table = Self { sides: sides.to_vec(), sets: Vec::new(), seconds: empty() };
        for (run, measured) in runs.iter().zip(measured) {
            table.seconds[run.variant].push(measured.seconds);
            for ((name, _), auroc) in run.tasks.iter().zip(&measured.aurocs) {
                let place = match table.sets.iter().position(|(set, _)| set == name) {
                    Some(place) => place,
                    None => {
                        table.sets.push((name, empty()));
                        table.sets.len() - 1
                    }
                };
                table.sets[place].1[run.variant].push(*auroc);
            }
        }
        table
    }

    /// Mean AUROC of each side, by set.
    fn lines(&self) -> Vec<(&'static str, Vec<f64>)> {
        self.sets.iter().map(|(name, sides)| (*name, sides.iter().map(|aurocs| mean(aurocs)).collect())).collect()
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(out, "| set | {} |", self.sides.join(" | "))?;
        writeln!(out, "|---|{}", "---|".repeat(self.sides.len()))?;
        for (name, sides) in &self.sets {
            let cells: Vec<String> = sides.iter().map(|aurocs| with_interval(aurocs)).collect();
            writeln!(out, "| {name} | {} |", cells.join(" | "))?;
        }
        let means = self.lines();
        let of_side = |side: usize| means.iter().map(|(_, aurocs)| aurocs[side]).collect::<Vec<f64>>();
        let row = |name: &str, cell: &dyn Fn(usize) -> String| {
            format!("| {name} | {} |", (0..self.sides.len()).map(cell).collect::<Vec<_>>().join(" | "))
        };
        writeln!(out, "{}", row("**mean of sets**", &|side| format!("**{:.4}**", mean(&of_side(side)))))?;
        let differences = |side: usize| {
            let pairs = self.sets.iter().flat_map(|(_, sides)| sides[side].iter().zip(&sides[0]));
            pairs.map(|(a, b)| a - b).collect::<Vec<f64>>()
        };
        let paired = |side: usize| if side == 0 { "–".into() } else { with_interval(&differences(side)) };
        writeln!(out, "{}", row("difference, paired by set and seed", &paired))?;
        let tested = |side: usize| match signed_rank(&of_side(0), &of_side(side), Alternative::Greater) {
            Ok(test) if side > 0 => format!("{:.4}", test.p_value),
            _ => "–".into(),
        };
        writeln!(out, "{}", row("p, first side better (Wilcoxon, one-sided, over sets)", &tested))?;
        writeln!(out, "{}", row("seconds of a training", &|side| format!("{:.2}", mean(&self.seconds[side]))))
    }
}
