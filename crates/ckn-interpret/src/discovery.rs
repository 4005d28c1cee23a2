//! Every motif that tells one set of sequences from another, without a model: found, explained away, and looked for again.
//!
//! Words that stand in more positives than negatives begin matrices (`seeds`), sites make them what they are (`refinement`), those of the
//! best are parted where they are of several motifs (`siblings`), and masked before the next is looked for, until nothing is left. What is
//! found here is a guess that is as good as it can be made: whether it is a motif, other sequences say ([`evidence`](crate::evidence())).

mod matrix;
mod refinement;
mod seeds;
mod siblings;

use ckn_bio::EncodedSequences;
use ckn_bio::motif::{
    Background, Motif, Probabilities,
    compare::{Alignment, best_alignment},
};
use ckn_bio::shuffle::shuffled_negatives;
use ckn_core::seed::Seed;
use rayon::prelude::*;

use self::refinement::Refiner;
use self::seeds::seeds;
use self::siblings::siblings;
use crate::assembly::{aligned, parts};
use crate::evidence::{masked, scanner};
use crate::{Error, ModelMotif};

/// How motifs are looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct DiscoverySettings {
    /// Whether sites may stand on either strand.
    pub both_strands: bool,
    /// Information that the first and the last column of a motif have, in bits.
    pub information: f64,
    /// Most motifs.
    pub most: usize,
    /// Most columns of a motif.
    pub widest: usize,
    /// Matrices without support, in a row, after which nothing more is looked for.
    pub patience: usize,
}

impl DiscoverySettings {
    /// At most 40 motifs of at most 24 columns, of a quarter of a bit at either end; five matrices without support are the end.
    pub fn new(both_strands: bool) -> Self {
        Self { both_strands, information: 0.25, most: 40, widest: 24, patience: 5 }
    }
}

/// Letters of each class that are searched, some 10,000 peaks: more would take longer and find what matters less.
const MOST_LETTERS: usize = 1 << 21;
/// Seeds that are scanned with once.
const TRIED: usize = 32;
/// Of these, matrices that are refined.
const REFINED: usize = 4;
/// Support that a motif needs beyond what its columns fit of chance, in nats.
const LEAST_SUPPORT: f64 = 2.0;
/// Correlation from which on a matrix shows a motif that is known already.
const VARIANT: f64 = 0.8;
/// Columns of a part of a matrix that is a motif by itself.
const NARROWEST: usize = 5;
/// Share of the columns of the wider that must lie on one another for that.
const OVERLAP: f64 = 0.7;

/// Motifs whose sites stand in more of the positives than of the negatives, the best supported first.
///
/// The support of a matrix is how surprising its hits are, `K·KL(k/K ‖ n₊/n)` nats, for `k` of `K` sequences with a hit that are positive
/// and `n₊` of `n` sequences, at the threshold that makes it largest. A matrix is what the sites in positives have beyond those in negatives.
///
/// ```
/// use ckn_bio::shuffle::shuffled_negatives;
/// use ckn_bio::simulate::{Simulation, demo_motifs};
/// use ckn_core::seed::Seed;
/// use ckn_interpret::{DiscoverySettings, discover};
/// let simulation = Simulation { motifs: demo_motifs()[..1].to_vec(), ..Simulation::new("bound", 200, 60) };
/// let positives = simulation.run(Seed(0))?.sequences;
/// let negatives = shuffled_negatives(&positives, 2, 1, Seed(0))?;
/// let found = discover(&positives, &negatives, &DiscoverySettings::new(true))?;
/// assert!(found[0].motif.probabilities.consensus().contains("CACGTG"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Bio`] for sequences of different alphabets, or negatives without letters.
pub fn discover(
    positives: &EncodedSequences,
    negatives: &EncodedSequences,
    settings: &DiscoverySettings,
) -> Result<Vec<ModelMotif>, Error> {
    if positives.is_empty() || negatives.is_empty() {
        return Ok(Vec::new());
    }
    let (mut positives, mut negatives) = (some(positives)?, some(negatives)?);
    let background = Background::of_sequences(&negatives, settings.both_strands)?;
    let mut found: Vec<ModelMotif> = Vec::new();
    let mut failures = 0;
    while found.len() < settings.most && failures < settings.patience {
        let refiner = Refiner::new(&positives, &negatives, &background, settings);
        let begun = seeds(&positives, &negatives, settings.both_strands, TRIED);
        let mut tried = begun.par_iter().map(|seed| refiner.improve(seed)).collect::<Result<Vec<_>, Error>>()?;
        tried.sort_by(|a, b| b.beyond_chance().total_cmp(&a.beyond_chance()));
        let refine = |first: &refinement::Supported| refiner.refine(first.clone());
        let refined = tried.iter().take(REFINED).map(refine).collect::<Result<Vec<_>, Error>>()?;
        let Some(best) = refined.into_iter().max_by(|a, b| a.beyond_chance().total_cmp(&b.beyond_chance())) else {
            break;
        };
        let (matrix, threshold) = (&best.matrix, best.threshold);
        let scanner = scanner(matrix, &background, settings.both_strands)?;
        let is_supported = best.beyond_chance() >= LEAST_SUPPORT;
        let mut members = match is_supported {
            true => siblings(&best, &positives, &negatives, &background, settings)?,
            false => Vec::new(),
        };
        let mask = |sequences: &EncodedSequences| masked(sequences, &scanner, matrix.width(), threshold);
        (positives, negatives) = (mask(&positives)?, mask(&negatives)?);
        if !is_supported {
            failures += 1;
            continue;
        }
        failures = 0;
        if members.is_empty() {
            members.push(best);
        }
        let before = found.len();
        for member in members {
            if !is_known(&member.matrix, &found[..before], settings.both_strands)? {
                let share = member.sites / positives.len() as f64;
                let motif = Motif { sites: Some(member.sites), ..Motif::new("", member.matrix) };
                found.push(ModelMotif {
                    share: Some(share),
                    threshold: Some(member.threshold),
                    ..ModelMotif::of_sequences(motif)
                });
            }
        }
    }
    Ok(found)
}

/// Motifs that stand in more of the sequences than of their shuffles, which keep the counts of two letters in a row: what is in the sequences,
/// whatever their classes. Named `motif_1` and so on, the best supported first. Matrices that show two motifs at a distance of four letters or
/// more are parted, and variants of a motif left out.
///
/// ```
/// use ckn_bio::simulate::{Simulation, demo_motifs};
/// use ckn_core::seed::Seed;
/// use ckn_interpret::{DiscoverySettings, discover_all};
/// let simulation = Simulation { motifs: demo_motifs()[..1].to_vec(), ..Simulation::new("all", 200, 60) };
/// let found = discover_all(&simulation.run(Seed(0))?.sequences, &DiscoverySettings::new(true), Seed(0))?;
/// assert!(found[0].probabilities.consensus().contains("CACGTG"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of [`discover`] and of [`shuffled_negatives`].
pub fn discover_all(
    sequences: &EncodedSequences,
    settings: &DiscoverySettings,
    seed: Seed,
) -> Result<Vec<Motif>, Error> {
    let shuffled = shuffled_negatives(sequences, 2, 1, seed)?;
    let background = Background::of_sequences(&shuffled, settings.both_strands)?;
    let mut all: Vec<Motif> = Vec::new();
    for found in discover(sequences, &shuffled, settings)? {
        for matrix in parts(&found.motif.probabilities, &background, settings.information)? {
            let mut is_new = matrix.width() >= NARROWEST;
            for other in &all {
                is_new &= aligned(&matrix, &other.probabilities, settings.both_strands, VARIANT)?.is_none();
            }
            if is_new {
                let name = format!("motif_{}", all.len() + 1);
                all.push(Motif { sites: found.motif.sites, ..Motif::new(&name, matrix) });
            }
        }
    }
    Ok(all)
}

/// As many sequences as are searched, from everywhere in the set.
fn some(sequences: &EncodedSequences) -> Result<EncodedSequences, Error> {
    let step = sequences.tokens().len().div_ceil(MOST_LETTERS).max(1);
    let records: Vec<usize> = (0..sequences.len()).step_by(step).collect();
    Ok(sequences.select(&records)?)
}

/// Whether a matrix shows one of the motifs.
pub(crate) fn is_known(matrix: &Probabilities, motifs: &[ModelMotif], both_strands: bool) -> Result<bool, Error> {
    for motif in motifs {
        if correlation(matrix, &motif.motif.probabilities, both_strands)? >= VARIANT {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Correlation of two matrices where they lie on one another best; -1 if most of the wider lies on nothing.
fn correlation(matrix: &Probabilities, other: &Probabilities, both_strands: bool) -> Result<f64, Error> {
    let (narrower, wider) = (matrix.width().min(other.width()), matrix.width().max(other.width()));
    let overlap = ((OVERLAP * wider as f64).ceil() as usize).min(narrower);
    let alignment = best_alignment(matrix, other, overlap, both_strands)?;
    let on_one_another = |at: &Alignment| at.overlap as f64 >= OVERLAP * wider as f64;
    Ok(alignment.filter(on_one_another).map_or(-1.0, |at| at.correlation))
}
