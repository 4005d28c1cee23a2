//! The command `ckn`, as a function of its command line; and [`embedded`], what a program shares with it that has sequences in memory.
//!
//! The interface is that of this repository's own programs, and changes without notice: others depend on the crate `ckn`.

// Nearly everything is reached by the two functions of this crate alone.
#![allow(unreachable_pub)]

mod command;
mod description;
pub mod embedded;
mod exit;
mod file_names;
mod input;
mod leash;
mod memory;
mod motif_reading;
mod names;
mod numpy;
mod output;
mod plot;
mod program;
mod progress;
mod quoted;
mod report;
mod run_record;
mod talk;
mod tensors;
mod text_file;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use crate::talk::say;

/// Runs the command that its words name, the first of which is the program; returns the exit code.
///
/// A program that is no `ckn` by itself, such as an interpreter, says by `starter` how one is started.
///
/// # Errors
/// None: what goes wrong is said on standard error, and is the exit code. Words that are no command, and `--help`, end the process.
pub fn main(words: impl IntoIterator<Item = OsString>, starter: Option<PathBuf>) -> u8 {
    program::begin(words.into_iter().collect(), starter);
    leash::follow();
    let (arguments, given) = command::parse(program::words());
    // Libraries below may panic where they should not: that is our fault and not the user's, and has its own exit code.
    let Ok(outcome) = catch_unwind(AssertUnwindSafe(|| command::run(arguments, &given))) else {
        say("internal error: please report the lines above");
        return exit::INTERNAL;
    };
    match outcome {
        Ok(status) => status,
        Err(error) if output::is_broken_pipe(&error) => exit::DONE,
        Err(error) => {
            say(exit::message(&error));
            exit::status(&error)
        }
    }
}
