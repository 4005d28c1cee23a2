//! The program as a user runs it.

mod bad_input;
mod good_runs;
mod support;
