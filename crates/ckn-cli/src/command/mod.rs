//! The commands, one a file.

mod attribute;
mod bench;
mod compare;
mod completions;
mod convert;
mod cross_validate;
mod demo;
mod differ;
mod doctor;
mod enrich;
mod evaluate;
pub mod explained;
pub mod given;
mod image;
mod import;
mod info;
mod join;
mod kmers;
mod logo;
mod motifs;
mod mutagenesis;
mod pairs;
pub mod predict;
pub mod recipe;
mod report;
pub mod scan;
#[cfg(test)]
mod schemas;
mod score_table;
mod shuffle;
mod site_arguments;
mod split;
mod sweep;
mod table_arguments;
mod train;
mod tune;
pub mod variants;
mod wilcoxon;
mod words;

use std::ffi::OsString;
use std::io::{Write, stderr};

use ckn::core::set_memory_limit;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use self::given::Given;
use crate::memory;
use crate::talk::printable;

/// Convolutional kernel networks for biological sequences and images: train, evaluate, predict, scan.
#[derive(Debug, Parser)]
#[command(
    name = "ckn",
    version,
    arg_required_else_help = true,
    after_help = "\
First contact:        ckn demo
Your own data:        ckn cv --pos bound.fa --neg unbound.fa
                      ckn train --pos bound.fa --neg unbound.fa --out model.ckn
                      ckn evaluate model.ckn --pos test_bound.fa --neg test_unbound.fa
                      ckn predict model.ckn candidates.fa > scores.tsv
                      ckn scan model.ckn genome.fa --fpr 1e-5 --out hits.bed
                      ckn motifs model.ckn --pos test_bound.fa --neg test_unbound.fa --out motifs
                      ckn motifs --pos bound.fa --neg unbound.fa --out motifs
                      ckn report model.ckn --pos test_bound.fa --neg test_unbound.fa --out report.html
                      ckn attribute model.ckn candidates.fa > attribution.tsv
                      ckn variants model.ckn --vcf calls.vcf.gz --genome genome.fa > effects.tsv
                      ckn info model.ckn
Other programs:       ckn import nfe2.model.txt.gz --out nfe2.ckn
                      ckn kmers nfe2.ckn --top 100
Two sets:             ckn differ --pos bound.fa --neg unbound.fa
                      ckn words --pos bound.fa --neg unbound.fa
Motif files:          ckn enrich known.meme --pos bound.fa --neg unbound.fa
                      ckn pairs found.meme --pos bound.fa --neg unbound.fa
                      ckn compare found.meme known.meme
                      ckn logo found.meme --out logos
                      ckn scan --motifs known.meme genome.fa --out sites.bed
Images:               ckn image train --images train-images.gz --labels train-labels.gz --network gm1 --out digits.ckn
                      ckn image evaluate digits.ckn --images test-images.gz --labels test-labels.gz

Results go to standard output, messages to standard error.
Exit codes: 0 done, 1 internal error, 2 usage, 3 bad input, 4 device, 5 not converged (result written), 130 interrupted."
)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Memory that files may take and one computation may ask for, such as 512M or 8G [default: three quarters of what is free]
    #[arg(long, value_name = "BYTES", global = true, value_parser = memory::parse)]
    memory: Option<u64>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Demo),
    Train(Box<train::Train>),
    Cv(Box<cross_validate::CrossValidate>),
    Tune(Box<tune::Tune>),
    Sweep(sweep::Sweep),
    Evaluate(Box<evaluate::Evaluate>),
    Predict(predict::Predict),
    Scan(Box<scan::Scan>),
    Join(join::Join),
    Motifs(Box<motifs::Motifs>),
    Enrich(Box<enrich::Enrich>),
    Pairs(Box<pairs::Pairs>),
    Differ(Box<differ::Differ>),
    Words(Box<words::Words>),
    Compare(compare::Compare),
    Logo(logo::Logo),
    Convert(convert::Convert),
    Report(Box<report::ReportCommand>),
    Attribute(attribute::Attribute),
    Mutagenesis(mutagenesis::Mutagenesis),
    Variants(variants::Variants),
    Info(info::Info),
    Import(import::Import),
    Kmers(kmers::Kmers),
    Image(image::Image),
    Shuffle(shuffle::Shuffle),
    Split(Box<split::Split>),
    Doctor(doctor::Doctor),
    Wilcoxon(wilcoxon::Wilcoxon),
    Bench(bench::Bench),
    Completions(completions::Completions),
}

/// Parses the command line; ends the program where it is wrong.
pub fn parse(words: &[OsString]) -> (Arguments, Given) {
    let matches = Arguments::command().try_get_matches_from(words).unwrap_or_else(|error| refuse(&error));
    match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => (arguments, Given::of(&matches)),
        Err(error) => refuse(&error),
    }
}

/// Ends the program with a message of the parser, or with the help that was asked for.
fn refuse(error: &clap::Error) -> ! {
    if !error.use_stderr() {
        error.exit();
    }
    // It quotes what was typed, which may come from elsewhere.
    let _ = write!(stderr(), "{}", printable(&error.render().to_string()));
    std::process::exit(error.exit_code())
}

/// Runs a command; the number is the exit code.
pub fn run(arguments: Arguments, given: &Given) -> anyhow::Result<u8> {
    set_memory_limit(arguments.memory.unwrap_or_else(memory::default_limit));
    match arguments.command {
        Command::Demo(command) => given.check(command)?.run(),
        Command::Train(command) => given.check(command)?.run(),
        Command::Cv(command) => given.check(command)?.run(),
        Command::Tune(command) => given.check(command)?.run(),
        Command::Sweep(command) => given.check(command)?.run(),
        Command::Evaluate(command) => given.check(command)?.run(),
        Command::Predict(command) => given.check(command)?.run(),
        Command::Scan(command) => given.check(command)?.run(),
        Command::Join(command) => given.check(command)?.run(),
        Command::Motifs(command) => given.check(command)?.run(),
        Command::Enrich(command) => given.check(command)?.run(),
        Command::Pairs(command) => given.check(command)?.run(),
        Command::Differ(command) => given.check(command)?.run(),
        Command::Words(command) => given.check(command)?.run(),
        Command::Compare(command) => given.check(command)?.run(),
        Command::Logo(command) => given.check(command)?.run(),
        Command::Convert(command) => given.check(command)?.run(),
        Command::Report(command) => given.check(command)?.run(),
        Command::Attribute(command) => given.check(command)?.run(),
        Command::Mutagenesis(command) => given.check(command)?.run(),
        Command::Variants(command) => given.check(command)?.run(),
        Command::Info(command) => given.check(command)?.run(),
        Command::Import(command) => given.check(command)?.run(),
        Command::Kmers(command) => given.check(command)?.run(),
        Command::Image(command) => given.check(command)?.run(given),
        Command::Shuffle(command) => given.check(command)?.run(),
        Command::Split(command) => given.check(command)?.run(),
        Command::Doctor(command) => given.check(command)?.run(),
        Command::Wilcoxon(command) => given.check(command)?.run(),
        Command::Bench(command) => given.check(command)?.run(),
        Command::Completions(command) => given.check(command)?.run(),
    }
}

/// Sets the number of threads, before any work; all cores by default.
///
/// This thread becomes one of them: handing each short task of a minibatch to another thread and waiting for it would
/// take longer than the task. Where the library is embedded, it runs on a thread of the pool that its caller made, and nothing is set.
fn set_threads(threads: Option<usize>) -> anyhow::Result<()> {
    if rayon::current_thread_index().is_some() {
        return Ok(());
    }
    Ok(rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0)).use_current_thread().build_global()?)
}

/// Parses a number of threads: at least one.
fn parse_threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(threads) if (1..=1024).contains(&threads) => Ok(threads),
        _ => Err("a number of threads is between 1 and 1024".into()),
    }
}

/// Parses a number of words: at least one.
fn parse_words(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&words| words > 0).ok_or_else(|| "a number of words is a whole number from 1".into())
}
