//! What the commands that give reasons share: a model of one output, and the sequences that it is asked about.

use std::fmt::Display;
use std::ops::Range;
use std::path::{Path, PathBuf};

use ckn::bio::{Alphabet, EncodedSequences, io};
use ckn::interpret::Explainer;
use ckn::model::{Lengths, Model, ModelCard};
use clap::Args;

use super::given::{Given, effects};
use super::table_arguments::TableArguments;
use crate::exit::Usage;
use crate::input::{BedArguments, check_lengths, check_names, load_model};

/// Letters of the sequences that are taken at once.
const LETTERS: usize = 1 << 18;

/// Sequences to explain, and where the reasons go.
#[derive(Debug, Args)]
pub struct Explained {
    /// The model, as `ckn train` wrote it
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// Sequences: FASTA, FASTQ or table, plain or gzipped; `-` is standard input
    #[arg(required_unless_present = "bed", conflicts_with = "bed")]
    file: Option<PathBuf>,
    #[command(flatten)]
    peaks: BedArguments,
    /// The output whose scores count, of a model of several tasks or classes
    #[arg(long, value_name = "NAME")]
    output: Option<String>,
    /// Accept several sequences of the same name
    #[arg(long)]
    allow_duplicates: bool,
    #[command(flatten)]
    pub table: TableArguments,
}

/// A model and the sequences of a file, long enough for it.
pub struct Ready {
    pub model: Model,
    pub alphabet: Alphabet,
    sequences: EncodedSequences,
    /// Letters of each sequence before it was lengthened by unknown ones.
    lengths: Vec<usize>,
}

/// Some of the sequences.
pub struct Part {
    pub sequences: EncodedSequences,
    /// Letters that they have in the file.
    pub lengths: Vec<usize>,
}

impl Explained {
    /// Says that each option has an effect.
    pub fn check_effects(&self, given: &Given) -> Result<(), Usage> {
        effects!(given, self; model, file, peaks, output, allow_duplicates, table)?;
        self.peaks.check_effects(given)?;
        self.table.check_effects(given)
    }

    /// Checks the files, and reads them.
    pub fn ready(&self) -> anyhow::Result<Ready> {
        let files = self.file.as_deref().into_iter().chain(self.peaks.files().map(|(_, path)| path));
        self.table.prepare(files.chain([self.model.as_path()]))?;
        let model = load(&self.model, self.output.as_deref())?;
        let alphabet = super::predict::alphabet_of(model.card())?;
        let mut sequences = self.sequences(alphabet)?;
        let lengths = sequences.iter().map(<[u8]>::len).collect();
        let shortest = model.shortest_sequence();
        match model.card().pad_short {
            true => sequences = sequences.padded(shortest),
            false => check_lengths(&sequences, shortest)?,
        }
        Ok(Ready { model, alphabet, sequences, lengths })
    }

    fn sequences(&self, alphabet: Alphabet) -> anyhow::Result<EncodedSequences> {
        let Some(file) = &self.file else {
            let mut notes = Vec::new();
            let peaks = self.peaks.read(alphabet, self.allow_duplicates, &mut notes)?;
            notes.iter().for_each(|note| self.say(note));
            return peaks
                .map(|peaks| peaks.cut.sequences)
                .ok_or_else(|| Usage("no sequences: give a file of them, or --bed with --genome".to_owned()).into());
        };
        let sequences = io::read_sequences(file, alphabet)?;
        check_names(&sequences, self.allow_duplicates)?;
        Ok(sequences)
    }

    /// Says one line, unless nothing is to be said.
    pub fn say(&self, message: impl Display) {
        if !self.table.quiet {
            crate::talk::say(message);
        }
    }
}

impl Ready {
    /// The model, ready to give reasons.
    pub fn explainer(&self) -> anyhow::Result<Explainer<'_>> {
        Ok(Explainer::new(&self.model, self.alphabet)?)
    }

    /// Number of sequences.
    pub fn len(&self) -> usize {
        self.lengths.len()
    }

    /// Letters of each sequence, as it stands in the file.
    pub fn lengths(&self) -> &[usize] {
        &self.lengths
    }

    /// The sequences, a few at a time.
    pub fn parts(&self) -> impl Iterator<Item = anyhow::Result<Part>> {
        let mut start = 0;
        std::iter::from_fn(move || {
            let mut letters = 0;
            let fits = |length: &&usize| {
                letters += **length;
                letters <= LETTERS
            };
            let rest = self.lengths.get(start..).filter(|rest| !rest.is_empty())?;
            let part = start..start + rest.iter().take_while(fits).count().max(1);
            start = part.end;
            Some(self.part(part))
        })
    }

    fn part(&self, range: Range<usize>) -> anyhow::Result<Part> {
        let lengths = self.lengths[range.clone()].to_vec();
        Ok(Part { sequences: self.sequences.select(&range.collect::<Vec<_>>())?, lengths })
    }
}

/// Loads a model; of several outputs, the one that is named.
pub fn load(path: &Path, output: Option<&str>) -> anyhow::Result<Model> {
    let model = load_model(path, [])?;
    let Some(name) = output else {
        let outputs = model.card().outputs.clone();
        return if outputs.is_empty() { Ok(model) } else { Err(ckn::model::Error::Outputs { outputs }.into()) };
    };
    model.output(name).ok_or_else(|| no_output(model.card(), path, name))
}

/// A model does not have an output.
pub fn no_output(card: &ModelCard, path: &Path, name: &str) -> anyhow::Error {
    let has = if card.outputs.is_empty() { "one output, without a name".to_owned() } else { card.outputs.join(", ") };
    Usage(format!("{} has no output {name}: it has {has}", path.display())).into()
}

/// Letters of a window: those asked for by an option, or those of the training sequences, if they have one length.
pub fn window_of(card: &ModelCard, asked: Option<usize>, option: &str) -> anyhow::Result<usize> {
    if let Some(length) = asked.or_else(|| card.lengths?.common()) {
        return Ok(length);
    }
    let message = match card.lengths {
        Some(Lengths { shortest, longest }) => format!(
            "the model was trained on sequences of {shortest} to {longest} letters: choose a window by {option}"
        ),
        None => format!("the model does not say how long its training sequences were: give {option}"),
    };
    Err(Usage(message).into())
}
