//! Gradients by the tables, and back from tables to anchors and bandwidth.

use super::tables::{AnchorTables, Orientation};
use super::{LANES, Row};
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

    /// Folds tables to letters: `dL/dZ_i[a, j] = c Σ_{kmer: its letter j is a} dL/dE[kmer, i]` (MATHS A5), and, for the
    /// exponential kernel, `dL/dσ` from `Σ_t v_t (u_t − 1)`, for which the folded sums suffice.
    pub(crate) fn fold(&self, tables: &AnchorTables<S>, table: &LetterTable) -> AnchorGradient {
        let blocks = &tables.blocks;
        let (letters, width, filters) = (blocks.letters, blocks.width, tables.filters);
        let norm = (width as f64).sqrt();
        // d/dZ of a factor's logarithm, or of a cosine.
        let coefficient = tables.kernel.alpha().unwrap_or(1.0) / norm;
        let mut oriented = self.direct.clone();
        let mut sigma = self.direct_sigma;
        let mut sums = vec![[0.0f64; LANES]; blocks.codes()];
        for lane_block in 0..tables.lane_blocks() {
            let lanes = LANES.min(filters - lane_block * LANES);
            for block in 0..blocks.count() {
                let at = (lane_block * blocks.count() + block) * blocks.rows();
                for (sum, row) in sums.iter_mut().zip(&self.rows[at..]) {
                    for lane in 0..LANES {
                        sum[lane] = row[lane].wide();
                    }
                }
                let mut codes = blocks.codes();
                for within in (0..blocks.kmer).rev() {
                    let prefixes = codes / letters;
                    if within >= blocks.owned_from[block] {
                        let position = blocks.offsets[block] + within;
                        for code in 0..codes {
                            for lane in 0..lanes {
                                let place = ((lane_block * LANES + lane) * width + position) * letters;
                                oriented[place + code % letters] += coefficient * sums[code][lane];
                            }
                        }
                    }
                    for prefix in 0..prefixes {
                        let mut total = [0.0; LANES];
                        for sum in &sums[prefix * letters..(prefix + 1) * letters] {
                            for lane in 0..LANES {
                                total[lane] += sum[lane];
                            }
                        }
                        sums[prefix] = total;
                    }
                    codes = prefixes;
                }
                if block == 0
                    && let Some(alpha) = tables.kernel.alpha()
                {
                    // −Σ_t v_t of dL/dα; its Σ_t v_t u_t is ⟨Z, dL/dZ⟩/α, added below.
                    let total: f64 = sums[0][..lanes].iter().sum();
                    sigma += total * 2.0 * alpha.powf(1.5);
                }
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
