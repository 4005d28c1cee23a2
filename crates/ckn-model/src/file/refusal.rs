//! Why bytes are not a model, before the name of their file is added.

use std::fmt;
use std::io;
use std::path::Path;

use super::FORMAT_VERSION;
use crate::Error;

/// Longest reason, in characters: JSON messages quote the file.
const CHARACTERS: usize = 300;

#[derive(Debug)]
pub(crate) enum Refusal {
    /// Not a model, or damaged.
    Malformed(String),
    /// Another version of the format.
    Version(u32),
    /// Reading failed.
    Read(io::Error),
}

impl Refusal {
    /// The error of a file.
    pub(super) fn of(self, path: &Path) -> Error {
        let path = path.to_owned();
        match self {
            Self::Malformed(reason) => Error::Malformed { path, reason: plain(&reason) },
            Self::Version(got) => Error::Version { path, expected: FORMAT_VERSION, got },
            Self::Read(cause) => Error::File { path, cause },
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(reason) => f.write_str(&plain(reason)),
            Self::Version(got) => write!(f, "format {got}"),
            Self::Read(cause) => cause.fmt(f),
        }
    }
}

impl From<String> for Refusal {
    fn from(reason: String) -> Self {
        Self::Malformed(reason)
    }
}

/// A configuration, anchors or a head that the model itself refuses.
impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Malformed(error.to_string())
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // The header was checked against the length of the file.
            io::ErrorKind::UnexpectedEof => Self::Malformed("it became shorter while it was read".to_owned()),
            _ => Self::Read(error),
        }
    }
}

/// Text fit for a terminal: names inside a file may hold escape sequences, line ends and letters that run from right
/// to left.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for character in text.chars().take(CHARACTERS) {
        match character {
            '"' | '\'' | '\\' => plain.push(character),
            _ => plain.extend(character.escape_debug()),
        }
    }
    if text.chars().nth(CHARACTERS).is_some() {
        plain.push('…');
    }
    plain
}
