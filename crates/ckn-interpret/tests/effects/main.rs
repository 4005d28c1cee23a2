//! Reasons for scores: against scoring every changed sequence by the model itself.

// A step that fails fails the test; one range of letters is meant as such.
#![allow(clippy::unwrap_used, clippy::single_range_in_vec_init)]

mod attribution;
mod changes;
mod mutagenesis;
mod planted;
mod support;
