//! What the program says to people: lines on standard error.

use std::cell::RefCell;
use std::fmt::Display;
use std::io::{Write, stderr};

/// A number of things in words: `1 motif`, `3 motifs`.
pub fn counted(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

thread_local! {
    /// Who hears the lines of this thread in place of standard error.
    static LISTENER: RefCell<Option<Listener>> = const { RefCell::new(None) };
}

/// Hears lines.
pub type Listener = Box<dyn FnMut(&str)>;

/// Says one line. That nobody can hear it, on a closed or full standard error, is no reason to fail.
pub fn say(message: impl Display) {
    let line = printable(&message.to_string());
    LISTENER.with_borrow_mut(|listener| match listener {
        Some(listener) => listener(&line),
        None => drop(writeln!(stderr(), "ckn: {line}")),
    });
}

/// Does something, all lines of which somebody hears, on this thread.
pub fn heard_by<R>(listener: Listener, then: impl FnOnce() -> R) -> R {
    /// Puts the listener from before back, however the work ends.
    struct Before(Option<Listener>);
    impl Drop for Before {
        fn drop(&mut self) {
            LISTENER.set(self.0.take());
        }
    }
    let _before = Before(LISTENER.replace(Some(listener)));
    then()
}

/// Whether somebody hears the lines of this thread in place of standard error.
pub fn is_heard() -> bool {
    LISTENER.with_borrow(Option::is_some)
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
