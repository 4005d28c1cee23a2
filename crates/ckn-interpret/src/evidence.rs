//! What speaks for a motif: sequences that it was not found in.

mod contrast;
mod uniqueness;

use ckn_bio::EncodedSequences;
use ckn_bio::motif::{
    Background, Enrichment, Hit, MotifScanner, PositionalDistribution, Probabilities, benjamini_hochberg,
};
use ckn_core::seed::Seed;
use rayon::prelude::*;

use self::contrast::{Contrast, Tested};
use self::uniqueness::Uniqueness;
use crate::{Error, ModelMotif, MotifDirection, MotifSource};

/// Share of the sites that every letter is given beside those counted, so that no score is minus infinity.
const PSEUDOCOUNT: f64 = 0.01;

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
    /// How much more often it stands in positives, once the sites of the motifs before it are masked; of a depleted motif, how much less
    /// often, with p-values of that.
    pub enrichment: Enrichment,
    /// The p-value of its standing in more of the positives (of a depleted motif: negatives) than of their shuffles, the better of both
    /// tests, doubled.
    pub shuffled_p_value: f64,
    /// The better of two tests (Fisher's on sequences with a hit, and the rank sum of best scores), doubled for having two, or
    /// [`Self::shuffled_p_value`], if that is larger.
    pub p_value: f64,
    /// Expected number of motifs with a p-value as small among as many that are none: the p-value times the number of motifs tested.
    pub e_value: f64,
    /// Smallest false discovery rate at which it is found, among all motifs that were tested.
    pub q_value: f64,
    /// Where in the positives its best hits lie, of a depleted motif in the negatives; `None` where there is no hit.
    pub positions: Option<PositionalDistribution>,
    /// What the model's AUROC loses when the motif's anchors are removed, or where it has none, when the letters of its hits are
    /// unknown; `None` for networks of several layers and after DeepBind, where no anchor stays, and where hits are no evidence.
    pub uniqueness: Option<f64>,
}

/// Tests motifs in the order of their importance, the sites of each masked before the next is tested: a motif that only
/// repeats another one has no evidence of its own.
///
/// A motif must also stand in more of the positives than of their shuffles, which keep the counts of two letters in a row: classes of
/// different composition differ in words that are no motif. The larger of both p-values counts, so that a motif passes if both tests say so.
///
/// A motif that is depleted is tested with the classes exchanged, its background that of the positives, and beside other depleted ones
/// alone: where sites of enriched motifs are masked, positives would have less room for any word.
///
/// With a model and the number of one of its outputs, tells what that output's AUROC loses without each motif. The seed is that of
/// the shuffles, which come from its children `enriched` and `depleted`.
///
/// ```
/// use ckn_bio::shuffle::shuffled_negatives;
/// use ckn_bio::simulate::{Simulation, demo_motifs};
/// use ckn_core::seed::Seed;
/// use ckn_interpret::{DiscoverySettings, HeldOut, discover, evidence};
/// let simulation = Simulation { motifs: demo_motifs()[..1].to_vec(), ..Simulation::new("bound", 100, 60) };
/// let searched = simulation.run(Seed(0))?.sequences;
/// let found = discover(&searched, &shuffled_negatives(&searched, 2, 1, Seed(0))?, &DiscoverySettings::new(true))?;
/// // Sequences of another draw are evidence; those of no motif are not.
/// let bound = simulation.run(Seed(1))?.sequences;
/// let [random, others] = [2, 3].map(|seed| Simulation::new("random", 100, 60).run(Seed(seed)));
/// let (random, others) = (random?.sequences, others?.sequences);
/// let judged = evidence(None, &found, HeldOut { positives: &bound, negatives: &random }, true, Seed(0))?;
/// assert!(judged[0].q_value < 1e-10);
/// let judged = evidence(None, &found, HeldOut { positives: &others, negatives: &random }, true, Seed(0))?;
/// assert!(judged[0].q_value > 0.01);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Bio`] for sequences of another alphabet, or none on one side; [`Error::Model`] for sequences without a window.
pub fn evidence(
    model: Option<(MotifSource<'_>, usize)>,
    motifs: &[ModelMotif],
    held_out: HeldOut<'_>,
    both_strands: bool,
    seed: Seed,
) -> Result<Vec<Evidence>, Error> {
    let whole = model.map(|(model, output)| Uniqueness::new(model, output, held_out)).transpose()?.flatten();
    let mut enriched = Contrast::new(held_out, MotifDirection::Enriched, both_strands, seed.child("enriched"))?;
    let is_depleted = |motif: &ModelMotif| motif.direction == MotifDirection::Depleted;
    let mut depleted = match motifs.iter().any(is_depleted) {
        true => Some(Contrast::new(held_out, MotifDirection::Depleted, both_strands, seed.child("depleted"))?),
        false => None,
    };
    let mut found = Vec::new();
    for motif in motifs {
        let contrast = depleted.as_mut().filter(|_| is_depleted(motif)).unwrap_or(&mut enriched);
        let tested = contrast.test(motif)?;
        // Of a motif that is none nothing is taken away.
        let without_hits = || tested.is_one().then(|| contrast.without_hits(&tested)).transpose();
        let uniqueness = match &whole {
            Some(whole) => whole.lost_without(&motif.anchors, held_out, without_hits)?,
            None => None,
        };
        if tested.is_one() {
            contrast.mask(&tested)?;
        }
        found.push((tested, uniqueness));
    }
    let p_values: Vec<f64> = found.iter().map(|(tested, _)| tested.p_value).collect();
    let found = found.into_iter().zip(benjamini_hochberg(&p_values));
    let evidence = |((tested, uniqueness), q_value): ((Tested, Option<f64>), f64)| Evidence {
        enrichment: tested.enrichment,
        shuffled_p_value: tested.shuffled_p_value,
        p_value: tested.p_value,
        e_value: tested.p_value * motifs.len() as f64,
        q_value,
        positions: tested.positions,
        uniqueness,
    };
    Ok(found.map(evidence).collect())
}

/// A scanner of a matrix, log-odds against a background.
///
/// ```
/// use ckn_bio::Alphabet;
/// use ckn_bio::motif::{Background, Probabilities};
/// let matrix = Probabilities::new(Alphabet::Dna, vec![0.97, 0.01, 0.01, 0.01, 0.01, 0.97, 0.01, 0.01])?;
/// let scanner = ckn_interpret::scanner(&matrix, &Background::uniform(Alphabet::Dna), false)?;
/// let mut hits = Vec::new();
/// scanner.scan(&[3, 0, 1, 3], 3.0, |hit| hits.push(hit.position));
/// assert_eq!(hits, [1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Bio`] for a background of another alphabet.
pub fn scanner(matrix: &Probabilities, background: &Background, both_strands: bool) -> Result<MotifScanner, Error> {
    Ok(MotifScanner::new(&matrix.log_odds(PSEUDOCOUNT, background)?, background, both_strands)?)
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
