//! Global pooling of a kernel map, with the inverse root where the pooling wants it.

use faer::{Accum, MatRef};

use super::Stack;
use crate::map::multiply;
use crate::pooling::{GeneralisedMax, Pooling};
use crate::{Error, Scalar};

/// What the gradient of one map's pooling needs.
#[derive(Debug, Clone, Default)]
pub(super) struct PoolTape<S> {
    /// Sums of the kernel map (mean and sum pooling), `[filters]`.
    sums: Vec<f64>,
    /// `Ψ = K R` (the others), `[windows, filters]`.
    map: Vec<S>,
    /// Window of each coordinate's maximum, `[filters]`.
    peaks: Vec<usize>,
    generalised: Option<GeneralisedMax>,
    by_map: Vec<S>,
}

impl<S: Scalar> Stack<S> {
    /// Pools the last layer's kernel map.
    ///
    /// # Shapes
    /// kernel map `[windows, filters]`, out `[filters]`.
    pub(super) fn pool(&self, kernel_map: &[S], tape: &mut PoolTape<S>, out: &mut [S]) -> Result<(), Error> {
        let filters = out.len();
        let windows = kernel_map.len() / filters;
        if windows == 0 {
            return Err(Error::Empty { what: "the last layer's map of a sequence" });
        }
        let last = self.roots.len() - 1;
        if self.config.pooling.is_linear() {
            tape.sums.clear();
            tape.sums.resize(filters, 0.0);
            for position in kernel_map.chunks_exact(filters) {
                tape.sums.iter_mut().zip(position).for_each(|(sum, value)| *sum += value.wide());
            }
            let share = self.share(windows);
            for (slot, row) in out.iter_mut().zip(self.roots[last].matrix().chunks_exact(filters)) {
                *slot = S::of(share * row.iter().zip(&tape.sums).map(|(weight, sum)| weight * sum).sum::<f64>());
            }
            return Ok(());
        }
        let root = MatRef::from_row_major_slice(&self.root_values[last], filters, filters);
        tape.map.resize(kernel_map.len(), S::zero());
        let rows = MatRef::from_row_major_slice(kernel_map, windows, filters);
        multiply(&mut tape.map, Accum::Replace, rows, root);
        if self.config.pooling == Pooling::Gmp {
            let pooled = GeneralisedMax::new(&tape.map, filters)?;
            out.iter_mut().zip(pooled.pooled()).for_each(|(slot, &value)| *slot = S::of(value));
            tape.generalised = Some(pooled);
            return Ok(());
        }
        tape.peaks.clear();
        tape.peaks.resize(filters, 0);
        out.fill(S::neg_infinity());
        for (window, row) in tape.map.chunks_exact(filters).enumerate() {
            for ((slot, peak), &value) in out.iter_mut().zip(&mut tape.peaks).zip(row) {
                if value > *slot {
                    (*slot, *peak) = (value, window);
                }
            }
        }
        Ok(())
    }

    /// Gradient of [`Self::pool`] by the kernel map, overwritten, and by the root, added.
    ///
    /// # Shapes
    /// upstream `[filters]`, by_kernel `[windows, filters]`, by_root `[filters, filters]`.
    pub(super) fn pull_back_pool(
        &self,
        kernel_map: &[S],
        tape: &mut PoolTape<S>,
        upstream: &[S],
        by_kernel: &mut Vec<S>,
        by_root: &mut [S],
    ) -> Result<(), Error> {
        let filters = upstream.len();
        let windows = kernel_map.len() / filters;
        let last = self.roots.len() - 1;
        let root = &self.root_values[last];
        by_kernel.clear();
        by_kernel.resize(kernel_map.len(), S::zero());
        match self.config.pooling {
            Pooling::Mean | Pooling::Sum => {
                let share = self.share(windows);
                let mut row = vec![0.0; filters];
                for (weight, (by_root, root)) in upstream
                    .iter()
                    .zip(by_root.chunks_exact_mut(filters).zip(self.roots[last].matrix().chunks_exact(filters)))
                {
                    let weight = share * weight.wide();
                    by_root.iter_mut().zip(&tape.sums).for_each(|(slot, sum)| *slot += S::of(weight * sum));
                    row.iter_mut().zip(root).for_each(|(slot, value)| *slot += weight * value);
                }
                for position in by_kernel.chunks_exact_mut(filters) {
                    position.iter_mut().zip(&row).for_each(|(slot, &value)| *slot = S::of(value));
                }
            }
            Pooling::Max => {
                for (coordinate, (&window, &weight)) in tape.peaks.iter().zip(upstream).enumerate() {
                    let place = window * filters..(window + 1) * filters;
                    let square = coordinate * filters..(coordinate + 1) * filters;
                    for (slot, value) in by_root[square.clone()].iter_mut().zip(&kernel_map[place.clone()]) {
                        *slot += weight * *value;
                    }
                    for (slot, value) in by_kernel[place].iter_mut().zip(&root[square]) {
                        *slot += weight * *value;
                    }
                }
            }
            Pooling::Gmp => {
                let Some(pooled) = &tape.generalised else { return Err(Error::Empty { what: "the map" }) };
                tape.by_map.resize(kernel_map.len(), S::zero());
                pooled.pull_back(&tape.map, upstream, &mut tape.by_map)?;
                let by_map = MatRef::from_row_major_slice(&tape.by_map, windows, filters);
                let root = MatRef::from_row_major_slice(root, filters, filters);
                multiply(by_kernel, Accum::Replace, by_map, root);
                let rows = MatRef::from_row_major_slice(kernel_map, windows, filters);
                multiply(by_root, Accum::Add, rows.transpose(), by_map);
            }
        }
        Ok(())
    }

    /// Weight of one window in a linear pooling.
    fn share(&self, windows: usize) -> f64 {
        if self.config.pooling == Pooling::Mean { 1.0 / windows as f64 } else { 1.0 }
    }
}
