//! A trained model: network, head, and what they were trained on.

use std::collections::BTreeMap;

use ckn_core::loss::Loss;
use ckn_core::{LetterTable, TokenView};
use serde::{Deserialize, Serialize};

use crate::{Error, LinearHead, Network};

/// What a model is for and where it comes from. Everything here follows from data, configuration and seed, so that
/// equal training gives equal files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// Checks that the model has one output.
    pub(crate) fn check_one_output(&self) -> Result<(), Error> {
        if self.outputs.is_empty() { Ok(()) } else { Err(Error::Outputs { outputs: self.outputs.clone() }) }
    }

    /// Checks that sequences are written in so many letters.
    pub(crate) fn check_alphabet(&self, expected: usize, table: &LetterTable) -> Result<(), Error> {
        let got = table.letters();
        if got == expected { Ok(()) } else { Err(Error::Alphabet { expected, got, alphabet: self.alphabet.clone() }) }
    }
}

/// Letters of the shortest and of the longest of some sequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

/// A trained model.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    network: Network,
    heads: Vec<LinearHead>,
    card: ModelCard,
}

impl Model {
    /// Joins a network, its head and its card.
    ///
    /// # Errors
    /// Those of [`Self::with_heads`].
    pub fn new(network: Network, head: LinearHead, card: ModelCard) -> Result<Self, Error> {
        Self::with_heads(network, vec![head], card)
    }

    /// Joins a network, its heads and its card: one head for each of the card's outputs, or one if it names none.
    ///
    /// # Errors
    /// [`ckn_core::Error::Shape`] if there are more or fewer heads, a head has not one weight for each coordinate of the
    /// embedding, the card has not one AUROC for each anchor point, or its letters are not the network's channels.
    pub fn with_heads(network: Network, heads: Vec<LinearHead>, card: ModelCard) -> Result<Self, Error> {
        let check = |what, expected, got| {
            if expected == got { Ok(()) } else { Err(ckn_core::Error::Shape { what, expected, got }) }
        };
        check("heads", card.outputs.len().max(1), heads.len())?;
        for head in &heads {
            check("head weights", network.dimension(), head.weights().len())?;
        }
        if let Some(held_out) = &card.held_out {
            for values in [&held_out.auroc, &held_out.beside] {
                check("held-out AUROCs of anchor points", network.layers()[0].filters(), values.len())?;
            }
        }
        check("letters of the alphabet", network.config().letters, card.letters.chars().count())?;
        Ok(Self { network, heads, card })
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The heads, one an output.
    pub fn heads(&self) -> &[LinearHead] {
        &self.heads
    }

    /// The model of one of several outputs; `None` if no output has that name.
    pub fn output(&self, name: &str) -> Option<Self> {
        let place = self.card.outputs.iter().position(|output| output == name)?;
        let mut card = self.card.clone();
        card.outputs.clear();
        // One class against the others has no probability of its own.
        Some(Self { network: self.network.clone(), heads: vec![self.heads[place].clone()], card })
    }

    /// What the model is for and where it comes from.
    pub fn card(&self) -> &ModelCard {
        &self.card
    }

    /// Scores of sequences, on all threads; the result does not depend on their number.
    ///
    /// # Shapes
    /// `[sequences, outputs]`.
    ///
    /// # Errors
    /// [`Error::Alphabet`] if the sequences have another number of letters; [`ckn_core::Error::TooShort`] names a
    /// sequence without a window.
    pub fn scores(&self, view: TokenView<'_>) -> Result<Vec<f64>, Error> {
        self.check_alphabet(view.table())?;
        self.network.scores(&self.heads, view)
    }

    /// Checks that sequences are written in the model's number of letters.
    pub(crate) fn check_alphabet(&self, table: &LetterTable) -> Result<(), Error> {
        self.card.check_alphabet(self.network.config().letters, table)
    }
}
