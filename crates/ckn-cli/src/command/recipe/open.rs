//! What becomes of data where no model is named: a search, or, where labels are not two classes, one model that does well.

use ckn::bio::LabelledSequences;
use ckn::core::loss::Loss;
use ckn::train::auto::{Candidate, Effort, Family};
use ckn::train::{ExactSettings, TrainConfig};

use super::Recipe;
use super::labels::{is_aligned, typical_length};
use super::plan::Method;
use crate::talk::say;

/// Fewest sequences of a class to choose a model on.
const FEWEST: usize = 4;

/// Most sequences of which the matrix of an exact kernel of proteins is written.
const MOST_PROTEINS: usize = 16_000;

/// Anchor points of a network that is not chosen.
const FILTERS: usize = 32;

impl Recipe {
    /// The way to a model of such labels, and the data as it needs them.
    pub(super) fn close(&self, data: LabelledSequences, loss: Loss) -> anyhow::Result<(LabelledSequences, Method)> {
        let family = Family {
            letters: self.alphabet.letter_count(),
            both_strands: self.compares_both_strands(),
            typical: typical_length(&data),
            aligned: is_aligned(&data),
        };
        let positives = data.known_labels(0).filter(|&label| label > 0.5).count();
        let two_classes = loss == Loss::Logistic && data.tasks().is_empty();
        if two_classes && positives.min(data.len() - positives) >= FEWEST {
            let settings = self.auto.settings(family, self.seed);
            let widest = settings.candidates.iter().filter(|one| one.is_network()).map(Candidate::shortest).max();
            return Ok((self.lengthened(data, widest.unwrap_or(1)), Method::Auto(settings)));
        }
        let searched = if self.auto.effort() == Effort::Quick { "" } else { ": a search is for two classes" };
        let is_exact = !two_classes && loss != Loss::Squared && (family.letters <= 4 || data.len() <= MOST_PROTEINS);
        if is_exact {
            let what = if loss == Loss::Multinomial { "classes" } else { "tasks" };
            self.note(format_args!("several {what}: one exact kernel for all (--model exact){searched}"));
            let settings = ExactSettings { loss, ..self.exact_settings()? };
            return Ok((data, Method::Exact(settings)));
        }
        let why = match loss {
            Loss::Squared => "the labels are measurements (--loss squared)",
            _ if two_classes => "there are too few sequences of a class to choose by",
            _ => "there are too many proteins for an exact kernel",
        };
        let network = family.network(FILTERS).check()?;
        self.note(format_args!("{why}: a network of {FILTERS} anchor points (--model network){searched}"));
        let learning = TrainConfig { loss, ..*self.learning.config(self.seed)? }.check()?;
        Ok((self.lengthened(data, network.shortest_sequence()), Method::Ckn { network, start: None, learning }))
    }

    /// Sequences that are long enough, those that were not by unknown letters.
    fn lengthened(&self, data: LabelledSequences, shortest: usize) -> LabelledSequences {
        let short = data.sequences().iter().filter(|tokens| tokens.len() < shortest).count();
        if short == 0 {
            return data;
        }
        self.note(format_args!(
            "{short} sequences are shorter than {shortest} letters: unknown letters lengthen them, here and in predictions"
        ));
        data.padded(shortest)
    }

    fn note(&self, message: impl std::fmt::Display) {
        if !self.quiet {
            say(message);
        }
    }
}
