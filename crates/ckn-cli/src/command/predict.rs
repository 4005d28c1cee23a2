use std::path::PathBuf;

use anyhow::Context;
use ckn::bio::{Alphabet, EncodedSequences, io};
use ckn::model::{AnyModel, ModelCard};
use clap::Args;

use crate::exit;
use crate::input::{check_lengths, check_names};
use crate::output::{check_apart, check_free, write_results};

/// Score sequences with a trained model
#[derive(Debug, Args)]
#[command(
    after_help = "Prints a table with the columns id and score, in the order of the file. With the logistic loss a \
score is a log-odds: above 0 means more likely positive than not.\n\nExamples:\n  \
ckn predict model.ckn candidates.fa > scores.tsv\n  ckn predict model.ckn peaks.seq.gz --out scores.tsv\n  \
zcat candidates.fa.gz | ckn predict model.ckn -"
)]
pub struct Predict {
    /// The model, as `ckn train` wrote it
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// Sequences: FASTA, FASTQ or table, plain or gzipped; `-` is standard input
    file: PathBuf,
    /// Accept several sequences of the same name
    #[arg(long)]
    allow_duplicates: bool,
    /// File to write instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long)]
    force: bool,
    /// Threads; all cores by default, and the scores do not depend on it
    #[arg(long, value_parser = super::parse_threads)]
    threads: Option<usize>,
}

impl Predict {
    pub fn run(self) -> anyhow::Result<u8> {
        super::set_threads(self.threads)?;
        if let Some(out) = &self.out {
            check_free(out, self.force)?;
            check_apart(out, [self.model.as_path(), self.file.as_path()])?;
        }
        let model = AnyModel::load(&self.model)?;
        let sequences = io::read_sequences(&self.file, alphabet_of(model.card())?)?;
        check_names(&sequences, self.allow_duplicates)?;
        let scores = scores(&model, &sequences)?;
        write_results(self.out.as_deref(), self.force, |out| {
            writeln!(out, "id\tscore")?;
            for (id, score) in sequences.ids().iter().zip(&scores) {
                writeln!(out, "{id}\t{score}")?;
            }
            Ok(())
        })?;
        Ok(exit::DONE)
    }
}

/// The alphabet a model was trained on.
pub fn alphabet_of(card: &ModelCard) -> anyhow::Result<Alphabet> {
    Alphabet::from_name(&card.alphabet).context("the alphabet of the model is unknown")
}

/// Scores, with a short sequence named by its place in the file.
pub fn scores(model: &AnyModel, sequences: &EncodedSequences) -> anyhow::Result<Vec<f64>> {
    check_lengths(sequences, model.shortest_sequence())?;
    Ok(model.scores(sequences.view())?)
}
