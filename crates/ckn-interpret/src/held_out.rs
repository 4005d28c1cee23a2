//! Evidence of single anchor points, on sequences that they were not trained on.

use ckn_core::TokenView;
use ckn_core::metrics::auroc;
use ckn_model::{HeldOutAnchors, Network};
use rayon::prelude::*;

use crate::Error;
use crate::cosines::WindowCosines;

/// Probability, over all anchors, of showing one that tells nothing apart.
const LEVEL: f64 = 0.01;

/// How well the largest cosine of each anchor in a sequence tells positives from negatives among some records; `None` if these
/// hold one class only. Labels are positive above zero; those that are not known count for neither.
///
/// # Errors
/// [`Error::Model`] for a sequence without a window.
pub fn held_out_anchors(
    network: &Network,
    view: TokenView<'_>,
    labels: &[f64],
    records: &[usize],
) -> Result<Option<HeldOutAnchors>, Error> {
    let known: Vec<usize> = records.iter().copied().filter(|&record| !labels[record].is_nan()).collect();
    let classes: Vec<f64> = known.iter().map(|&record| if labels[record] > 0.0 { 1.0 } else { 0.0 }).collect();
    let positives = classes.iter().filter(|&&class| class > 0.0).count();
    let negatives = classes.len() - positives;
    if positives == 0 || negatives == 0 {
        return Ok(None);
    }
    let filters = network.layers()[0].filters();
    let cosines = WindowCosines::new(network, view, view.table().complement().is_some())?;
    let largest: Vec<Vec<f32>> = known
        .par_iter()
        .map(|&record| {
            let mut largest = vec![f32::NEG_INFINITY; filters];
            cosines.visit(record, |_, _, _, products| {
                largest.iter_mut().zip(products).for_each(|(slot, product)| *slot = slot.max(*product));
            });
            largest
        })
        .collect();
    let auroc_of = |anchor: usize| {
        // A record without a window answers to nothing.
        let scores: Vec<f64> = largest.iter().map(|values| f64::from(values[anchor]).max(-2.0)).collect();
        auroc(&scores, &classes).value().unwrap_or(0.5)
    };
    Ok(Some(HeldOutAnchors { positives, negatives, auroc: (0..filters).map(auroc_of).collect() }))
}

/// Whether an anchor tells held-out positives from negatives: a one-sided Mann–Whitney test by the normal approximation, its
/// level divided by the number of anchors.
pub(crate) fn tells_apart(held_out: &HeldOutAnchors, anchor: usize) -> bool {
    let (positives, negatives) = (held_out.positives as f64, held_out.negatives as f64);
    let deviation = ((positives + negatives + 1.0) / (12.0 * positives * negatives)).sqrt();
    let z = (held_out.auroc.get(anchor).copied().unwrap_or(0.5) - 0.5) / deviation;
    0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2) < LEVEL / held_out.auroc.len().max(1) as f64
}
