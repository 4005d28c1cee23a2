//! Several models as one: a weighted sum of their scores.

use ckn_core::TokenView;
use serde::{Deserialize, Serialize};

use crate::error::check_finite;
use crate::{AnyModel, Error, ModelCard};

/// Most members of an ensemble.
const MAX_MEMBERS: usize = 16;
/// Most bytes of a member's file.
const MAX_MEMBER_BYTES: usize = 1 << 30;

/// What an [`Ensemble`] is, beside its members.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// [`Error::Config`] with the field, its value and its limit; [`ckn_core::Error::NotFinite`] for a weight that is none.
    pub fn check(self) -> Result<Self, Error> {
        let range = |field, layer, got: usize, limit| {
            if (1..=limit).contains(&got) { Ok(()) } else { Err(Error::Config { field, layer, got, limit }) }
        };
        range("letters", 1, self.letters, 254)?;
        range("number of members", 1, self.weights.len(), MAX_MEMBERS)?;
        let (expected, got) = (self.weights.len(), self.bytes.len());
        if expected != got {
            return Err(ckn_core::Error::Shape { what: "members", expected, got }.into());
        }
        for (index, &bytes) in self.bytes.iter().enumerate() {
            range("bytes of a member", index + 1, bytes, MAX_MEMBER_BYTES)?;
        }
        check_finite("weights of the members", self.weights.iter().copied().chain([self.intercept]))?;
        Ok(self)
    }
}

/// Several models of one output: `f(x) = b + Σ_m w_m f_m(x)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Ensemble {
    members: Vec<AnyModel>,
    weights: Vec<f64>,
    intercept: f64,
    card: ModelCard,
}

impl Ensemble {
    /// Joins models, each with its weight, and a card.
    ///
    /// # Errors
    /// [`ckn_core::Error::Shape`] if there are no members or not as many weights; [`Error::Nested`] for a member that is an
    /// ensemble; [`Error::Outputs`] for one of several outputs; [`Error::Alphabet`] for one of another alphabet;
    /// [`ckn_core::Error::NotFinite`] for a weight that is none.
    pub fn new(members: Vec<AnyModel>, weights: Vec<f64>, intercept: f64, card: ModelCard) -> Result<Self, Error> {
        let (expected, got) = (members.len().max(1), weights.len());
        if expected != got || members.is_empty() {
            return Err(ckn_core::Error::Shape { what: "members", expected, got: members.len().min(got) }.into());
        }
        card.check_one_output()?;
        for member in &members {
            let of_member = member.card();
            if matches!(member, AnyModel::Ensemble(_)) {
                return Err(Error::Nested);
            }
            of_member.check_one_output()?;
            if of_member.letters != card.letters {
                let (expected, got) = (card.letters.chars().count(), of_member.letters.chars().count());
                return Err(Error::Alphabet { expected, got, alphabet: card.alphabet.clone() });
            }
        }
        let letters = card.letters.chars().count();
        // As a file of it would be read.
        EnsembleConfig { letters, weights: weights.clone(), intercept, bytes: vec![1; weights.len()] }.check()?;
        Ok(Self { members, weights, intercept, card })
    }

    /// The models.
    pub fn members(&self) -> &[AnyModel] {
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

    /// What the model is for and where it comes from.
    pub fn card(&self) -> &ModelCard {
        &self.card
    }

    /// Scores of sequences, on all threads; the result does not depend on their number.
    ///
    /// # Errors
    /// Those of [`AnyModel::scores`].
    pub fn scores(&self, view: TokenView<'_>) -> Result<Vec<f64>, Error> {
        let mut scores = vec![self.intercept; view.len()];
        for (member, weight) in self.members.iter().zip(&self.weights) {
            scores.iter_mut().zip(member.scores(view)?).for_each(|(sum, score)| *sum += weight * score);
        }
        Ok(scores)
    }
}
