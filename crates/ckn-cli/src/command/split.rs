mod leaking;

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

use ckn::bio::{Alphabet, Division, LabelledSequences, Leak, chromosomes, io};
use ckn::core::seed::Seed;
use clap::{Args, ValueEnum};

use self::leaking::OnLeak;
pub use self::leaking::shown;
use super::given::{Effects, Given, effects};
use crate::exit::{self, Input, Usage};
use crate::input::{Loaded, Mode, NegativesArguments, Source, Unasked, check_names};
use crate::names::alphabet;
use crate::output::{check_apart, check_free, write_results};
use crate::talk::say;

/// Divide labelled sequences into training and test sets, and check that no sequence stands on both sides
#[derive(Debug, Args)]
#[command(after_help = "\
Writes PREFIX.train.tsv and PREFIX.test.tsv, or PREFIX.fold1.train.tsv, PREFIX.fold1.test.tsv and so on for --folds, with the \
columns id, sequence, label, and group where there are groups: `ckn train --tsv` and `ckn evaluate --tsv` read them.

  --by fold         at random, with as much of each label in each fold
  --by chromosome   by the chromosome in names such as chr1:100-201; either --test chr1,chr8 or --folds
  --by group        by the column `group` of a table (--tsv); either --test NAMES or --folds

A training sequence leaks if a test sequence has the same letters, is its reverse complement, or holds the same part of a \
genome, as names chrom:start-end say. Leaks are counted; --leaks lists them; --on-leak drop leaves them out of the training \
sets.

Prints a table of one row per division: training and test (files), training_records, training_positives, test_records, \
test_positives, leaks, dropped.

Examples:
  ckn split --pos bound.fa --neg unbound.fa --by fold --folds 5 --out cv
  ckn split --bed peaks.narrowPeak --genome hg38.2bit --window 101 --negatives genome --by chromosome --test chr1,chr8 --out peaks
  ckn split --tsv families.tsv --by group --folds 3 --on-leak drop --out families")]
pub struct Split {
    #[command(flatten, next_help_heading = "Data")]
    source: Source,
    /// Rows of a DeepBind table [default: all]
    #[arg(long, help_heading = "Data", value_enum)]
    mode: Option<Mode>,
    /// Accept several sequences of the same name in a file
    #[arg(long, help_heading = "Data")]
    allow_duplicates: bool,
    /// Alphabet of the sequences
    #[arg(long, help_heading = "Data", default_value = "dna", value_parser = alphabet())]
    alphabet: Alphabet,
    #[command(flatten, next_help_heading = "Data")]
    negatives: NegativesArguments,
    /// What decides on which side a sequence stands
    #[arg(long, help_heading = "Division", value_enum)]
    by: By,
    /// Number of folds, each of which is the test set once
    #[arg(long, help_heading = "Division", value_name = "NUMBER", conflicts_with = "test",
        value_parser = clap::value_parser!(u32).range(2..=1000))]
    folds: Option<u32>,
    /// Chromosomes or groups of the test set, separated by commas
    #[arg(long, help_heading = "Division", value_name = "NAMES", value_delimiter = ',')]
    test: Vec<String>,
    /// What to do about training sequences that the test set holds, too
    #[arg(long, help_heading = "Division", value_enum, default_value_t = OnLeak::Report)]
    on_leak: OnLeak,
    /// Root of the random streams
    #[arg(long, help_heading = "Division", default_value_t = 0)]
    seed: u64,
    /// Beginning of the names of all files written
    #[arg(long, value_name = "PREFIX", help_heading = "Output")]
    out: PathBuf,
    /// Also write a table of all leaks: training (file), id, test_id, kind, overlap (bp)
    #[arg(long, value_name = "TSV", help_heading = "Output")]
    leaks: Option<PathBuf>,
    /// Overwrite existing files
    #[arg(long, help_heading = "Output")]
    force: bool,
    /// No messages on standard error
    #[arg(long, short, help_heading = "Output")]
    quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// At random
    Fold,
    /// By chromosome
    Chromosome,
    /// By the column `group`
    Group,
}

/// One division, its files and its leaks.
struct Part {
    training: PathBuf,
    test: PathBuf,
    division: Division,
    leaks: Vec<Leak>,
    dropped: usize,
}

impl Effects for Split {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        let still = self.folds.is_none() && !self.negatives.is_asked();
        effects!(given, self; source, allow_duplicates, alphabet, negatives, by, folds, on_leak, out, leaks, force, quiet; mode => self.source.seq.is_none().then_some("picks rows of a DeepBind table: it goes with --seq");
            test => (self.by == By::Fold).then_some("names chromosomes or groups: it goes with --by chromosome or --by group");
            seed => still.then_some("has no effect on --test, where nothing is random: drop it"))?;
        self.source.check_effects(given)?;
        self.negatives.check(given, Unasked::Nothing, self.source.intervals.genome.is_some(), None)
    }
}

impl Split {
    pub fn run(self) -> anyhow::Result<u8> {
        self.check()?;
        let files = self.files();
        let outputs: Vec<&Path> = files.iter().flat_map(|(training, test)| [training.as_path(), test]).collect();
        for path in outputs.iter().copied().chain(self.leaks.as_deref()) {
            check_free(path, self.force)?;
            check_apart(path, self.source.paths())?;
        }
        if let Some(leaks) = &self.leaks {
            check_apart(leaks, outputs)?;
        }
        let (data, groups) = self.read()?;
        let seed = Seed(self.seed);
        let divisions = match self.folds {
            Some(folds) => Division::of_folds(data.labels(), groups.as_deref(), folds as usize, seed)?,
            None => vec![Division::holding_out(groups.as_deref().unwrap_or_default(), &self.test)?],
        };
        let mut parts = Vec::with_capacity(divisions.len());
        for ((training, test), mut division) in files.into_iter().zip(divisions) {
            let leaks = division.leaks(data.sequences())?;
            let mut dropped = 0;
            if self.on_leak == OnLeak::Drop {
                dropped = leaks.len();
                division.drop_leaks(&leaks).map_err(|_| {
                    Input("every training sequence is in the test set, too: divide by chromosome or group".into())
                })?;
            }
            parts.push(Part { training, test, division, leaks, dropped });
        }
        if let Some(path) = &self.leaks {
            write_results(Some(path), self.force, |out| leaking::write(out, &data, &parts))?;
        }
        self.judge(&data, &parts)?;
        for Part { training, test, division, .. } in &parts {
            for (path, records) in [(training, &division.training), (test, &division.test)] {
                write_results(Some(path), self.force, |out| write_records(out, &data, groups.as_deref(), records))?;
            }
        }
        write_results(None, false, |out| write_summary(out, &data, &parts))?;
        Ok(exit::DONE)
    }

    /// Checks the options, before anything is read.
    fn check(&self) -> anyhow::Result<()> {
        let refuse = |message: &str| Err(Usage(message.into()).into());
        self.source.check()?;
        match (self.by, self.folds, self.test.is_empty()) {
            (By::Fold, None, true) => return refuse("--by fold needs --folds, such as --folds 5"),
            (_, None, true) => return refuse("say which chromosomes or groups to test on by --test, or give --folds"),
            _ => {}
        }
        if self.by == By::Group && self.source.tsv.is_none() {
            return refuse("--by group reads the column `group` of a table: it goes with --tsv");
        }
        Ok(())
    }

    /// Names of training and test files.
    fn files(&self) -> Vec<(PathBuf, PathBuf)> {
        let name = |ending: &str| {
            let mut name = OsString::from(&self.out);
            name.push(ending);
            PathBuf::from(name)
        };
        match self.folds {
            None => vec![(name(".train.tsv"), name(".test.tsv"))],
            Some(folds) => (1..=folds)
                .map(|fold| (name(&format!(".fold{fold}.train.tsv")), name(&format!(".fold{fold}.test.tsv"))))
                .collect(),
        }
    }

    /// Reads the data and the group of each sequence, and makes negatives if asked to.
    fn read(&self) -> anyhow::Result<(LabelledSequences, Option<Vec<String>>)> {
        let loaded = match &self.source.tsv {
            Some(path) => {
                let data = io::read_grouped(path, self.alphabet)?;
                check_names(data.sequences(), self.allow_duplicates)?;
                Loaded::of(data)
            }
            None => self.source.read(self.alphabet, self.mode.unwrap_or(Mode::All), self.allow_duplicates)?,
        };
        let loaded = self.negatives.add(loaded, self.seed, Unasked::Nothing)?;
        if !self.quiet {
            loaded.notes.iter().for_each(say);
        }
        let data = loaded.data;
        let groups = data.groups().map(<[String]>::to_vec);
        let groups = match self.by {
            By::Fold => groups,
            By::Chromosome => Some(chromosomes(data.sequences())?),
            By::Group if groups.is_none() => {
                let path = self.source.tsv.as_deref().unwrap_or(Path::new("the table"));
                let message = format!("{} has no column `group`: add one, or split --by fold", path.display());
                return Err(Input(message).into());
            }
            By::Group => groups,
        };
        Ok((data, groups))
    }

    /// Says what leaks, and refuses it if asked to.
    fn judge(&self, data: &LabelledSequences, parts: &[Part]) -> anyhow::Result<()> {
        let leaks: Vec<&Leak> = parts.iter().flat_map(|part| &part.leaks).collect();
        if leaks.is_empty() {
            return Ok(());
        }
        let few: Vec<String> = leaks.iter().take(3).map(|leak| shown(leak, data.sequences())).collect();
        let more = if leaks.len() > few.len() { ", ..." } else { "" };
        let count = leaks.len();
        let sequences = if count == 1 { "training sequence leaks" } else { "training sequences leak" };
        let message = format!("{count} {sequences} into the test: {}{more}", few.join(", "));
        match self.on_leak {
            OnLeak::Refuse => {
                Err(Input(format!("{message}: leave them out by --on-leak drop, or divide by chromosome or group"))
                    .into())
            }
            _ if self.quiet => Ok(()),
            OnLeak::Drop => {
                say(format_args!("{message}; left out of the training"));
                Ok(())
            }
            OnLeak::Report => {
                say(format_args!("{message}; --on-leak drop leaves them out of the training"));
                Ok(())
            }
        }
    }
}

fn write_records(
    out: &mut dyn Write,
    data: &LabelledSequences,
    groups: Option<&[String]>,
    records: &[usize],
) -> anyhow::Result<()> {
    writeln!(out, "id\tsequence\tlabel{}", if groups.is_some() { "\tgroup" } else { "" })?;
    for &record in records {
        let id = quoted(&data.sequences().ids()[record]);
        let (letters, label) = (data.sequences().decode(record), data.labels()[record]);
        match data.classes().get(label as usize) {
            Some(class) => write!(out, "{id}\t{letters}\t{}", quoted(class))?,
            None => write!(out, "{id}\t{letters}\t{label}")?,
        }
        match groups {
            Some(groups) => writeln!(out, "\t{}", quoted(&groups[record]))?,
            None => writeln!(out)?,
        }
    }
    Ok(())
}

/// A cell as readers of tables take it: only one that starts with a quote needs quotes.
fn quoted(cell: &str) -> String {
    if cell.starts_with('"') { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

fn write_summary(out: &mut dyn Write, data: &LabelledSequences, parts: &[Part]) -> anyhow::Result<()> {
    let two_classes = data.labels().iter().all(|&label| label == 0.0 || label == 1.0);
    let positives = |records: &[usize]| {
        let count = records.iter().filter(|&&record| data.labels()[record] == 1.0).count();
        if two_classes { count.to_string() } else { "NA".to_owned() }
    };
    writeln!(
        out,
        "training\ttest\ttraining_records\ttraining_positives\ttest_records\ttest_positives\tleaks\tdropped"
    )?;
    for Part { training, test, division, leaks, dropped } in parts {
        writeln!(
            out,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{dropped}",
            training.display(),
            test.display(),
            division.training.len(),
            positives(&division.training),
            division.test.len(),
            positives(&division.test),
            leaks.len()
        )?;
    }
    Ok(())
}
