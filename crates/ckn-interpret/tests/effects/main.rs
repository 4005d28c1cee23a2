//! Reasons for scores: against scoring every changed sequence by the model itself.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

mod attribution;
mod changes;
mod mutagenesis;
mod planted;
mod support;
