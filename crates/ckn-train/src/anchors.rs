//! Where anchor points start: spherical k-means on patches, layer by layer.

use std::ops::ControlFlow;

use ckn_core::TokenView;
use ckn_core::kmeans::{DensePatches, KMeansConfig, Patches, WindowPatches, spherical_kmeans};
use ckn_core::pooling::Border;
use ckn_core::seed::Seed;
use ckn_model::{CheckedConfig, Network, NetworkConfig};
use rand::seq::index::sample;

use crate::{Error, Event, Observer};

const ITERATIONS: usize = 100;
const TOLERANCE: f64 = 1e-6;

/// Places the anchors of every layer on the centres of at most `patches` patches of the given records.
///
/// # Errors
/// [`Error::NoWindow`] if no record has a window of known letters.
pub(crate) fn place_anchors(
    network: &mut Network,
    view: TokenView<'_>,
    records: &[usize],
    patches: usize,
    seed: Seed,
    observer: &mut dyn Observer,
) -> Result<ControlFlow<()>, Error> {
    for layer in 0..network.layers().len() {
        let config = KMeansConfig {
            centres: network.layers()[layer].filters(),
            max_iterations: ITERATIONS,
            tolerance: TOLERANCE,
        };
        let mut random = seed.stream_at("anchors", layer as u64);
        let index = network.config().index(view)?;
        let (found, seen) = if layer == 0 {
            let letters = network.config().letter_space(view.table())?;
            let windows = WindowPatches::sample(&index, &letters, records, patches, &mut random);
            if windows.is_empty() {
                return Err(Error::NoWindow { width: network.layers()[0].width() });
            }
            (spherical_kmeans(&windows, &config, &mut random)?, windows.len())
        } else {
            let dense = deeper_patches(network, &index, records, layer, patches, &mut random)?;
            (spherical_kmeans(&dense, &config, &mut random)?, dense.len())
        };
        let centres: Vec<f32> = match layer {
            0 => found.centres.iter().map(|&value| value as f32).collect(),
            _ => channels_first(&found.centres, network.layers()[layer].channels(), network.layers()[layer].width()),
        };
        network.set_anchors(layer, &centres)?;
        let event = Event::Anchors {
            layer: layer + 1,
            patches: seen,
            iterations: found.objective.len(),
            cosine: found.objective.last().copied().unwrap_or(f64::NAN),
        };
        if observer.observe(event).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Fits the anchor points of a network to windows of sequences without labels, layer by layer, on the centres of at most `patches`
/// patches by k-means;
/// `None` if the observer breaks off. Trainings with labels begin with them ([`Start::Given`](crate::Start)).
///
/// Windows hold as many letters as a window of the last layer sees ([`ckn_core::network::NetworkConfig::receptive_field`]):
/// a sample of them stands for any number of sequences.
///
/// ```
/// use ckn_core::{LetterTable, TokenView, network::NetworkConfig, seed::Seed};
/// use ckn_train::{Ignore, fit_without_labels};
///
/// let table = LetterTable::new(4, &[], None)?;
/// let config = NetworkConfig::of_one_layer(4, 2, 3).check()?;
/// // ACG twice, and TTT.
/// let windows = TokenView::new(&[0, 1, 2, 0, 1, 2, 3, 3, 3], &[0, 3, 6, 9], &table)?;
/// let network = fit_without_labels(config, windows, 1000, Seed(0), &mut Ignore)?.unwrap();
/// let anchor = &network.layers()[0].anchors()[..12];
/// // A unit vector along one of the two words.
/// assert!(anchor.iter().all(|value| *value == 0.0 || (value * value - 1.0 / 3.0).abs() < 1e-6));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::NoWindow`] if no window holds known letters only; [`ckn_core::Error::TooShort`] for a window that is too short;
/// failures of an inverse root.
pub fn fit_without_labels(
    config: CheckedConfig,
    windows: TokenView<'_>,
    patches: usize,
    seed: Seed,
    observer: &mut dyn Observer,
) -> Result<Option<Network>, Error> {
    // A window has no neighbours that could be missing.
    let inside = NetworkConfig { border: Border::Valid, ..(*config).clone() }.check()?;
    let mut network = Network::random(inside, &mut seed.stream("network"))?;
    let all: Vec<usize> = (0..windows.len()).collect();
    if place_anchors(&mut network, windows, &all, patches, seed, observer)?.is_break() {
        return Ok(None);
    }
    let anchors = network.layers().iter().map(|layer| layer.anchors().to_vec()).collect();
    Ok(Some(Network::new(config, anchors)?))
}

/// Patches of the maps of as many records, drawn at random, as give about `wanted` patches.
fn deeper_patches(
    network: &Network,
    index: &ckn_core::sequence::KmerIndex<'_>,
    records: &[usize],
    layer: usize,
    wanted: usize,
    random: &mut ckn_core::seed::Random,
) -> Result<DensePatches, Error> {
    let encoder = network.prepared::<f32>(index.view().table())?;
    let size = network.layers()[layer].patch_size();
    let mut rows: Vec<f32> = Vec::new();
    for place in sample(random, records.len(), records.len()) {
        if rows.len() >= wanted.saturating_mul(size) {
            break;
        }
        rows.extend(encoder.patches(index, records[place], layer));
    }
    Ok(DensePatches::new(&rows, size))
}

/// Reorders centres `[filters, width, channels]` to anchors `[filters, channels, width]`.
fn channels_first(centres: &[f64], channels: usize, width: usize) -> Vec<f32> {
    let mut anchors = Vec::with_capacity(centres.len());
    for centre in centres.chunks_exact(channels * width) {
        for channel in 0..channels {
            anchors.extend((0..width).map(|position| centre[position * channels + channel] as f32));
        }
    }
    anchors
}
