//! Layers and networks on images: what `ckn_core::image` computes on slices, as tensors compute it.
//!
//! Maps are `[batch, channels, height, width]`, and filters `[filters, channels, patch, patch]`, as burn's convolutions take
//! them; `ckn_core` has channels last in both.

mod concatenation;
mod cosines;
mod layer;
mod network;
mod pooling;

pub use concatenation::Concatenation;
pub use layer::{CknLayer2d, CknLayer2dConfig};
pub use network::{ImageCkn, ImageCknConfig};
