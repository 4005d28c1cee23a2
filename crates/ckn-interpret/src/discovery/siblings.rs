//! Motifs that were found as one because they share a core: sites that are better told by several matrices than by one.

mod mixture;

use ckn_bio::EncodedSequences;
use ckn_bio::motif::{Background, Probabilities};
use ckn_bio::simulate::Strand;

use self::mixture::{Component, Regions};
use super::refinement::{Supported, without_weaker_end};
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
/// Share of the sites that the background is given beside those counted.
const PSEUDOCOUNT: f64 = 0.02;

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
            let [first, second] = [first, second].map(|component| trimmed(&component.counts, background, settings));
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
    let complement = sequences.alphabet().table().complement().unwrap_or(&[]);
    let unknown = sequences.alphabet().unknown();
    let mut regions = Regions::new(width, sequences.alphabet(), background, settings.both_strands);
    for (record, hit) in scanner.best_of_each(sequences)?.into_iter().enumerate() {
        let Some(hit) = hit.filter(|hit| hit.score >= family.threshold) else { continue };
        let tokens = sequences.sequence(record);
        let letter = |column: usize| {
            let place = match hit.strand {
                Strand::Forward => (hit.position + column).checked_sub(reach),
                Strand::Reverse => (hit.position + width - 1 + reach).checked_sub(column),
            };
            let token = place.and_then(|place| tokens.get(place)).copied().unwrap_or(unknown);
            if hit.strand == Strand::Forward {
                token
            } else {
                complement.get(usize::from(token)).copied().unwrap_or(unknown)
            }
        };
        regions.push((0..width + 2 * reach).map(letter));
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
        let Some(matrix) = trimmed(&excess, background, settings)? else { continue };
        let scanner = scanner(&matrix, background, settings.both_strands)?;
        let scores = |regions: &Regions| regions.best_scores(&scanner);
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

/// The matrix of counts, without ends that say nothing; none if it is narrower than a motif.
fn trimmed(
    counts: &[f64],
    background: &Background,
    settings: &DiscoverySettings,
) -> Result<Option<Probabilities>, Error> {
    let frequencies = background.frequencies();
    let columns = counts.chunks_exact(frequencies.len());
    let most = columns.clone().map(|column| column.iter().sum::<f64>()).fold(0.0, f64::max);
    let pseudo = (PSEUDOCOUNT * most).max(1e-6);
    let values = columns.flat_map(|column| {
        let total = column.iter().sum::<f64>() + pseudo;
        column.iter().zip(frequencies).map(move |(count, rate)| (count + pseudo * rate) / total)
    });
    let matrix = Probabilities::new(background.alphabet(), values.collect())?;
    let (mut matrix, _) = matrix.trimmed(settings.information, background)?;
    while matrix.width() > settings.widest {
        matrix = without_weaker_end(&matrix, background)?;
    }
    Ok((matrix.width() >= 4).then_some(matrix))
}
