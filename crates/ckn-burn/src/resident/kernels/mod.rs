//! What runs on the device: kernels of CubeCL.

pub(super) mod backward;
pub(super) mod forward;
pub(super) mod head;
// The digits of a polynomial are those that were published.
#[allow(clippy::excessive_precision)]
pub(super) mod kappa;
pub(super) mod products;
pub(super) mod root;
pub(super) mod tables;
pub(super) mod update;
pub(super) mod windows;
