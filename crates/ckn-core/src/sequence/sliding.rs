//! Scores of a window of fixed length that slides along a sequence, under a linear function of its embedding.
//!
//! A linear head on mean or sum pooling sees one number a patch, `s_t = Σ_i v_i k_i(z_t)` with `v = Rᵀ w`, whose running
//! sums are the scores of all windows. With max pooling it sees `Σ_j w_j max_t (R k(z_t))_j`, and the maxima slide.
//! Both strands are read along the forward strand.

use super::direct::DirectWindow;
use super::fold::row_sums;
use super::index::KmerIndex;
use super::maximum::padded_rows;
use super::sweep::{Combine, Cosine, Product, Visitor, sweep};
use super::tables::AnchorTables;
use super::{LANES, Row};
use crate::error::check_length;
use crate::{Error, Scalar};

/// Memory that sliding maxima use again from sequence to sequence.
#[derive(Debug, Clone, Default)]
pub struct SlidingScratch<S> {
    map: Vec<Row<S>>,
    rooted: Vec<Row<S>>,
    from_here: Vec<Row<S>>,
}

impl<S: Scalar> AnchorTables<S> {
    /// `Σ_i v_i k_i(z_t)` of every patch of one sequence, in the order of the forward strand.
    ///
    /// # Shapes
    /// weights `v` `[filters]`; values `[patches]`.
    ///
    /// # Errors
    /// [`Error::Shape`] if the weights do not fit.
    pub fn weighted(
        &self,
        index: &KmerIndex<'_>,
        record: usize,
        weights: &[f64],
        values: &mut Vec<S>,
    ) -> Result<(), Error> {
        check_length("weights of the anchor points", self.filters, weights.len())?;
        values.clear();
        values.resize(index.windows(record), S::zero());
        let simd = pulp::Arch::new();
        match self.kernel.alpha() {
            Some(_) => simd.dispatch(|| self.regular_weighted(Product, index, record, weights, values)),
            None => simd.dispatch(|| self.regular_weighted(Cosine(self.kernel), index, record, weights, values)),
        }
        let before = self.before(index);
        let mut window = DirectWindow::new();
        for start in index.irregular(record, before) {
            let at = (start + before as i64) as usize;
            values[at] = if index.repeats(record, start) {
                values[at - 1]
            } else {
                window.read(index.view(), record, start, index.width());
                let terms = weights.iter().enumerate().map(|(filter, weight)| weight * window.value(self, filter));
                S::of(terms.sum())
            };
        }
        Ok(())
    }

    #[inline(always)]
    fn regular_weighted<C: Combine<S>>(
        &self,
        combine: C,
        index: &KmerIndex<'_>,
        record: usize,
        weights: &[f64],
        values: &mut [S],
    ) {
        let before = self.before(index);
        for lane_block in 0..self.lane_blocks() {
            let weights = self.scaled(lane_block, |filter| S::of(weights[filter]));
            for run in index.runs(record) {
                let run = run.start as usize..run.end as usize;
                let values = &mut values[run.start + before..run.end + before];
                let mut weigh = Weigh { combine, weights, pending: [[S::zero(); LANES]; LANES], values };
                sweep(combine, self.lane_rows(lane_block), &self.blocks, index.codes(record), run, &mut weigh);
                weigh.finish();
            }
        }
    }

    /// `Σ_j w_j max_t (R k(z_t))_j` over each `patches` consecutive patches of one sequence, in the order of the forward
    /// strand. Maxima by the two passes of van Herk (1992): three comparisons a patch, whatever the window.
    ///
    /// # Shapes
    /// root `R` `[filters, filters]`; weights `w` `[filters]`; values `[patches of the sequence − patches + 1]`.
    ///
    /// # Errors
    /// [`Error::Shape`] if root or weights do not fit; [`Error::Parameter`] for windows of no patch.
    pub fn sliding_maxima(
        &self,
        index: &KmerIndex<'_>,
        record: usize,
        root: &[f64],
        weights: &[f64],
        patches: usize,
        scratch: &mut SlidingScratch<S>,
        values: &mut Vec<S>,
    ) -> Result<(), Error> {
        check_length("weights of the anchor points", self.filters, weights.len())?;
        check_length("inverse root", self.filters * self.filters, root.len())?;
        if patches == 0 {
            return Err(Error::Parameter { name: "patches of a window", got: 0.0, expected: "at least 1" });
        }
        self.forward_map(index, record, &mut scratch.map);
        values.clear();
        values.resize((index.windows(record) + 1).saturating_sub(patches), S::zero());
        let root = padded_rows(root, self.filters);
        pulp::Arch::new().dispatch(|| {
            for lane_block in 0..self.lane_blocks() {
                self.rooted(&scratch.map, &root, lane_block, &mut scratch.rooted);
                let weights = self.lanes(lane_block, |filter| S::of(weights[filter]));
                maxima(&scratch.rooted, patches, &weights, &mut scratch.from_here, values);
            }
        });
        Ok(())
    }

    /// `R k_t` of the coordinates of one lane block.
    #[inline(always)]
    fn rooted(&self, map: &[Row<S>], root: &[Row<S>], lane_block: usize, rooted: &mut Vec<Row<S>>) {
        let lane_blocks = self.lane_blocks();
        rooted.clear();
        rooted.extend(map.chunks_exact(lane_blocks).map(|kernel| {
            let mut value = [S::zero(); LANES];
            for filter in 0..self.filters {
                let factor = kernel[filter / LANES][filter % LANES];
                let row = &root[filter * lane_blocks + lane_block];
                for lane in 0..LANES {
                    value[lane] += factor * row[lane];
                }
            }
            value
        }));
    }
}

/// Adds `Σ_j w_j max` over `length` consecutive rows, for each place of the window.
#[inline(always)]
fn maxima<S: Scalar>(rows: &[Row<S>], length: usize, weights: &Row<S>, from_here: &mut Vec<Row<S>>, values: &mut [S]) {
    // The largest from each row to the end of its block of `length` rows.
    from_here.clear();
    from_here.extend_from_slice(rows);
    for block in from_here.chunks_mut(length) {
        for at in (1..block.len()).rev() {
            let next = block[at];
            block[at - 1] = larger(&block[at - 1], &next);
        }
    }
    let mut pending = [[S::zero(); LANES]; LANES];
    // The largest from the start of a block up to the last row of the window.
    let mut to_here = [S::neg_infinity(); LANES];
    for row in &rows[..rows.len().min(length - 1)] {
        to_here = larger(&to_here, row);
    }
    let count = values.len();
    for first in 0..count {
        let last = first + length - 1;
        to_here = if last.is_multiple_of(length) { rows[last] } else { larger(&to_here, &rows[last]) };
        let best = larger(&from_here[first], &to_here);
        let slot = &mut pending[first % LANES];
        for lane in 0..LANES {
            slot[lane] = weights[lane] * best[lane];
        }
        if first % LANES == LANES - 1 || first + 1 == count {
            let start = first - first % LANES;
            let sums = row_sums(&pending);
            values[start..=first].iter_mut().zip(sums).for_each(|(value, sum)| *value += sum);
        }
    }
}

#[inline(always)]
fn larger<S: Scalar>(left: &Row<S>, right: &Row<S>) -> Row<S> {
    let mut row = *left;
    for lane in 0..LANES {
        row[lane] = if right[lane] > row[lane] { right[lane] } else { row[lane] };
    }
    row
}

/// Adds the weighted sum of each window's kernel values to its place.
struct Weigh<'a, S, C> {
    combine: C,
    weights: Row<S>,
    pending: [Row<S>; LANES],
    values: &'a mut [S],
}

impl<S: Scalar, C: Combine<S>> Visitor<S> for Weigh<'_, S, C> {
    #[inline(always)]
    fn visit(&mut self, window: usize, joined: &Row<S>, _places: impl Iterator<Item = usize>) {
        let row = &mut self.pending[window % LANES];
        for lane in 0..LANES {
            row[lane] = self.weights[lane] * self.combine.value(joined[lane]);
        }
        if window % LANES == LANES - 1 {
            let sums = row_sums(&self.pending);
            let values = &mut self.values[window + 1 - LANES..=window];
            for lane in 0..LANES {
                values[lane] += sums[lane];
            }
        }
    }
}

impl<S: Scalar, C> Weigh<'_, S, C> {
    /// The windows after the last whole group.
    #[inline(always)]
    fn finish(self) {
        let rest = self.values.len() % LANES;
        let sums = row_sums(&self.pending);
        let from = self.values.len() - rest;
        self.values[from..].iter_mut().zip(sums).for_each(|(value, sum)| *value += sum);
    }
}

/// `share · Σ + intercept` over each `length` consecutive values, accumulated in `f64`.
///
/// # Shapes
/// values `[n]` → out `[n − length + 1]`.
pub fn slide_sums(values: &[f32], length: usize, share: f64, intercept: f64, out: &mut Vec<f64>) {
    out.clear();
    let Some((first, _)) = values.split_at_checked(length).filter(|_| length > 0) else { return };
    let mut sum: f64 = first.iter().map(|&value| f64::from(value)).sum();
    out.push(share * sum + intercept);
    out.extend(values[length..].iter().zip(values).map(|(&enters, &leaves)| {
        sum += f64::from(enters) - f64::from(leaves);
        share * sum + intercept
    }));
}
