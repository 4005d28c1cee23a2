//! Global pooling of a kernel map, with the inverse root where the pooling wants it.

use faer::traits::IndexCore;

use super::Stack;
use crate::map::SparseMap;
use crate::pooling::{GeneralisedMax, Pooling};
use crate::rows::{LANES, Peaks, Row, add_outer_products, add_scaled, lane_blocks, pad, unpad};
use crate::{Error, Scalar};

/// What the gradient of one map's pooling needs.
#[derive(Debug, Clone)]
pub(super) struct PoolTape<S: Scalar> {
    /// Sums of the kernel map (mean and sum pooling), `[filters]`.
    sums: Vec<f64>,
    /// Largest values and their windows (max pooling).
    peaks: Peaks<S>,
    /// `Ψ = K R` (generalised max pooling), as rows and as `[windows, filters]`.
    rows: Vec<Row<S>>,
    map: Vec<S>,
    generalised: Option<GeneralisedMax>,
    by_map: Vec<S>,
}

// By hand: deriving it would ask that `S::Index` has a default.
impl<S: Scalar> Default for PoolTape<S> {
    fn default() -> Self {
        Self {
            sums: Vec::new(),
            peaks: Peaks::default(),
            rows: Vec::new(),
            map: Vec::new(),
            generalised: None,
            by_map: Vec::new(),
        }
    }
}

impl<S: Scalar> Stack<S> {
    /// Pools the last layer's kernel map.
    ///
    /// # Shapes
    /// kernel map `[windows, filters]`, out `[filters]`.
    pub(super) fn pool(&self, kernel_map: &[Row<S>], tape: &mut PoolTape<S>, out: &mut [S]) -> Result<(), Error> {
        let filters = out.len();
        let width = lane_blocks(filters);
        let windows = kernel_map.len() / width;
        if windows == 0 {
            return Err(Error::Empty { what: "the last layer's map of a sequence" });
        }
        let last = self.roots.len() - 1;
        match self.config.pooling {
            Pooling::Mean | Pooling::Sum => {
                tape.sums.clear();
                tape.sums.resize(filters, 0.0);
                for position in kernel_map.chunks_exact(width) {
                    tape.sums.iter_mut().zip(position.as_flattened()).for_each(|(sum, value)| *sum += value.wide());
                }
                let share = self.config.pooling.share(windows);
                for (slot, row) in out.iter_mut().zip(self.roots[last].matrix().chunks_exact(filters)) {
                    *slot = S::of(share * row.iter().zip(&tape.sums).map(|(weight, sum)| weight * sum).sum::<f64>());
                }
            }
            Pooling::Max => {
                self.root_rows[last].peaks(kernel_map, &mut tape.peaks);
                unpad(&tape.peaks.best, out);
            }
            Pooling::Gmp => {
                self.root_rows[last].apply(kernel_map, width, windows, &mut tape.rows);
                tape.map.resize(windows * filters, S::zero());
                let rows = tape.rows.chunks_exact(width);
                tape.map.chunks_exact_mut(filters).zip(rows).for_each(|(values, rows)| unpad(rows, values));
                let pooled = GeneralisedMax::new(&tape.map, filters)?;
                out.iter_mut().zip(pooled.pooled()).for_each(|(slot, &value)| *slot = S::of(value));
                tape.generalised = Some(pooled);
            }
        }
        Ok(())
    }

    /// Gradient of [`Self::pool`] by the kernel map, overwritten, and by the root, added.
    ///
    /// # Shapes
    /// upstream `[filters]`, by_kernel over windows, by_root `[padded filters, filters]`.
    pub(super) fn pull_back_pool(
        &self,
        kernel_map: &[Row<S>],
        tape: &mut PoolTape<S>,
        upstream: &[S],
        by_kernel: &mut SparseMap<S>,
        by_root: &mut [Row<S>],
    ) -> Result<(), Error> {
        let filters = upstream.len();
        let width = lane_blocks(filters);
        let windows = kernel_map.len() / width;
        let last = self.roots.len() - 1;
        by_kernel.clear(windows);
        match self.config.pooling {
            Pooling::Mean | Pooling::Sum => {
                let share = self.config.pooling.share(windows);
                let mut row = vec![0.0; filters];
                for (weight, (by_root, root)) in upstream
                    .iter()
                    .zip(by_root.chunks_exact_mut(width).zip(self.roots[last].matrix().chunks_exact(filters)))
                {
                    let weight = share * weight.wide();
                    let slots = by_root.as_flattened_mut().iter_mut();
                    slots.zip(&tape.sums).for_each(|(slot, sum)| *slot += S::of(weight * sum));
                    row.iter_mut().zip(root).for_each(|(slot, value)| *slot += weight * value);
                }
                (0..windows).for_each(|window| pad(&row, by_kernel.at(window, width)));
            }
            Pooling::Max => {
                let window_of = |coordinate: usize| tape.peaks.at[coordinate / LANES][coordinate % LANES].zx();
                let mut peaks: Vec<usize> = (0..filters).map(window_of).collect();
                peaks.sort_unstable();
                peaks.into_iter().for_each(|window| by_kernel.touch(window, width));
                for (coordinate, &weight) in upstream.iter().enumerate() {
                    let window = window_of(coordinate);
                    let by_root = by_root[coordinate * width..][..width].iter_mut();
                    let values = &kernel_map[window * width..];
                    by_root.zip(values).for_each(|(slot, row)| add_scaled(slot, weight, row));
                    self.root_rows[last].add_row(coordinate, weight, by_kernel.at(window, width));
                }
            }
            Pooling::Gmp => {
                let Some(pooled) = &tape.generalised else { return Err(Error::Empty { what: "the map" }) };
                tape.by_map.resize(tape.map.len(), S::zero());
                pooled.pull_back(&tape.map, upstream, &mut tape.by_map)?;
                for (rows, values) in tape.rows.chunks_exact_mut(width).zip(tape.by_map.chunks_exact(filters)) {
                    pad(values, rows);
                }
                let starts = (0..windows).map(|window| window * width);
                add_outer_products(kernel_map, starts, width, &tape.rows, width, by_root);
                (0..windows).for_each(|window| by_kernel.touch(window, width));
                self.root_rows[last].apply(&tape.rows, width, windows, &mut by_kernel.rows);
            }
        }
        Ok(())
    }
}
