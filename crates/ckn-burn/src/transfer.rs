//! Numbers between the host and a device.

use burn::tensor::{DType, Device, Tensor, TensorData};

use crate::Error;

/// The values of a tensor, row-major, widened to `f64`.
pub(crate) fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f64>, Error> {
    Ok(tensor.try_into_data()?.try_into_vec_as::<f64>()?)
}

/// The values of a tensor, row-major, as `f32`.
pub(crate) fn read_single<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, Error> {
    Ok(tensor.try_into_data()?.try_into_vec_as::<f32>()?)
}

/// A tensor of given values. The type is always named: without it burn rounds to the device's default.
pub(crate) fn upload<const D: usize>(values: Vec<f64>, shape: [usize; D], device: &Device, dtype: DType) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), (device, dtype))
}

/// [`upload`] of single-precision values.
pub(crate) fn upload_single<const D: usize>(
    values: Vec<f32>,
    shape: [usize; D],
    device: &Device,
    dtype: DType,
) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), (device, dtype))
}

/// Refuses number types that layers do not compute with.
pub(crate) fn check_number_type(dtype: DType) -> Result<(), Error> {
    match dtype {
        DType::F32 | DType::F64 => Ok(()),
        got => Err(Error::NumberType { got }),
    }
}
