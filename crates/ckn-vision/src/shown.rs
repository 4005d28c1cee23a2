//! Names from the outside, fit for a message.

/// The beginning of a name or a cell, fit for one line of a terminal.
///
/// Names may hold escape sequences, line ends and letters that run from right to left: none of them reach the terminal.
pub(crate) fn shown(text: &str) -> String {
    const CHARACTERS: usize = 200;
    let mut escaped: String = text.chars().take(CHARACTERS).flat_map(char::escape_debug).collect();
    if text.chars().nth(CHARACTERS).is_some() {
        escaped.push('…');
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn hostile_names_do_not_reach_the_terminal() {
        assert_eq!(shown("a\x1b[31m\n"), "a\\u{1b}[31m\\n");
        assert!(!shown("\u{202e}evil").contains('\u{202e}'));
        assert_eq!(shown(&"x".repeat(70_000)).chars().count(), 201);
    }
}
