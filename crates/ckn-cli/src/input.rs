//! Labelled sequences from the files of the command line.

mod alike;
mod bed;
mod classes;
mod labelled;
mod looks;
mod negatives;
mod same;
mod tasks;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use ckn::bio::{Alphabet, EncodedSequences, LabelledSequences, io::read_labelled, io::read_sequences};
use ckn::core::loss::Loss;
use clap::{Args, ValueEnum};
use sha2::{Digest, Sha256};

pub use self::alike::alike;
pub use self::bed::{BedArguments, Peaks};
pub use self::classes::{in_classes_of, positives_and_negatives};
pub use self::labelled::LabelledArguments;
pub use self::looks::load_model;
pub use self::negatives::{NegativesArguments, Unasked};
use self::same::check_differ;
pub use self::tasks::{TaskArguments, check_classes};
use crate::command::given::{Given, effects};
use crate::exit::{Input, Usage};

/// Where labelled sequences come from.
#[derive(Debug, Clone, Args)]
pub struct Source {
    /// DeepBind table: tab-separated, header `FoldID EventID seq Bound`, plain or gzipped
    #[arg(long, value_name = "FILE", conflicts_with_all = ["pos", "neg", "tsv", "bed"])]
    pub seq: Option<PathBuf>,
    /// Positive sequences: FASTA, FASTQ or table, plain or gzipped; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "bed")]
    pub pos: Option<PathBuf>,
    /// Negative sequences, in the same formats
    #[arg(long, value_name = "FILE", requires = "pos")]
    pub neg: Option<PathBuf>,
    /// TSV or CSV with a header and the columns `sequence` (or `seq`) and `label`: 0 and 1, measurements, or names of classes
    #[arg(long, value_name = "FILE", conflicts_with_all = ["pos", "neg", "bed"])]
    pub tsv: Option<PathBuf>,
    #[command(flatten)]
    pub intervals: BedArguments,
    /// Intervals of negatives, in the same formats and genome
    #[arg(long, value_name = "FILE", requires = "bed")]
    pub neg_bed: Option<PathBuf>,
    /// Of a program that has them: in place of files.
    #[arg(skip)]
    pub memory: Option<LabelledSequences>,
}

/// Which rows of a DeepBind table are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// The first 500 rows: the strongest peaks
    Top,
    /// All rows
    All,
}

/// Rows of top mode (CKN-seq, section 3.1).
const TOP: usize = 500;

/// What was read.
#[derive(Debug)]
pub struct Loaded {
    pub data: LabelledSequences,
    /// The positives, if they were cut from a genome.
    pub peaks: Option<Peaks>,
    /// What there is to say about it.
    pub notes: Vec<String>,
}

impl Loaded {
    /// Data without a genome.
    pub fn of(data: LabelledSequences) -> Self {
        Self { data, peaks: None, notes: Vec::new() }
    }
}

impl Source {
    /// The files, by their roles.
    fn files(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        let (seq, pos, neg) = (("seq", &self.seq), ("pos", &self.pos), ("neg", &self.neg));
        let roles = [seq, pos, neg, ("tsv", &self.tsv), ("neg_bed", &self.neg_bed)];
        roles.into_iter().filter_map(|(role, path)| Some((role, path.as_deref()?))).chain(self.intervals.files())
    }

    /// The paths of all files.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files().map(|(_, path)| path)
    }

    /// Says when each option has an effect: what goes with what is said where they are declared.
    pub fn check_effects(&self, given: &Given) -> Result<(), Usage> {
        effects!(given, self; seq, pos, neg, tsv, intervals, neg_bed, memory)?;
        self.intervals.check_effects(given)
    }

    /// Checks, before any work, that there is something to read, and standard input at most once.
    pub fn check(&self) -> anyhow::Result<()> {
        if self.memory.is_some() {
            return Ok(());
        }
        if self.files().next().is_none() {
            return Err(Usage("no sequences: give --seq, --tsv, --pos and --neg, or --bed and --genome".into()).into());
        }
        if self.paths().filter(|path| *path == Path::new("-")).count() > 1 {
            return Err(Usage("standard input can be read only once: give one of the files by name".into()).into());
        }
        Ok(())
    }

    /// Reads the sequences and their labels; two of the same name in one file only if that is allowed.
    pub fn read(&self, alphabet: Alphabet, mode: Mode, allow_duplicates: bool) -> anyhow::Result<Loaded> {
        self.check()?;
        if let Some(data) = &self.memory {
            return Ok(Loaded::of(data.clone()));
        }
        let read_class = |path: &Path| -> anyhow::Result<EncodedSequences> {
            let sequences = read_sequences(path, alphabet)?;
            check_names(&sequences, allow_duplicates)?;
            Ok(sequences)
        };
        if let Some(path) = &self.pos {
            if let Some(negatives) = &self.neg {
                check_differ(path, negatives)?;
            }
            let positives = read_class(path)?;
            let negatives = match &self.neg {
                Some(path) => read_class(path)?,
                None => EncodedSequences::new(alphabet),
            };
            return Ok(Loaded::of(LabelledSequences::from_classes(&positives, &negatives)?));
        }
        let mut notes = Vec::new();
        if let (Some(bed), Some(negatives)) = (&self.intervals.bed, &self.neg_bed) {
            check_differ(bed, negatives)?;
        }
        if let Some(peaks) = self.intervals.read(alphabet, allow_duplicates, &mut notes)? {
            let negatives = match &self.neg_bed {
                Some(_) if !peaks.genome.is_file() => {
                    let message = "a pipe, such as standard input, is read once: --neg-bed needs a genome in a file";
                    return Err(Usage(message.into()).into());
                }
                Some(path) => self.intervals.cut(path, &peaks.genome, allow_duplicates, &mut notes)?.1.sequences,
                None => EncodedSequences::new(alphabet),
            };
            let data = LabelledSequences::from_classes(&peaks.cut.sequences, &negatives)?;
            return Ok(Loaded { data, peaks: Some(peaks), notes });
        }
        let Some(path) = self.seq.as_deref().or(self.tsv.as_deref()) else {
            return Err(Usage("give --seq, --tsv, --pos and --neg, or --bed and --genome".into()).into());
        };
        let data = read_labelled(path, alphabet)?;
        check_names(data.sequences(), allow_duplicates)?;
        Ok(Loaded::of(match mode {
            Mode::Top if data.len() > TOP => data.select(&(0..TOP).collect::<Vec<_>>())?,
            _ => data,
        }))
    }

    /// SHA-256 of each file, by its role.
    pub fn hashes(&self) -> anyhow::Result<BTreeMap<String, String>> {
        hashes(self.files().map(|(role, path)| (role.to_owned(), path)))
    }
}

/// SHA-256 of files, by their roles. Standard input and pipes, which can be read only once, have none.
pub fn hashes<'a>(files: impl Iterator<Item = (String, &'a Path)>) -> anyhow::Result<BTreeMap<String, String>> {
    let mut hashes = BTreeMap::new();
    for (role, path) in files {
        if fs::metadata(path).is_ok_and(|there| there.is_file()) {
            let hash = hash(path).map_err(|cause| Input(format!("{} cannot be read: {cause}", path.display())))?;
            hashes.insert(role, hash);
        }
    }
    Ok(hashes)
}

/// Whether there are positives and nothing else.
pub fn only_positives(data: &LabelledSequences) -> bool {
    !data.is_empty() && data.labels().iter().all(|&label| label == 1.0)
}

/// Checks that every label is one that the loss knows; `remedy` ends the message.
pub fn check_labels(data: &LabelledSequences, loss: Loss, remedy: &str) -> anyhow::Result<()> {
    for (task, name) in data.tasks().iter().enumerate() {
        if let Some(label) = data.known_labels(task).find(|&label| loss.check_label(label, 2).is_err()) {
            let message = format!("task {name} has the label {label}: labels of two classes are 0 and 1{remedy}");
            return Err(Input(message).into());
        }
    }
    if !data.tasks().is_empty() {
        return Ok(());
    }
    let classes = if loss == Loss::Multinomial { usize::MAX } else { 2 };
    match data.labels().iter().position(|&label| loss.check_label(label, classes).is_err()) {
        None => Ok(()),
        Some(record) if loss == Loss::Multinomial => {
            let (place, label) = (data.sequences().place(record), data.labels()[record]);
            Err(Input(format!("{place} has the label {label}: classes are numbered 0, 1, 2, …")).into())
        }
        Some(record) => {
            let (place, label) = (data.sequences().place(record), data.labels()[record]);
            Err(Input(format!("{place} has the label {label}: labels of two classes are 0 and 1{remedy}")).into())
        }
    }
}

/// Refuses sequences without a window; names the first, by its place in the file.
pub fn check_lengths(sequences: &EncodedSequences, shortest: usize) -> anyhow::Result<()> {
    match sequences.iter().position(|tokens| tokens.len() < shortest) {
        None => Ok(()),
        Some(record) => {
            let (place, length) = (sequences.place(record), sequences.sequence(record).len());
            let more = sequences.iter().skip(record + 1).filter(|tokens| tokens.len() < shortest).count();
            let others = if more > 0 { format!(" ({more} more sequences are too short)") } else { String::new() };
            Err(Input(format!(
                "{place} has {length} letters{others}, and the network needs {shortest}: remove or lengthen such sequences, or \
                 train with a smaller --width, with --border same or with --short pad"
            ))
            .into())
        }
    }
}

/// Refuses two sequences of the same name, which tables of scores could not tell apart, unless they are asked for.
pub fn check_names(sequences: &EncodedSequences, allow_duplicates: bool) -> anyhow::Result<()> {
    match sequences.check_unique_ids() {
        Err(error) if !allow_duplicates => Err(Input(format!("{error}, or accept both by --allow-duplicates")).into()),
        _ => Ok(()),
    }
}

/// SHA-256 of a file.
pub fn hash(path: &Path) -> io::Result<String> {
    struct Digested(Sha256);
    impl io::Write for Digested {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut digest = Digested(Sha256::new());
    io::copy(&mut File::open(path)?, &mut digest)?;
    Ok(hexadecimal(digest.0))
}

/// What was digested, in hexadecimal digits.
pub fn hexadecimal(digest: Sha256) -> String {
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
