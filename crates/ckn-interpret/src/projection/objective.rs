//! The distance between a matrix and an anchor point in the kernel's space, and its gradient.

use ckn_core::kernel::DotProductKernel;

/// Which distance is minimised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Distance {
    /// `‖ψ0(µ)/‖µ‖ − ψ0(z)‖²`: both on the unit sphere, where the anchor is. A matrix of sharp columns can be at distance 0.
    #[default]
    Normalised,
    /// `‖ψ0(µ) − ψ0(z)‖²` as CKN-seq, section 2.4 prints it: a matrix of sharp columns has the norm `√l`, the anchor 1, so
    /// that the closest one is blurred.
    Literal,
}

/// `F(µ) = (s k(µ̂) − k(z))ᵀ B (s k(µ̂) − k(z))`, where `µ̂ = µ/‖µ‖`, `k_j(û) = κ(⟨z_j, û⟩)`, `B = R²`, and `s` is 1 or `‖µ‖`.
#[derive(Debug, Clone)]
pub(super) struct Objective<'a> {
    pub(super) kernel: DotProductKernel,
    pub(super) distance: Distance,
    /// Products of anchors and letters, position by position: `[filters, width, letters]`.
    pub(super) products: &'a [f64],
    /// Dot products of letters, `[letters, letters]`; empty where they have nothing in common.
    pub(super) similarity: &'a [f64],
    /// `B`, `[filters, filters]`.
    pub(super) metric: &'a [f64],
    /// `k(z)`.
    pub(super) target: &'a [f64],
}

/// Buffers of one evaluation.
#[derive(Debug, Clone, Default)]
pub(super) struct Evaluation {
    /// `S µ`, column by column.
    similar: Vec<f64>,
    cosines: Vec<f64>,
    kappas: Vec<f64>,
    difference: Vec<f64>,
    /// `B (s k − k(z))`.
    weights: Vec<f64>,
    norm: f64,
}

impl Objective<'_> {
    /// `‖µ‖ = √⟨µ, S µ⟩`.
    fn norm(&self, matrix: &[f64], similar: &mut Vec<f64>) -> f64 {
        similar.clear();
        match self.similarity.len().isqrt() {
            0 => similar.extend_from_slice(matrix),
            letters => {
                for column in matrix.chunks_exact(letters) {
                    similar.extend(self.similarity.chunks_exact(letters).map(|row| dot(row, column)));
                }
            }
        }
        matrix.iter().zip(&*similar).map(|(value, similar)| value * similar).sum::<f64>().sqrt()
    }

    /// `⟨z, µ⟩/‖µ‖`.
    ///
    /// # Shapes
    /// products of the anchor `z` with letters, `[width, letters]`.
    pub(super) fn cosine(&self, matrix: &[f64], products: &[f64]) -> f64 {
        dot(products, matrix) / self.norm(matrix, &mut Vec::new())
    }

    /// `F(µ)`, kept for [`Self::gradient`].
    pub(super) fn value(&self, matrix: &[f64], evaluation: &mut Evaluation) -> f64 {
        let filters = self.target.len();
        let Evaluation { similar, cosines, kappas, difference, weights, norm } = evaluation;
        *norm = self.norm(matrix, similar);
        let scale = match self.distance {
            Distance::Normalised => 1.0,
            Distance::Literal => *norm,
        };
        cosines.clear();
        kappas.clear();
        difference.clear();
        for (anchor, target) in self.products.chunks_exact(matrix.len()).zip(self.target) {
            let cosine = (dot(anchor, matrix) / *norm).clamp(-1.0, 1.0);
            let kappa = self.kernel.value(cosine);
            cosines.push(cosine);
            kappas.push(kappa);
            difference.push(scale * kappa - target);
        }
        weights.clear();
        weights.extend(self.metric.chunks_exact(filters).map(|row| dot(row, difference)));
        dot(weights, difference)
    }

    /// `dF/dµ` at the matrix of the last evaluation.
    ///
    /// With `q = 2B(s k − k(z))` and `g = Σ_j q_j κ'(c_j) z_j`: `(g − ⟨g, µ̂⟩ µ̂)/‖µ‖` for unit length, and
    /// `g − ⟨g, µ̂⟩ µ̂ + (Σ_j q_j κ_j) µ̂` for the literal distance. Where letters have something in common, `z_j` are their products with the
    /// anchor and the `µ̂` of the direction is `S µ̂`.
    pub(super) fn gradient(&self, matrix: &[f64], evaluation: &Evaluation, gradient: &mut [f64]) {
        gradient.fill(0.0);
        let mut along = 0.0;
        let mut radial = 0.0;
        let anchors = self.products.chunks_exact(matrix.len());
        for (at, anchor) in anchors.enumerate() {
            let weight = 2.0 * evaluation.weights[at];
            let slope = weight * self.kernel.derivative(evaluation.cosines[at]);
            gradient.iter_mut().zip(anchor).for_each(|(slot, value)| *slot += slope * value);
            along += slope * evaluation.cosines[at];
            radial += weight * evaluation.kappas[at];
        }
        let norm = evaluation.norm;
        let (scale, shift) = match self.distance {
            Distance::Normalised => (1.0 / norm, -along / norm),
            Distance::Literal => (1.0, radial - along),
        };
        // `along` is ⟨g, µ̂⟩, as the cosines are those of unclamped directions.
        for (slot, value) in gradient.iter_mut().zip(&evaluation.similar) {
            *slot = scale * *slot + shift * value / norm;
        }
    }
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    // Eight sums, which run in vectors.
    let mut sums = [0.0; 8];
    let (mut left, mut right) = (left.chunks_exact(8), right.chunks_exact(8));
    for (left, right) in (&mut left).zip(&mut right) {
        for lane in 0..8 {
            sums[lane] += left[lane] * right[lane];
        }
    }
    let rest: f64 = left.remainder().iter().zip(right.remainder()).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}
