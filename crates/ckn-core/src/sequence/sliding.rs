//! Scores of a window of fixed length that slides along a sequence, under a linear function of its embedding.
//!
//! A linear head on mean or sum pooling sees one number a patch, `s_t = Σ_i v_i k_i(z_t)` with `v = Rᵀ w`, whose running
//! sums are the scores of all windows. With max pooling it sees `Σ_j w_j max_t (R k(z_t))_j`, and the maxima slide.
//! Both strands are read along the forward strand.

use std::iter::once;

use super::direct::DirectWindow;
use super::index::KmerIndex;
use super::sweep::{Combine, Cosine, Product, Visitor, sweep};
use super::tables::AnchorTables;
use super::{LANES, Row};
use crate::error::check_length;
use crate::vectors::on_widest_vectors;
use crate::{Error, Scalar};

/// Patches that are multiplied by the root at once.
const TOGETHER: usize = 4;

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
        match self.kernel.alpha() {
            Some(_) => on_widest_vectors(
                #[inline(always)]
                || self.regular_weighted(Product, index, record, weights, values),
            ),
            None => on_widest_vectors(
                #[inline(always)]
                || self.regular_weighted(Cosine(self.kernel), index, record, weights, values),
            ),
        }
        let before = self.before(index);
        let mut window = DirectWindow::default();
        for start in index.irregular(record, before) {
            let at = (start + before as i64) as usize;
            values[at] = if index.repeats(record, start) {
                values[at - 1]
            } else {
                window.read(self, index.view(), record, start);
                let lane_blocks = weights.chunks(LANES).enumerate().map(|(lane_block, weights)| {
                    let values = window.values(self, lane_block);
                    weights.iter().zip(values).map(|(weight, value)| weight * value).sum::<f64>()
                });
                S::of(lane_blocks.sum())
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
            let weights = self.scaled(lane_block, &self.lanes(lane_block, |filter| S::of(weights[filter])));
            for run in index.runs(record) {
                let run = run.start as usize..run.end as usize;
                let values = &mut values[run.start + before..run.end + before];
                let mut weigh = Weigh { combine, weights, pending: [[S::zero(); LANES]; LANES], values };
                sweep(combine, self.lane_rows(lane_block), &self.blocks, index.codes(record), once(run), &mut weigh);
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
        on_widest_vectors(
            #[inline(always)]
            || {
                for lane_block in 0..self.lane_blocks() {
                    let root = self.root_squares(root, lane_block);
                    self.rooted(&scratch.map, &root, &mut scratch.rooted);
                    let weights = self.lanes(lane_block, |filter| S::of(weights[filter]));
                    maxima(&scratch.rooted, patches, &weights, &mut scratch.from_here, values);
                }
            },
        );
        Ok(())
    }

    /// `R k_t` of the coordinates of one lane block.
    #[inline(always)]
    fn rooted(&self, map: &[Row<S>], root: &[[Row<S>; LANES]], rooted: &mut Vec<Row<S>>) {
        let lane_blocks = self.lane_blocks();
        // A loop, not an iterator's `extend`: that would not be inlined into the dispatch on the vector width.
        rooted.resize(map.len() / lane_blocks, [S::zero(); LANES]);
        let mut patch = 0;
        while patch + TOGETHER <= rooted.len() {
            let sums = rooted_rows::<S, TOGETHER>(&map[patch * lane_blocks..][..TOGETHER * lane_blocks], root);
            rooted[patch..][..TOGETHER].copy_from_slice(&sums);
            patch += TOGETHER;
        }
        while patch < rooted.len() {
            rooted[patch] = rooted_rows::<S, 1>(&map[patch * lane_blocks..][..lane_blocks], root)[0];
            patch += 1;
        }
    }

    /// Columns of one lane block of the root, in squares of [`LANES`] filters, padded with zeros.
    fn root_squares(&self, root: &[f64], lane_block: usize) -> Vec<[Row<S>; LANES]> {
        let mut squares = vec![[[S::zero(); LANES]; LANES]; self.lane_blocks()];
        for (filter, row) in root.chunks_exact(self.filters).enumerate() {
            squares[filter / LANES][filter % LANES] = self.lanes(lane_block, |column| S::of(row[column]));
        }
        squares
    }
}

/// `R k` of a few patches: each adds one product after the other, so that several at once keep the processor busy.
#[inline(always)]
fn rooted_rows<S: Scalar, const PATCHES: usize>(map: &[Row<S>], root: &[[Row<S>; LANES]]) -> [Row<S>; PATCHES] {
    let mut sums = [[S::zero(); LANES]; PATCHES];
    for block in 0..root.len() {
        let roots = &root[block];
        for filter in 0..LANES {
            let row = &roots[filter];
            for patch in 0..PATCHES {
                let factor = map[patch * root.len() + block][filter];
                for lane in 0..LANES {
                    sums[patch][lane] = factor.mul_add(row[lane], sums[patch][lane]);
                }
            }
        }
    }
    sums
}

/// Adds `Σ_j w_j max` over `length` consecutive rows, for each place of the window.
#[inline(always)]
fn maxima<S: Scalar>(rows: &[Row<S>], length: usize, weights: &Row<S>, from_here: &mut Vec<Row<S>>, values: &mut [S]) {
    // The largest from each row to the end of its block of `length` rows.
    from_here.resize(rows.len(), [S::zero(); LANES]);
    for (block, largest) in rows.chunks(length).zip(from_here.chunks_mut(length)) {
        let mut to_end = [S::neg_infinity(); LANES];
        for (row, slot) in block.iter().zip(largest).rev() {
            to_end = larger(&to_end, row);
            *slot = to_end;
        }
    }
    // The largest from the start of a block up to the last row of the window.
    let mut to_here = [S::neg_infinity(); LANES];
    for row in &rows[..rows.len().min(length - 1)] {
        to_here = larger(&to_here, row);
    }
    let count = values.len();
    let mut pending = [[S::zero(); LANES]; LANES];
    for first in 0..count {
        let last = first + length - 1;
        to_here = if last.is_multiple_of(length) { rows[last] } else { larger(&to_here, &rows[last]) };
        let best = larger(&from_here[first], &to_here);
        let row = &mut pending[first % LANES];
        for lane in 0..LANES {
            row[lane] = weights[lane] * best[lane];
        }
        if first % LANES == LANES - 1 || first + 1 == count {
            let sums = row_sums(&pending);
            values[first - first % LANES..=first].iter_mut().zip(sums).for_each(|(value, sum)| *value += sum);
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
            for (value, sum) in self.values[window + 1 - LANES..=window].iter_mut().zip(sums) {
                *value += sum;
            }
        }
    }
}

impl<S: Scalar, C> Weigh<'_, S, C> {
    /// The windows after the last whole group.
    #[inline(always)]
    fn finish(self) {
        let rest = self.values.len() % LANES;
        let from = self.values.len() - rest;
        let sums = row_sums(&self.pending);
        self.values[from..].iter_mut().zip(sums).for_each(|(value, sum)| *value += sum);
    }
}

/// The sum of each of [`LANES`] rows, by halves; the order of additions is the same for every row.
///
/// Not inlined into loops for wide vectors on purpose: there the compiler turns the last step into gathers, which takes
/// twice the time of all the rest.
#[inline(never)]
fn row_sums<S: Scalar>(rows: &[Row<S>; LANES]) -> Row<S> {
    let mut eight = [[S::zero(); 8]; LANES];
    for (slot, row) in eight.iter_mut().zip(rows) {
        let (low, high) = row.split_at(8);
        for ((slot, low), high) in slot.iter_mut().zip(low).zip(high) {
            *slot = *low + *high;
        }
    }
    let mut four = [[S::zero(); 4]; LANES];
    for (slot, row) in four.iter_mut().zip(&eight) {
        let (low, high) = row.split_at(4);
        for ((slot, low), high) in slot.iter_mut().zip(low).zip(high) {
            *slot = *low + *high;
        }
    }
    let mut sums = [S::zero(); LANES];
    for (sum, row) in sums.iter_mut().zip(&four) {
        *sum = (row[0] + row[2]) + (row[1] + row[3]);
    }
    sums
}

/// `share · Σ + intercept` over each `length` consecutive values, accumulated in `f64`.
///
/// ```
/// let mut sums = vec![9.0];
/// ckn_core::sequence::slide_sums(&[1.0, 2.0, 4.0, 8.0], 2, 0.5, 10.0, &mut sums);
/// assert_eq!(sums, [11.5, 13.0, 16.0]);
/// ckn_core::sequence::slide_sums(&[1.0], 2, 0.5, 10.0, &mut sums);
/// assert!(sums.is_empty());
/// ```
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
