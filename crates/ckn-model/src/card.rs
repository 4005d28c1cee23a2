//! The card of a model of sequences: what it is for and where it comes from.

use std::collections::{BTreeMap, BTreeSet};

use ckn_core::loss::Loss;
use ckn_core::{LetterTable, TokenView};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::file::{Card, Refusal, check_outputs};

/// Longest name of an alphabet, in bytes: it is shown in messages.
const MAX_NAME: usize = 64;

/// What a model is for and where it comes from. Everything here follows from data, configuration and seed, so that
/// equal training gives equal files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ModelCard {
    /// Name of the alphabet (`dna`, `rna`, `protein`).
    pub alphabet: String,
    /// Its letters in the order of the tokens: the channels of the first layer.
    pub letters: String,
    /// Loss of the head.
    pub loss: Loss,
    /// Names of the heads, where there are several: tasks, or the classes of the multinomial loss.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<String>,
    /// Names of the negative and of the positive class, where labels were names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    /// Seed of the training.
    pub seed: u64,
    /// SHA-256 of each input file, by its role.
    pub data: BTreeMap<String, String>,
    /// Letters of the training sequences. `None` where a file does not say (written before this was recorded).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lengths: Option<Lengths>,
    /// Whether sequences that are too short are lengthened by unknown letters, instead of refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pad_short: bool,
    /// Settings of the training, as the trainer writes them.
    pub training: serde_json::Value,
    /// What was measured on held-out data while training (AUROC and the like), by name.
    pub measured: BTreeMap<String, f64>,
    /// How well single anchor points tell held-out sequences apart. `None` where it was not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_out: Option<HeldOutAnchors>,
}

/// How well each anchor point of the first layer, by itself, tells the positives from the negatives among the sequences held
/// out from the training: the evidence that it is a motif and no accident of the training data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HeldOutAnchors {
    /// Positives held out.
    pub positives: usize,
    /// Negatives held out.
    pub negatives: usize,
    /// AUROC of each anchor's largest cosine with a window of a sequence, on either strand where there are two.
    pub auroc: Vec<f64>,
    /// The same where the best window of every stronger anchor that tells classes apart is masked: what an anchor knows beside
    /// the others. One half for anchors that do not raise the score, or tell nothing apart alone.
    pub beside: Vec<f64>,
}

impl ModelCard {
    /// A card of an alphabet and a loss that says nothing else.
    pub fn new(alphabet: &str, letters: &str, loss: Loss) -> Self {
        Self {
            alphabet: alphabet.to_owned(),
            letters: letters.to_owned(),
            loss,
            outputs: Vec::new(),
            classes: Vec::new(),
            seed: 0,
            data: BTreeMap::new(),
            lengths: None,
            pad_short: false,
            training: serde_json::Value::Null,
            measured: BTreeMap::new(),
            held_out: None,
        }
    }

    /// Checks a card that a file holds beside a body of so many letters.
    pub(crate) fn check_file(&self, letters: usize) -> Result<(), Refusal> {
        check_alphabet(&self.alphabet, &self.letters, letters)?;
        check_outputs(&self.outputs)?;
        check_outputs(&self.classes)?;
        if !matches!(self.classes.len(), 0 | 2) {
            return Err(format!("it names {} classes of two", self.classes.len()).into());
        }
        if let Some(Lengths { shortest, longest }) = self.lengths
            && !(1..=longest).contains(&shortest)
        {
            return Err(format!("its training sequences have {shortest} to {longest} letters, which cannot be").into());
        }
        Ok(())
    }

    /// Checks that the model has one output.
    pub(crate) fn check_one_output(&self) -> Result<(), Error> {
        if self.outputs.is_empty() { Ok(()) } else { Err(Error::Outputs { outputs: self.outputs.clone() }) }
    }

    /// Checks that the card's alphabet has so many letters.
    pub(crate) fn check_letters(&self, expected: usize) -> Result<(), Error> {
        let got = self.letters.chars().count();
        if expected == got {
            return Ok(());
        }
        Err(ckn_core::Error::Shape { what: "letters of the alphabet", expected, got }.into())
    }

    /// Checks that sequences are written in so many letters.
    pub(crate) fn check_alphabet(&self, expected: usize, table: &LetterTable) -> Result<(), Error> {
        let got = table.letters();
        if got == expected { Ok(()) } else { Err(Error::Alphabet { expected, got, alphabet: self.alphabet.clone() }) }
    }
}

/// Letters of the shortest and of the longest of some sequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Lengths {
    /// Letters of the shortest.
    pub shortest: usize,
    /// Letters of the longest.
    pub longest: usize,
}

impl Lengths {
    /// Lengths of the sequences of a view; `None` if there are none.
    pub fn of(view: TokenView<'_>) -> Option<Self> {
        let lengths = || (0..view.len()).map(|record| view.sequence(record).len());
        Some(Self { shortest: lengths().min()?, longest: lengths().max()? })
    }

    /// The length that all sequences have, if there is one.
    pub fn common(self) -> Option<usize> {
        (self.shortest == self.longest).then_some(self.shortest)
    }
}

impl Card for ModelCard {
    fn measured(&self) -> &BTreeMap<String, f64> {
        &self.measured
    }

    fn training_mut(&mut self) -> &mut serde_json::Value {
        &mut self.training
    }
}

/// Checks the name of an alphabet and its letters, so many of them.
pub(crate) fn check_alphabet(name: &str, letters: &str, expected: usize) -> Result<(), String> {
    if name.is_empty() || name.len() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(format!("the name of its alphabet is {name:?}: a name has 1 to {MAX_NAME} printable bytes"));
    }
    if let Some(letter) = letters.chars().find(|letter| !letter.is_ascii_graphic()) {
        return Err(format!("its alphabet has the letter {letter:?}: letters are printable ASCII"));
    }
    let mut seen = BTreeSet::new();
    if let Some(letter) = letters.chars().find(|&letter| !seen.insert(letter)) {
        return Err(format!("its alphabet has the letter {letter:?} twice"));
    }
    if letters.len() != expected {
        return Err(format!("its alphabet has {} letters, its network {expected}", letters.len()));
    }
    Ok(())
}
