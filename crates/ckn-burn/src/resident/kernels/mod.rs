//! What runs on the device: kernels of CubeCL.

pub(super) mod backward;
pub(super) mod forward;
pub(super) mod head;
pub(super) mod kappa;
pub(super) mod products;
pub(super) mod root;
pub(super) mod tables;
pub(super) mod update;
pub(super) mod windows;
