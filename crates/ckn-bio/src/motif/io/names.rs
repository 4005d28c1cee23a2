//! Names of motifs, in files.

use std::borrow::Cow;
use std::fmt::Write;

use super::lines::Lines;
use crate::error::{Error, MotifError};
use crate::place::shown;

/// A name, or another text that stands on one line; it may hold any letters but control characters.
pub(super) fn checked(lines: &Lines, bytes: &[u8]) -> Result<String, Error> {
    match std::str::from_utf8(bytes.trim_ascii()) {
        Ok(name) if !name.is_empty() && !name.chars().any(char::is_control) => Ok(name.to_owned()),
        _ => Err(MotifError::Name { at: lines.at(), got: shown(bytes) }.into()),
    }
}

/// As [`checked`], but what is empty is `None`.
pub(super) fn optional(lines: &Lines, bytes: &[u8]) -> Result<Option<String>, Error> {
    if bytes.trim_ascii().is_empty() { Ok(None) } else { checked(lines, bytes).map(Some) }
}

/// A name as one word: white space and control characters become `%` and two hexadecimal digits for each of their bytes, as
/// in addresses of the web. Two names become the same only if one of them held such an escape before.
pub(super) fn as_word(name: &str) -> Cow<'_, str> {
    escaped(name, |letter| letter.is_whitespace() || letter.is_control())
}

/// A text as one line, which may hold spaces inside; control characters as in [`as_word`].
pub(super) fn as_line(text: &str) -> Cow<'_, str> {
    escaped(text.trim(), char::is_control)
}

fn escaped(text: &str, is_unsafe: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        if is_unsafe(letter) {
            for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
                // Writing to a string does not fail.
                let _ = write!(escaped, "%{byte:02X}");
            }
        } else {
            escaped.push(letter);
        }
    }
    Cow::Owned(escaped)
}

/// The name of a motif as one word.
///
/// # Errors
/// [`MotifError::Name`] for one of nothing but white space.
pub(super) fn word(name: &str) -> Result<Cow<'_, str>, MotifError> {
    if name.trim().is_empty() {
        return Err(MotifError::Name { at: Box::default(), got: String::new() });
    }
    Ok(as_word(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_words_and_stay_apart() {
        assert_eq!(as_word("SP1/Homer(Zf),α"), "SP1/Homer(Zf),α");
        assert_eq!(as_word("my motif\t\u{85}\u{a0}"), "my%20motif%09%C2%85%C2%A0");
        assert_ne!(as_word("a b"), as_word("a_b"));
        assert_eq!(as_word(&as_word("a b")), "a%20b");
        assert_eq!(as_line(" a b\nc "), "a b%0Ac");
    }
}
