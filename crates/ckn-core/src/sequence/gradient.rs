//! Gradients by the tables, and back from tables to anchors and bandwidth.

use super::blocks::Blocks;
use super::tables::{AnchorTables, Orientation};
use super::{LANES, Row};
use crate::Scalar;
use crate::vectors::on_widest_vectors;

/// Gradient of a loss by the terms of [`AnchorTables`], or by the factors of gapped patches, gathered over sequences.
#[derive(Debug, Clone)]
pub struct GradientTables<S> {
    pub(crate) rows: Vec<Row<S>>,
    /// From windows computed directly, oriented as the tables' anchors: `[lane blocks, width, letters]`.
    pub(crate) direct: Vec<Row<f64>>,
    pub(crate) direct_sigma: f64,
}

/// Gradient of a loss by the anchors and by the bandwidth.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AnchorGradient {
    /// `[filters, letters, width]`.
    pub(crate) anchors: Vec<f64>,
    pub(crate) sigma: f64,
}

impl<S: Scalar> GradientTables<S> {
    /// Zero gradients for some tables.
    pub fn zeros(tables: &AnchorTables<S>) -> Self {
        Self::of_sizes(tables.rows.len(), tables.products.len())
    }

    pub(super) fn of_sizes(rows: usize, direct: usize) -> Self {
        Self { rows: vec![[S::zero(); LANES]; rows], direct: vec![[0.0; LANES]; direct], direct_sigma: 0.0 }
    }

    /// Makes the gradient zero again.
    pub fn clear(&mut self) {
        self.rows.fill([S::zero(); LANES]);
        self.direct.fill([0.0; LANES]);
        self.direct_sigma = 0.0;
    }

    /// Whether these are gradients of tables of this size.
    pub(crate) fn fits(&self, tables: &AnchorTables<S>) -> bool {
        self.has_sizes(tables.rows.len(), tables.products.len())
    }

    pub(super) fn has_sizes(&self, rows: usize, direct: usize) -> bool {
        self.rows.len() == rows && self.direct.len() == direct
    }

    /// Adds the gradient of other sequences.
    pub fn add(&mut self, other: &Self) {
        for (row, values) in self.rows.iter_mut().zip(&other.rows) {
            for lane in 0..LANES {
                row[lane] += values[lane];
            }
        }
        for (row, values) in self.direct.iter_mut().zip(&other.direct) {
            for lane in 0..LANES {
                row[lane] += values[lane];
            }
        }
        self.direct_sigma += other.direct_sigma;
    }

    /// Folds tables to letters: `dL/dZ_i[a, j] = c Σ_{kmer: its letter j is a} dL/dE[kmer, i]`, and, for the exponential
    /// kernel, `dL/dσ` from `Σ_t v_t (u_t − 1)`, for which the folded sums suffice.
    pub(crate) fn fold(&self, tables: &AnchorTables<S>) -> AnchorGradient {
        // d/dZ of a factor's logarithm, or of a cosine.
        let coefficient = tables.kernel.alpha().unwrap_or(1.0) / (tables.blocks.width as f64).sqrt();
        let patch = tables.blocks.patch();
        let mut oriented = self.direct.clone();
        let mut folded = vec![[0.0f64; LANES]; patch];
        let mut sums = vec![[0.0f64; LANES]; tables.blocks.codes()];
        let (mut by_terms, mut by_cosines) = (0.0, 0.0);
        let products = oriented.chunks_exact_mut(patch).zip(tables.products.chunks_exact(patch));
        for (lane_block, (oriented, products)) in products.enumerate() {
            folded.fill([0.0; LANES]);
            let rows = &self.rows[lane_block * tables.lane_rows(0).len()..];
            let total = on_widest_vectors(
                #[inline(always)]
                || fold_lane_block(rows, &tables.blocks, &mut sums, &mut folded),
            );
            for lane in 0..tables.lanes_of(lane_block) {
                for ((slot, product), sum) in oriented.iter_mut().zip(products).zip(&folded) {
                    slot[lane] += coefficient * sum[lane];
                    by_cosines += coefficient * sum[lane] * product[lane];
                }
                by_terms += total[lane];
            }
        }
        let mut sigma = self.direct_sigma;
        if let Some(alpha) = tables.kernel.alpha() {
            // Σ_t v_t u_t is ⟨Z, dL/dZ⟩/α, and dα/dσ = −2/σ³ = −2 α^(3/2).
            sigma += 2.0 * alpha.powf(1.5) * (by_terms - by_cosines / alpha);
        }
        let by_products = orient_back(&oriented, tables);
        let orthonormal = tables.letters.is_orthonormal();
        let anchors =
            if orthonormal { by_products } else { tables.letters.products(&by_products, tables.blocks.width) };
        AnchorGradient { anchors, sigma }
    }
}

/// Sums the gradients by k-mers that share a letter; returns their sum over all k-mers of a block.
///
/// # Shapes
/// gradient `[k-mer blocks, rows]`, sums `[k-mers]` (scratch), folded `[width, letters]`.
#[inline(always)]
fn fold_lane_block<S: Scalar>(
    gradient: &[Row<S>],
    blocks: &Blocks,
    sums: &mut [Row<f64>],
    folded: &mut [Row<f64>],
) -> Row<f64> {
    let letters = blocks.letters;
    for block in 0..blocks.count() {
        let mut codes = sums.len();
        for within in (0..blocks.kmer).rev() {
            let position = blocks.offsets[block] + within;
            let owned = within >= blocks.owned_from[block];
            let by_letter = &mut folded[position * letters..][..letters];
            let last = within + 1 == blocks.kmer;
            let gradient = &gradient[block * blocks.rows()..][..codes];
            codes /= letters;
            for prefix in 0..codes {
                let mut total = [0.0; LANES];
                for (letter, by_letter) in by_letter.iter_mut().enumerate() {
                    let at = prefix * letters + letter;
                    let mut sum = sums[at];
                    if last {
                        for lane in 0..LANES {
                            sum[lane] = gradient[at][lane].wide();
                        }
                    }
                    for lane in 0..LANES {
                        total[lane] += sum[lane];
                        by_letter[lane] += if owned { sum[lane] } else { 0.0 };
                    }
                }
                sums[prefix] = total;
            }
        }
    }
    sums[0]
}

/// # Shapes
/// oriented `[lane blocks, width, letters]` → `[filters, letters, width]`.
fn orient_back<S: Scalar>(oriented: &[Row<f64>], tables: &AnchorTables<S>) -> Vec<f64> {
    let (letters, width) = (tables.blocks.letters, tables.blocks.width);
    let complement = match tables.orientation {
        Orientation::Forward => None,
        Orientation::Reverse => tables.letters.table().complement(),
    };
    let mut anchors = vec![0.0; tables.filters * letters * width];
    for filter in 0..tables.filters {
        for position in 0..width {
            for letter in 0..letters {
                let (to_position, to_letter) = match complement {
                    None => (position, letter),
                    Some(map) => (width - 1 - position, usize::from(map[letter])),
                };
                anchors[(filter * letters + to_letter) * width + to_position] =
                    oriented[(filter / LANES * width + position) * letters + letter][filter % LANES];
            }
        }
    }
    anchors
}
