//! First layers beyond contiguous patches of letters that have nothing in common.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

mod gapped;
mod similar;
mod support;
