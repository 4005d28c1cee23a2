//! The program as a user runs it.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

mod auto;
mod bad_input;
mod bench;
mod comparisons;
mod cross_validation;
mod deepbind;
mod effects;
mod good_runs;
mod info;
#[cfg(unix)]
mod interruption;
mod intervals;
mod options;
mod outputs;
mod predictions;
mod scan;
mod split;
mod support;
mod sweep;
mod tasks;
