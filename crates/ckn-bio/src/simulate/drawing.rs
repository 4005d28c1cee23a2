//! Letters drawn by their probabilities.

use rand::{Rng, RngExt};

use crate::motif::Motif;

/// Writes one instance of a motif, a letter drawn at each position, over the first tokens of `site`.
pub(crate) fn draw_site(motif: &Motif, site: &mut [u8], rng: &mut impl Rng) {
    for (token, weights) in site.iter_mut().zip(motif.probabilities.columns()) {
        *token = draw_letter(weights, rng);
    }
}

/// Checks that weights are probabilities of all outcomes; otherwise returns their sum.
pub(crate) fn check_distribution(weights: &[f64; 4]) -> Result<(), f64> {
    let total: f64 = weights.iter().sum();
    let sound = weights.iter().all(|&weight| weight >= 0.0) && (total - 1.0).abs() <= 1e-6;
    if sound { Ok(()) } else { Err(total) }
}

/// Draws the token of a letter.
pub(crate) fn draw_letter(weights: &[f64], rng: &mut impl Rng) -> u8 {
    let mut rest = rng.random::<f64>() * weights.iter().sum::<f64>();
    let mut drawn = 0;
    for (token, &weight) in (0u8..).zip(weights) {
        // Rounding may leave a rest after the last letter: it must not fall on a letter of probability 0.
        if weight > 0.0 {
            drawn = token;
            if rest < weight {
                break;
            }
            rest -= weight;
        }
    }
    drawn
}
