//! Whitening: of each image by itself, and of patches by those of all images.

mod local;
mod patch;
mod power;

pub use local::{LocalWhitening, Whitener};
pub use patch::PatchWhitening;
