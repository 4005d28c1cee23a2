//! What the program says to people: lines on standard error.

use std::fmt::Display;
use std::io::{Write, stderr};

/// A number of things in words: `1 motif`, `3 motifs`.
pub fn counted(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// Says one line. That nobody can hear it, on a closed or full standard error, is no reason to fail.
pub fn say(message: impl Display) {
    let _ = writeln!(stderr(), "ckn: {message}");
}
