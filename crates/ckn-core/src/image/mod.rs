//! Layers on images, one image at a time: patches, kernel values, Gaussian pooling, and their gradients.
//!
//! A layer maps every square patch `x` of its input either to coordinates of a projection on anchor points,
//! `ψ(x) = ‖x‖ κ(ZᵀZ)^(-1/2) κ(Zᵀx/‖x‖)` (Mairal 2016, with the gradient of the erratum), or to a finite expansion of the
//! Gaussian kernel, `ζ(x) = ‖x‖ [√η_l exp(−‖x/‖x‖ − w_l‖²/σ²)]_l` (Mairal et al. 2014, equation 5), and pools with a Gaussian.
//!
//! Maps are row-major `[height, width, channels]`, so that a row of a patch is one slice; anchors are
//! `[filters, patch, patch, channels]`, in the same order.

mod elementwise;
mod exact;
mod expansion;
mod gradient;
mod layer;
mod maps;
mod network;
mod patches;
mod pooling;
mod sampling;
mod spec;
#[cfg(test)]
mod tests;

pub use exact::{Bandwidths, ExactKernel, PixelPatches};
pub use expansion::{Expansion, ExpansionConfig, PatchPairs};
pub use gradient::{LayerGradient, NetworkGradient};
pub use maps::{MapSet, MapShape, Maps};
pub use network::{ImageNetwork, ImageTape};
pub use pooling::SpatialPooling;
pub use sampling::{PatchSampling, sample_patches};
pub use spec::{Encoding, ImageLayerSpec, LayerParameters};
