//! The gradients that training asks for.

use burn::tensor::{Gradients, Tensor};
use ckn_core::TokenView;

use crate::transfer::{read_single, upload_single};
use crate::unit_layer::UnitLayer;
use crate::{Error, SequenceCkn};

/// Gradient by the unit-norm anchor points of every layer of a function of the embeddings of `records`.
///
/// The layers' own parameters get from burn's `backward` the part of it that is tangent to the sphere, divided by their norms.
/// `upstream` is handed the embeddings, and writes the gradient by them.
///
/// # Shapes
/// embeddings and their gradient `[records, strands, dimension]` → one `[filters, channels, width]` a layer,
/// unconstrained (not yet tangent to the sphere).
///
/// # Errors
/// [`Error::NotTracked`] unless the module lives on `device.autodiff()`; those of [`SequenceCkn::forward`];
/// [`ckn_core::Error::NotFinite`] if a gradient holds NaN or infinity.
pub fn anchor_gradients(
    module: &SequenceCkn,
    view: TokenView<'_>,
    records: &[usize],
    upstream: &mut dyn FnMut(&[f32], &mut [f32]),
) -> Result<Vec<Vec<f32>>, Error> {
    let layers: Vec<UnitLayer> = module.units()?.into_iter().map(UnitLayer::leaf).collect();
    let gradients = pull_back(module.embed(&layers, view, records)?, upstream)?;
    layers
        .iter()
        .map(|layer| match layer.anchors.tensor.grad(&gradients) {
            Some(gradient) => checked(read_single(gradient)?),
            None => Err(Error::NotTracked),
        })
        .collect()
}

/// Gradients of a function of some values: `upstream` is handed the values, and writes the gradient by them.
pub(crate) fn pull_back<const D: usize>(
    values: Tensor<D>,
    upstream: &mut dyn FnMut(&[f32], &mut [f32]),
) -> Result<Gradients, Error> {
    if !values.is_tracked() {
        return Err(Error::NotTracked);
    }
    let numbers = read_single(values.clone())?;
    let mut by_values = vec![0.0; numbers.len()];
    upstream(&numbers, &mut by_values);
    let seed: Tensor<D> = upload_single(by_values, values.dims(), &values.device(), values.dtype());
    Ok((values * seed).sum().backward())
}

fn checked(gradient: Vec<f32>) -> Result<Vec<f32>, Error> {
    match gradient.iter().position(|value| !value.is_finite()) {
        None => Ok(gradient),
        Some(first) => {
            let count = gradient.iter().filter(|value| !value.is_finite()).count();
            Err(ckn_core::Error::NotFinite { what: "gradient by the anchor points", count, first }.into())
        }
    }
}
