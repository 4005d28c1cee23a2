//! What speaks for a motif: sequences that it was not found in.

mod uniqueness;

use ckn_bio::EncodedSequences;
use ckn_bio::motif::{
    Background, Enrichment, Hit, MotifScanner, PositionalDistribution, Probabilities, benjamini_hochberg,
};
use rayon::prelude::*;

use self::uniqueness::Uniqueness;
use crate::{Error, ModelMotif, MotifSource};

/// Share of the sites that every letter is given beside those counted, so that no score is minus infinity.
const PSEUDOCOUNT: f64 = 0.01;
/// P-value below which a motif's sites are masked.
const MASKED_BELOW: f64 = 0.01;
/// Parts that positions are counted in.
const BINS: usize = 20;

/// Sequences with and without a site, neither used to find motifs.
#[derive(Debug, Clone, Copy)]
pub struct HeldOut<'a> {
    /// With.
    pub positives: &'a EncodedSequences,
    /// Without.
    pub negatives: &'a EncodedSequences,
}

/// What held-out sequences say about one motif.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// How much more often it stands in positives, once the sites of the motifs before it are masked.
    pub enrichment: Enrichment,
    /// Smallest false discovery rate at which it is found, among the motifs of the model, by the better of two tests
    /// (Fisher's on sequences with a hit, and the rank sum of best scores), doubled for having two.
    pub q_value: f64,
    /// Where in the positives its best hits lie; `None` where there is no hit.
    pub positions: Option<PositionalDistribution>,
    /// What the model's AUROC loses when the motif's anchors are removed, or where it has none, when the letters of its hits are
    /// unknown; `None` for networks of several layers and after DeepBind, where no anchor stays, and where hits are no evidence.
    pub uniqueness: Option<f64>,
}

/// Tests motifs in the order of their importance, the sites of each masked before the next is tested: a motif that only
/// repeats another one has no evidence of its own.
///
/// With a model and the number of one of its outputs, tells what that output's AUROC loses without each motif.
///
/// # Errors
/// [`Error::Bio`] for sequences of another alphabet, or none on one side; [`Error::Model`] for sequences without a window.
pub fn evidence(
    model: Option<(MotifSource<'_>, usize)>,
    motifs: &[ModelMotif],
    held_out: HeldOut<'_>,
    both_strands: bool,
) -> Result<Vec<Evidence>, Error> {
    let background = Background::of_sequences(held_out.negatives, both_strands)?;
    let (mut positives, mut negatives) = (held_out.positives.clone(), held_out.negatives.clone());
    let whole = model.map(|(model, output)| Uniqueness::new(model, output, held_out)).transpose()?.flatten();
    let mut found = Vec::new();
    for motif in motifs {
        let matrix = &motif.motif.probabilities;
        let scanner = scanner(matrix, &background, both_strands)?;
        let length = mean_length(&positives);
        let threshold = match motif.threshold {
            Some(threshold) => threshold,
            None => scanner.threshold_for(length, Enrichment::CHANCE)?,
        };
        let (in_positives, in_negatives) = (scanner.best_of_each(&positives)?, scanner.best_of_each(&negatives)?);
        let enrichment = Enrichment::new(&in_positives, &in_negatives, threshold)?;
        let width = matrix.width();
        let any = in_positives.iter().flatten().any(|hit| hit.score >= threshold);
        let positions = match any {
            true => Some(PositionalDistribution::new(&positives, &in_positives, width, threshold, BINS)?),
            false => None,
        };
        // Of a motif that is none nothing is taken away.
        let is_one = p_value(&enrichment) < MASKED_BELOW;
        let mask = |sequences| masked(sequences, &scanner, width, threshold);
        let without_hits = || is_one.then(|| Ok([mask(held_out.positives)?, mask(held_out.negatives)?])).transpose();
        let uniqueness = match &whole {
            Some(whole) => whole.lost_without(&motif.anchors, held_out, without_hits)?,
            None => None,
        };
        if is_one {
            (positives, negatives) = (mask(&positives)?, mask(&negatives)?);
        }
        found.push((enrichment, positions, uniqueness));
    }
    let p_values: Vec<f64> = found.iter().map(|(enrichment, ..)| p_value(enrichment)).collect();
    let found = found.into_iter().zip(benjamini_hochberg(&p_values));
    Ok(found
        .map(|((enrichment, positions, uniqueness), q_value)| Evidence { enrichment, q_value, positions, uniqueness })
        .collect())
}

/// The better of both tests, doubled for having two.
fn p_value(enrichment: &Enrichment) -> f64 {
    (2.0 * enrichment.fisher_p_value.min(enrichment.rank_sum_p_value)).min(1.0)
}

/// A scanner of a matrix, log-odds against a background.
///
/// # Errors
/// [`Error::Bio`] for a background of another alphabet.
pub fn scanner(matrix: &Probabilities, background: &Background, both_strands: bool) -> Result<MotifScanner, Error> {
    Ok(MotifScanner::new(&matrix.log_odds(PSEUDOCOUNT, background)?, background, both_strands)?)
}

fn mean_length(sequences: &EncodedSequences) -> f64 {
    sequences.tokens().len() as f64 / sequences.len().max(1) as f64
}

/// Sequences in which the letters of all hits are unknown.
pub(crate) fn masked(
    sequences: &EncodedSequences,
    scanner: &MotifScanner,
    width: usize,
    threshold: f64,
) -> Result<EncodedSequences, Error> {
    let alphabet = sequences.alphabet();
    let unknown = alphabet.unknown();
    let mask = |record: usize| {
        let mut tokens = sequences.sequence(record).to_vec();
        let mut hits: Vec<Hit> = Vec::new();
        scanner.scan(&tokens, threshold, |hit| hits.push(hit));
        hits.iter().for_each(|hit| tokens[hit.position..hit.position + width].fill(unknown));
        tokens
    };
    let tokens: Vec<Vec<u8>> = (0..sequences.len()).into_par_iter().map(mask).collect();
    let mut masked = EncodedSequences::new(alphabet);
    for (tokens, id) in tokens.iter().zip(sequences.ids()) {
        masked.push_tokens(id, tokens)?;
    }
    Ok(masked)
}
