//! One suite for every device that is compiled in and present, in one process: shaders are compiled once.
//!
//! Without a graphics card, a software one (Mesa's lavapipe) will do; `CKN_REQUIRE_WGPU=1` makes its absence a failure.

// The lints of the workspace spare test functions, but not what they share.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod choice;
mod deepbind;
mod encoding;
mod golden;
mod gradients;
mod image;
mod invariance;
mod network;
mod optimiser;
#[cfg(feature = "wgpu")]
mod resident;
mod stack;
mod support;
mod tokens;
