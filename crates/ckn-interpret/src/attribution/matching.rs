//! What a window adds, shared among its letters by how well they match the anchor points.
//!
//! Kernel value by kernel value: what `v_i k_i(z)` is above the same window of unknown letters goes to the letters in proportion to
//! their entries of the anchor, `max(0, ⟨z_ij, x_j⟩)` at position `j`. All parts of one anchor have one sign, so that weights of
//! opposite sign cancel letter by letter as they do in the score.

use ckn_core::LetterSpace;
use ckn_core::kernel::DotProductKernel;

use crate::path_integral::{Rise, by_place};

/// Anchor points in the order in which they are read here.
#[derive(Debug)]
pub(crate) struct Matching {
    kernel: DotProductKernel,
    filters: usize,
    letters: usize,
    /// Products of anchors and letters, `[width, letters, filters]`.
    products: Vec<f64>,
    /// Products with the unknown letter, `[width, filters]`.
    unknown: Vec<f64>,
}

impl Matching {
    /// # Shapes
    /// products of anchors and letters `[filters, letters, width]`.
    pub(crate) fn new(
        kernel: DotProductKernel,
        products: &[f64],
        filters: usize,
        letters: usize,
        width: usize,
    ) -> Self {
        let products = by_place(products, filters, letters, width);
        let even = 1.0 / letters as f64;
        let mut unknown = vec![0.0; width * filters];
        for (sums, place) in unknown.chunks_exact_mut(filters).zip(products.chunks_exact(letters * filters)) {
            for row in place.chunks_exact(filters) {
                sums.iter_mut().zip(row).for_each(|(sum, entry)| *sum += even * entry);
            }
        }
        Self { kernel, filters, letters, products, unknown }
    }

    /// Kernel values of a whole window of unknown letters, `[filters]`.
    pub(crate) fn neutral(&self, space: &LetterSpace) -> Vec<f64> {
        let mut products = vec![0.0; self.filters];
        for place in self.unknown.chunks_exact(self.filters) {
            products.iter_mut().zip(place).for_each(|(sum, product)| *sum += product);
        }
        let places = self.unknown.len() / self.filters;
        let norm = (places as f64 * space.unknown_squared_norm()).sqrt();
        products.iter().map(|product| norm * self.kernel.value(product / norm)).collect()
    }

    /// Adds what each position contributes to `Σ_i v_i (k_i(x) − k_i(n))`, where all letters of `n` are unknown.
    ///
    /// # Shapes
    /// letters: place in the window and token of those that are in the sequence; weights `v` `[filters]`; contributions one
    /// a letter.
    pub(crate) fn add(
        &self,
        space: &LetterSpace,
        letters: &[(usize, u8)],
        weights: &[f64],
        contributions: &mut [f64],
    ) -> Rise {
        let (filters, size) = (self.filters, self.letters);
        let mut products = vec![0.0; letters.len() * filters];
        let (mut sums, mut from, mut matched) = (vec![0.0; filters], vec![0.0; filters], vec![0.0; filters]);
        let (mut square, mut known) = (0.0, 0);
        for (&(place, token), products) in letters.iter().zip(products.chunks_exact_mut(filters)) {
            let rows = self.products[place * size * filters..][..size * filters].chunks_exact(filters);
            for (row, &weight) in rows.zip(space.table().vector(token)).filter(|(_, weight)| **weight != 0.0) {
                products.iter_mut().zip(row).for_each(|(product, entry)| *product += weight * entry);
            }
            square += space.squared_norm(token);
            let says = says_something(space, token);
            known += usize::from(says);
            let unknown = &self.unknown[place * filters..][..filters];
            for filter in 0..filters {
                sums[filter] += products[filter];
                from[filter] += unknown[filter];
                products[filter] = if says { products[filter].max(0.0) } else { 0.0 };
                matched[filter] += products[filter];
            }
        }
        let (norm, neutral_norm) = (square.sqrt(), (letters.len() as f64 * space.unknown_squared_norm()).sqrt());
        let mut rise = Rise { value: 0.0, neutral: 0.0 };
        // What one unit of a match is worth; and what no letter matches, which all known letters share evenly.
        let (mut worth, mut evenly) = (vec![0.0; filters], 0.0);
        for filter in 0..filters {
            let value = weights[filter] * norm * self.kernel.value(sums[filter] / norm);
            let neutral = weights[filter] * neutral_norm * self.kernel.value(from[filter] / neutral_norm);
            rise.value += value;
            rise.neutral += neutral;
            if matched[filter] > f64::EPSILON {
                worth[filter] = (value - neutral) / matched[filter];
            } else {
                evenly += value - neutral;
            }
        }
        for ((sum, products), &(_, token)) in
            contributions.iter_mut().zip(products.chunks_exact(filters)).zip(letters).filter(|_| known > 0)
        {
            *sum += products.iter().zip(&worth).map(|(product, worth)| product * worth).sum::<f64>();
            if says_something(space, token) {
                *sum += evenly / known as f64;
            }
        }
        rise
    }
}

/// Whether a token is more than the unknown letter.
fn says_something(space: &LetterSpace, token: u8) -> bool {
    let table = space.table();
    table.squared_norm(token) > 1.0 / table.letters() as f64 + 1e-9
}
