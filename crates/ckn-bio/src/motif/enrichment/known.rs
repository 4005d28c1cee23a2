//! Known motifs against two sets of sequences.

use rayon::prelude::*;

use super::{BestThreshold, Centrality, Enrichment, benjamini_hochberg};
use crate::encoded::EncodedSequences;
use crate::error::Error;
use crate::motif::{Background, Motif, MotifScanner};

/// How known motifs are tested.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KnownMotifSettings {
    /// Whether sites may stand on either strand.
    pub both_strands: bool,
    /// Probability that a random sequence of the mean length has a hit.
    pub chance: f64,
    /// Sites like the background that are added to those of each motif.
    pub pseudocount: f64,
}

/// What two sets of sequences say of a known motif.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KnownEnrichment {
    /// Place of the motif in its list, counted from 0.
    pub motif: usize,
    /// The tests.
    pub enrichment: Enrichment,
    /// The threshold at which it is most enriched, with a p-value that allows for the choice.
    pub best: BestThreshold,
    /// How near the centres of the positives its hits are.
    pub centrality: Centrality,
    /// The better of both p-values, doubled for having two.
    pub p_value: f64,
    /// Smallest false discovery rate at which it is enriched, among all motifs (Benjamini and Hochberg).
    pub q_value: f64,
}

/// Tests motifs that come from elsewhere: whether their best hits are better in positives, and more of those above a threshold, which is
/// that of a `chance` of a hit in a random sequence with the letters of the negatives. The most significant comes first. The best threshold and
/// the distances from the centre are told beside, and have no part in `p_value`.
///
/// ```
/// use ckn_bio::motif::{KnownMotifSettings, enriched_motifs};
/// use ckn_bio::shuffle::shuffled_negatives;
/// use ckn_bio::simulate::{Simulation, demo_motifs};
/// use ckn_core::seed::Seed;
/// let motifs = demo_motifs()[..1].to_vec();
/// let positives = Simulation { motifs: motifs.clone(), ..Simulation::new("bound", 60, 80) }.run(Seed(0))?.sequences;
/// let negatives = shuffled_negatives(&positives, 2, 1, Seed(0))?;
/// let settings = KnownMotifSettings { both_strands: true, chance: 0.1, pseudocount: 0.01 };
/// let found = enriched_motifs(&motifs, &positives, &negatives, settings)?;
/// assert!(found[0].enrichment.fisher_p_value < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of [`Background::of_sequences`], [`MotifScanner::new`], [`MotifScanner::threshold_for`], [`Enrichment::new`], [`BestThreshold::new`] and
/// [`Centrality::new`].
pub fn enriched_motifs(
    motifs: &[Motif],
    positives: &EncodedSequences,
    negatives: &EncodedSequences,
    settings: KnownMotifSettings,
) -> Result<Vec<KnownEnrichment>, Error> {
    let background = Background::of_sequences(negatives, settings.both_strands)?;
    let letters = positives.tokens().len() + negatives.tokens().len();
    let length = letters as f64 / (positives.len() + negatives.len()).max(1) as f64;
    let test = |motif: &Motif| -> Result<(Enrichment, BestThreshold, Centrality), Error> {
        let sites = motif.sites.filter(|sites| *sites > 0.0).unwrap_or(super::super::DEFAULT_SITES);
        let log_odds = motif.probabilities.log_odds(settings.pseudocount / sites, &background)?;
        let scanner = MotifScanner::new(&log_odds, &background, settings.both_strands)?;
        let threshold = scanner.threshold_for(length, settings.chance)?;
        let best =
            |sequences: &EncodedSequences| sequences.iter().map(|tokens| scanner.best(tokens)).collect::<Vec<_>>();
        let (in_positives, in_negatives) = (best(positives), best(negatives));
        Ok((
            Enrichment::new(&in_positives, &in_negatives, threshold)?,
            BestThreshold::new(&in_positives, &in_negatives)?,
            Centrality::new(positives, &in_positives, motif.width(), threshold)?,
        ))
    };
    let found = motifs.par_iter().map(test).collect::<Result<Vec<_>, Error>>()?;
    let p_value = |test: &Enrichment| (2.0 * test.fisher_p_value.min(test.rank_sum_p_value)).min(1.0);
    let p_values: Vec<f64> = found.iter().map(|(test, ..)| p_value(test)).collect();
    let rows = found.into_iter().zip(&p_values).zip(benjamini_hochberg(&p_values)).enumerate();
    let mut rows: Vec<KnownEnrichment> = rows
        .map(|(motif, (((enrichment, best, centrality), &p_value), q_value))| KnownEnrichment {
            motif,
            enrichment,
            best,
            centrality,
            p_value,
            q_value,
        })
        .collect();
    rows.sort_by(|a, b| a.p_value.total_cmp(&b.p_value).then(a.motif.cmp(&b.motif)));
    Ok(rows)
}
