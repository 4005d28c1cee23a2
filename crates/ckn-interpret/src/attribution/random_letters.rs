//! Shapley values of the letters of a window against letters drawn at random.
//!
//! For the exponential kernel, a kernel value is a product over positions, `‖z‖ e^{−α} Π_j e^{α ⟨z_ij, x_j⟩/‖z‖}`, and so is its mean
//! where some letters are drawn at random, uniformly and independently: with `g_j` the factor of the letter and `ḡ_j` the mean
//! factor, a set `S` of known letters is worth `Π_{j ∈ S} g_j Π_{j ∉ S} ḡ_j`. Shapley values of such a game are exact by one
//! integral, `φ_j = ∫ (g_j − ḡ_j) Π_{k ≠ j} (ḡ_k + τ (g_k − ḡ_k)) dτ` over `0..1`, of a polynomial of degree `l − 1` (G. Owen,
//! Management Science 18, 1972). Every point of it is a mean over sequences: nothing is asked of the network where
//! it never learned.

use ckn_core::LetterSpace;

use crate::path_integral::{Rise, by_place, gauss_legendre, spread};

/// Anchor points in the order in which they are read here, and the factors of whole windows of letters.
#[derive(Debug)]
pub(crate) struct RandomLetters {
    alpha: f64,
    filters: usize,
    letters: usize,
    /// Products of anchors and letters, `[width, letters, filters]`.
    products: Vec<f64>,
    /// Largest entry of each place, `[width, filters]`.
    largest: Vec<f64>,
    whole: Factors,
    nodes: Vec<(f64, f64)>,
}

/// Factors of windows of one norm, each divided by that of the best letter at its place: between 0 and 1, so that no product
/// is too large for a number.
#[derive(Debug)]
struct Factors {
    /// `[width, letters, filters]`.
    of_letters: Vec<f64>,
    /// `[width, filters]`.
    mean: Vec<f64>,
}

impl RandomLetters {
    /// # Shapes
    /// products of anchors and letters `[filters, letters, width]`.
    pub(crate) fn new(sigma: f64, products: &[f64], filters: usize, letters: usize, width: usize) -> Self {
        let products = by_place(products, filters, letters, width);
        let mut largest = vec![f64::NEG_INFINITY; width * filters];
        for (largest, place) in largest.chunks_exact_mut(filters).zip(products.chunks_exact(letters * filters)) {
            for row in place.chunks_exact(filters) {
                largest.iter_mut().zip(row).for_each(|(largest, entry)| *largest = largest.max(*entry));
            }
        }
        let mut random = Self {
            alpha: 1.0 / (sigma * sigma),
            filters,
            letters,
            products,
            largest,
            whole: Factors { of_letters: Vec::new(), mean: Vec::new() },
            nodes: gauss_legendre(width / 2 + 1),
        };
        random.whole = random.factors((width as f64).sqrt());
        random
    }

    fn factors(&self, norm: f64) -> Factors {
        let (filters, size) = (self.filters, self.letters);
        let mut of_letters = Vec::with_capacity(self.products.len());
        let mut mean = vec![0.0; self.largest.len()];
        let places = self.products.chunks_exact(size * filters).zip(self.largest.chunks_exact(filters));
        for ((place, largest), mean) in places.zip(mean.chunks_exact_mut(filters)) {
            for row in place.chunks_exact(filters) {
                for filter in 0..filters {
                    let factor = (self.alpha * (row[filter] - largest[filter]) / norm).exp();
                    of_letters.push(factor);
                    mean[filter] += factor / size as f64;
                }
            }
        }
        Factors { of_letters, mean }
    }

    /// Mean kernel values of a whole window of random letters, `[filters]`.
    pub(crate) fn neutral(&self) -> Vec<f64> {
        let places = self.largest.len() / self.filters;
        let norm = (places as f64).sqrt();
        (0..self.filters)
            .map(|filter| {
                let of = |values: &[f64]| -> Vec<f64> {
                    values.iter().skip(filter).step_by(self.filters).copied().collect()
                };
                let largest: f64 = of(&self.largest).iter().sum();
                norm * (self.alpha * (largest / norm - 1.0)).exp() * of(&self.whole.mean).iter().product::<f64>()
            })
            .collect()
    }

    /// Adds what each position contributes to `Σ_i v_i (k_i(x) − E k_i)`, where letters are random and unknown or ambiguous
    /// ones stay what they are: they add nothing.
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
        let table = space.table();
        let norm = letters.iter().map(|&(_, token)| space.squared_norm(token)).sum::<f64>().sqrt();
        let is_whole =
            letters.len() * filters == self.largest.len() && letters.iter().all(|&(_, token)| table.is_letter(token));
        let of_norm = if is_whole { None } else { Some(self.factors(norm)) };
        let factors = of_norm.as_ref().unwrap_or(&self.whole);

        // Factors (mean, and what the letter adds to it) of the places that hold letters; the products of all others.
        let mut cosines = vec![0.0; filters];
        let mut places: Vec<(usize, &[f64], Vec<f64>)> = Vec::with_capacity(letters.len());
        for (at, &(place, token)) in letters.iter().enumerate() {
            if table.is_letter(token) {
                let letter = (place * size + usize::from(token)) * filters;
                let mean = &factors.mean[place * filters..][..filters];
                let own = &factors.of_letters[letter..][..filters];
                places.push((at, mean, own.iter().zip(mean).map(|(own, mean)| own - mean).collect()));
                add(&mut cosines, &self.largest[place * filters..][..filters], 1.0 / norm);
            } else {
                let rows = self.products[place * size * filters..][..size * filters].chunks_exact(filters);
                rows.zip(table.vector(token)).for_each(|(row, weight)| add(&mut cosines, row, weight / norm));
            }
        }
        let scale: Vec<f64> = weights
            .iter()
            .zip(&cosines)
            .map(|(weight, cosine)| weight * norm * (self.alpha * (cosine - 1.0)).exp())
            .collect();
        let products = |step: f64| -> Vec<f64> {
            let mut products = scale.clone();
            for (_, mean, more) in &places {
                products
                    .iter_mut()
                    .zip(mean.iter().zip(more))
                    .for_each(|(all, (mean, more))| *all *= mean + step * more);
            }
            products
        };
        let rise = Rise { value: products(1.0).iter().sum(), neutral: products(0.0).iter().sum() };
        let mut parts = vec![0.0; letters.len()];
        for &(step, share) in &self.nodes {
            let products = products(step);
            for (at, mean, more) in &places {
                let terms = products.iter().zip(mean.iter().zip(more));
                parts[*at] += share * terms.map(|(all, (mean, more))| all * more / (mean + step * more)).sum::<f64>();
            }
        }
        let known: Vec<f64> = letters.iter().map(|&(_, token)| f64::from(u8::from(table.is_letter(token)))).collect();
        spread(&mut parts, rise.value - rise.neutral, &known);
        add(contributions, &parts, 1.0);
        rise
    }
}

fn add(sums: &mut [f64], values: &[f64], factor: f64) {
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += factor * value);
}
