//! Anchor points on the unit sphere, as a differentiable operation.

use std::sync::Arc;

use burn::tensor::{DType, Tensor};

use crate::Error;
use crate::host_function::{HostAdjoint, HostValue, host_function};
use crate::transfer::read;

/// Anchor points of unit norm, `ẑ = z/‖z‖`, with their values on the host.
#[derive(Debug, Clone)]
pub(crate) struct UnitAnchors<const D: usize> {
    /// `[filters, ...]`.
    pub(crate) tensor: Tensor<D>,
    /// The same numbers, row-major.
    pub(crate) values: Vec<f64>,
}

impl<const D: usize> UnitAnchors<D> {
    /// Anchor points scaled to unit norm; backward `z̄ = (g − ⟨g, ẑ⟩ ẑ)/‖z‖`, tangent to the sphere.
    ///
    /// An anchor point whose norm is 1 up to rounding stays as it is, so that scaling twice and round trips through files give
    /// the same bits.
    ///
    /// # Shapes
    /// anchors `[filters, ...]`.
    ///
    /// # Errors
    /// [`ckn_core::Error::Parameter`] if an anchor point is zero or not finite.
    pub(crate) fn new(anchors: Tensor<D>) -> Result<Self, Error> {
        let (shape, dtype) = (anchors.dims(), anchors.dtype());
        let rows = [shape[0], shape[1..].iter().product()];
        let anchors = anchors.reshape(rows);
        let mut values = read(anchors.clone())?;
        let norms = scale(&mut values, rows[1], dtype)?;
        let adjoint = Arc::new(ByAnchors { units: values.clone(), norms });
        let value = HostValue { values: values.clone(), shape: rows, input: rows, adjoint };
        Ok(Self { tensor: host_function(anchors, value).reshape(shape), values })
    }

    /// The same points as the start of a graph: gradients are by them, and not by what they were scaled from.
    pub(crate) fn leaf(self) -> Self {
        let tracked = self.tensor.is_tracked();
        let tensor = self.tensor.detach();
        Self { tensor: if tracked { tensor.require_grad() } else { tensor }, values: self.values }
    }
}

/// Scales rows to unit norm, as they round in their type; returns the norms that they had.
fn scale(values: &mut [f64], size: usize, dtype: DType) -> Result<Vec<f64>, Error> {
    let (rounding, rounded): (f64, fn(f64) -> f64) =
        if dtype == DType::F64 { (1e-15, |value| value) } else { (1e-7, |value| f64::from(value as f32)) };
    let rows = values.chunks_exact_mut(size).map(|row| {
        let norm = row.iter().map(|value| value * value).sum::<f64>().sqrt();
        if !norm.is_finite() || norm < 1e-12 {
            let expected = "finite and above zero";
            return Err(ckn_core::Error::Parameter { name: "norm of an anchor point", got: norm, expected }.into());
        }
        if (norm - 1.0).abs() > rounding {
            row.iter_mut().for_each(|value| *value = rounded(*value / norm));
        }
        Ok(norm)
    });
    rows.collect()
}

#[derive(Debug)]
struct ByAnchors {
    units: Vec<f64>,
    norms: Vec<f64>,
}

impl HostAdjoint for ByAnchors {
    fn pull_back(&self, upstream: &[f64]) -> Vec<f64> {
        let size = self.units.len() / self.norms.len();
        let rows = upstream.chunks_exact(size).zip(self.units.chunks_exact(size)).zip(&self.norms);
        rows.flat_map(|((upstream, unit), norm)| {
            let radial: f64 = upstream.iter().zip(unit).map(|(g, z)| g * z).sum();
            upstream.iter().zip(unit).map(move |(g, z)| (g - radial * z) / norm)
        })
        .collect()
    }
}
