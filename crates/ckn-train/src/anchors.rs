//! Where anchor points start: spherical k-means on patches, layer by layer.

use std::ops::ControlFlow;

use ckn_core::TokenView;
use ckn_core::kmeans::{DensePatches, KMeansConfig, Patches, WindowPatches, spherical_kmeans};
use ckn_core::seed::Seed;
use ckn_model::Network;
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
