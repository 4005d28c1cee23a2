use std::path::PathBuf;

use ckn::bio::shuffle::shuffled_negatives;
use ckn::bio::{Alphabet, io};
use ckn::core::seed::Seed;
use clap::Args;

use super::given::effects;
use crate::exit;
use crate::input::check_names;
use crate::names::alphabet;
use crate::output::{check_apart, check_free, write_results};

/// Shuffle sequences, keeping the counts of their dinucleotides (or k-lets) exactly
#[derive(Debug, Args)]
#[command(after_help = "Writes FASTA; a shuffle of `x` is named `x_shuffled`.\n\nExamples:\n  \
ckn shuffle bound.fa > unbound.fa\n  ckn shuffle bound.fa.gz --number 5 --seed 7 --out unbound.fa")]
pub struct Shuffle {
    /// Sequences: FASTA, FASTQ or table, plain or gzipped; `-` is standard input
    file: PathBuf,
    /// Letters of the words whose counts are kept: 2 for dinucleotides
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=12))]
    k: u8,
    /// Shuffles of each sequence
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    number: u32,
    /// Root of the random stream
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Alphabet of the sequences
    #[arg(long, default_value = "dna", value_parser = alphabet())]
    alphabet: Alphabet,
    /// Accept several sequences of the same name
    #[arg(long)]
    allow_duplicates: bool,
    /// File to write instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long)]
    force: bool,
}

effects!(for Shuffle: file, k, number, seed, alphabet, allow_duplicates, out, force);

impl Shuffle {
    pub fn run(self) -> anyhow::Result<u8> {
        if let Some(out) = &self.out {
            check_free(out, self.force)?;
            check_apart(out, [self.file.as_path()])?;
        }
        let sequences = io::read_sequences(&self.file, self.alphabet)?;
        check_names(&sequences, self.allow_duplicates)?;
        let shuffled = shuffled_negatives(&sequences, usize::from(self.k), self.number as usize, Seed(self.seed))?;
        write_results(self.out.as_deref(), self.force, |mut out| Ok(io::write_fasta(&mut out, &shuffled, 0)?))?;
        Ok(exit::DONE)
    }
}
