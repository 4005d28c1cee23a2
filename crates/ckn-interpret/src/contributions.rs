//! Motifs of any model that gives scores: from the stretches of letters that carry the scores of sequences.
//!
//! Letters of sequences have contributions ([`Explainer::attribute`]); the stretches that hold most, near those like them, make a
//! first matrix, as the neighbours of an anchor point do for networks, and its sites are fitted in the same way
//! ([`sites`](crate::sites)). Sites that were found are taken away before the next motif is looked for.

mod neighbours;
mod stretches;

use std::ops::Range;

use ckn_bio::EncodedSequences;
use ckn_bio::motif::{Background, Motif};
use ckn_model::Model;

use self::neighbours::Neighbours;
use self::stretches::{Stretch, stretches};
use crate::assembly::Assembled;
use crate::reading::{distinct, numbered};
use crate::sites::{Fit, Mixture, SiteSettings, evenly, refine};
use crate::{Error, Explainer, ModelMotif, ReadingSettings};

/// Most motifs that are looked for.
const MOTIFS: usize = 16;
/// Share of the first motif's stretches, by contribution, below which nothing more is looked for.
const LEAST: f64 = 0.05;
/// Probability from which a site is taken away.
const EXPLAINED: f64 = 0.5;
/// Letters of the sequences that are read of a model that must be asked for the score of every changed sequence.
const ASKED: usize = 20_000;

/// The motifs of a model of one output, from what letters of sequences add to its scores; the same site shown once. First those
/// whose sites add most, all together.
///
/// `weight` of a motif is what a site adds to the score on average; it has no anchors.
///
/// ```
/// use ckn_bio::simulate::{Simulation, demo_motifs};
/// use ckn_core::{mismatch::Profile, seed::Seed};
/// use ckn_interpret::{ReadingSettings, contribution_motifs};
/// use ckn_model::{KernelMachine, Model, ModelCard, SequenceKernel};
/// # use ckn_bio::{Alphabet, EncodedSequences};
/// # use ckn_core::loss::Loss;
/// let mut support = EncodedSequences::new(Alphabet::Dna);
/// support.push("site", b"CACGTG")?;
/// let kernel = SequenceKernel::new(6, Profile::Exponential { sigma: 0.3 }, false);
/// let machine = KernelMachine::new(support.view(), true, vec![kernel], vec![1.0], 0.0)?;
/// let model = Model::new(machine, ModelCard::new("dna", "ACGT", Loss::Logistic))?;
/// let simulation = Simulation { motifs: demo_motifs()[..1].to_vec(), ..Simulation::new("bound", 50, 60) };
/// let found = contribution_motifs(&model, &simulation.run(Seed(0))?.sequences, &ReadingSettings::default())?;
/// assert!(found[0].motif.probabilities.consensus().contains("CACGTG"));
/// assert!(found[0].weight > 0.0 && found[0].anchors.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Alphabet`]; [`Error::Model`] for a model of several outputs, and for sequences that are too short.
pub fn contribution_motifs(
    model: &Model,
    sequences: &EncodedSequences,
    settings: &ReadingSettings,
) -> Result<Vec<ModelMotif>, Error> {
    let explainer = Explainer::new(model, sequences.alphabet())?;
    if sequences.is_empty() {
        return Ok(Vec::new());
    }
    let most = match explainer.is_sum_over_windows() {
        true => settings.sequences,
        false => settings.sequences.min(1 + ASKED * sequences.len() / sequences.tokens().len().max(1)),
    };
    let chosen = evenly(sequences.len(), most);
    let attributions = explainer.attribute(sequences.select(&chosen)?.view())?;
    let contributions: Vec<Vec<f64>> = attributions.into_iter().map(|attribution| attribution.contributions).collect();
    let background = Background::of_sequences(sequences, settings.both_strands)?;
    let mixture = Mixture::new(sequences, &chosen, &background, settings.both_strands)?;
    let site_settings = SiteSettings {
        both_strands: settings.both_strands,
        information: settings.information,
        ..SiteSettings::default()
    };
    let mut found = explained(mixture, &contributions, &site_settings)?;
    found.sort_by(|a, b| b.total.total_cmp(&a.total));
    let assembled = |(number, found): (usize, &Found)| {
        let matrix = found.fit.counts.probabilities(1.0, &background)?;
        Ok(Assembled { anchors: vec![number], matrix })
    };
    let assembled = found.iter().enumerate().map(assembled).collect::<Result<Vec<_>, Error>>()?;
    let motifs = distinct(assembled, &background, settings)?.into_iter().map(|assembled| {
        let first = &found[assembled.anchors[0]];
        let sites = first.fit.counts.sites();
        ModelMotif {
            motif: Motif { sites: Some(sites), ..Motif::new("", assembled.matrix) },
            anchors: Vec::new(),
            weight: first.total / first.expected,
            function: None,
            distance: None,
            share: Some(first.fit.share),
            threshold: None,
            origin: crate::MotifOrigin::Model,
            direction: crate::MotifDirection::Enriched,
        }
    });
    Ok(numbered(motifs))
}

/// A fitted motif, the number of sites that are expected, and what they add to the scores.
struct Found {
    fit: Fit,
    expected: f64,
    total: f64,
}

/// Motifs that explain the stretches, each without the sites of those before it.
fn explained(
    mut mixture: Mixture<'_>,
    contributions: &[Vec<f64>],
    settings: &SiteSettings,
) -> Result<Vec<Found>, Error> {
    let stretches = stretches(&mixture, contributions);
    let neighbours = Neighbours::new(&mixture, &stretches);
    let mut left = vec![true; stretches.len()];
    let mut found = Vec::new();
    let mut first = None;
    while found.len() < MOTIFS {
        let Some((seed, value)) = neighbours.heaviest(&stretches, &left) else { break };
        if value < LEAST * *first.get_or_insert(value) {
            break;
        }
        let start = neighbours.matrix(seed, &mixture, &stretches, &left)?;
        neighbours.like(seed).for_each(|stretch| left[stretch] = false);
        let width = start.width();
        let Some((fit, _)) = refine(&mixture, start, width, settings)? else { continue };
        let width = fit.probabilities.width();
        let (mut total, mut expected) = (0.0, 0.0);
        for &(sequence, strand, start, probability) in &fit.sites {
            let letters = forward(strand, start, width, contributions[sequence].len());
            expected += probability;
            total += probability * contributions[sequence][letters.clone()].iter().sum::<f64>();
            if probability >= EXPLAINED {
                mixture.mask(sequence, letters.clone());
                let gone = |stretch: &Stretch| stretch.sequence == sequence && stretch.is_mostly_in(&letters);
                left.iter_mut()
                    .zip(&stretches)
                    .filter(|(_, stretch)| gone(stretch))
                    .for_each(|(left, _)| *left = false);
            }
        }
        if total > 0.0 {
            found.push(Found { fit, expected, total });
        }
    }
    Ok(found)
}

/// Places on the first strand.
fn forward(strand: usize, start: usize, width: usize, length: usize) -> Range<usize> {
    let end = (start + width).min(length);
    if strand == 0 { start..end } else { length - end..length - start }
}
