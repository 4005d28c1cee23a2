//! Gradients by the tables, and back from tables to anchors and bandwidth.

use super::blocks::Blocks;
use super::tables::{AnchorTables, Orientation};
use super::{LANES, Row};
use crate::vectors::on_widest_vectors;
use crate::{LetterTable, Scalar};

/// Gradient of a loss by the terms of [`AnchorTables`], gathered over sequences.
#[derive(Debug, Clone)]
pub struct GradientTables<S> {
    pub(crate) rows: Vec<Row<S>>,
    /// From windows computed directly, oriented as the tables' anchors: `[filters, width, letters]`.
    pub(crate) direct: Vec<f64>,
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
        Self {
            rows: vec![[S::zero(); LANES]; tables.rows.len()],
            direct: vec![0.0; tables.anchors.len()],
            direct_sigma: 0.0,
        }
    }

    /// Makes the gradient zero again.
    pub fn clear(&mut self) {
        self.rows.fill([S::zero(); LANES]);
        self.direct.fill(0.0);
        self.direct_sigma = 0.0;
    }

    /// Whether these are gradients of tables of this size.
    pub(crate) fn fits(&self, tables: &AnchorTables<S>) -> bool {
        self.rows.len() == tables.rows.len() && self.direct.len() == tables.anchors.len()
    }

    /// Adds the gradient of other sequences.
    pub fn add(&mut self, other: &Self) {
        for (row, values) in self.rows.iter_mut().zip(&other.rows) {
            for lane in 0..LANES {
                row[lane] += values[lane];
            }
        }
        self.direct.iter_mut().zip(&other.direct).for_each(|(slot, value)| *slot += value);
        self.direct_sigma += other.direct_sigma;
    }

    /// Folds tables to letters: `dL/dZ_i[a, j] = c Σ_{kmer: its letter j is a} dL/dE[kmer, i]`, and, for the exponential
    /// kernel, `dL/dσ` from `Σ_t v_t (u_t − 1)`, for which the folded sums suffice.
    pub(crate) fn fold(&self, tables: &AnchorTables<S>, table: &LetterTable) -> AnchorGradient {
        let filters = tables.filters;
        let Blocks { letters, width, .. } = tables.blocks;
        // d/dZ of a factor's logarithm, or of a cosine.
        let coefficient = tables.kernel.alpha().unwrap_or(1.0) / (width as f64).sqrt();
        let mut oriented = self.direct.clone();
        let mut sigma = self.direct_sigma;
        let mut folded = vec![[0.0f64; LANES]; width * letters];
        let mut sums = vec![[0.0f64; LANES]; tables.blocks.codes()];
        for lane_block in 0..tables.lane_blocks() {
            folded.fill([0.0; LANES]);
            let rows = &self.rows[lane_block * tables.lane_rows(0).len()..];
            let total = on_widest_vectors(
                #[inline(always)]
                || fold_lane_block(rows, &tables.blocks, &mut sums, &mut folded),
            );
            let lanes = LANES.min(filters - lane_block * LANES);
            for lane in 0..lanes {
                let anchor = &mut oriented[(lane_block * LANES + lane) * width * letters..][..width * letters];
                for (slot, sum) in anchor.iter_mut().zip(&folded) {
                    *slot += coefficient * sum[lane];
                }
            }
            if let Some(alpha) = tables.kernel.alpha() {
                // −Σ_t v_t of dL/dα; its Σ_t v_t u_t is ⟨Z, dL/dZ⟩/α, added below.
                sigma += total[..lanes].iter().sum::<f64>() * 2.0 * alpha.powf(1.5);
            }
        }
        if let Some(alpha) = tables.kernel.alpha() {
            let table_part = oriented.iter().zip(&self.direct).zip(&tables.anchors);
            let inner: f64 = table_part.map(|((all, direct), anchor)| (all - direct) * anchor).sum();
            // dα/dσ = −2/σ³ = −2 α^(3/2).
            sigma -= inner / alpha * 2.0 * alpha.powf(1.5);
        }
        AnchorGradient { anchors: orient_back(&oriented, tables, table), sigma }
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

fn orient_back<S: Scalar>(oriented: &[f64], tables: &AnchorTables<S>, table: &LetterTable) -> Vec<f64> {
    let (letters, width) = (tables.blocks.letters, tables.blocks.width);
    let complement = match tables.orientation {
        Orientation::Forward => None,
        Orientation::Reverse => table.complement(),
    };
    let mut anchors = vec![0.0; oriented.len()];
    for filter in 0..tables.filters {
        for position in 0..width {
            for letter in 0..letters {
                let (to_position, to_letter) = match complement {
                    None => (position, letter),
                    Some(map) => (width - 1 - position, usize::from(map[letter])),
                };
                anchors[(filter * letters + to_letter) * width + to_position] =
                    oriented[(filter * width + position) * letters + letter];
            }
        }
    }
    anchors
}
