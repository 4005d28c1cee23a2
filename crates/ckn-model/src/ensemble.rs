//! Several models as one: a weighted sum of their scores.

use ckn_core::{TokenView, check_size};
use safetensors::Dtype;
use serde::{Deserialize, Serialize};

use crate::error::check_finite;
use crate::file::{Contents, Expected, Key, Kind, Opened, Refusal, Values};
use crate::{Body, Error, Model, ModelCard};

/// Most members of an ensemble.
const MAX_MEMBERS: usize = 16;
/// Most bytes of a member's file.
const MAX_MEMBER_BYTES: usize = 1 << 30;

/// Configuration of an [`Ensemble`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EnsembleConfig {
    /// Number of letters of the alphabet.
    pub letters: usize,
    /// Weight of each member's score.
    pub weights: Vec<f64>,
    /// What is added to the sum.
    pub intercept: f64,
    /// Bytes of each member's file.
    pub bytes: Vec<usize>,
}

impl EnsembleConfig {
    /// Validates every number.
    ///
    /// # Errors
    /// [`ckn_core::Error::Size`] with the field, its value and its limit; [`ckn_core::Error::NotFinite`] for a weight that is none.
    pub fn check(self) -> Result<Self, Error> {
        check_size("letters", 0, self.letters, 254)?;
        check_size("number of members", 0, self.weights.len(), MAX_MEMBERS)?;
        let (expected, got) = (self.weights.len(), self.bytes.len());
        if expected != got {
            return Err(ckn_core::Error::Shape { what: "members", expected, got }.into());
        }
        for (index, &bytes) in self.bytes.iter().enumerate() {
            check_size("bytes of a member", index, bytes, MAX_MEMBER_BYTES)?;
        }
        check_finite("weights of the members", self.weights.iter().copied().chain([self.intercept]))?;
        Ok(self)
    }
}

/// Several models of one output: `f(x) = b + Σ_m w_m f_m(x)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Ensemble {
    members: Vec<Model>,
    weights: Vec<f64>,
    intercept: f64,
}

impl Ensemble {
    /// Joins models, each with its weight.
    ///
    /// # Errors
    /// [`ckn_core::Error::Shape`] if there are no members or not as many weights; [`Error::Nested`] for a member that is an
    /// ensemble; [`Error::Outputs`] for one of several outputs; [`Error::Alphabet`] for one of another alphabet than the first;
    /// [`ckn_core::Error::NotFinite`] for a weight that is none.
    ///
    /// # Example
    /// ```
    /// use ckn_core::{LetterTable, TokenView, loss::Loss, mismatch::Profile};
    /// use ckn_model::{Ensemble, KernelMachine, Model, ModelCard, SequenceKernel};
    ///
    /// let table = LetterTable::new(4, &[], None)?;
    /// let sequences = TokenView::new(&[0, 1, 2, 3], &[0, 4], &table)?;
    /// // Members of one support sequence, whose three words are worth 3 to themselves.
    /// let member = |coefficient| {
    ///     let kernel = SequenceKernel::new(2, Profile::GappedKmer { informative: 2, mismatches: 0 }, false);
    ///     let machine = KernelMachine::new(sequences, false, vec![kernel], vec![coefficient], 0.0)?;
    ///     Model::new(machine, ModelCard::new("dna", "ACGT", Loss::Logistic))
    /// };
    /// let mean = Ensemble::new(vec![member(1.0)?, member(3.0)?], vec![0.5, 0.5], 0.0)?;
    /// let model = Model::new(mean, ModelCard::new("dna", "ACGT", Loss::Logistic))?;
    /// assert_eq!(model.scores(sequences)?, [6.0]);
    /// # Ok::<(), ckn_model::Error>(())
    /// ```
    pub fn new(members: Vec<Model>, weights: Vec<f64>, intercept: f64) -> Result<Self, Error> {
        let (expected, got) = (members.len().max(1), weights.len());
        if expected != got || members.is_empty() {
            return Err(ckn_core::Error::Shape { what: "members", expected, got: members.len().min(got) }.into());
        }
        for member in &members {
            if matches!(member.body(), Body::Ensemble(_)) {
                return Err(Error::Nested);
            }
            member.card().check_one_output()?;
            check_letters(members[0].card(), member.card())?;
        }
        let ensemble = Self { members, weights, intercept };
        // As a file of it would be read.
        ensemble.config(vec![1; got]).check()?;
        Ok(ensemble)
    }

    fn config(&self, bytes: Vec<usize>) -> EnsembleConfig {
        EnsembleConfig { letters: self.letters(), weights: self.weights.clone(), intercept: self.intercept, bytes }
    }

    /// The models.
    pub fn members(&self) -> &[Model] {
        &self.members
    }

    /// Weight of each member's score.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// What is added to the sum.
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    pub(crate) fn letters(&self) -> usize {
        self.members[0].body().letters()
    }

    pub(crate) fn shortest_sequence(&self) -> usize {
        self.members.iter().map(Model::shortest_sequence).max().unwrap_or(1)
    }

    pub(crate) fn check_card(&self, card: &ModelCard) -> Result<(), Error> {
        check_letters(card, self.members[0].card())
    }

    /// Scores of sequences, `[sequences]`.
    pub(crate) fn scores(&self, view: TokenView<'_>) -> Result<Vec<f64>, Error> {
        let mut scores = vec![self.intercept; view.len()];
        for (member, weight) in self.members.iter().zip(&self.weights) {
            scores.iter_mut().zip(member.scores(view)?).for_each(|(sum, score)| *sum += weight * score);
        }
        Ok(scores)
    }
}

fn check_letters(card: &ModelCard, member: &ModelCard) -> Result<(), Error> {
    if member.letters == card.letters {
        return Ok(());
    }
    let (expected, got) = (card.letters.chars().count(), member.letters.chars().count());
    Err(Error::Alphabet { expected, got, alphabet: card.alphabet.clone() })
}

fn tensor_of(member: usize) -> String {
    format!("member.{member}")
}

impl Kind for Ensemble {
    type Config = EnsembleConfig;
    type Card = ModelCard;
    const KEY: Key = Key::Ensemble;

    fn parts(&self) -> Result<(EnsembleConfig, Vec<Values<'_>>), Error> {
        let files = self.members.iter().map(Model::to_bytes).collect::<Result<Vec<_>, _>>()?;
        let bytes = files.iter().map(Vec::len).collect();
        Ok((self.config(bytes), files.into_iter().map(|file| Values::Bytes(file.into())).collect()))
    }

    fn expected(config: &EnsembleConfig, card: &ModelCard) -> Result<Vec<Expected>, Refusal> {
        let config = config.clone().check()?;
        card.check_file(config.letters)?;
        let tensor = |(member, &bytes): (usize, &usize)| Expected::new(&tensor_of(member), Dtype::U8, vec![bytes]);
        Ok(config.bytes.iter().enumerate().map(tensor).collect())
    }

    fn from_parts(config: EnsembleConfig, mut contents: Contents, _: &ModelCard) -> Result<Self, Refusal> {
        let member = |index| {
            let file = contents.bytes(&tensor_of(index));
            let mut reader = file.as_slice();
            let opened = Opened::new(&mut reader, file.len() as u64)?;
            // Before its own members are read: a file must not be as deep as its writer likes.
            if opened.key() == Key::Ensemble { Err(Error::Nested.into()) } else { Model::read(opened) }
        };
        let members = (0..config.weights.len()).map(member).collect::<Result<Vec<_>, Refusal>>()?;
        Ok(Self::new(members, config.weights, config.intercept)?)
    }
}
