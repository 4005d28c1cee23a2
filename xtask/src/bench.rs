//! How fast this machine is: `ckn bench` of the release build.

use std::ffi::OsString;
use std::process::Command;

use clap::Args;

use crate::process::run;
use crate::release;

/// What to measure.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Options of `ckn bench`, passed on as they are: `cargo xtask bench --threads 1`, `cargo xtask bench -- --help`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTIONS")]
    passed_on: Vec<OsString>,
}

/// Builds the program and measures it.
pub(crate) fn bench(options: &Options) -> anyhow::Result<()> {
    run(Command::new(release::build()?).arg("bench").args(&options.passed_on))
}
