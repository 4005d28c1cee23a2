//! The gradient by the anchor points that training asks for.

use burn::tensor::Tensor;
use ckn_core::TokenView;

use crate::transfer::{read_single, upload_single};
use crate::{Error, SequenceCkn};

/// Gradient by the anchor points of every layer of a function of the embeddings of `records`.
///
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
    let embeddings = module.forward(view, records)?;
    if !embeddings.is_tracked() {
        return Err(Error::NotTracked);
    }
    let (shape, dtype) = (embeddings.dims(), embeddings.dtype());
    let values = read_single(embeddings.clone())?;
    let mut gradient = vec![0.0; values.len()];
    upstream(&values, &mut gradient);
    let seed: Tensor<3> = upload_single(gradient, shape, &embeddings.device(), dtype);
    let gradients = (embeddings * seed).sum().backward();
    module
        .layers
        .iter()
        .map(|layer| {
            let anchors = layer.anchors.val();
            match anchors.grad(&gradients) {
                Some(gradient) => checked(read_single(gradient)?),
                None => Err(Error::NotTracked),
            }
        })
        .collect()
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
