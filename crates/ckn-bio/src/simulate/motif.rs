//! Motifs as probabilities of letters.

use rand::{Rng, RngExt};

use crate::error::Error;

/// A motif of DNA: at each position, the probabilities of A, C, G and T.
#[derive(Debug, Clone, PartialEq)]
pub struct Motif {
    name: String,
    probabilities: Vec<[f64; 4]>,
}

impl Motif {
    /// A motif of `probabilities`, `[width][4]`, in the order A, C, G, T.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a width of 0; [`Error::MotifRow`] for a row that is negative, not finite, or does not sum to
    /// 1 within 10⁻⁶.
    pub fn new(name: &str, probabilities: &[[f64; 4]]) -> Result<Self, Error> {
        if probabilities.is_empty() {
            return Err(Error::Parameter { name: "width of a motif", got: 0.0, expected: "at least 1" });
        }
        for (row, weights) in probabilities.iter().enumerate() {
            check_distribution(weights).map_err(|total| Error::MotifRow { motif: name.to_owned(), row, total })?;
        }
        Ok(Self { name: name.to_owned(), probabilities: probabilities.to_vec() })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The probabilities of A, C, G, T, `[width][4]`.
    pub fn probabilities(&self) -> &[[f64; 4]] {
        &self.probabilities
    }

    /// Its width in letters.
    pub fn width(&self) -> usize {
        self.probabilities.len()
    }

    /// The motif as the opposite strand shows it.
    #[must_use]
    pub fn reverse_complement(&self) -> Self {
        let turned = self.probabilities.iter().rev().map(|&[a, c, g, t]| [t, g, c, a]);
        Self { name: self.name.clone(), probabilities: turned.collect() }
    }

    /// Writes one instance, a letter drawn at each position, over the first tokens of `site`.
    pub(crate) fn draw(&self, site: &mut [u8], rng: &mut impl Rng) {
        for (token, weights) in site.iter_mut().zip(&self.probabilities) {
            *token = draw_letter(weights, rng);
        }
    }
}

/// Checks that weights are probabilities of all outcomes; otherwise returns their sum.
pub(crate) fn check_distribution(weights: &[f64; 4]) -> Result<(), f64> {
    let total: f64 = weights.iter().sum();
    let sound = weights.iter().all(|&weight| weight >= 0.0) && (total - 1.0).abs() <= 1e-6;
    if sound { Ok(()) } else { Err(total) }
}

/// Draws the token of a letter.
pub(crate) fn draw_letter(weights: &[f64; 4], rng: &mut impl Rng) -> u8 {
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
