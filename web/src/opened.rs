//! A model and the questions that the page has.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

use ckn_bio::io::{SequenceReader, Source};
use ckn_bio::{Alphabet, EncodedSequences};
use ckn_core::loss::Loss;
use ckn_core::pooling::Strands;
use ckn_interpret::Explainer;
use ckn_model::Model;
use self_cell::self_cell;
use serde::Serialize;

/// Why the page has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The model has fewer outputs.
    #[error("the model has {outputs} outputs: there is no number {asked}")]
    NoOutput {
        /// What was asked for, counted from 1.
        asked: usize,
        /// How many there are.
        outputs: usize,
    },
    /// A letter that is typed is none of the alphabet.
    #[error("{found:?} at position {position} is no letter of {alphabet}")]
    Letter {
        /// What stands there.
        found: char,
        /// Where, counted from 1.
        position: usize,
        /// Name of the alphabet.
        alphabet: &'static str,
    },
    /// The sequence has no letter.
    #[error("the sequence has no letter")]
    Empty,
    /// A sequence has no window.
    #[error("{name} has {length} letters, and the model looks at {shortest}")]
    Short {
        /// Name of the sequence.
        name: String,
        /// Its letters.
        length: usize,
        /// Letters that a window has.
        shortest: usize,
    },
    /// The model's file, or its scores.
    #[error(transparent)]
    Model(#[from] ckn_model::Error),
    /// The file of sequences.
    #[error(transparent)]
    Sequences(#[from] ckn_bio::Error),
    /// Reasons of the scores.
    #[error(transparent)]
    Reasons(#[from] ckn_interpret::Error),
}

self_cell!(
    /// A model of one output beside its explainer, whose tables are made once.
    struct Chosen {
        owner: Model,
        #[covariant]
        dependent: Explainer,
    }
);

/// A model that was read, and the output of it that is explained.
pub struct Opened {
    model: Model,
    alphabet: Alphabet,
    chosen: Chosen,
}

/// What the page says of a model.
#[derive(Debug, Serialize)]
pub struct Description {
    /// Kind of model, in words.
    pub kind: &'static str,
    /// Name of the alphabet.
    pub alphabet: &'static str,
    /// Letters of the alphabet, in the order of their tokens.
    pub letters: &'static str,
    /// Names of outputs; empty if there is one.
    pub outputs: Vec<String>,
    /// Whether outputs are classes, of which one is right.
    pub classes: bool,
    /// What a score is, in words.
    pub unit: &'static str,
    /// Letters of the shortest sequence that the model looks at whole.
    pub shortest: usize,
    /// Shortest and longest sequence of the training.
    pub trained_on: Option<(usize, usize)>,
    /// Whether a score is a sum over windows, so that substitutions cost little.
    pub sums: bool,
    /// Whether a sequence and its reverse complement have one score.
    pub both_strands: bool,
    /// Numbers that were measured in the training.
    pub measured: BTreeMap<String, f64>,
}

/// Why a sequence has its score.
#[derive(Debug)]
pub struct Explained {
    /// Score of the chosen output.
    pub score: f64,
    /// See [`ckn_interpret::Attribution::baseline`].
    pub baseline: Option<f64>,
    /// The rule by which letters contribute.
    pub way: &'static str,
    /// What each letter contributes.
    pub contributions: Vec<f64>,
    /// Scores with each letter at each position, `[positions, letters]`; empty if they were not asked for.
    pub after: Vec<f64>,
}

/// Whether a file is a model: the length of its header, which text does not begin with, and then JSON.
pub fn is_model(bytes: &[u8]) -> bool {
    matches!(bytes.split_first_chunk::<8>(), Some((length, [b'{', ..])) if length.contains(&0))
}

impl Opened {
    /// Reads a model from the bytes of its file.
    pub fn new(name: &Path, bytes: &[u8]) -> Result<Self, Error> {
        let model = Model::from_bytes(bytes, name)?;
        let alphabet = Alphabet::with_letters(&model.card().alphabet, &model.card().letters)?;
        let chosen = chosen(&model, alphabet, 0)?;
        Ok(Self { model, alphabet, chosen })
    }

    /// What there is to know of the model.
    pub fn description(&self) -> Description {
        let card = self.model.card();
        Description {
            kind: self.model.kind(),
            alphabet: self.alphabet.name(),
            letters: self.alphabet.letters(),
            outputs: card.outputs.clone(),
            classes: card.loss == Loss::Multinomial,
            unit: unit(card.loss),
            shortest: self.model.shortest_sequence(),
            trained_on: card.lengths.map(|lengths| (lengths.shortest, lengths.longest)),
            sums: self.chosen.borrow_dependent().is_sum_over_windows(),
            both_strands: self.model.strands() != Strands::Forward,
            measured: card.measured.clone(),
        }
    }

    /// Changes the output that is explained.
    pub fn choose(&mut self, output: usize) -> Result<(), Error> {
        self.chosen = chosen(&self.model, self.alphabet, output)?;
        Ok(())
    }

    /// Reads the sequences of a file.
    pub fn read(&self, name: &str, bytes: Vec<u8>) -> Result<EncodedSequences, Error> {
        let source = Source::new(name, Cursor::new(bytes))?;
        Ok(SequenceReader::new(source, self.alphabet)?.read_all()?)
    }

    /// Scores of sequences, `[sequences, outputs]`.
    pub fn scores(&self, sequences: &EncodedSequences) -> Result<Vec<f64>, Error> {
        self.check_lengths(sequences)?;
        Ok(self.model.scores(sequences.view())?)
    }

    /// Scores of one sequence, one an output.
    pub fn score(&self, letters: &str) -> Result<Vec<f64>, Error> {
        self.scores(&self.typed(letters)?)
    }

    /// Why a sequence has the score of the chosen output.
    pub fn explain(&self, letters: &str, effects: bool) -> Result<Explained, Error> {
        let mut sequences = self.typed(letters)?;
        self.check_lengths(&sequences)?;
        let length = sequences.sequence(0).len();
        if self.model.card().pad_short {
            sequences = sequences.padded(self.model.shortest_sequence());
        }
        let explainer = self.chosen.borrow_dependent();
        let view = sequences.view();
        let attribution = explainer.attribute(view)?.into_iter().next().ok_or(Error::Empty)?;
        let mutants = if effects { explainer.mutagenesis(view)?.into_iter().next() } else { None };
        let letters = self.alphabet.letter_count();
        Ok(Explained {
            score: attribution.score,
            baseline: attribution.baseline,
            way: explainer.default_way().name(),
            contributions: attribution.contributions.into_iter().take(length).collect(),
            after: mutants.map(|mutants| mutants.after()[..length * letters].to_vec()).unwrap_or_default(),
        })
    }

    /// A sequence that was typed.
    fn typed(&self, letters: &str) -> Result<EncodedSequences, Error> {
        let token = |(position, found): (usize, char)| {
            let token = u8::try_from(found).ok().and_then(|letter| self.alphabet.encode_letter(letter));
            token.ok_or(Error::Letter { found, position: position + 1, alphabet: self.alphabet.name() })
        };
        let tokens = letters.chars().enumerate().map(token).collect::<Result<Vec<u8>, Error>>()?;
        if tokens.is_empty() {
            return Err(Error::Empty);
        }
        let mut sequences = EncodedSequences::new(self.alphabet);
        sequences.push_tokens("the sequence", &tokens)?;
        Ok(sequences)
    }

    fn check_lengths(&self, sequences: &EncodedSequences) -> Result<(), Error> {
        let shortest = self.model.shortest_sequence();
        let short = sequences.iter().position(|tokens| tokens.len() < shortest);
        match short.filter(|_| !self.model.card().pad_short) {
            Some(record) => Err(Error::Short {
                name: sequences.ids()[record].clone(),
                length: sequences.sequence(record).len(),
                shortest,
            }),
            None => Ok(()),
        }
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Opened").field("model", &self.model).finish_non_exhaustive()
    }
}

/// A model's output, ready to give reasons.
fn chosen(model: &Model, alphabet: Alphabet, output: usize) -> Result<Chosen, Error> {
    let outputs = &model.card().outputs;
    let missing = || Error::NoOutput { asked: output + 1, outputs: outputs.len().max(1) };
    let alone = match outputs.get(output) {
        Some(name) => model.output(name).ok_or_else(missing)?,
        None if outputs.is_empty() && output == 0 => model.clone(),
        None => return Err(missing()),
    };
    Ok(Chosen::try_new(alone, |model| Explainer::new(model, alphabet))?)
}

/// What a score is.
fn unit(loss: Loss) -> &'static str {
    match loss {
        Loss::Logistic => "log-odds: above 0, rather positive than not",
        Loss::SquaredHinge => "margin: above 0, called positive",
        Loss::Squared => "the predicted measurement",
        Loss::Multinomial => "of each class; the highest is the class",
        _ => "the model's own unit",
    }
}
