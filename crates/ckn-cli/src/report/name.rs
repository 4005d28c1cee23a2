//! Names from files and command lines, fit to be shown.

use std::fmt;
use std::path::Path;

/// Letters of a name that are shown, and of a word of a command line.
const LONGEST: usize = 80;
const LONGEST_WORD: usize = 400;

/// A text of unknown origin as one short line: control characters are made visible, what turns the direction of text or cannot
/// be seen becomes `U+FFFD`, and what is long is cut. A page escapes it and sets it apart by `<bdi>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    pub fn new(text: impl AsRef<str>) -> Self {
        Self::cut(text.as_ref(), LONGEST)
    }

    /// A word of a command line, which may be a long path.
    pub fn of_word(text: impl AsRef<str>) -> Self {
        Self::cut(text.as_ref(), LONGEST_WORD)
    }

    fn cut(text: &str, longest: usize) -> Self {
        let mut shown: String = text.chars().take(longest).map(visible).collect();
        if text.chars().nth(longest).is_some() {
            shown.push('…');
        }
        Self(shown)
    }

    /// The last part of a path.
    pub fn of_file(path: &Path) -> Self {
        Self::new(path.file_name().unwrap_or(path.as_os_str()).to_string_lossy())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

fn visible(letter: char) -> char {
    match letter {
        // The pictures of control characters are in their order.
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(letter)).unwrap_or('\u{fffd}'),
        '\x7f' => '\u{2421}',
        // Line ends of other alphabets, marks of direction, what has no width, and what is no character.
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' => '\u{fffd}',
        '\u{feff}' | '\u{fff9}'..='\u{fffc}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}' => '\u{fffd}',
        control if control.is_control() => '\u{fffd}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_short_visible_line() {
        assert_eq!(Name::new("a\tb\nc\0\x7f").to_string(), "a␉b␊c␀␡");
        assert_eq!(Name::new("\u{202e}evil\u{2066}\u{200b}\u{85}").to_string(), "�evil���");
        assert_eq!(Name::new("x".repeat(70_000)).to_string().chars().count(), LONGEST + 1);
        assert_eq!(Name::of_file(Path::new("../../a b.fa")).to_string(), "a b.fa");
        assert_eq!(Name::new("SP1/α,β").to_string(), "SP1/α,β");
    }
}
