//! The command `ckn`, run by the interpreter that the wheel was installed for.

use std::ffi::OsString;
use std::path::PathBuf;

use pyo3::prelude::*;

/// Runs the command of these words, the first of which is the program, and returns its exit code.
#[pyfunction]
pub(crate) fn run_command(py: Python<'_>, words: Vec<OsString>) -> u8 {
    // A relative name would lead elsewhere from the folder that a sweep starts its rows in.
    let starter = words.first().map(|program| std::path::absolute(program).unwrap_or_else(|_| PathBuf::from(program)));
    py.detach(|| ckn_cli::main(words, starter))
}
