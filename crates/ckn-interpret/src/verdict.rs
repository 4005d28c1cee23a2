//! Why an anchor point is read as a motif, or is not.

use std::fmt;

use ckn_model::NetworkView;

use crate::combinations::words;
use crate::held_out::tells_apart;
use crate::neighbourhood::{Neighbourhood, share_within};
use crate::{Error, Projection, ProjectionSettings, Weights, project};

/// What becomes of an anchor point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is read.
    Read,
    /// It lowers the score: it tells what negatives look like.
    Lowers,
    /// Its weight is at most 0.05 of the largest (CKN-seq, section 2.4).
    Light,
    /// No matrix of probabilities lies in its [`Neighbourhood`] (CKN-seq, section A.3).
    Far,
    /// It does not tell sequences apart that were held out from the training.
    Untold,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Lowers => "lowers the score",
            Self::Light => "light",
            Self::Far => "far from all matrices",
            Self::Untold => "tells nothing apart",
        })
    }
}

/// One anchor point of the first layer, and what becomes of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct JudgedAnchor {
    /// The word that is most like it: of each column, the letter it values most.
    pub word: String,
    /// [`Weights::coordinate`].
    pub weight: f64,
    /// [`Weights::function`].
    pub function: Option<f64>,
    /// [`Projection::distance`].
    pub distance: f64,
    /// [`Projection::input_distance`].
    pub input_distance: f64,
    /// Largest of these at which it is read ([`Neighbourhood::radius`]).
    pub radius: f64,
    /// The `τ` of [`Neighbourhood::ChiSquared`] whose radius is [`Self::input_distance`]: the least at which it is read; `None` for
    /// kernels without a bandwidth.
    pub tau: Option<f64>,
    /// AUROC of its largest cosine on sequences that were held out, as the model's file says.
    pub held_out_auroc: Option<f64>,
    /// What becomes of it.
    pub verdict: Verdict,
}

/// All anchor points of the first layer for an output, in their order: those that are read, and why the others are not.
///
/// ```
/// use ckn_interpret::{Neighbourhood, Verdict, informative_anchors, judged_anchors};
/// # use ckn_core::loss::Loss;
/// # use ckn_model::{LinearHead, Model, ModelCard, Network, NetworkConfig};
/// # let one_hot = |word: &'static str| {
/// #     "ACGT".chars().flat_map(move |letter| word.chars().map(move |other| f32::from(letter == other)))
/// # };
/// let anchors = ["ACGTACCA", "TTGGCATG", "GGGTTTAC"].into_iter().flat_map(one_hot).collect();
/// let network = Network::new(NetworkConfig::of_one_layer(4, 3, 8).check()?, vec![anchors])?;
/// let heads = vec![LinearHead::new(vec![2.0, -2.0, 0.05], 0.0)?];
/// let model = Model::of_network(network, heads, ModelCard::new("dna", "ACGT", Loss::Logistic))?;
/// let model = model.network().ok_or("no network")?;
/// let judged = judged_anchors(model, 0, Neighbourhood::default())?;
/// let verdicts: Vec<(&str, Verdict)> = judged.iter().map(|anchor| (anchor.word.as_str(), anchor.verdict)).collect();
/// assert_eq!(verdicts, [("ACGTACCA", Verdict::Read), ("TTGGCATG", Verdict::Lowers), ("GGGTTTAC", Verdict::Light)]);
/// assert_eq!(informative_anchors(model, 0, Neighbourhood::default())?, [0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of [`Weights::of`] and [`project`].
pub fn judged_anchors(
    model: NetworkView<'_>,
    output: usize,
    neighbourhood: Neighbourhood,
) -> Result<Vec<JudgedAnchor>, Error> {
    let projections = project(model.network(), &ProjectionSettings::default())?;
    let weights = Weights::of(model, output)?;
    let layer = &model.network().layers()[0];
    let (words, kernel) = (words(model.network(), &model.card().letters)?, layer.kernel());
    let anchors = words.into_iter().zip(&projections).enumerate();
    Ok(anchors
        .map(|(anchor, (word, projection))| JudgedAnchor {
            word,
            weight: weights.coordinate[anchor],
            function: weights.function.as_ref().map(|function| function[anchor]),
            distance: projection.distance,
            input_distance: projection.input_distance,
            radius: neighbourhood.radius(&kernel, layer.filters()),
            tau: share_within(projection.input_distance, &kernel, layer.filters()),
            held_out_auroc: model.card().held_out.as_ref().map(|held_out| held_out.auroc[anchor]),
            verdict: verdict(model, &weights, neighbourhood, anchor, projection),
        })
        .collect())
}

/// What becomes of an anchor, by its projection of default settings.
pub(crate) fn verdict(
    model: NetworkView<'_>,
    weights: &Weights,
    neighbourhood: Neighbourhood,
    anchor: usize,
    projection: &Projection,
) -> Verdict {
    let held_out = model.card().held_out.as_ref();
    let layer = &model.network().layers()[0];
    if weights.strength(anchor) <= 0.0 {
        Verdict::Lowers
    } else if !weights.matters(anchor) {
        Verdict::Light
    } else if projection.input_distance > neighbourhood.radius(&layer.kernel(), layer.filters()) {
        Verdict::Far
    } else if held_out.is_some_and(|held_out| !tells_apart(held_out, held_out.auroc[anchor])) {
        Verdict::Untold
    } else {
        Verdict::Read
    }
}
