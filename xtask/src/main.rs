//! Chores of the workspace: `cargo xtask ci`, `golden`, `reproduce`, `compare`, `facts`, `papers`, `bench`, `same`,
//! `kills`.

// A program for a terminal: what it prints is its result.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bench;
mod compare;
mod facts;
mod golden;
mod kills;
mod papers;
mod process;
mod release;
mod reproduce;
mod running;
mod same;
mod schedule;

use std::process::{Command, ExitCode};

use clap::{Parser, Subcommand};

/// Chores of the workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Run what continuous integration runs: the script .ci/run
    Ci,
    /// Remake the golden numbers: run every script of reference/ and show what changed
    Golden,
    /// Reproduce the accuracy table: train and test on the ENCODE splits, beside the reference numbers
    Reproduce(reproduce::Options),
    /// Compare networks as the paper does: filters, layers, tasks, poolings, widths, bandwidths, DeepBind
    Compare(compare::Options),
    /// Print one table of facts: public benchmarks, by each way of `ckn train`, with seconds
    Facts(facts::Options),
    /// Print a row for every table, figure and claim of the three papers: ours beside theirs, from trainings that are kept
    Papers(papers::Options),
    /// Measure how fast this machine trains, encodes and scans: ckn bench, from a release build made now
    Bench(bench::Options),
    /// Compare two builds of ckn: over 200 commands on specimens, every output byte by byte
    Same(same::Options),
    /// Kill trainings and fill disks: whatever happens, the next run ends with the model of a run without a break
    Kills(kills::Options),
}

fn main() -> ExitCode {
    run(Arguments::parse().chore).unwrap_or_else(|error| {
        eprintln!("xtask: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(chore: Chore) -> anyhow::Result<ExitCode> {
    match chore {
        Chore::Ci => process::run(Command::new("bash").arg(".ci/run").current_dir(process::workspace()))?,
        Chore::Golden => golden::remake()?,
        Chore::Compare(options) => compare::compare(&options)?,
        Chore::Facts(options) => facts::facts(&options)?,
        Chore::Papers(options) => papers::papers(&options)?,
        Chore::Bench(options) => bench::bench(&options)?,
        Chore::Kills(options) => kills::kills(&options)?,
        Chore::Same(options) => return same::same(&options),
        Chore::Reproduce(options) => return reproduce::reproduce(&options),
    }
    Ok(ExitCode::SUCCESS)
}
