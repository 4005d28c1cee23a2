//! The command `ckn`.

// The only crate of the workspace that talks to people.
#![allow(clippy::print_stdout, clippy::print_stderr)]
// Nothing outside can reach into a program.
#![allow(unreachable_pub)]

mod command;
mod exit;
mod input;
mod output;
mod progress;
mod run_record;

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = command::Arguments::parse();
    match command::run(arguments) {
        Ok(status) => ExitCode::from(status),
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ckn: {error:#}");
            ExitCode::from(exit::status(&error))
        }
    }
}
