//! Anchor points on the unit sphere.

use burn::tensor::{DType, Tensor};

use crate::Error;
use crate::transfer::{read, upload};

/// Anchor points scaled to unit norm.
///
/// # Shapes
/// anchors `[filters, ...]` → the same.
pub(crate) fn on_sphere<const D: usize>(anchors: Tensor<D>) -> Result<Tensor<D>, Error> {
    let (shape, device, dtype) = (anchors.dims(), anchors.device(), anchors.dtype());
    Ok(upload(unit_rows(read(anchors)?, shape[0], dtype)?, shape, &device, dtype))
}

/// Rows scaled to unit norm; a row whose norm is 1 up to rounding stays as it is, so that repeated projection and
/// round trips through files give the same bits.
pub(crate) fn unit_rows(mut values: Vec<f64>, rows: usize, dtype: DType) -> Result<Vec<f64>, Error> {
    let rounding = if dtype == DType::F64 { 1e-15 } else { 1e-7 };
    let size = values.len() / rows;
    for row in values.chunks_exact_mut(size) {
        let norm = row.iter().map(|value| value * value).sum::<f64>().sqrt();
        if !norm.is_finite() || norm < 1e-12 {
            let expected = "finite and above zero";
            return Err(ckn_core::Error::Parameter { name: "norm of an anchor point", got: norm, expected }.into());
        }
        if (norm - 1.0).abs() > rounding {
            row.iter_mut().for_each(|value| *value /= norm);
        }
    }
    Ok(values)
}

/// A plain tensor in the autodiff context of the parameter that it replaces.
pub(crate) fn restored<const D: usize>(tensor: Tensor<D>, before: &Tensor<D>) -> Tensor<D> {
    if before.is_autodiff() { Tensor::from_inner(tensor).set_require_grad(before.is_require_grad()) } else { tensor }
}
