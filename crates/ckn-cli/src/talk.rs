//! What the program says to people: lines on standard error.

use std::fmt::Display;
use std::io::{Write, stderr};

/// A number of things in words: `1 motif`, `3 motifs`.
pub fn counted(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// Says one line. That nobody can hear it, on a closed or full standard error, is no reason to fail.
pub fn say(message: impl Display) {
    let _ = writeln!(stderr(), "ckn: {}", printable(&message.to_string()));
}

/// Text fit for a terminal: names of files and what is in them may hold escape sequences, and letters that turn the direction of
/// text.
pub fn printable(text: &str) -> String {
    let obeyed = |letter: char| {
        (letter.is_control() && letter != '\n' && letter != '\t')
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if obeyed(letter) { shown.extend(letter.escape_unicode()) } else { shown.push(letter) }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_said() {
        assert_eq!(printable("a\u{1b}[31m\u{9b}2J\r\u{202e}b\tc\n"), "a\\u{1b}[31m\\u{9b}2J\\u{d}\\u{202e}b\tc\n");
        assert_eq!(printable("σ = 0.3, «α»"), "σ = 0.3, «α»");
    }
}
