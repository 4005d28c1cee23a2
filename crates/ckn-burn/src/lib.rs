//! Convolutional kernel layers as burn modules: configuration → `init` → `forward`, on any device that burn has.
//!
//! The mathematics is that of `ckn_core`; this crate says how tensors do it. [`CknLayer1d`] is one layer,
//! [`SequenceCkn`] a network from sequences to embeddings (to and from [`ckn_model::Network`]), [`LinearHead`] the map
//! from embeddings to scores, [`anchor_gradients`] the gradient that training asks for. [`CknLayer2d`] and [`ImageCkn`] are
//! a layer and a network on images (to and from [`ckn_core::image::LayerParameters`]).
//!
//! ```
//! use ckn_burn::burn::tensor::{DType, Tensor};
//! use ckn_burn::{CknLayer1dConfig, DeviceChoice};
//! use ckn_core::kernel::DotProductKernel;
//! use ckn_core::pooling::{Border, Pooling};
//! use ckn_core::whitening::Regularisation;
//! use ckn_model::LayerConfig;
//!
//! let device = "cpu".parse::<DeviceChoice>()?.open()?;
//! let kernel = DotProductKernel::Exponential { sigma: 0.5 };
//! let layer = LayerConfig { filters: 8, width: 3, kernel, subsampling: 1 };
//! let regularisation = Regularisation::Shift { epsilon: 1e-3 };
//! let layer = CknLayer1dConfig::new(4, layer, Border::Valid, regularisation).init(&device)?;
//! let map = Tensor::<3>::ones([2, 4, 10], (&device, DType::F32));
//! let embeddings = layer.forward_pooled(map, &[10, 7], Pooling::Mean)?;
//! assert_eq!(embeddings.dims(), [2, 8]);
//! # Ok::<(), ckn_burn::Error>(())
//! ```
//!
//! Every pass scales anchor points to unit norm, and its gradient is tangent to the sphere: burn's optimisers may move them
//! anywhere, and the network exported afterwards computes what the module does. Sequences come as [`ckn_core::TokenView`], or as
//! the token tensors of a burn `Batcher` ([`SequenceCkn::forward_tokens`], [`TokenBatch`]).
//!
//! Numbers are `f32` or `f64`; the `filters × filters` algebra runs in `f64` on the host, whatever the device.

/// burn itself, in the release that the layers compute with.
pub use burn;

/// The release of burn that the layers compute with; the workspace pins it.
pub const BURN_VERSION: &str = "0.22.1";

mod axes;
mod deepbind;
mod device;
mod encoding;
mod error;
mod fused;
mod gather;
mod generalised_max;
mod head;
// Code that burn's macro generates names the deprecated backend.
#[cfg_attr(feature = "ndarray", allow(deprecated))]
mod host_function;
mod image;
mod inverse_root;
mod kernel;
mod layer;
mod local_pooling;
mod patches;
mod pull_back;
#[cfg(feature = "wgpu")]
mod resident;
mod self_test;
mod sequence;
mod sphere;
mod tokens;
mod transfer;
mod unit_layer;
mod whitening;

pub use deepbind::DeepBind;
pub use device::{AvailableDevice, DeviceChoice, available_devices};
pub use encoding::{Encoded, encode};
pub use error::Error;
pub use head::LinearHead;
pub use host_function::{HostAdjoint, HostOperation, HostValue};
pub use image::{CknLayer2d, CknLayer2dConfig, Concatenation, ImageCkn, ImageCknConfig};
pub use inverse_root::{inverse_root, whitening};
pub use kernel::kernel_value;
pub use layer::{CknLayer1d, CknLayer1dConfig};
pub use pull_back::anchor_gradients;
#[cfg(feature = "wgpu")]
pub use resident::{DevicePass, Moments, Resident, Traffic};
pub use self_test::{SelfTest, self_test};
pub use sequence::{FirstLayer, SequenceCkn, SequenceCknConfig};
pub use tokens::TokenBatch;
