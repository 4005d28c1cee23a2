//! MEME: a head with alphabet, strands and background, then matrices of probabilities.
//!
//! Both the minimal format and the whole text that MEME, STREME and DREME write: lines that are neither head nor matrix are
//! passed over, as the tools of the MEME Suite do.

mod background;
mod head;
mod matrix;
mod write;

use head::Head;
use matrix::Matrix;
pub use write::write_meme;

use super::lines::Lines;
use super::names;
use super::numbers::{number, words};
use super::{Collected, MotifFile, MotifFormat};
use crate::error::{Error, MotifError};
use crate::motif::Motif;

const VERSION: &[u8] = b"MEME version";

/// Whether a line says which version of the format follows.
pub(super) fn is_version(text: &[u8]) -> bool {
    text.starts_with(VERSION)
}

/// What a line begins.
enum Part {
    Version,
    Alphabet,
    Strands,
    Background,
    Motif,
    Matrix,
    Scores,
    Url,
    Other,
}

impl Part {
    fn of(text: &[u8]) -> (Self, &[u8]) {
        let parts: [(&[u8], Self); 6] = [
            (VERSION, Self::Version),
            (b"ALPHABET", Self::Alphabet),
            (b"strands:", Self::Strands),
            (b"Background letter frequencies", Self::Background),
            (b"letter-probability matrix:", Self::Matrix),
            (b"log-odds matrix:", Self::Scores),
        ];
        for (start, part) in parts {
            if let Some(rest) = text.strip_prefix(start) {
                return (part, rest);
            }
        }
        for (word, part) in [(&b"MOTIF"[..], Self::Motif), (b"URL", Self::Url)] {
            if words(text).next() == Some(word) {
                return (part, text.get(word.len()..).unwrap_or_default());
            }
        }
        (Self::Other, text)
    }
}

/// A motif under way.
struct Open {
    line: u64,
    name: String,
    alternate: Option<String>,
    matrix: Option<Matrix>,
    url: Option<String>,
}

impl Open {
    /// The first two words after `MOTIF`. Whole MEME texts go on with `width =`.
    fn new(lines: &Lines, rest: &[u8]) -> Result<Self, Error> {
        let mut words = words(rest);
        let name = names::checked(lines, words.next().unwrap_or_default())?;
        let alternate = words.next().unwrap_or_default();
        let is_width = alternate.starts_with(b"width=") || (alternate == b"width" && words.next() == Some(b"="));
        let alternate = if is_width { None } else { names::optional(lines, alternate)? };
        Ok(Self { line: lines.number(), name, alternate, matrix: None, url: None })
    }

    fn close(self, lines: &Lines, collected: &mut Collected) -> Result<(), Error> {
        let Self { line, name, alternate, matrix, url } = self;
        let Some(matrix) = matrix else {
            return Err(MotifError::NoMatrix { at: lines.place(line), motif: name }.into());
        };
        let (sites, e_value) = (matrix.sites, matrix.e_value);
        let motif = Motif { alternate, sites, e_value, url, ..Motif::new(name, matrix.probabilities) };
        collected.push(motif, lines.place(line))
    }
}

/// Reads motifs to the end; `None` if there are none.
pub(super) fn read(lines: &mut Lines) -> Result<Option<MotifFile>, Error> {
    let (mut head, mut collected) = (Head::default(), Collected::new(lines));
    let mut open: Option<Open> = None;
    while lines.advance_to_text()? {
        let (part, rest) = Part::of(lines.text());
        match part {
            Part::Version => head::check_version(lines, rest)?,
            Part::Alphabet => head.read_alphabet(lines)?,
            Part::Strands => head.read_strands(lines)?,
            Part::Background => head.read_background(lines)?,
            Part::Motif => {
                let next = Open::new(lines, rest)?;
                if let Some(last) = open.replace(next) {
                    last.close(lines, &mut collected)?;
                }
            }
            Part::Matrix => match &mut open {
                None => return Err(MotifError::Name { at: lines.at(), got: String::new() }.into()),
                Some(Open { matrix: Some(_), name, .. }) => {
                    return Err(MotifError::SecondMatrix { at: lines.at(), motif: name.clone() }.into());
                }
                Some(open) => open.matrix = Some(matrix::read(lines, &open.name, &mut head)?),
            },
            Part::Scores => skip_scores(lines)?,
            Part::Url => {
                let url = names::optional(lines, rest)?;
                if let Some(open) = &mut open {
                    open.url = url.or(open.url.take());
                }
            }
            Part::Other => {
                // What would be lost in silence: rows after an empty line or beyond `w=`.
                let letters = head.letters().map_or(0, |letters| letters.len());
                if open.is_some() && letters > 0 && is_row(lines.text(), letters) {
                    return Err(MotifError::StrayRow(lines.at()).into());
                }
            }
        }
    }
    if let Some(last) = open {
        last.close(lines, &mut collected)?;
    }
    let found = MotifFile::of_motifs(MotifFormat::Meme, collected.motifs);
    Ok(found.map(|file| MotifFile { both_strands: head.both_strands(), background: head.background(), ..file }))
}

/// Passes over the rows of a matrix of scores: scanning computes its own from probabilities.
fn skip_scores(lines: &mut Lines) -> Result<(), Error> {
    while lines.advance()? {
        if words(lines.text()).next().is_none_or(|word| number(word).is_none()) {
            lines.again();
            break;
        }
    }
    Ok(())
}

/// Whether a line is as many numbers as there are letters.
fn is_row(text: &[u8], letters: usize) -> bool {
    words(text).count() == letters && words(text).all(|word| number(word).is_some())
}
