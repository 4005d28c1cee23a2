//! Model files: what is written comes back bit by bit, what is not a model is refused with its reason.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails where it stands")]

mod attacks;
mod deepbind;
mod disk;
mod image;
mod kernels;
mod layout;
mod machine;
mod round_trip;
mod support;
