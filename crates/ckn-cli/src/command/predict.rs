use std::path::PathBuf;

use ckn::bio::{Alphabet, EncodedSequences, io};
use ckn::model::{Model, ModelCard};
use clap::Args;

use super::given::{Effects, Given, effects};
use crate::exit::{self, Usage};
use crate::input::{BedArguments, check_lengths, check_names, load_model};
use crate::output::{check_apart, check_free, write_results};
use crate::talk::{counted, say};

/// Score sequences with a trained model
#[derive(Debug, Args)]
#[command(
    after_help = "Prints a table with the columns id and score, in the order of the file. With the logistic loss a \
score is a log-odds: above 0 means more likely positive than not. A model of several tasks or classes has a column score:NAME \
for each.\n\nExamples:\n  \
ckn predict model.ckn candidates.fa > scores.tsv\n  ckn predict model.ckn peaks.seq.gz --out scores.tsv\n  \
ckn predict model.ckn --bed peaks.bed --genome hg38.2bit --window 101\n  \
zcat candidates.fa.gz | ckn predict model.ckn -"
)]
pub struct Predict {
    /// The model, as `ckn train` wrote it
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// Sequences: FASTA, FASTQ or table, plain or gzipped; `-` is standard input
    #[arg(required_unless_present = "bed", conflicts_with = "bed")]
    file: Option<PathBuf>,
    #[command(flatten)]
    intervals: BedArguments,
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

impl Effects for Predict {
    fn check(&self, given: &Given) -> Result<(), Usage> {
        effects!(given, self; model, file, intervals, allow_duplicates, out, force, threads)?;
        self.intervals.check_effects(given)
    }
}

impl Predict {
    pub fn run(self) -> anyhow::Result<u8> {
        super::set_threads(self.threads)?;
        if let Some(out) = &self.out {
            check_free(out, self.force)?;
            let files = self.intervals.files().map(|(_, path)| path).chain(self.file.as_deref());
            check_apart(out, files.chain([self.model.as_path()]))?;
        }
        let model = load_model(&self.model, self.file.as_deref())?;
        let sequences = self.read(alphabet_of(model.card())?)?;
        say_short(&model, &sequences);
        let scores = scores(&model, &sequences)?;
        write_results(self.out.as_deref(), self.force, |out| {
            let outputs = &model.card().outputs;
            let columns: Vec<String> = match outputs.as_slice() {
                [] => vec!["score".to_owned()],
                names => names.iter().map(|name| format!("score:{name}")).collect(),
            };
            writeln!(out, "id\t{}", columns.join("\t"))?;
            for (id, scores) in sequences.ids().iter().zip(scores.chunks_exact(columns.len())) {
                write!(out, "{id}")?;
                scores.iter().try_for_each(|score| write!(out, "\t{score}"))?;
                writeln!(out)?;
            }
            Ok(())
        })?;
        Ok(exit::DONE)
    }

    fn read(&self, alphabet: Alphabet) -> anyhow::Result<EncodedSequences> {
        let mut notes = Vec::new();
        if let Some(peaks) = self.intervals.read(alphabet, self.allow_duplicates, &mut notes)? {
            notes.iter().for_each(say);
            return Ok(peaks.cut.sequences);
        }
        let Some(file) = &self.file else {
            return Err(Usage("no sequences: give a file, or --bed and --genome".into()).into());
        };
        let sequences = io::read_sequences(file, alphabet)?;
        check_names(&sequences, self.allow_duplicates)?;
        Ok(sequences)
    }
}

/// Says how many sequences have a score though they are shorter than a window of the model.
fn say_short(model: &Model, sequences: &EncodedSequences) {
    let shortest = model.shortest_sequence();
    let short = sequences.iter().filter(|tokens| tokens.len() < shortest).count();
    if model.card().pad_short && short > 0 {
        say(format_args!(
            "{short} of {} are shorter than {shortest} letters, which the model looks at: their scores say little",
            counted(sequences.len(), "sequence")
        ));
    }
}

/// The alphabet a model was trained on.
pub fn alphabet_of(card: &ModelCard) -> anyhow::Result<Alphabet> {
    Ok(Alphabet::with_letters(&card.alphabet, &card.letters)?)
}

/// Scores, with a short sequence named by its place in the file.
pub fn scores(model: &Model, sequences: &EncodedSequences) -> anyhow::Result<Vec<f64>> {
    if !model.card().pad_short {
        check_lengths(sequences, model.shortest_sequence())?;
    }
    Ok(model.scores(sequences.view())?)
}
