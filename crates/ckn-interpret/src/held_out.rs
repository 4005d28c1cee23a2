//! Evidence of single anchor points, on sequences that they were not trained on.

use ckn_core::TokenView;
use ckn_core::metrics::auroc;
use ckn_model::{HeldOutAnchors, Model};
use rayon::prelude::*;

use crate::cosines::WindowCosines;
use crate::sites::evenly;
use crate::{Error, Weights};

/// Probability, over all anchors, of showing one that tells nothing apart.
const LEVEL: f64 = 0.01;
/// Most records that are looked at: their cosines are kept.
const RECORDS: usize = 2_000;

/// How well the largest cosine of each anchor in a sequence tells positives from negatives among some records, by itself and
/// beside stronger anchors; `None` if the records hold one class only. Labels are positive above zero; those that are not known
/// count for neither.
///
/// # Errors
/// [`Error::Model`] if an inverse root fails, or for a sequence without a window.
pub fn held_out_anchors(
    model: &Model,
    view: TokenView<'_>,
    labels: &[f64],
    records: &[usize],
) -> Result<Option<HeldOutAnchors>, Error> {
    let known: Vec<usize> = records.iter().copied().filter(|&record| !labels[record].is_nan()).collect();
    let known: Vec<usize> = evenly(known.len(), RECORDS).into_iter().map(|at| known[at]).collect();
    let classes: Vec<f64> = known.iter().map(|&record| f64::from(labels[record] > 0.0)).collect();
    let positives = classes.iter().filter(|&&class| class > 0.0).count();
    let negatives = classes.len() - positives;
    if positives == 0 || negatives == 0 {
        return Ok(None);
    }
    let layer = &model.network().layers()[0];
    let (filters, width) = (layer.filters(), layer.width());
    let cosines = WindowCosines::new(model.network(), view, view.table().complement().is_some())?;
    let mut maps: Vec<Map> = known
        .par_iter()
        .map(|&record| {
            let mut map = Map::default();
            cosines.visit(record, |strand, window, windows, products| {
                map.starts.push(if strand == 0 { window } else { windows - 1 - window });
                map.products.extend_from_slice(products);
            });
            map.masked.resize(map.starts.len(), false);
            map
        })
        .collect();
    let auroc_of = |maps: &[Map], anchor: usize| {
        let scores: Vec<f64> =
            maps.iter().map(|map| map.best(anchor, filters).map_or(-2.0, |(_, best)| best)).collect();
        auroc(&scores, &classes).value().unwrap_or(0.5)
    };
    let alone: Vec<f64> = (0..filters).into_par_iter().map(|anchor| auroc_of(&maps, anchor)).collect();
    let mut held_out = HeldOutAnchors { positives, negatives, auroc: alone, beside: vec![0.5; filters] };
    let weights = Weights::of(model, 0)?;
    let mut order: Vec<usize> = (0..filters).filter(|&anchor| weights.strength(anchor) > 0.0).collect();
    order.sort_by(|&a, &b| weights.strength(b).total_cmp(&weights.strength(a)).then(a.cmp(&b)));
    for anchor in order {
        held_out.beside[anchor] = auroc_of(&maps, anchor);
        if tells_apart(&held_out, held_out.beside[anchor]) {
            maps.par_iter_mut().for_each(|map| map.mask_best(anchor, filters, width));
        }
    }
    Ok(Some(held_out))
}

/// Whether an AUROC is above one half: a one-sided Mann–Whitney test by the normal approximation, its level divided by the number
/// of anchors.
pub(crate) fn tells_apart(held_out: &HeldOutAnchors, auroc: f64) -> bool {
    let (positives, negatives) = (held_out.positives as f64, held_out.negatives as f64);
    let deviation = ((positives + negatives + 1.0) / (12.0 * positives * negatives)).sqrt();
    let z = (auroc - 0.5) / deviation;
    0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2) < LEVEL / held_out.auroc.len().max(1) as f64
}

/// The windows of one record on all strands, and which of them are masked.
#[derive(Debug, Clone, Default)]
struct Map {
    /// First position on the forward strand.
    starts: Vec<usize>,
    masked: Vec<bool>,
    /// `[windows, filters]`.
    products: Vec<f32>,
}

impl Map {
    /// The best window that is not masked; a record without one answers to nothing.
    fn best(&self, anchor: usize, filters: usize) -> Option<(usize, f64)> {
        let mut best: Option<(usize, f64)> = None;
        for (window, masked) in self.masked.iter().enumerate() {
            let product = f64::from(self.products[window * filters + anchor]);
            if !masked && best.is_none_or(|(_, most)| product > most) {
                best = Some((window, product));
            }
        }
        best
    }

    /// Masks the best window and all that overlap it.
    fn mask_best(&mut self, anchor: usize, filters: usize, width: usize) {
        let Some((best, _)) = self.best(anchor, filters) else { return };
        let start = self.starts[best];
        for (masked, other) in self.masked.iter_mut().zip(&self.starts) {
            *masked |= other.abs_diff(start) < width;
        }
    }
}
