//! Two sets of sequences, one of which has more of some motifs.

use ckn_bio::EncodedSequences;
use ckn_bio::motif::{Background, Enrichment, Hit, MotifScanner, PositionalDistribution};
use ckn_bio::shuffle::shuffled_negatives;
use ckn_core::seed::Seed;

use super::{HeldOut, masked, scanner};
use crate::{Error, ModelMotif, MotifDirection};

/// P-value below which a motif's sites are masked.
const MASKED_BELOW: f64 = 0.01;
/// Parts that positions are counted in.
const BINS: usize = 20;

/// Positives and negatives, as they are and with the sites of the motifs before masked.
pub(super) struct Contrast<'a> {
    held_out: HeldOut<'a>,
    direction: MotifDirection,
    both_strands: bool,
    /// Of the set that has less of the motifs.
    background: Background,
    /// The set that has more of the motifs, and the other.
    masked: [EncodedSequences; 2],
    /// Shuffles of the set that has more.
    shuffled: EncodedSequences,
}

/// What was found of one motif.
pub(super) struct Tested {
    pub(super) enrichment: Enrichment,
    pub(super) shuffled_p_value: f64,
    pub(super) p_value: f64,
    pub(super) positions: Option<PositionalDistribution>,
    scanner: MotifScanner,
    width: usize,
}

impl Tested {
    /// Whether its sites are masked.
    pub(super) fn is_one(&self) -> bool {
        self.p_value < MASKED_BELOW
    }
}

impl<'a> Contrast<'a> {
    /// For the motifs of a direction; shuffles are drawn from the seed.
    pub(super) fn new(
        held_out: HeldOut<'a>,
        direction: MotifDirection,
        both_strands: bool,
        seed: Seed,
    ) -> Result<Self, Error> {
        let (more, fewer) = match direction {
            MotifDirection::Enriched => (held_out.positives, held_out.negatives),
            MotifDirection::Depleted => (held_out.negatives, held_out.positives),
        };
        Ok(Self {
            held_out,
            direction,
            both_strands,
            background: Background::of_sequences(fewer, both_strands)?,
            masked: [more.clone(), fewer.clone()],
            shuffled: shuffled_negatives(more, 2, 1, seed)?,
        })
    }

    /// Tests one motif.
    pub(super) fn test(&self, motif: &ModelMotif) -> Result<Tested, Error> {
        let matrix = &motif.motif.probabilities;
        let (scanner, width) = (scanner(matrix, &self.background, self.both_strands)?, matrix.width());
        let [more, fewer] = &self.masked;
        let threshold = match motif.threshold {
            Some(threshold) => threshold,
            None => scanner.threshold_for(mean_length(more), Enrichment::CHANCE)?,
        };
        let in_more = scanner.best_of_each(more)?;
        let compared = |with: &EncodedSequences| -> Result<Enrichment, Error> {
            Ok(Enrichment::new(&in_more, &scanner.best_of_each(with)?, threshold)?)
        };
        let enrichment = compared(fewer)?;
        let shuffled_p_value = p_value(&compared(&self.shuffled)?);
        let any = in_more.iter().flatten().any(|hit: &Hit| hit.score >= threshold);
        let positions = match any {
            true => Some(PositionalDistribution::new(more, &in_more, width, threshold, BINS)?),
            false => None,
        };
        Ok(Tested {
            p_value: p_value(&enrichment).max(shuffled_p_value),
            enrichment: match self.direction {
                MotifDirection::Enriched => enrichment,
                MotifDirection::Depleted => enrichment.exchanged(),
            },
            shuffled_p_value,
            positions,
            scanner,
            width,
        })
    }

    /// Positives and negatives without the letters of a motif's hits, whatever was masked before.
    pub(super) fn without_hits(&self, tested: &Tested) -> Result<[EncodedSequences; 2], Error> {
        Ok([self.without(self.held_out.positives, tested)?, self.without(self.held_out.negatives, tested)?])
    }

    /// Masks the hits of a motif before the next is tested.
    pub(super) fn mask(&mut self, tested: &Tested) -> Result<(), Error> {
        let [more, fewer] = &self.masked;
        self.masked = [self.without(more, tested)?, self.without(fewer, tested)?];
        Ok(())
    }

    fn without(&self, sequences: &EncodedSequences, tested: &Tested) -> Result<EncodedSequences, Error> {
        masked(sequences, &tested.scanner, tested.width, tested.enrichment.threshold)
    }
}

/// The better of both tests, doubled for having two.
fn p_value(enrichment: &Enrichment) -> f64 {
    (2.0 * enrichment.fisher_p_value.min(enrichment.rank_sum_p_value)).min(1.0)
}

fn mean_length(sequences: &EncodedSequences) -> f64 {
    sequences.tokens().len() as f64 / sequences.len().max(1) as f64
}
