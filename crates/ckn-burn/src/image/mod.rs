//! Layers and networks on images: what `ckn_core::image` computes on slices, as tensors compute it.
//!
//! Maps are `[batch, channels, height, width]` at the outside, and have channels last inside, so that a patch's numbers lie in
//! the order of `ckn_core`.

mod concatenation;
mod layer;
mod network;
mod patches;
mod pooling;

pub use concatenation::Concatenation;
pub use layer::{CknLayer2d, CknLayer2dConfig};
pub use network::{ImageCkn, ImageCknConfig};
