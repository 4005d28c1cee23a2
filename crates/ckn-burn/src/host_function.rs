//! A custom operation of burn: a function that was evaluated on the host, with its adjoint, as a node of the graph.
//!
//! The value is computed before the operation exists, so that whatever goes wrong comes back as a `Result` and not as
//! a panic inside of burn. Reading back, computing in `f64` and uploading works on every device alike.

use std::fmt::Debug;
use std::sync::Arc;

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::{DType, Tensor, TensorData};

/// The adjoint of the differential of a function at one point.
pub trait HostAdjoint: Debug + Send + Sync {
    /// Gradient by the input, given the gradient by the value; both row-major.
    fn pull_back(&self, upstream: &[f64]) -> Vec<f64>;
}

/// The value of a function at one point, with its adjoint there.
#[derive(Debug, Clone)]
pub struct HostValue {
    /// The value, row-major.
    pub values: Vec<f64>,
    /// Shape of the value.
    pub shape: [usize; 2],
    /// Shape of the input.
    pub input: [usize; 2],
    /// The adjoint.
    pub adjoint: Arc<dyn HostAdjoint>,
}

/// The operation on backends: the same body for all of them.
#[backend_extension(
    Autodiff,
    Flex: cfg(feature = "flex"),
    NdArray: cfg(feature = "ndarray"),
    Cube: cfg(feature = "wgpu"),
)]
pub trait HostOperation: Backend {
    /// The value of a host function of `input`, on the device and in the type of `input`.
    // Without a backend burn's macro generates a body that reads nothing.
    #[allow(unused_variables)]
    fn host_function(input: FloatTensor<Self>, value: HostValue) -> FloatTensor<Self> {
        let data = TensorData::new(value.values, value.shape).convert_dtype(input.dtype());
        Self::float_from_data(data, &input.device())
    }
}

#[cfg(feature = "flex")]
impl HostOperation for burn::backend::Flex {}

#[cfg(feature = "ndarray")]
impl HostOperation for burn_ndarray::NdArray {}

#[cfg(feature = "wgpu")]
impl HostOperation for burn_wgpu::CubeBackend {}

impl<B: HostOperation, C: CheckpointStrategy> HostOperation for Autodiff<B, C> {
    fn host_function(input: FloatTensor<Self>, value: HostValue) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct HostBackward;

        impl<B: Backend> Backward<B, 1> for HostBackward {
            // Host data only: a tensor in the state would keep burn from reusing its memory.
            type State = (Arc<dyn HostAdjoint>, [usize; 2], DType);

            fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _: &mut Checkpointer) {
                let [parent] = ops.parents;
                let (adjoint, shape, dtype) = ops.state;
                let upstream = gradients.consume::<B>(&ops.node);
                let Some(parent) = parent else { return };
                let device = upstream.device();
                let size = shape[0] * shape[1];
                // burn's graph has no error channel: NaN is what the caller's check of the gradient finds.
                let values = burn::tensor::try_read_sync(B::float_into_data(upstream))
                    .and_then(Result::ok)
                    .and_then(|data| data.try_into_vec_as::<f64>().ok())
                    .map_or_else(|| vec![f64::NAN; size], |upstream| adjoint.pull_back(&upstream));
                let data = TensorData::new(values, shape).convert_dtype(dtype);
                gradients.register::<B>(parent.id, B::float_from_data(data, &device));
            }
        }

        match HostBackward.prepare::<C>([input.node()]).compute_bound().stateful() {
            OpsKind::Tracked(step) => {
                let primitive = input.into_primitive();
                let state = (Arc::clone(&value.adjoint), value.input, primitive.dtype());
                step.finish(state, B::host_function(primitive, value))
            }
            OpsKind::UnTracked(step) => step.finish(B::host_function(input.into_primitive(), value)),
        }
    }
}

/// Enters a host function of `input` into the graph.
pub(crate) fn host_function(input: Tensor<2>, value: HostValue) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::host_function(input.into_dispatch(), value))
}
