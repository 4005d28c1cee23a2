//! Gabor functions fitted to filters.

mod fit;
mod start;
mod wave;

pub use fit::{GaborFit, gabor_fit};
