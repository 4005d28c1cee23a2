//! The command `ckn`.

// Nothing outside can reach into a program.
#![allow(unreachable_pub)]

mod command;
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
mod progress;
mod report;
mod run_record;
mod talk;
mod tensors;
mod text_file;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use crate::talk::say;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    leash::follow();
    let (arguments, given) = command::parse();
    // Libraries below may panic where they should not: that is our fault and not the user's, and has its own exit code.
    let Ok(outcome) = catch_unwind(AssertUnwindSafe(|| command::run(arguments, &given))) else {
        say("internal error: please report the lines above");
        return ExitCode::from(exit::INTERNAL);
    };
    match outcome {
        Ok(status) => ExitCode::from(status),
        Err(error) if output::is_broken_pipe(&error) => ExitCode::from(exit::DONE),
        Err(error) => {
            match exit::option(&error) {
                Some(option) => say(format_args!("{error:#} ({option})")),
                None => say(format_args!("{error:#}")),
            }
            ExitCode::from(exit::status(&error))
        }
    }
}
