//! One suite for every device that is compiled in and present, in one process: shaders are compiled once.
//!
//! Without a graphics card, a software one (Mesa's lavapipe) will do; `CKN_REQUIRE_WGPU=1` makes its absence a failure.

mod choice;
mod encoding;
mod golden;
mod gradients;
mod invariance;
mod network;
mod support;
