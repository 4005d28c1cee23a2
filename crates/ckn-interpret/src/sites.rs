//! Anchor points as motifs: counted from the sequences in which their neighbours stand.
//!
//! The patches near an anchor, weighted by the kernel, make a first matrix (CKN-seq, section 2.4). As its columns are those of
//! patches chosen for being similar to the anchor, it is sharper than the sites are; expectation maximisation of a model with
//! zero or one site in each sequence (Bailey and Elkan 1994) undoes that: sites then count by how probable they are, wherever
//! they stand. Columns beside the window join as long as they hold information.

mod expectation;

use ckn_bio::EncodedSequences;
use ckn_bio::motif::{Background, Counts, Probabilities};
use ckn_core::pooling::Border;
use ckn_core::sequence::KmerIndex;
use ckn_model::{Network, NetworkView};
use rayon::prelude::*;

use crate::Error;
use crate::cosines::WindowCosines;
use crate::neighbourhood::Neighbourhood;
pub(crate) use expectation::{Fit, Mixture};

/// Settings of [`sites`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SiteSettings {
    /// Whether sites on the opposite strand count.
    pub both_strands: bool,
    /// Most sequences that are read; of more, evenly spaced ones.
    pub sequences: usize,
    /// Most columns that join on either side of an anchor's window.
    pub flank: usize,
    /// Information that the first and the last column must have, in bits; and a column beside, to join.
    pub information: f64,
    /// How far from an anchor its first sites are.
    pub neighbourhood: Neighbourhood,
}

impl Default for SiteSettings {
    fn default() -> Self {
        Self {
            both_strands: true,
            sequences: 2_000,
            flank: 10,
            information: 0.25,
            neighbourhood: Neighbourhood::default(),
        }
    }
}

/// What the sequences say about one anchor.
#[derive(Debug, Clone, PartialEq)]
pub struct Sites {
    /// Letters at the sites, each site by its probability.
    pub counts: Counts,
    /// First column, counted from the first position of the anchor's window; negative before it.
    pub offset: i64,
    /// Patches in the anchor's neighbourhood.
    pub neighbours: usize,
    /// Share of the sequences that hold a site.
    pub share: f64,
}

/// Counts the sites of some anchors of the first layer, by their numbers from 0, in some sequences; `None` for an anchor without
/// neighbours there.
///
/// ```
/// use ckn_bio::Alphabet;
/// use ckn_bio::motif::Background;
/// use ckn_bio::simulate::{Simulation, demo_motifs};
/// use ckn_core::seed::Seed;
/// use ckn_interpret::{SiteSettings, sites};
/// # use ckn_core::loss::Loss;
/// # use ckn_model::{LinearHead, Model, ModelCard, Network, NetworkConfig};
/// # let one_hot = |word: &'static str| {
/// #     "ACGT".chars().flat_map(move |letter| word.chars().map(move |other| f32::from(letter == other)))
/// # };
/// # let network = Network::new(NetworkConfig::of_one_layer(4, 1, 6).check()?, vec![one_hot("CACGTG").collect()])?;
/// # let heads = vec![LinearHead::new(vec![1.0], 0.0)?];
/// # let model = Model::of_network(network, heads, ModelCard::new("dna", "ACGT", Loss::Logistic))?;
/// # let model = model.network().ok_or("no network")?;
/// let simulation = Simulation { motifs: demo_motifs()[..1].to_vec(), ..Simulation::new("bound", 50, 60) };
/// let sequences = simulation.run(Seed(0))?.sequences;
/// // The anchor is CACGTG; the site is wider.
/// let found = sites(model, &[0], &sequences, &SiteSettings::default())?.remove(0).ok_or("no neighbours")?;
/// let consensus = found.counts.probabilities(1.0, &Background::uniform(Alphabet::Dna))?.consensus();
/// assert_eq!((consensus.as_str(), found.offset), ("GTCACGTGAC", -2));
/// assert!(found.share > 0.99);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Anchor`]; [`Error::Alphabet`]; [`Error::Model`] for both strands of an alphabet without complement, or a sequence without a window.
///
/// # Source
/// CKN-seq, section 2.4, and Bailey and Elkan 1994.
pub fn sites(
    model: NetworkView<'_>,
    anchors: &[usize],
    sequences: &EncodedSequences,
    settings: &SiteSettings,
) -> Result<Vec<Option<Sites>>, Error> {
    let alphabet = sequences.alphabet();
    if alphabet.name() != model.card().alphabet {
        return Err(Error::Alphabet { expected: model.card().alphabet.clone(), got: alphabet });
    }
    let network = model.network();
    let layer = &network.layers()[0];
    if let Some(&got) = anchors.iter().find(|&&anchor| anchor >= layer.filters()) {
        return Err(Error::Anchor { got, anchors: layer.filters() });
    }
    if anchors.is_empty() {
        return Ok(Vec::new());
    }
    let chosen = evenly(sequences.len(), settings.sequences);
    let seeds = neighbours(network, anchors, sequences, &chosen, settings)?;
    let background = Background::of_sequences(sequences, settings.both_strands)?;
    let mixture = Mixture::new(sequences, &chosen, &background, settings.both_strands)?;
    let width = layer.width();
    let fit = |(neighbours, weights): &(usize, Vec<f64>)| -> Result<Option<Sites>, Error> {
        if *neighbours == 0 {
            return Ok(None);
        }
        let seed = Counts::new(alphabet, weights.clone())?.probabilities(1.0, &background)?;
        let Some((fit, offset)) = refine(&mixture, seed, width, settings)? else { return Ok(None) };
        Ok(Some(Sites { counts: fit.counts, offset, neighbours: *neighbours, share: fit.share }))
    };
    seeds.par_iter().map(fit).collect()
}

/// Fits the sites, then lets columns join or leave at the ends, until neither happens.
pub(crate) fn refine(
    mixture: &Mixture<'_>,
    seed: Probabilities,
    width: usize,
    settings: &SiteSettings,
) -> Result<Option<(Fit, i64)>, Error> {
    let mut matrix = seed;
    let mut offset = 0i64;
    let mut best = None;
    for _ in 0..4 {
        let Some(fit) = mixture.fit(&matrix)? else { return Ok(best) };
        let wide = mixture.widened(&fit, settings.flank)?;
        let probabilities =
            wide.probabilities(0.0, mixture.background()).or_else(|_| wide.probabilities(1.0, mixture.background()))?;
        let information = probabilities.information(mixture.background())?;
        let core = settings.flank..settings.flank + fit.probabilities.width();
        let (first, last) = ends(&information, core, settings.information);
        let letters = probabilities.alphabet().letters().len();
        let slice = |values: &[f64]| values[first * letters..last * letters].to_vec();
        let counts = Counts::new(wide.alphabet(), slice(wide.values()))?;
        let next = Probabilities::new(wide.alphabet(), slice(probabilities.values()))?;
        let moved = first as i64 - settings.flank as i64;
        offset += moved;
        let same = moved == 0 && next.width() == fit.probabilities.width();
        let share = fit.share;
        best = Some((Fit { counts, probabilities: next.clone(), ..fit }, offset));
        if same || share == 0.0 || offset.unsigned_abs() as usize > width + settings.flank {
            break;
        }
        matrix = next;
    }
    Ok(best)
}

/// First column and the one after the last: the core without ends that say nothing, and what stands beside it and does. A gap
/// of one column may be bridged.
fn ends(information: &[f64], core: std::ops::Range<usize>, bits: f64) -> (usize, usize) {
    let tells = |at: usize| information[at] >= bits;
    let best = core.clone().fold(core.start, |best, at| if information[at] > information[best] { at } else { best });
    let mut first = core.clone().find(|&at| tells(at)).unwrap_or(best);
    let mut last = core.clone().rfind(|&at| tells(at)).unwrap_or(best);
    if first == core.start {
        while let Some(at) = (first.saturating_sub(2)..first).find(|&at| tells(at)) {
            first = at;
        }
    }
    if last + 1 == core.end {
        while let Some(at) = (last + 1..(last + 3).min(information.len())).rfind(|&at| tells(at)) {
            last = at;
        }
    }
    (first, last + 1)
}

/// Of each anchor, the number of patches in its neighbourhood, and their letters, weighted by the kernel
/// (`[width, letters]`).
fn neighbours(
    network: &Network,
    anchors: &[usize],
    sequences: &EncodedSequences,
    chosen: &[usize],
    settings: &SiteSettings,
) -> Result<Vec<(usize, Vec<f64>)>, Error> {
    let layer = &network.layers()[0];
    let (width, letters, size) = (layer.width(), layer.channels(), layer.patch_size());
    let anchors: Vec<f32> =
        anchors.iter().flat_map(|&anchor| &layer.anchors()[anchor * size..][..size]).copied().collect();
    let view = sequences.view();
    let index = KmerIndex::new(view, width, Border::Valid)?;
    let space = network.config().letter_space(view.table())?;
    let cosines = WindowCosines::new(&anchors, &space, &index, settings.both_strands)?;
    let radius = settings.neighbourhood.radius(&layer.kernel(), layer.filters());
    let closest = 1.0 - 0.5 * radius * radius;
    let complement = view.table().complement();
    let mut sums = vec![(0usize, vec![0.0; size]); anchors.len() / size];
    for &record in chosen {
        let sequence = sequences.sequence(record);
        cosines.visit(record, |strand, window, windows, products| {
            let start = if strand == 0 { window } else { windows - 1 - window };
            let patch = &sequence[start..start + width];
            // A site of unknown letters says nothing about letters.
            if patch.iter().any(|&token| usize::from(token) >= letters) {
                return;
            }
            for (sums, &product) in sums.iter_mut().zip(products) {
                let cosine = cosines.cosine(product);
                if cosine < closest {
                    continue;
                }
                let weight: f64 = layer.kernel().value(cosine.min(1.0));
                sums.0 += 1;
                for (position, &token) in patch.iter().enumerate() {
                    let (position, letter) = match complement {
                        Some(complement) if strand == 1 => {
                            (width - 1 - position, usize::from(complement[usize::from(token)]))
                        }
                        _ => (position, usize::from(token)),
                    };
                    sums.1[position * letters + letter] += weight;
                }
            }
        });
    }
    // As many counts as neighbours, by their weight.
    for (count, sums) in &mut sums {
        let total: f64 = sums.iter().sum::<f64>() / width as f64;
        if total > 0.0 {
            sums.iter_mut().for_each(|sum| *sum *= *count as f64 / total);
        }
    }
    Ok(sums)
}

/// At most `most` of `count` numbers, evenly spaced.
pub(crate) fn evenly(count: usize, most: usize) -> Vec<usize> {
    if count <= most {
        return (0..count).collect();
    }
    (0..most).map(|at| at * count / most).collect()
}
