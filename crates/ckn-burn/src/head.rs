//! A linear head on embeddings.

use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Tensor};
use ckn_core::pooling::Strands;

use crate::Error;
use crate::error::check_size;
use crate::transfer::{check_number_type, upload_single};

/// Scores of embeddings: `w ψ + b` for each strand, then the larger or the mean over strands.
///
/// ```
/// use burn::tensor::{DType, Tensor};
/// use ckn_burn::{DeviceChoice, LinearHead};
/// use ckn_core::pooling::Strands;
///
/// let device = DeviceChoice::Cpu.open()?;
/// let head = LinearHead::new(&[1.0, -2.0], &[0.5], &device, DType::F32)?;
/// let embeddings = Tensor::<3>::ones([7, 2, 2], (&device, DType::F32));
/// assert_eq!(head.forward(embeddings, Strands::Max)?.dims(), [7, 1]);
/// # Ok::<(), ckn_burn::Error>(())
/// ```
#[derive(Module, Debug)]
pub struct LinearHead {
    /// Weights: `[outputs, dimension]`.
    pub weights: Param<Tensor<2>>,
    /// Intercept: `[outputs]`.
    pub intercept: Param<Tensor<1>>,
}

impl LinearHead {
    /// A head with given parameters.
    ///
    /// # Shapes
    /// weights `[outputs, dimension]`, intercept `[outputs]`.
    ///
    /// # Errors
    /// [`Error::Size`] if the weights are not a whole number of rows, one for each intercept; [`Error::NumberType`].
    pub fn new(weights: &[f32], intercept: &[f32], device: &Device, dtype: DType) -> Result<Self, Error> {
        check_number_type(dtype)?;
        let outputs = intercept.len();
        let dimension = weights.len().checked_div(outputs).unwrap_or(0);
        if dimension == 0 {
            return Err(ckn_core::Error::Empty { what: "the head" }.into());
        }
        check_size("weights of the head", outputs * dimension, weights.len())?;
        Ok(Self {
            weights: Param::from_tensor(upload_single(weights.to_vec(), [outputs, dimension], device, dtype)),
            intercept: Param::from_tensor(upload_single(intercept.to_vec(), [outputs], device, dtype)),
        })
    }

    /// Scores.
    ///
    /// # Shapes
    /// embeddings `[batch, strands, dimension]` → `[batch, outputs]`.
    ///
    /// # Errors
    /// [`Error::Size`] if strands or dimension do not fit.
    pub fn forward(&self, embeddings: Tensor<3>, strands: Strands) -> Result<Tensor<2>, Error> {
        let [batch, seen, dimension] = embeddings.dims();
        let [outputs, expected] = self.weights.dims();
        check_size("dimension of the embeddings", expected, dimension)?;
        check_size("strands of the embeddings", strands.count(), seen)?;
        let scores = embeddings.reshape([batch * seen, dimension]).matmul(self.weights.val().transpose());
        let scores = (scores + self.intercept.val().reshape([1, outputs])).reshape([batch, seen, outputs]);
        Ok(join(scores, strands))
    }
}

/// One score of the scores of all strands.
///
/// # Shapes
/// scores `[batch, strands, outputs]` → `[batch, outputs]`.
pub(crate) fn join(scores: Tensor<3>, strands: Strands) -> Tensor<2> {
    match strands {
        Strands::Forward => scores,
        Strands::Max => scores.max_dim(1),
        Strands::Mean => scores.mean_dim(1),
    }
    .squeeze_dim(1)
}
