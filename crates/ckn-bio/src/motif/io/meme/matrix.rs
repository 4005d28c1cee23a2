//! A matrix of a MEME file.

use super::Part;
use super::head::Head;
use crate::error::{Error, MotifError};
use crate::motif::io::lines::Lines;
use crate::motif::io::numbers::{number, words};
use crate::motif::io::rows::Rows;
use crate::motif::{MAX_WIDTH, Probabilities};
use crate::place::shown;

/// A matrix with what its head says.
pub(super) struct Matrix {
    pub(super) probabilities: Probabilities,
    pub(super) sites: Option<f64>,
    pub(super) e_value: Option<f64>,
}

/// The pairs after `letter-probability matrix:`, each of which may be missing.
#[derive(Default)]
struct Keys {
    letters: Option<usize>,
    width: Option<usize>,
    sites: Option<f64>,
    e_value: Option<f64>,
}

/// Reads a matrix; the current line is its head.
///
/// With `w=` it has that many rows; otherwise it ends at an empty line, at the next part, at a line of dashes or of stars, or
/// with the file.
pub(super) fn read(lines: &mut Lines, motif: &str, head: &mut Head) -> Result<Matrix, Error> {
    let start = lines.number();
    let keys = Keys::read(lines)?;
    let mut rows: Option<Rows> = None;
    let height = |rows: &Option<Rows>| rows.as_ref().map_or(0, Rows::len);
    while keys.width.is_none_or(|width| height(&rows) < width) && lines.advance()? {
        let text = lines.text();
        if text.is_empty() {
            if keys.width.is_none() && rows.is_some() {
                break;
            }
            continue;
        }
        let is_next = !matches!(Part::of(text).0, Part::Other);
        if is_next || (keys.width.is_none() && (text.starts_with(b"--") || text.starts_with(b"**"))) {
            lines.again();
            break;
        }
        let rows = match &mut rows {
            Some(rows) => rows,
            None => {
                let columns = keys.letters.or(head.letters().map(|letters| letters.len()));
                let columns = columns.unwrap_or_else(|| words(text).count());
                rows.insert(Rows::new(head.letters_or(lines, columns)?))
            }
        };
        rows.push(lines, text)?;
    }
    if let Some(expected) = keys.width.filter(|&width| height(&rows) < width) {
        return Err(MotifError::RowCount { at: lines.place(start), got: height(&rows), expected }.into());
    }
    let Some(rows) = rows else {
        return Err(MotifError::NoMatrix { at: lines.place(start), motif: motif.to_owned() }.into());
    };
    let probabilities = rows.probabilities(lines, motif, start)?;
    Ok(Matrix { probabilities, sites: keys.sites, e_value: keys.e_value })
}

impl Keys {
    fn read(lines: &Lines) -> Result<Self, Error> {
        let text = lines.text();
        let pairs = text.split(|&byte| byte == b':').nth(1).unwrap_or_default();
        let mut parts = pairs.split(|byte| byte.is_ascii_whitespace() || *byte == b'=').filter(|part| !part.is_empty());
        let mut keys = Self::default();
        while let Some(key) = parts.next() {
            let value = parts.next().unwrap_or_default();
            let whole = || std::str::from_utf8(value).ok()?.parse().ok();
            let wrong = |field, expected| MotifError::Field { at: lines.at(), field, got: shown(value), expected };
            let positive = || number(value).filter(|&value| value >= 0.0);
            match key {
                b"alength" => {
                    let wrong = || wrong("`alength=`", "the number of letters of the alphabet: correct it");
                    keys.letters = Some(whole().ok_or_else(wrong)?);
                }
                b"w" => {
                    let wrong = || wrong("`w=`", "the number of rows, from 1 to 1000: correct it");
                    keys.width = Some(whole().filter(|width| (1..=MAX_WIDTH).contains(width)).ok_or_else(wrong)?);
                }
                b"nsites" => {
                    let wrong = || wrong("`nsites=`", "a finite number of at least 0: correct it");
                    keys.sites = Some(positive().filter(|sites| sites.is_finite()).ok_or_else(wrong)?);
                }
                b"E" => {
                    let wrong = || wrong("`E=`", "a number of at least 0: correct it");
                    keys.e_value = Some(positive().ok_or_else(wrong)?);
                }
                _ => {}
            }
        }
        Ok(keys)
    }
}
