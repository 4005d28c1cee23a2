//! Sequences of the highest scores, and what each letter contributes.

use ckn::bio::EncodedSequences;
use ckn::interpret::Explainer;
use ckn::model::Model;

use super::Name;
use crate::plot::track;

/// Sequences that are shown.
const SHOWN: usize = 6;
/// Letters of the longest that is shown.
const LONGEST: usize = 1_000;

/// A sequence with its score and a track of contributions.
pub struct Example {
    pub name: Name,
    pub score: String,
    pub svg: String,
}

/// Positives of the highest scores; none of models of several outputs.
pub fn examples(model: &Model, positives: &EncodedSequences) -> anyhow::Result<(Vec<Example>, bool)> {
    if !model.card().outputs.is_empty() {
        return Ok((Vec::new(), false));
    }
    let lengths = model.shortest_sequence()..=LONGEST;
    let fitting = |&record: &usize| lengths.contains(&positives.sequence(record).len());
    let fitting: Vec<usize> = (0..positives.len()).filter(fitting).collect();
    let explainer = Explainer::new(model, positives.alphabet())?;
    let positives = positives.select(&fitting)?;
    let scores = explainer.scores(positives.view())?;
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
    order.truncate(SHOWN);
    let chosen = positives.select(&order)?;
    let attributions = explainer.attribute(chosen.view())?;
    let draw = |(record, attribution): (usize, &ckn::interpret::Attribution)| {
        let name = Name::new(&chosen.ids()[record]);
        let letters = chosen.decode(record);
        let svg = track(chosen.alphabet(), &letters, &attribution.contributions);
        Example { name, score: format!("{:.2}", attribution.score), svg }
    };
    let sums = explainer.is_sum_over_windows();
    Ok((attributions.iter().enumerate().map(draw).collect(), sums))
}
