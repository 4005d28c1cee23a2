//! Mutated files through every reader, on stable Rust: nothing may panic, hang, ask for much memory, or speak without saying where.
//!
//! ```text
//! cargo run --release -p ckn-fuzz                              each target, for a while
//! cargo run --release -p ckn-fuzz -- fasta --executions 1e7    one target
//! cargo run --release -p ckn-fuzz -- model --seed 3 --from 812 --executions 1    what went wrong, again
//! ```
//!
//! A mutation depends on the target, the seed and its number alone. Input that something went wrong with is written to
//! `fuzz/regressions/TARGET`, which is run first, ever after.

// A program for a terminal: what it prints is its result.
#![allow(clippy::print_stdout)]
// A target says by a panic that something is wrong with what was accepted.
#![allow(clippy::panic)]

mod corpus;
mod mutate;
mod run;
mod targets;

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;

use self::run::{Runner, peak_memory};
use self::targets::TARGETS;

/// Mutated files through every reader.
#[derive(Debug, Parser)]
#[command(name = "ckn-fuzz")]
struct Arguments {
    /// Targets; all of them by default
    target: Vec<String>,
    /// Runs of each target
    #[arg(long, default_value = "20000", value_parser = number)]
    executions: u64,
    /// Number of the first mutation
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Root of the random stream
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

/// Bytes that readers may hold.
const MEMORY: u64 = 256 << 20;

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    ckn::core::set_memory_limit(MEMORY);
    if let Some(unknown) = arguments.target.iter().find(|name| TARGETS.iter().all(|target| target.name != **name)) {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        anyhow::bail!("there is no target {unknown}: {}", names.join(", "));
    }
    let chosen = |name: &str| arguments.target.is_empty() || arguments.target.iter().any(|target| target == name);
    // A panic is caught, counted and shown once, by whoever runs.
    std::panic::set_hook(Box::new(|_| {}));
    println!("target\tseeds\texecutions\taccepted\trefused\tfailures\tslowest_ms\tpeak_mb\tseconds");
    let mut failures = 0;
    for target in TARGETS.iter().filter(|target| chosen(target.name)) {
        let start = Instant::now();
        let mut runner = Runner::new(target, arguments.seed)?;
        runner.run_known()?;
        runner.run_mutations(arguments.from, arguments.executions)?;
        let tally = &runner.tally;
        let (seeds, seconds) = (runner.seeds(), start.elapsed().as_secs_f64());
        println!(
            "{}\t{seeds}\t{}\t{}\t{}\t{}\t{:.1}\t{}\t{seconds:.0}",
            target.name,
            tally.accepted + tally.refused,
            tally.accepted,
            tally.refused,
            tally.failures.len(),
            1e3 * tally.slowest.as_secs_f64(),
            peak_memory().map_or("NA".to_owned(), |bytes| (bytes >> 20).to_string()),
        );
        for failure in &tally.failures {
            println!("# {}: {failure}", target.name);
        }
        failures += tally.failures.len();
    }
    Ok(if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A number of runs, also as 1e6.
fn number(text: &str) -> Result<u64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (0.0..=1e12).contains(number));
    number
        .map(|number| number as u64)
        .ok_or_else(|| "a number of runs is a whole number, such as 1000 or 1e6".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_stands_its_corpus_and_some_mutations() {
        ckn::core::set_memory_limit(MEMORY);
        for target in TARGETS {
            let mut runner = Runner::new(target, 0).unwrap();
            runner.run_known().unwrap();
            assert!(runner.tally.accepted > 0, "{}: no seed is accepted", target.name);
            runner.run_mutations(0, 300).unwrap();
            assert!(runner.tally.failures.is_empty(), "{}: {:?}", target.name, runner.tally.failures);
            assert!(runner.tally.refused > 0, "{}: no mutation is refused", target.name);
        }
    }
}
