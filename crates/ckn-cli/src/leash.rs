//! Programs that end with the one that started them, however that one ends.
//!
//! The starter holds the writing end of a pipe that is the program's standard input: once it is closed, by the starter or by the
//! system after a kill, the program ends. What it was writing appears whole or not at all.

use std::io;
use std::process::{Command, Stdio};

use crate::exit;

/// Says that standard input is a leash.
const VARIABLE: &str = "CKN_LEASH";

/// Starts a command so that it ends once its standard input is closed.
pub fn put_on(command: &mut Command) {
    command.stdin(Stdio::piped()).env(VARIABLE, "1");
}

/// Ends this program with the one that started it, if it was started so.
pub fn follow() {
    if std::env::var_os(VARIABLE).is_none() {
        return;
    }
    std::thread::spawn(|| {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        std::process::exit(i32::from(exit::INTERRUPTED));
    });
}
