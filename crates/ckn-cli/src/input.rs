//! Labelled sequences from the files of the command line.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use ckn::bio::shuffle::shuffled_negatives;
use ckn::bio::{Alphabet, EncodedSequences, LabelledSequences, io};
use ckn::core::seed::Seed;
use clap::{Args, ValueEnum};
use sha2::{Digest, Sha256};

use crate::exit::Usage;

/// Where labelled sequences come from.
#[derive(Debug, Clone, Args)]
#[group(id = "source", required = true, multiple = true)]
pub struct Source {
    /// DeepBind table: tab-separated, header `FoldID EventID seq Bound`, plain or gzipped
    #[arg(long, value_name = "FILE", conflicts_with_all = ["pos", "neg", "tsv"])]
    pub seq: Option<PathBuf>,
    /// Positive sequences: FASTA, FASTQ or table, plain or gzipped; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub pos: Option<PathBuf>,
    /// Negative sequences, in the same formats
    #[arg(long, value_name = "FILE", requires = "pos")]
    pub neg: Option<PathBuf>,
    /// TSV or CSV with a header and the columns `sequence` (or `seq`) and `label`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["pos", "neg"])]
    pub tsv: Option<PathBuf>,
}

/// Which rows of a DeepBind table are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// The first 500 rows: the strongest peaks.
    Top,
    /// All rows.
    All,
}

/// Rows of top mode (CKN-seq, section 3.1).
const TOP: usize = 500;

/// How negatives are made where only positives are given.
#[derive(Debug, Clone, Copy)]
pub struct Shuffles {
    pub per_sequence: usize,
    pub k: usize,
    pub seed: u64,
}

impl Source {
    /// Reads the data; makes negatives by shuffling where there are only positives and `shuffles` says how.
    pub fn read(
        &self,
        alphabet: Alphabet,
        mode: Mode,
        shuffles: Option<Shuffles>,
    ) -> anyhow::Result<LabelledSequences> {
        let data = if let Some(path) = &self.seq {
            let data = io::read_labelled(path, alphabet)?;
            match mode {
                Mode::Top if data.len() > TOP => data.select(&(0..TOP).collect::<Vec<_>>())?,
                _ => data,
            }
        } else if let Some(path) = &self.tsv {
            io::read_labelled(path, alphabet)?
        } else if let Some(path) = &self.pos {
            let positives = io::read_sequences(path, alphabet)?;
            let negatives = match &self.neg {
                Some(path) => io::read_sequences(path, alphabet)?,
                None => EncodedSequences::new(alphabet),
            };
            LabelledSequences::from_classes(&positives, &negatives)?
        } else {
            return Err(Usage("give --seq, --tsv, or --pos and --neg".into()).into());
        };
        data.sequences().check_unique_ids()?;
        let only_positives = data.labels().iter().all(|&label| label == 1.0) && !data.is_empty();
        match shuffles {
            Some(shuffles) if only_positives && shuffles.per_sequence > 0 => {
                let seed = Seed(shuffles.seed);
                let negatives = shuffled_negatives(data.sequences(), shuffles.k, shuffles.per_sequence, seed)?;
                Ok(LabelledSequences::from_classes(data.sequences(), &negatives)?)
            }
            _ => Ok(data),
        }
    }

    /// SHA-256 of each file, by its role.
    pub fn hashes(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let roles = [("seq", &self.seq), ("pos", &self.pos), ("neg", &self.neg), ("tsv", &self.tsv)];
        let mut hashes = BTreeMap::new();
        for (role, path) in roles {
            if let Some(path) = path.as_deref().filter(|path| *path != Path::new("-")) {
                hashes.insert(role.to_owned(), hash(path)?);
            }
        }
        Ok(hashes)
    }
}

fn hash(path: &Path) -> anyhow::Result<String> {
    let mut file = File::open(path).with_context(|| format!("{} cannot be read again", path.display()))?;
    let mut digest = Sha256::new();
    let mut block = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut block).with_context(|| format!("{} cannot be read again", path.display()))?;
        if read == 0 {
            break;
        }
        digest.update(&block[..read]);
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
