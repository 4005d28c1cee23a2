//! Motifs that were found as one because they share a core: sites that are better told by several matrices than by one.

mod mixture;

use ckn_bio::EncodedSequences;
use ckn_bio::motif::{Background, Probabilities};

use self::mixture::{Component, Regions};
use super::matrix::{letters_around, of_counts};
use super::refinement::Supported;
use super::seeds::support;
use super::{DiscoverySettings, LEAST_SUPPORT, VARIANT, correlation};
use crate::Error;
use crate::evidence::scanner;

/// Columns that are looked at on either side of the matrix: what siblings differ in.
pub(super) const FLANK: usize = 5;
/// Columns by which a site may lie beside the place where the one matrix put it.
pub(super) const SHIFT: usize = 2;
/// Fewest sites of a sibling.
const FEWEST: f64 = 30.0;
/// Most motifs that one is parted into.
const MOST: usize = 6;

/// The motifs whose sites a matrix finds: several only if the letters of its sites are told better by them than chance makes it, if they
/// are no variants of one another, and if each stands in more of the positives; empty if it is one.
pub(super) fn siblings(
    family: &Supported,
    positives: &EncodedSequences,
    negatives: &EncodedSequences,
    background: &Background,
    settings: &DiscoverySettings,
) -> Result<Vec<Supported>, Error> {
    let of = |sequences| regions(family, sequences, background, settings);
    let (with, without) = (of(positives)?, of(negatives)?);
    let ratio = positives.len() as f64 / negatives.len() as f64;
    let mut components = vec![with.one()];
    let mut at = 0;
    while at < components.len() && components.len() < MOST {
        let parted = with.parted(&components, at, FEWEST, |first, second| {
            let [first, second] = [first, second].map(|component| matrix(&component.counts, background, settings));
            match (first?, second?) {
                (Some(first), Some(second)) => Ok(correlation(&first, &second, settings.both_strands)? < VARIANT),
                _ => Ok(false),
            }
        })?;
        match parted {
            Some(parted) => components = parted,
            None => at += 1,
        }
    }
    if components.len() == 1 {
        return Ok(Vec::new());
    }
    let mut found = members(&components, &with, &without, ratio, background, settings)?;
    found.sort_by(|a, b| b.support.total_cmp(&a.support));
    if found.len() < 2 {
        found.clear();
    }
    Ok(found)
}

/// The letters around the best hit of each sequence, as the matrix reads them.
fn regions(
    family: &Supported,
    sequences: &EncodedSequences,
    background: &Background,
    settings: &DiscoverySettings,
) -> Result<Regions, Error> {
    let (width, reach) = (family.matrix.width(), FLANK + SHIFT);
    let scanner = scanner(&family.matrix, background, settings.both_strands)?;
    let mut regions = Regions::new(width, sequences.alphabet(), background, settings.both_strands);
    for (record, hit) in scanner.best_of_each(sequences)?.into_iter().enumerate() {
        let Some(hit) = hit.filter(|hit| hit.score >= family.threshold) else { continue };
        let site = hit.position..hit.position + width;
        regions.push(letters_around(sequences.sequence(record), site, hit.strand, reach, sequences.alphabet()));
    }
    Ok(regions)
}

/// What of the components stands in more positives: their matrices are of the sites in positives beyond those in negatives.
fn members(
    components: &[Component],
    with: &Regions,
    without: &Regions,
    ratio: f64,
    background: &Background,
    settings: &DiscoverySettings,
) -> Result<Vec<Supported>, Error> {
    let ((_, ours), (_, theirs)) = (with.expected(components), without.expected(components));
    let share = ratio / (1.0 + ratio);
    let mut found = Vec::new();
    for (more, fewer) in ours.iter().zip(&theirs) {
        let supported = support(more.sites.round() as u32, fewer.sites.round() as u32, share);
        let excess: Vec<f64> =
            more.counts.iter().zip(&fewer.counts).map(|(more, fewer)| (more - ratio * fewer).max(0.0)).collect();
        let Some(matrix) = self::matrix(&excess, background, settings)? else { continue };
        let scanner = scanner(&matrix, background, settings.both_strands)?;
        let scores = |regions: &Regions| regions.best_scores(&scanner);
        // A site of a region counts by how much more probable it is one of these than another's.
        let mut scored: Vec<(f64, f64)> = Vec::new();
        scored.extend(scores(with).into_iter().zip(more.shares.iter().map(|share| 2.0 * share - 1.0)));
        scored.extend(scores(without).into_iter().map(|score| (score, -ratio)));
        let Some(threshold) = best_threshold(scored) else { continue };
        let sites = more.sites - ratio * fewer.sites;
        let member = Supported { matrix, support: supported, threshold, sites };
        if member.beyond_chance() >= LEAST_SUPPORT {
            found.push(member);
        }
    }
    Ok(found)
}

/// The score from which on most is gained; none if nothing is.
fn best_threshold(mut scored: Vec<(f64, f64)>) -> Option<f64> {
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut sum, mut best) = (0.0, None);
    for (at, &(score, gain)) in scored.iter().enumerate() {
        sum += gain;
        let ends = scored.get(at + 1).is_none_or(|next| next.0 < score);
        if ends && score > 0.0 && best.is_none_or(|(most, _)| sum > most) {
            best = Some((sum, score));
        }
    }
    best.map(|(_, score)| score)
}

/// The matrix of the letters at some sites.
fn matrix(
    counts: &[f64],
    background: &Background,
    settings: &DiscoverySettings,
) -> Result<Option<Probabilities>, Error> {
    let sites = |column: &[f64]| column.iter().sum::<f64>();
    let most = counts.chunks_exact(background.frequencies().len()).map(sites).fold(0.0, f64::max);
    of_counts(counts, most, settings.information, settings.widest, background)
}
