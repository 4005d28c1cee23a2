//! Generalised max pooling as one operation: small systems, solved on the host.

use std::sync::Arc;

use burn::tensor::Tensor;
use ckn_core::pooling::GeneralisedMax;

use crate::Error;
use crate::host_function::{HostAdjoint, HostValue, host_function};
use crate::transfer::read;

/// [`GeneralisedMax`] over each sequence's own positions.
///
/// # Shapes
/// map `[batch, positions, filters]`, counts `[batch]` → `[batch, filters]`.
///
/// # Errors
/// Those of [`GeneralisedMax::new`]; a device that cannot be read.
pub(crate) fn pool_generalised(map: Tensor<3>, counts: &[usize]) -> Result<Tensor<2>, Error> {
    let [batch, positions, filters] = map.dims();
    let flat = map.reshape([batch, positions * filters]);
    let values = read(flat.clone())?;
    let pooled = values
        .chunks_exact(positions * filters)
        .zip(counts)
        .map(|(map, count)| GeneralisedMax::new(&map[..count * filters], filters))
        .collect::<Result<Vec<_>, _>>()?;
    let value = HostValue {
        values: pooled.iter().flat_map(|pooled| pooled.pooled().iter().copied()).collect(),
        shape: [batch, filters],
        input: [batch, positions * filters],
        adjoint: Arc::new(ByMap { pooled, values, counts: counts.to_vec(), filters }),
    };
    Ok(host_function(flat, value))
}

#[derive(Debug)]
struct ByMap {
    pooled: Vec<GeneralisedMax>,
    values: Vec<f64>,
    counts: Vec<usize>,
    filters: usize,
}

impl HostAdjoint for ByMap {
    fn pull_back(&self, upstream: &[f64]) -> Vec<f64> {
        let mut gradient = vec![0.0; self.values.len()];
        let size = self.values.len() / self.counts.len();
        let maps = self.values.chunks_exact(size).zip(gradient.chunks_exact_mut(size));
        let records = self.pooled.iter().zip(&self.counts).zip(upstream.chunks_exact(self.filters));
        for ((map, gradient), ((pooled, count), upstream)) in maps.zip(records) {
            let own = count * self.filters;
            // Only a wrong shape can fail, which the operation's own shapes exclude; NaN would show it.
            if pooled.pull_back(&map[..own], upstream, &mut gradient[..own]).is_err() {
                gradient.fill(f64::NAN);
            }
        }
        gradient
    }
}
