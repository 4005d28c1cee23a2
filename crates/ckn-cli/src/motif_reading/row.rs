//! A motif and all that is known of it.

use ckn::bio::motif::Motif;
use ckn::bio::motif::compare::Match;
use ckn::interpret::{Evidence, ModelMotif};
use ckn::model::ModelCard;

/// A motif and all that is known of it.
pub struct Row {
    pub found: ModelMotif,
    pub evidence: Option<Evidence>,
    /// Held-out AUROC of its first anchor.
    pub anchor_auroc: Option<f64>,
    /// Models that have it, of how many.
    pub restarts: Option<(usize, usize)>,
    pub known: Option<Known>,
}

/// The closest motif of a database, and how the motif lies on it.
pub struct Known {
    pub motif: Motif,
    pub found: Match,
}

impl Known {
    /// The name that people know.
    pub fn label(&self) -> &str {
        self.motif.alternate.as_ref().unwrap_or(&self.motif.name)
    }
}

impl Row {
    pub fn new(found: &ModelMotif, card: &ModelCard, evidence: Option<Evidence>) -> Self {
        let held_out = card.held_out.as_ref();
        let anchor_auroc = held_out.and_then(|held_out| held_out.auroc.get(*found.anchors.first()?).copied());
        Self { found: found.clone(), evidence, anchor_auroc, restarts: None, known: None }
    }

    /// P-value of the better test; 1 without evidence.
    pub fn p_value(&self) -> f64 {
        let tests = self.evidence.as_ref().map(|evidence| &evidence.enrichment);
        tests.map_or(1.0, |tests| tests.fisher_p_value.min(tests.rank_sum_p_value))
    }

    /// The motif, with what it is called elsewhere.
    pub fn named(&self) -> Motif {
        let motif = &self.found.motif;
        let label =
            self.known.as_ref().map_or_else(|| motif.probabilities.consensus(), |known| known.label().to_owned());
        Motif { alternate: Some(label), ..motif.clone() }
    }
}
