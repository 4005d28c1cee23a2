//! What a model has to say: its motifs, by either way, the same site shown once.

use ckn_bio::motif::{Background, Motif, Probabilities};
use ckn_bio::{Alphabet, EncodedSequences};
use ckn_model::NetworkView;
use rayon::prelude::*;

use crate::assembly::{Assembled, Piece, VARIANT, aligned, assemble, parts};
use crate::held_out::tells_apart;
use crate::neighbourhood::Neighbourhood;
use crate::projection::{Projection, ProjectionSettings, project};
use crate::response::WindowFunction;
use crate::sites::{SiteSettings, Sites, sites};
use crate::verdict::{Verdict, verdict};
use crate::{Error, Weights};

/// Settings of [`project_motifs`] and [`count_motifs`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReadingSettings {
    /// The output whose motifs are read, counted from 0.
    pub output: usize,
    /// Whether a site and its reverse complement are the same motif.
    pub both_strands: bool,
    /// Information that the first and the last column of a motif must have, in bits.
    pub information: f64,
    /// How anchors are projected.
    pub projection: ProjectionSettings,
    /// How far from its projection an anchor may be.
    pub neighbourhood: Neighbourhood,
    /// Whether projections are made as sharp as the function, instead of as sharp as the anchors: each word counts by what it
    /// adds to the score. Of networks of one layer.
    pub by_function: bool,
    /// Most sequences that sites are counted in.
    pub sequences: usize,
}

impl Default for ReadingSettings {
    fn default() -> Self {
        Self {
            output: 0,
            both_strands: true,
            information: 0.25,
            projection: ProjectionSettings::default(),
            neighbourhood: Neighbourhood::default(),
            by_function: true,
            sequences: 2_000,
        }
    }
}

impl ReadingSettings {
    /// Settings for one output of a model: on both strands where it reads DNA.
    pub fn of(output: usize, alphabet: Alphabet) -> Self {
        Self { output, both_strands: alphabet == Alphabet::Dna, ..Self::default() }
    }
}

/// Where a motif of the model comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelMotif {
    /// Its matrix, named `motif_1` and so on.
    pub motif: Motif,
    /// Anchors that show it, the most important first; none of motifs that were read from scores.
    pub anchors: Vec<usize>,
    /// Weight of the first of these ([`Weights::coordinate`]); of motifs read from scores, what a site adds on average, or the best
    /// word.
    pub weight: f64,
    /// The function at the first of these ([`Weights::function`]).
    pub function: Option<f64>,
    /// Distance of that anchor from its projection, in the kernel's space; `None` for motifs that were not projected.
    pub distance: Option<f64>,
    /// Share of the sequences that hold a site, of a depleted motif of the negatives; `None` for motifs that were read without sequences.
    pub share: Option<f64>,
    /// Score from which on a window is a site, in bits against the letters of the negatives (of a depleted motif, of the positives), if the
    /// search for the motif chose one.
    pub threshold: Option<f64>,
    /// What it was found by.
    pub origin: MotifOrigin,
    /// Which sequences have more of it.
    pub direction: MotifDirection,
}

impl ModelMotif {
    /// A motif that was found in sequences, without a model.
    pub(crate) fn of_sequences(motif: Motif) -> Self {
        let (anchors, weight, origin) = (Vec::new(), f64::NAN, MotifOrigin::Sequences);
        let direction = MotifDirection::Enriched;
        Self { motif, anchors, weight, function: None, distance: None, share: None, threshold: None, origin, direction }
    }
}

/// What a motif was found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MotifOrigin {
    /// A model: its anchor points, its detectors, its words, or what letters add to its scores.
    Model,
    /// Sequences, without a model ([`discover`](crate::discover)).
    Sequences,
}

/// Which of two sets of sequences has more of a motif.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MotifDirection {
    /// The positives: its sites raise the score.
    Enriched,
    /// The negatives: its sites lower the score.
    Depleted,
}

/// Anchors worth reading: those whose weight is positive and above 0.05 of the largest, that have a matrix of probabilities
/// within their [`Neighbourhood`] (CKN-seq, sections 2.4 and A.3), and that tell positives from negatives among the sequences
/// held out from the training, where the model's file says so.
///
/// Anchors that lower the score are left out: they tell what unbound sequences look like.
///
/// # Errors
/// Those of [`Weights::of`] and [`project`].
pub fn informative_anchors(
    model: NetworkView<'_>,
    output: usize,
    neighbourhood: Neighbourhood,
) -> Result<Vec<usize>, Error> {
    let projections = project(model.network(), &ProjectionSettings::default())?;
    Ok(informative(model, &Weights::of(model, output)?, neighbourhood, &projections))
}

/// [`informative_anchors`] by the weights of an output, and projections of default settings.
fn informative(
    model: NetworkView<'_>,
    weights: &Weights,
    neighbourhood: Neighbourhood,
    projections: &[Projection],
) -> Vec<usize> {
    let reads = |&anchor: &usize| verdict(model, weights, neighbourhood, anchor, &projections[anchor]) == Verdict::Read;
    (0..projections.len()).filter(reads).collect()
}

/// Anchors that lower the score, and would be informative if they raised it.
fn lowering(
    model: NetworkView<'_>,
    weights: &Weights,
    neighbourhood: Neighbourhood,
    projections: &[Projection],
) -> Vec<usize> {
    let layer = &model.network().layers()[0];
    let radius = neighbourhood.radius(&layer.kernel(), layer.filters());
    let held_out = model.card().held_out.as_ref();
    let reads = |&anchor: &usize| {
        let tells = held_out.is_none_or(|held_out| tells_apart(held_out, 1.0 - held_out.auroc[anchor]));
        let near = projections[anchor].input_distance <= radius;
        weights.strength(anchor) < 0.0 && weights.matters(anchor) && near && tells
    };
    (0..projections.len()).filter(reads).collect()
}

/// The motifs of a model from its anchors alone, no sequences needed: projections of the informative anchors, those that show
/// the same site laid over one another; where the model's file has evidence, only those that tell held-out sequences apart beside
/// stronger ones. First those that tell best, or else the strongest.
///
/// Plain projections ([`ReadingSettings::by_function`] unset) are of all anchors of enough weight, as in the paper: those that lower the
/// score, which negatives have more of, come last.
///
/// ```
/// # use ckn_model::{LinearHead, Model, ModelCard, Network, NetworkConfig};
/// # let (anchor, heads) = ((0..16).map(|at| f32::from(at % 5 == 0)).collect(), vec![LinearHead::new(vec![2.0], 0.0)?]);
/// # let network = Network::new(NetworkConfig::of_one_layer(4, 1, 4).check()?, vec![anchor])?;
/// # let model = Model::of_network(network, heads, ModelCard::new("dna", "ACGT", ckn_core::loss::Loss::Logistic))?;
/// // The only anchor is ACGT.
/// let found = ckn_interpret::project_motifs(model.network().ok_or("no network")?, &Default::default())?;
/// assert_eq!(found[0].motif.probabilities.consensus(), "ACGT");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of [`informative_anchors`] and [`project`].
pub fn project_motifs(model: NetworkView<'_>, settings: &ReadingSettings) -> Result<Vec<ModelMotif>, Error> {
    let weights = Weights::of(model, settings.output)?;
    let projections = project(model.network(), &settings.projection)?;
    let usual = ProjectionSettings::default();
    let others = if settings.projection == usual { None } else { Some(project(model.network(), &usual)?) };
    let judged = others.as_deref().unwrap_or(&projections);
    let raising = informative(model, &weights, settings.neighbourhood, judged);
    let mut motifs = projected(model, settings, &weights, &projections, raising, MotifDirection::Enriched)?;
    if !settings.by_function {
        let lowering = lowering(model, &weights, settings.neighbourhood, judged);
        motifs.extend(projected(model, settings, &weights, &projections, lowering, MotifDirection::Depleted)?);
    }
    Ok(numbered(motifs.into_iter()))
}

/// The motifs of some anchors, all of which raise the score or all of which lower it.
fn projected(
    model: NetworkView<'_>,
    settings: &ReadingSettings,
    weights: &Weights,
    projections: &[Projection],
    anchors: Vec<usize>,
    direction: MotifDirection,
) -> Result<Vec<ModelMotif>, Error> {
    let alphabet = alphabet(model)?;
    let background = Background::uniform(alphabet);
    let function = if settings.by_function { WindowFunction::of(model, settings.output)? } else { None };
    let pieces = anchors
        .into_par_iter()
        .map(|anchor| {
            let projected = Probabilities::new(alphabet, projections[anchor].matrix.clone())?;
            let matrix = match &function {
                Some(function) => {
                    let random = &mut settings.projection.seed.stream_at("response", anchor as u64);
                    function.response(anchor, &projected, random)?
                }
                None => projected,
            };
            Ok(Piece { anchor, matrix, weight: weights.strength(anchor).abs() })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    let assembled = assemble(&pieces, &background, settings.both_strands, settings.information)?;
    let mut motifs = distinct(assembled, &background, settings)?;
    if let Some(held_out) = model.card().held_out.as_ref().filter(|_| direction == MotifDirection::Enriched) {
        // Shifted and partial views of a site tell as much as the site, but nothing beside it.
        let own = |&anchor: &usize| tells_apart(held_out, held_out.beside[anchor]);
        motifs.retain(|motif| motif.anchors.iter().any(own));
        let auroc = |motif: &Assembled| motif.anchors.iter().map(|&anchor| held_out.auroc[anchor]).fold(0.0, f64::max);
        motifs.sort_by(|a, b| auroc(b).total_cmp(&auroc(a)));
    }
    let motif = |assembled: Assembled| ModelMotif {
        weight: weights.coordinate[assembled.anchors[0]],
        function: weights.function.as_ref().map(|function| function[assembled.anchors[0]]),
        distance: Some(projections[assembled.anchors[0]].distance),
        share: None,
        threshold: None,
        origin: MotifOrigin::Model,
        direction,
        motif: Motif::new("", assembled.matrix),
        anchors: assembled.anchors,
    };
    Ok(motifs.into_iter().map(motif).collect())
}

/// The motifs of a model as sites in sequences: the neighbours of every informative anchor, and what stands where they do
/// ([`sites`]); the same site shown once. The most important first.
///
/// # Errors
/// Those of [`informative_anchors`] and [`sites`].
pub fn count_motifs(
    model: NetworkView<'_>,
    sequences: &EncodedSequences,
    settings: &ReadingSettings,
) -> Result<Vec<ModelMotif>, Error> {
    let background = Background::of_sequences(sequences, settings.both_strands)?;
    let weights = Weights::of(model, settings.output)?;
    let site_settings = SiteSettings {
        both_strands: settings.both_strands,
        sequences: settings.sequences,
        information: settings.information,
        neighbourhood: settings.neighbourhood,
        ..SiteSettings::default()
    };
    let mut order = informative(
        model,
        &weights,
        settings.neighbourhood,
        &project(model.network(), &ProjectionSettings::default())?,
    );
    order.sort_by(|&a, &b| weights.strength(b).total_cmp(&weights.strength(a)).then(a.cmp(&b)));
    let found = sites(model, &order, sequences, &site_settings)?;
    let mut assembled = Vec::new();
    for (anchor, found) in order.into_iter().zip(found) {
        let Some(Sites { counts, share, .. }) = found else { continue };
        let matrix = counts.probabilities(1.0, &background)?;
        assembled.push((Assembled { anchors: vec![anchor], matrix }, counts.sites(), share));
    }
    let totals: Vec<(f64, f64)> = assembled.iter().map(|(_, sites, share)| (*sites, *share)).collect();
    let of_anchor: Vec<usize> = assembled.iter().map(|(assembled, ..)| assembled.anchors[0]).collect();
    let motifs = distinct(assembled.into_iter().map(|(assembled, ..)| assembled).collect(), &background, settings)?;
    let motifs = motifs.into_iter().map(|assembled| {
        let first = assembled.anchors[0];
        let (sites, share) = of_anchor.iter().position(|&anchor| anchor == first).map_or((0.0, 0.0), |at| totals[at]);
        ModelMotif {
            weight: weights.coordinate[first],
            function: weights.function.as_ref().map(|function| function[first]),
            distance: None,
            share: Some(share),
            threshold: None,
            origin: crate::MotifOrigin::Model,
            direction: crate::MotifDirection::Enriched,
            motif: Motif { sites: Some(sites), ..Motif::new("", assembled.matrix) },
            anchors: assembled.anchors,
        }
    });
    Ok(numbered(motifs))
}

/// Splits what stands apart, and drops what is like a motif before it, whose anchors it joins.
pub(crate) fn distinct(
    assembled: Vec<Assembled>,
    background: &Background,
    settings: &ReadingSettings,
) -> Result<Vec<Assembled>, Error> {
    let mut motifs: Vec<Assembled> = Vec::new();
    for Assembled { anchors, matrix } in assembled {
        for matrix in parts(&matrix, background, settings.information)? {
            // Fewer columns are no site.
            if matrix.width() < SHORTEST {
                continue;
            }
            let mut alike = None;
            for (at, motif) in motifs.iter().enumerate() {
                if aligned(&motif.matrix, &matrix, settings.both_strands, VARIANT)?.is_some() {
                    alike = Some(at);
                    break;
                }
            }
            match alike {
                Some(at) => {
                    let known = &mut motifs[at].anchors;
                    let new: Vec<usize> = anchors.iter().filter(|anchor| !known.contains(anchor)).copied().collect();
                    known.extend(new);
                }
                None => motifs.push(Assembled { anchors: anchors.clone(), matrix }),
            }
        }
    }
    Ok(motifs)
}

/// Fewest columns of a motif.
const SHORTEST: usize = 4;

/// The alphabet of a model.
pub(crate) fn alphabet(model: NetworkView<'_>) -> Result<Alphabet, Error> {
    Ok(Alphabet::with_letters(&model.card().alphabet, &model.card().letters)?)
}

pub(crate) fn numbered(motifs: impl Iterator<Item = ModelMotif>) -> Vec<ModelMotif> {
    let named = |(number, mut motif): (usize, ModelMotif)| {
        motif.motif.name = format!("motif_{}", number + 1);
        motif
    };
    motifs.enumerate().map(named).collect()
}
