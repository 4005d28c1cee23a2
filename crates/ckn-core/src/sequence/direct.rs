//! Windows that the tables do not hold: unknown letters inside, or over a border.

use super::gradient::GradientTables;
use super::tables::AnchorTables;
use super::{LANES, Row};
use crate::{Scalar, TokenView};

/// One window as the non-zero entries of its patch, and its norm.
#[derive(Debug, Clone, Default)]
pub(crate) struct DirectWindow {
    /// Place in `[width, letters]` and weight; positions outside the sequence have none.
    entries: Vec<(usize, f64)>,
    norm: f64,
}

impl DirectWindow {
    /// Reads the window that starts at `start` (negative: before the sequence) as the patch of some anchors.
    pub(crate) fn read<S>(&mut self, tables: &AnchorTables<S>, view: TokenView<'_>, record: usize, start: i64) {
        let table = view.table();
        let sequence = view.sequence(record);
        let letters = table.letters();
        self.entries.clear();
        let mut squared = 0.0;
        for position in 0..tables.blocks.width {
            let Ok(at) = usize::try_from(start + position as i64) else { continue };
            let Some(&token) = sequence.get(at) else { continue };
            let first = position * letters;
            if table.is_letter(token) {
                self.entries.push((first + usize::from(token), 1.0));
            } else {
                let weights = table.vector(token).iter().enumerate().filter(|(_, weight)| **weight != 0.0);
                self.entries.extend(weights.map(|(letter, weight)| (first + letter, *weight)));
            }
            squared += tables.squared_norms[usize::from(token)];
        }
        self.norm = squared.sqrt();
    }

    /// `k_i = ‖x‖ κ(⟨z_i, x⟩/‖x‖)` of the anchors of one lane block; zero for a zero patch, and where there is no anchor.
    pub(crate) fn values<S: Scalar>(&self, tables: &AnchorTables<S>, lane_block: usize) -> Row<f64> {
        let mut values = [0.0; LANES];
        if self.norm > 0.0 {
            let cosines = self.cosines(tables, lane_block);
            for lane in 0..tables.lanes_of(lane_block) {
                values[lane] = self.norm * tables.kernel.value(cosines[lane]);
            }
        }
        values
    }

    /// Adds `g κ'(u) x` to the gradients by products of anchors and letters and `g ‖x‖ dκ/dσ(u)` to the bandwidth's.
    ///
    /// # Shapes
    /// upstream `g` `[lane blocks]`.
    pub(crate) fn pull_back<S: Scalar>(
        &self,
        tables: &AnchorTables<S>,
        upstream: &[Row<S>],
        gradient: &mut GradientTables<S>,
    ) {
        if self.norm == 0.0 {
            return;
        }
        let size = tables.blocks.patch();
        let by_anchors = gradient.direct.chunks_exact_mut(size);
        for (lane_block, (upstream, by_anchors)) in upstream.iter().zip(by_anchors).enumerate() {
            let cosines = self.cosines(tables, lane_block);
            let mut weights = [0.0; LANES];
            for lane in 0..tables.lanes_of(lane_block) {
                let by_value = upstream[lane].wide();
                let value = tables.kernel.value(cosines[lane]);
                let (by_cosine, by_sigma) = tables.kernel.slopes(cosines[lane], value);
                weights[lane] = by_value * by_cosine;
                gradient.direct_sigma += by_value * self.norm * by_sigma;
            }
            for &(place, weight) in &self.entries {
                for lane in 0..LANES {
                    by_anchors[place][lane] += weight * weights[lane];
                }
            }
        }
    }

    fn cosines<S: Scalar>(&self, tables: &AnchorTables<S>, lane_block: usize) -> Row<f64> {
        let products = &tables.products[lane_block * tables.blocks.patch()..];
        let mut sums = [0.0; LANES];
        for &(place, weight) in &self.entries {
            for lane in 0..LANES {
                sums[lane] += weight * products[place][lane];
            }
        }
        sums.map(|sum| sum / self.norm)
    }
}
