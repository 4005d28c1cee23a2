//! A motif and all that is known of it.

use ckn_bio::motif::Motif;
use ckn_model::ModelCard;

use super::KnownMotif;
use crate::{Evidence, ModelMotif};

/// A motif of a model and all that is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedMotif {
    /// The motif, and where it comes from.
    pub found: ModelMotif,
    /// What held-out sequences say; `None` where there are none.
    pub evidence: Option<Evidence>,
    /// Held-out AUROC of its first anchor, as the model's file says.
    pub anchor_auroc: Option<f64>,
    /// Models that have it, of how many.
    pub restarts: Option<(usize, usize)>,
    /// Known motifs that it is like, the closest first.
    pub matches: Vec<KnownMotif>,
}

impl JudgedMotif {
    pub(super) fn new(found: &ModelMotif, card: Option<&ModelCard>, evidence: Option<Evidence>) -> Self {
        let held_out = card.and_then(|card| card.held_out.as_ref());
        let anchor_auroc = held_out.and_then(|held_out| held_out.auroc.get(*found.anchors.first()?).copied());
        Self { found: found.clone(), evidence, anchor_auroc, restarts: None, matches: Vec::new() }
    }

    /// P-value of the evidence ([`Evidence::p_value`]); 1 without.
    pub fn p_value(&self) -> f64 {
        self.evidence.as_ref().map_or(1.0, |evidence| evidence.p_value)
    }

    /// The closest known motif, if it is like it.
    pub fn known(&self) -> Option<&KnownMotif> {
        self.matches.first()
    }

    /// The motif, with what it is called elsewhere as its second name, or else its consensus.
    pub fn named(&self) -> Motif {
        let motif = &self.found.motif;
        let label = self.known().map_or_else(|| motif.probabilities.consensus(), |known| known.label().to_owned());
        Motif { alternate: Some(label), ..motif.clone() }
    }
}
