//! A trained model: network, head, and what they were trained on.

use std::collections::BTreeMap;

use ckn_core::loss::Loss;
use ckn_core::{LetterTable, TokenView};
use serde::{Deserialize, Serialize};

use crate::{Error, LinearHead, Network};

/// Records embedded at once while scoring.
const BLOCK: usize = 16_384;

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
    /// Seed of the training.
    pub seed: u64,
    /// SHA-256 of each input file, by its role.
    pub data: BTreeMap<String, String>,
    /// Letters of the training sequences. `None` where a file does not say (written before this was recorded).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lengths: Option<Lengths>,
    /// Settings of the training, as the trainer writes them.
    pub training: serde_json::Value,
    /// What was measured on held-out data while training (AUROC and the like), by name.
    pub measured: BTreeMap<String, f64>,
}

impl ModelCard {
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
    head: LinearHead,
    card: ModelCard,
}

impl Model {
    /// Joins a network, its head and its card.
    ///
    /// # Errors
    /// [`ckn_core::Error::Shape`] if the head has not one weight for each coordinate of the embedding, or the card's
    /// letters are not the network's channels.
    pub fn new(network: Network, head: LinearHead, card: ModelCard) -> Result<Self, Error> {
        let check = |what, expected, got| {
            if expected == got { Ok(()) } else { Err(ckn_core::Error::Shape { what, expected, got }) }
        };
        check("head weights", network.dimension(), head.weights().len())?;
        check("letters of the alphabet", network.config().letters, card.letters.chars().count())?;
        Ok(Self { network, head, card })
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The head.
    pub fn head(&self) -> &LinearHead {
        &self.head
    }

    /// What the model is for and where it comes from.
    pub fn card(&self) -> &ModelCard {
        &self.card
    }

    /// Scores of sequences, on all threads; the result does not depend on their number.
    ///
    /// # Errors
    /// [`Error::Alphabet`] if the sequences have another number of letters; [`ckn_core::Error::TooShort`] names a
    /// sequence without a window.
    pub fn scores(&self, view: TokenView<'_>) -> Result<Vec<f64>, Error> {
        self.check_alphabet(view.table())?;
        let records: Vec<usize> = (0..view.len()).collect();
        let encoder = self.network.encoder(view.table())?;
        let index = encoder.index(view)?;
        let strands = self.network.config().strands;
        let mut scores = Vec::with_capacity(records.len());
        // In blocks, so that memory does not grow with records × dimension.
        let mut embeddings = Vec::new();
        for block in records.chunks(BLOCK) {
            embeddings.resize(block.len() * encoder.row(), 0.0);
            encoder.embed(&index, block, &mut embeddings)?;
            scores.extend(embeddings.chunks_exact(encoder.row()).map(|record| self.head.score(record, strands)));
        }
        Ok(scores)
    }

    /// Checks that sequences are written in the model's number of letters.
    pub(crate) fn check_alphabet(&self, table: &LetterTable) -> Result<(), Error> {
        self.card.check_alphabet(self.network.config().letters, table)
    }
}
