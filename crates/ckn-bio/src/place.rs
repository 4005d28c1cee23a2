//! Where something stands in the input, for messages.

use std::fmt;
use std::sync::Arc;

use crate::error::Error;

/// Where a record or a line stands: what a message needs so that its reader can open the file at the right spot.
///
/// Prints as `` sequence `chr1` (peaks.fa, record 3, line 7) ``; parts that are not known are left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The file, or `standard input`.
    pub file: Option<Arc<str>>,
    /// Line, counted from 1.
    pub line: Option<u64>,
    /// Record, counted from 1.
    pub record: Option<usize>,
    /// Name of the sequence.
    pub id: Option<String>,
}

impl Place {
    pub(crate) fn line(file: &Arc<str>, line: u64) -> Box<Self> {
        Box::new(Self { file: Some(Arc::clone(file)), line: Some(line), ..Self::default() })
    }

    pub(crate) fn record(file: &Arc<str>, line: u64, record: usize, id: &str) -> Box<Self> {
        let id = if id.is_empty() { None } else { Some(id.to_owned()) };
        Box::new(Self { file: Some(Arc::clone(file)), line: Some(line), record: Some(record), id })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.iter().map(|file| shown(file.as_bytes()));
        let record = self.record.iter().map(|record| format!("record {record}"));
        let line = self.line.iter().map(|line| format!("line {line}"));
        let parts = file.chain(record).chain(line).collect::<Vec<_>>().join(", ");
        match (&self.id, parts.is_empty()) {
            (Some(id), false) => write!(f, "sequence `{}` ({parts})", shown(id.as_bytes())),
            (Some(id), true) => write!(f, "sequence `{}`", shown(id.as_bytes())),
            (None, false) => f.write_str(&parts),
            (None, true) => f.write_str("the input"),
        }
    }
}

/// The beginning of a piece of input, fit for one line of a terminal.
///
/// Input may hold escape sequences, line ends and letters that run from right to left: none of them reach the terminal.
pub(crate) fn shown(bytes: &[u8]) -> String {
    const CHARACTERS: usize = 80;
    let head = &bytes[..bytes.len().min(4 * CHARACTERS + 4)];
    let text = String::from_utf8_lossy(head);
    let mut escaped: String = text.chars().take(CHARACTERS).flat_map(char::escape_debug).collect();
    if text.chars().nth(CHARACTERS).is_some() {
        escaped.push('…');
    }
    escaped
}

/// Whether a word can stand in the tables that are written: no control characters, and no formula of a spreadsheet, which would be
/// run by whoever opens the table.
pub(crate) fn is_name(word: &str) -> bool {
    !word.is_empty() && !word.chars().any(char::is_control) && !is_formula(word)
}

/// Whether spreadsheets take a cell for a formula that calls something. A sign before a name is none.
fn is_formula(word: &str) -> bool {
    match word.as_bytes().first() {
        Some(b'=' | b'@') => true,
        Some(b'+' | b'-') => word.contains(['(', '|', '!']),
        _ => false,
    }
}

/// Bytes of a file as a name that can stand in the tables that are written.
pub(crate) fn name(bytes: &[u8], at: impl Fn() -> Box<Place>) -> Result<&str, Error> {
    match std::str::from_utf8(bytes) {
        Ok(name) if is_name(name) => Ok(name),
        Ok("") => Err(Error::MissingId(at())),
        _ => Err(Error::BadId(at())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_prints_what_it_knows() {
        let file: Arc<str> = Arc::from("peaks.fa");
        assert_eq!(Place::record(&file, 7, 3, "chr1").to_string(), "sequence `chr1` (peaks.fa, record 3, line 7)");
        assert_eq!(Place::record(&file, 7, 3, "").to_string(), "peaks.fa, record 3, line 7");
        assert_eq!(Place::line(&file, 2).to_string(), "peaks.fa, line 2");
        assert_eq!(Place::default().to_string(), "the input");
    }

    #[test]
    fn names_that_a_table_or_a_terminal_would_obey_are_none() {
        for name in ["chr1:5-9(+)", "-35_box", "+strand", "a=b", "x@y", "-", "+", "α"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "=1+2", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+HYPERLINK(1)", "a\tb", "\u{1b}[2J", "\u{9b}2J"] {
            assert!(!is_name(name), "{name:?}");
        }
    }

    #[test]
    fn hostile_names_do_not_reach_the_terminal() {
        assert_eq!(shown(b"a\x1b[31m\n"), "a\\u{1b}[31m\\n");
        assert!(!shown("\u{202e}evil".as_bytes()).contains('\u{202e}'));
        assert_eq!(shown(&[b'x'; 70_000]).chars().count(), 81);
    }
}
