//! Evidence of single anchor points, on sequences that they were not trained on.

use ckn_core::TokenView;
use ckn_core::metrics::auroc;
use ckn_core::pooling::Border;
use ckn_core::sequence::KmerIndex;
use ckn_model::{HeldOutAnchors, NetworkView};
use rayon::prelude::*;

use crate::cosines::WindowCosines;
use crate::sites::evenly;
use crate::{Error, Weights};

/// Probability, over all anchors, of showing one that tells nothing apart.
const LEVEL: f64 = 0.01;
/// Most records that are looked at.
const RECORDS: usize = 2_000;
/// Below every product: the answer of a record without a window.
const NO_WINDOW: f32 = f32::MIN;

/// How well the largest cosine of each anchor in a sequence tells positives from negatives among some records, by itself and
/// beside stronger anchors; `None` if the records hold one class only. Labels are positive above zero; those that are not known
/// count for neither, and records without a whole window are left out.
///
/// ```
/// use ckn_bio::{Alphabet, EncodedSequences};
/// use ckn_interpret::held_out_anchors;
/// # use ckn_core::loss::Loss;
/// # use ckn_model::{LinearHead, Model, ModelCard, Network, NetworkConfig};
/// # let one_hot = |word: &'static str| {
/// #     "ACGT".chars().flat_map(move |letter| word.chars().map(move |other| f32::from(letter == other)))
/// # };
/// # let anchors = ["GATTACAG", "CCGTGTCT"].into_iter().flat_map(one_hot).collect();
/// # let network = Network::new(NetworkConfig::of_one_layer(4, 2, 8).check()?, vec![anchors])?;
/// # let heads = vec![LinearHead::new(vec![2.0, 1.0], -0.5)?];
/// # let model = Model::of_network(network, heads, ModelCard::new("dna", "ACGT", Loss::Logistic))?;
/// # let model = model.network().ok_or("no network")?;
/// // The anchors are GATTACAG and CCGTGTCT.
/// let mut sequences = EncodedSequences::new(Alphabet::Dna);
/// for letters in [b"TTGATTACAGTT", b"CTGTAATCGGGG", b"CCGTGTCTAAAA", b"GGCCGTGTCTAA"] {
///     sequences.push("sequence", letters)?;
/// }
/// let labels = [1.0, 1.0, 0.0, 0.0];
/// let held_out = held_out_anchors(model, sequences.view(), &labels, &[0, 1, 2, 3])?.ok_or("one class")?;
/// assert_eq!((held_out.positives, held_out.negatives, &held_out.auroc[..]), (2, 2, &[1.0, 0.0][..]));
/// assert_eq!(held_out_anchors(model, sequences.view(), &labels, &[0, 1])?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Model`] if an inverse root fails.
pub fn held_out_anchors(
    model: NetworkView<'_>,
    view: TokenView<'_>,
    labels: &[f64],
    records: &[usize],
) -> Result<Option<HeldOutAnchors>, Error> {
    let layer = &model.network().layers()[0];
    let (filters, width, size) = (layer.filters(), layer.width(), layer.patch_size());
    // A network with a window around every letter was trained on shorter ones, too: these say nothing of a whole window.
    let is_evidence = |record: &usize| !labels[*record].is_nan() && view.sequence(*record).len() >= width;
    let known: Vec<usize> = records.iter().copied().filter(is_evidence).collect();
    let known: Vec<usize> = evenly(known.len(), RECORDS).into_iter().map(|at| known[at]).collect();
    let classes: Vec<f64> = known.iter().map(|&record| f64::from(labels[record] > 0.0)).collect();
    let positives = classes.iter().filter(|&&class| class > 0.0).count();
    let negatives = classes.len() - positives;
    if positives == 0 || negatives == 0 {
        return Ok(None);
    }
    let tokens: Vec<u8> = known.iter().flat_map(|&record| view.sequence(record)).copied().collect();
    let ends = known.iter().scan(0, |end, &record| {
        *end += view.sequence(record).len();
        Some(*end)
    });
    let offsets: Vec<usize> = std::iter::once(0).chain(ends).collect();
    let index = KmerIndex::new(TokenView::new(&tokens, &offsets, view.table())?, width, Border::Valid)?;
    let both_strands = view.table().complement().is_some();
    let auroc_of = |scores: &[f64]| auroc(scores, &classes).value().unwrap_or(0.5);

    let letters = model.network().config().letter_space(view.table())?;
    let cosines = WindowCosines::new(layer.anchors(), &letters, &index, both_strands)?;
    let largest: Vec<Vec<f32>> = (0..known.len())
        .into_par_iter()
        .map(|record| {
            let mut largest = vec![NO_WINDOW; filters];
            cosines.visit(record, |_, _, _, products| {
                largest.iter_mut().zip(products).for_each(|(slot, product)| *slot = slot.max(*product));
            });
            largest
        })
        .collect();
    let alone = |anchor: usize| auroc_of(&largest.iter().map(|row| f64::from(row[anchor])).collect::<Vec<_>>());
    let alone: Vec<f64> = (0..filters).into_par_iter().map(alone).collect();

    let mut held_out = HeldOutAnchors { positives, negatives, auroc: alone, beside: vec![0.5; filters] };
    let weights = Weights::of(model, 0)?;
    let tells = |&anchor: &usize| weights.strength(anchor) > 0.0 && tells_apart(&held_out, held_out.auroc[anchor]);
    let mut order: Vec<usize> = (0..filters).filter(tells).collect();
    order.sort_by(|&a, &b| weights.strength(b).total_cmp(&weights.strength(a)).then(a.cmp(&b)));
    // First positions of the masked windows of each record.
    let mut masked: Vec<Vec<usize>> = vec![Vec::new(); known.len()];
    for anchor in order {
        // One anchor at a time: the cosines of all of them with all windows would not fit into memory.
        let cosines = WindowCosines::new(&layer.anchors()[anchor * size..][..size], &letters, &index, both_strands)?;
        let best: Vec<Option<(usize, f32)>> = masked
            .par_iter()
            .enumerate()
            .map(|(record, masked)| best_window(&cosines, record, masked, width))
            .collect();
        let scores: Vec<f64> = best.iter().map(|best| f64::from(best.map_or(NO_WINDOW, |(_, most)| most))).collect();
        held_out.beside[anchor] = auroc_of(&scores);
        if tells_apart(&held_out, held_out.beside[anchor]) {
            masked.iter_mut().zip(&best).for_each(|(starts, best)| starts.extend(best.map(|(start, _)| start)));
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

/// First position on the forward strand and product of a record's best window, of those that overlap no masked one.
fn best_window(cosines: &WindowCosines<'_>, record: usize, masked: &[usize], width: usize) -> Option<(usize, f32)> {
    let mut best: Option<(usize, f32)> = None;
    cosines.visit(record, |strand, window, windows, products| {
        let start = if strand == 0 { window } else { windows - 1 - window };
        let free = masked.iter().all(|masked| masked.abs_diff(start) >= width);
        if free && best.is_none_or(|(_, most)| products[0] > most) {
            best = Some((start, products[0]));
        }
    });
    best
}
