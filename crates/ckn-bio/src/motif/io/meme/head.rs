//! The head of a MEME file.

use super::background;
use crate::alphabet::Alphabet;
use crate::error::{Error, MotifError};
use crate::motif::Background;
use crate::motif::io::letters::Letters;
use crate::motif::io::lines::Lines;
use crate::motif::io::numbers::words;
use crate::place::shown;

/// Checks that a version is one that is known; `rest` is what stands after `MEME version`.
pub(super) fn check_version(lines: &Lines, rest: &[u8]) -> Result<(), Error> {
    let version = words(rest).next().unwrap_or_default();
    let major = version.split(|&byte| byte == b'.').next().unwrap_or_default();
    if [&b"3"[..], b"4", b"5"].contains(&major) {
        return Ok(());
    }
    Err(MotifError::Field {
        at: lines.at(),
        field: "the version of MEME's format",
        got: shown(version),
        expected: "3, 4 or 5: convert the file, or correct the line",
    }
    .into())
}

/// What the head of a file says of all its motifs. Where files were joined, it may say so again, but not otherwise.
#[derive(Default)]
pub(super) struct Head {
    letters: Option<Letters>,
    both_strands: Option<bool>,
    background: Option<Background>,
}

impl Head {
    pub(super) fn letters(&self) -> Option<&Letters> {
        self.letters.as_ref()
    }

    pub(super) fn both_strands(&self) -> Option<bool> {
        self.both_strands
    }

    pub(super) fn background(self) -> Option<Background> {
        self.background
    }

    /// The letters of the file; where it has named none, those of an alphabet with as many as its first matrix has columns.
    pub(super) fn letters_or(&mut self, lines: &Lines, columns: usize) -> Result<Letters, Error> {
        let alphabet = if columns == 20 { Alphabet::Protein } else { Alphabet::Dna };
        let letters = self.letters.get_or_insert_with(|| Letters::sorted(alphabet)).clone();
        if letters.len() == columns {
            return Ok(letters);
        }
        Err(MotifError::Field {
            at: lines.at(),
            field: "the number of letters of a matrix",
            got: columns.to_string(),
            expected: "as many as the alphabet has: correct `ALPHABET` or `alength=`",
        }
        .into())
    }

    /// `ALPHABET= ACGT`, or a block from `ALPHABET "name"` to `END ALPHABET` with a line for each letter or pair of letters.
    pub(super) fn read_alphabet(&mut self, lines: &mut Lines) -> Result<(), Error> {
        let at = lines.at();
        let rest = lines.text().strip_prefix(b"ALPHABET").unwrap_or_default().trim_ascii().to_vec();
        let letters = match rest.strip_prefix(b"=") {
            Some(letters) => letters.trim_ascii().to_vec(),
            None => core_letters(lines)?,
        };
        let Some(found) = Letters::of(&letters) else {
            return Err(MotifError::Letters { at, got: shown(&letters) }.into());
        };
        // A block lists letters in any order, and columns are sorted; of a line in another order nobody knows which is meant.
        let sorted = Letters::sorted(found.alphabet());
        if rest.starts_with(b"=") && found != sorted {
            let expected = "the letters from A on, in the order of the columns: sort both";
            return Err(MotifError::Field { at, field: "the alphabet", got: shown(&letters), expected }.into());
        }
        keep(&mut self.letters, sorted, lines, "the alphabet")
    }

    /// `strands: + -`.
    pub(super) fn read_strands(&mut self, lines: &Lines) -> Result<(), Error> {
        let rest = lines.text().strip_prefix(b"strands:").unwrap_or_default();
        let strands: Vec<&[u8]> = words(rest).take(3).collect();
        let both = match strands.as_slice() {
            [b"+"] => false,
            [b"+", b"-"] => true,
            _ => {
                return Err(MotifError::Field {
                    at: lines.at(),
                    field: "the line of strands",
                    got: shown(rest.trim_ascii()),
                    expected: "`+` or `+ -`: correct the line",
                }
                .into());
            }
        };
        keep(&mut self.both_strands, both, lines, "the line of strands")
    }

    /// `Background letter frequencies`, then letters and frequencies on any number of lines.
    pub(super) fn read_background(&mut self, lines: &mut Lines) -> Result<(), Error> {
        let (letters, found) = background::read(lines, self.letters.as_ref())?;
        self.letters.get_or_insert(letters);
        keep(&mut self.background, found, lines, "the background")
    }
}

/// Keeps what a head says; a second head must say the same.
fn keep<T: PartialEq>(slot: &mut Option<T>, found: T, lines: &Lines, field: &'static str) -> Result<(), Error> {
    match slot {
        Some(known) if *known != found => {
            let expected = "the same as before in this file: give files of unlike heads one by one";
            Err(MotifError::Field { at: lines.at(), field, got: "another".to_owned(), expected }.into())
        }
        _ => {
            *slot = Some(found);
            Ok(())
        }
    }
}

/// The letters that a block defines, without those that stand for several.
fn core_letters(lines: &mut Lines) -> Result<Vec<u8>, Error> {
    let start = lines.at();
    let mut letters = Vec::new();
    while lines.advance_to_text()? {
        let text = lines.text();
        if text.starts_with(b"END ALPHABET") {
            return Ok(letters);
        }
        if text.starts_with(b"#") {
            continue;
        }
        let bare = without_quoted(text);
        if bare.contains(&b'=') {
            continue;
        }
        for half in bare.splitn(2, |&byte| byte == b'~') {
            match words(half).next() {
                Some([letter]) => letters.push(*letter),
                word => {
                    return Err(MotifError::Field {
                        at: lines.at(),
                        field: "a letter of the alphabet",
                        got: shown(word.unwrap_or_default()),
                        expected: "one character: correct the line, or write `ALPHABET= ACGT`",
                    }
                    .into());
                }
            }
        }
    }
    let expected = "a line `END ALPHABET` after the letters: add it";
    Err(MotifError::Field { at: start, field: "the end of the alphabet", got: "missing".to_owned(), expected }.into())
}

/// A line without the names in quotes.
fn without_quoted(text: &[u8]) -> Vec<u8> {
    let (mut bare, mut quoted, mut escaped) = (Vec::with_capacity(text.len()), false, false);
    for &byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => {
                quoted = !quoted;
                bare.push(b' ');
            }
            _ if !quoted => bare.push(byte),
            _ => {}
        }
    }
    bare
}
