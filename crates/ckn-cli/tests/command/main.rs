//! The program as a user runs it.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

mod bad_input;
mod good_runs;
mod scan;
mod support;
