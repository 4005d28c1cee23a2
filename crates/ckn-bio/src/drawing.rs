//! Letters drawn by their probabilities.

use rand::{Rng, RngExt};

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
