//! What the AUROC of a model loses without a motif.

use ckn_bio::EncodedSequences;
use ckn_core::metrics::auroc;
use ckn_model::{HeadedNetwork, Model, NetworkView};

use super::HeldOut;
use crate::judgement::of_output;
use crate::{Error, MotifSource, without};

/// A model and its AUROC.
pub(super) struct Uniqueness<'a> {
    source: MotifSource<'a>,
    output: usize,
    baseline: f64,
}

impl<'a> Uniqueness<'a> {
    /// `None` where the AUROC is not defined, and for networks after DeepBind.
    pub(super) fn new(source: MotifSource<'a>, output: usize, held_out: HeldOut<'_>) -> Result<Option<Self>, Error> {
        let baseline = match source {
            MotifSource::Network(network) => network_auroc(network, network.headed(), output, held_out)?,
            MotifSource::Scores(model) => model_auroc(model, output, held_out)?,
            MotifSource::Detectors(..) => None,
        };
        Ok(baseline.map(|baseline| Self { source, output, baseline }))
    }

    /// The AUROC lost without anchors, or on sequences without the hits; `None` where no anchor stays, or no sequences.
    pub(super) fn lost_without(
        &self,
        anchors: &[usize],
        held_out: HeldOut<'_>,
        without_hits: impl FnOnce() -> Result<Option<[EncodedSequences; 2]>, Error>,
    ) -> Result<Option<f64>, Error> {
        let rest = match self.source {
            MotifSource::Network(network) => match without(network, anchors)? {
                Some(others) => network_auroc(network, &others, self.output, held_out)?,
                None => None,
            },
            MotifSource::Scores(model) => {
                let Some([positives, negatives]) = without_hits()? else { return Ok(None) };
                model_auroc(model, self.output, HeldOut { positives: &positives, negatives: &negatives })?
            }
            MotifSource::Detectors(..) => None,
        };
        Ok(rest.map(|rest| self.baseline - rest))
    }
}

/// AUROC of an output of a network, or of what is left of it.
fn network_auroc(
    whole: NetworkView<'_>,
    network: &HeadedNetwork,
    output: usize,
    held_out: HeldOut<'_>,
) -> Result<Option<f64>, Error> {
    let scores = |sequences: &EncodedSequences| Ok(network.scores(sequences.view(), whole.card().pad_short)?);
    auroc_of(scores, output, network.heads().len(), held_out)
}

/// AUROC of an output of a model.
fn model_auroc(model: &Model, output: usize, held_out: HeldOut<'_>) -> Result<Option<f64>, Error> {
    let model = of_output(model, output)?;
    auroc_of(|sequences| Ok(model.scores(sequences.view())?), 0, 1, held_out)
}

/// AUROC of the scores at a place of so many.
fn auroc_of(
    scores: impl Fn(&EncodedSequences) -> Result<Vec<f64>, Error>,
    place: usize,
    outputs: usize,
    held_out: HeldOut<'_>,
) -> Result<Option<f64>, Error> {
    let positives = held_out.positives.len();
    // At once: tables of words are made for every call.
    let mut both = held_out.positives.clone();
    both.extend(held_out.negatives)?;
    let scores: Vec<f64> = scores(&both)?.into_iter().skip(place).step_by(outputs).collect();
    let labels: Vec<f64> = (0..scores.len()).map(|at| f64::from(at < positives)).collect();
    Ok(auroc(&scores, &labels).value())
}
