//! What the program says to people: lines on standard error.

use std::fmt::Display;
use std::io::{Write, stderr};

/// Says one line. That nobody can hear it, on a closed or full standard error, is no reason to fail.
pub fn say(message: impl Display) {
    let _ = writeln!(stderr(), "ckn: {message}");
}
