//! JASPAR: `>name second-name`, then a row of counts for each letter.

use std::io::Write;

use super::letters::Letters;
use super::lines::Lines;
use super::names;
use super::numbers::{counts, push_numbers, words, write_number};
use super::rows::{located, of_counts};
use super::{Collected, MotifFile, MotifFormat};
use crate::error::{Error, MotifError};
use crate::motif::{Counts, Motif};
use crate::place::shown;

/// The letters of rows that do not say theirs.
const BARE: &[u8] = b"ACGT";
/// More rows than letters of any alphabet.
const MAX_ROWS: usize = 32;

/// Reads motifs to the end; `None` if there are none.
pub(super) fn read(lines: &mut Lines) -> Result<Option<MotifFile>, Error> {
    let mut collected = Collected::new(lines);
    while lines.advance_to_text()? {
        let start = lines.number();
        let Some(header) = lines.text().strip_prefix(b">") else {
            return Err(MotifError::StrayRow(lines.at()).into());
        };
        let name = words(header).next().unwrap_or_default();
        let rest = header.trim_ascii().get(name.len()..).unwrap_or_default();
        let (name, alternate) = (names::checked(lines, name)?, names::optional(lines, rest)?);
        let mut matrix = read_matrix(lines, &name, start)?;
        matrix.alternate = alternate;
        collected.push(matrix, lines.place(start))?;
    }
    Ok(MotifFile::of_motifs(MotifFormat::Jaspar, collected.motifs))
}

/// Reads the rows up to the next header.
fn read_matrix(lines: &mut Lines, name: &str, start: u64) -> Result<Motif, Error> {
    let (mut letters, mut values) = (Vec::new(), Vec::new());
    let (mut width, mut rows) = (None, 0);
    while lines.advance_to_text()? {
        let text = lines.text();
        if text.starts_with(b">") {
            lines.again();
            break;
        }
        let row = match text.first() {
            Some(letter) if letter.is_ascii_alphabetic() => {
                letters.push(*letter);
                within_brackets(lines, text.get(1..).unwrap_or_default())?
            }
            _ => within_brackets(lines, text)?,
        };
        let got = push_numbers(lines, row, &mut values)?;
        let expected = *width.get_or_insert(got);
        if got != expected {
            return Err(MotifError::RowLength { at: lines.at(), got, expected }.into());
        }
        rows += 1;
        if rows > MAX_ROWS {
            break;
        }
    }
    let (width, at) = (width.unwrap_or(0), || lines.place(start));
    if rows == 0 {
        return Err(MotifError::NoMatrix { at: at(), motif: name.to_owned() }.into());
    }
    if letters.is_empty() && (rows != BARE.len() || are_positions(&values, width)) {
        return Err(MotifError::BareRows { at: at(), rows }.into());
    }
    let letters = if letters.is_empty() { BARE.to_vec() } else { letters };
    let Some(order) = Letters::of(&letters).filter(|order| order.len() == rows) else {
        return Err(MotifError::Letters { at: at(), got: shown(&letters) }.into());
    };
    let mut turned = Vec::with_capacity(values.len());
    for position in 0..width {
        let first = turned.len();
        turned.extend(values.iter().skip(position).step_by(width));
        if let Some(column) = turned.get_mut(first..) {
            order.sort(column);
        }
    }
    let made = Counts::new(order.alphabet(), turned).and_then(|counts| of_counts(name, &counts));
    made.map_err(|error| located(error, lines, name, start, &[]))
}

/// What stands between brackets, or all if there are none.
fn within_brackets<'a>(lines: &Lines, text: &'a [u8]) -> Result<&'a [u8], Error> {
    let text = text.trim_ascii();
    let Some(inner) = text.strip_prefix(b"[") else { return Ok(text) };
    let closed = inner.strip_suffix(b"]");
    closed.ok_or_else(|| MotifError::Number { at: lines.at(), got: shown(text) }.into())
}

/// Whether rows are positions of a HOMER motif of width 4: they sum to one, and columns do not.
fn are_positions(values: &[f64], width: usize) -> bool {
    let is_one = |total: f64| (total - 1.0).abs() <= 0.05;
    let columns = (0..width).map(|position| values.iter().skip(position).step_by(width).sum());
    width == BARE.len()
        && values.chunks_exact(width).all(|row| is_one(row.iter().sum()))
        && !columns.into_iter().all(is_one)
}

/// Writes motifs in the format of JASPAR, as counts: probabilities times the number of sites,
/// [`DEFAULT_SITES`](super::DEFAULT_SITES) where it is not known.
///
/// White space and control characters in names become `%` and two hexadecimal digits. E-values, thresholds and addresses are
/// not written. RNA and protein have rows of their own letters, which few other programs read.
///
/// ```
/// use ckn_bio::Alphabet;
/// use ckn_bio::motif::{Motif, Probabilities, write_jaspar};
/// let matrix = Probabilities::new(Alphabet::Dna, vec![0.7, 0.1, 0.1, 0.1, 0.0, 0.5, 0.5, 0.0])?;
/// let mut text = Vec::new();
/// write_jaspar(&[Motif::new("ets", matrix)], &mut text)?;
/// assert!(String::from_utf8(text)?.contains("ets"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`MotifError::Name`] for an empty name; [`MotifError::Write`].
pub fn write_jaspar(motifs: &[Motif], mut writer: impl Write) -> Result<(), Error> {
    let mut text = Vec::new();
    for motif in motifs {
        text.clear();
        write!(text, ">{}", names::word(&motif.name)?)?;
        if let Some(alternate) = &motif.alternate {
            write!(text, " {}", names::as_line(alternate))?;
        }
        text.push(b'\n');
        let letters = Letters::sorted(motif.probabilities.alphabet());
        let counts = counts(motif);
        for (letter, row) in letters.text().zip(letters.in_file_order(&(0..letters.len()).collect::<Vec<_>>())) {
            write!(text, "{letter} [")?;
            for &count in counts.iter().skip(*row).step_by(letters.len()) {
                text.push(b' ');
                write_number(&mut text, count)?;
            }
            text.extend_from_slice(b" ]\n");
        }
        writer.write_all(&text).map_err(MotifError::from)?;
    }
    Ok(writer.flush().map_err(MotifError::from)?)
}
