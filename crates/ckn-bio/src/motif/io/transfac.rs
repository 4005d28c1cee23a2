//! TRANSFAC: lines that start with a code of two letters, entries that end with `//`.

use std::io::Write;

use super::letters::Letters;
use super::lines::Lines;
use super::names;
use super::numbers::{counts, words, write_number};
use super::rows::Rows;
use super::{Collected, MotifFile, MotifFormat};
use crate::error::{Error, MotifError};
use crate::motif::Motif;
use crate::place::shown;

/// Codes that a file may start with.
const FIRST_CODES: [&[u8]; 9] = [b"VV", b"XX", b"AC", b"ID", b"NA", b"DE", b"P0", b"PO", b"//"];

/// Whether a file that starts with this line is TRANSFAC.
pub(super) fn is_first_line(text: &[u8]) -> bool {
    words(text).next().is_some_and(|code| FIRST_CODES.contains(&code))
}

/// One entry under way.
#[derive(Default)]
struct Entry {
    line: u64,
    accession: Option<String>,
    id: Option<String>,
    name: Option<String>,
    matrix: Option<Rows>,
}

/// Reads motifs to the end; `None` if there are none.
pub(super) fn read(lines: &mut Lines) -> Result<Option<MotifFile>, Error> {
    let mut collected = Collected::new(lines);
    let (mut entry, mut in_matrix) = (Entry::default(), false);
    while lines.advance_to_text()? {
        let text = lines.text();
        if entry.line == 0 {
            entry.line = lines.number();
        }
        let code = words(text).next().unwrap_or_default();
        let rest = text.get(code.len()..).unwrap_or_default();
        if code.first().is_some_and(u8::is_ascii_digit) {
            let Some(matrix) = entry.matrix.as_mut().filter(|_| in_matrix) else {
                return Err(MotifError::StrayRow(lines.at()).into());
            };
            if !code.iter().all(u8::is_ascii_digit) {
                return Err(MotifError::Number { at: lines.at(), got: shown(code) }.into());
            }
            matrix.push(lines, without_consensus(rest))?;
            continue;
        }
        if code.len() != 2 {
            return Err(MotifError::Field {
                at: lines.at(),
                field: "the code of a line",
                got: shown(code),
                expected: "two letters, or the number of a row: repair the line",
            }
            .into());
        }
        in_matrix = false;
        match code {
            b"//" => close(std::mem::take(&mut entry), lines, &mut collected)?,
            b"AC" => entry.accession = names::optional(lines, rest)?,
            b"ID" => entry.id = names::optional(lines, rest)?,
            b"NA" => entry.name = names::optional(lines, rest)?,
            b"P0" | b"PO" => {
                if entry.matrix.is_some() {
                    let motif = entry.accession.or(entry.id).unwrap_or_default();
                    return Err(MotifError::SecondMatrix { at: lines.at(), motif }.into());
                }
                let known = words(rest).all(|word| word.len() == 1);
                let letters: Vec<u8> = rest.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
                let letters = Letters::of(&letters).filter(|_| known);
                let unknown = || MotifError::Letters { at: lines.at(), got: shown(rest.trim_ascii()) };
                entry.matrix = Some(Rows::new(letters.ok_or_else(unknown)?));
                in_matrix = true;
            }
            _ => {}
        }
    }
    close(entry, lines, &mut collected)?;
    Ok(MotifFile::of_motifs(MotifFormat::Transfac, collected.motifs))
}

/// A row without the letter of the consensus at its end.
fn without_consensus(row: &[u8]) -> &[u8] {
    let row = row.trim_ascii();
    match row.split_last() {
        Some((last, numbers)) if last.is_ascii_alphabetic() && numbers.last().is_some_and(u8::is_ascii_whitespace) => {
            numbers
        }
        _ => row,
    }
}

/// Ends an entry. One that has neither a name nor a matrix, as the head of a database, is passed over.
fn close(entry: Entry, lines: &Lines, collected: &mut Collected) -> Result<(), Error> {
    let Entry { line, accession, id, name: factor, matrix } = entry;
    let (motif, mut others) = match (accession, id, factor) {
        (Some(accession), id, factor) => (accession, [factor, id]),
        (None, Some(id), factor) => (id, [factor, None]),
        (None, None, Some(factor)) => (factor, [None, None]),
        (None, None, None) if matrix.is_none() => return Ok(()),
        (None, None, None) => return Err(MotifError::Name { at: lines.place(line), got: String::new() }.into()),
    };
    let Some(matrix) = matrix.filter(|matrix| matrix.len() > 0) else {
        return Err(MotifError::NoMatrix { at: lines.place(line), motif }.into());
    };
    let [factor, id] = &mut others;
    let id = id.take().filter(|id| *id != motif);
    let mut made = matrix.counts(lines, &motif, line)?;
    made.alternate = factor.take().or(id);
    collected.push(made, lines.place(line))
}

/// Writes motifs in the format of TRANSFAC, as counts: probabilities times the number of sites,
/// [`DEFAULT_SITES`](super::DEFAULT_SITES) where it is not known.
///
/// The name is written as `AC` and `ID`, the second name as `NA`. Control characters in them become `%` and two hexadecimal
/// digits. E-values, thresholds and addresses are not written. RNA and protein have columns of their own letters, which few
/// other programs read.
///
/// ```
/// use ckn_bio::Alphabet;
/// use ckn_bio::motif::{Motif, Probabilities, write_transfac};
/// let matrix = Probabilities::new(Alphabet::Dna, vec![0.7, 0.1, 0.1, 0.1, 0.0, 0.5, 0.5, 0.0])?;
/// let mut text = Vec::new();
/// write_transfac(&[Motif::new("ets", matrix)], &mut text)?;
/// assert!(String::from_utf8(text)?.contains("ets"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`MotifError::Name`] for an empty name; [`MotifError::Write`].
pub fn write_transfac(motifs: &[Motif], mut writer: impl Write) -> Result<(), Error> {
    let mut text = Vec::new();
    for motif in motifs {
        text.clear();
        names::word(&motif.name)?;
        let name = names::as_line(&motif.name);
        write!(text, "AC  {name}\nXX\nID  {name}\nXX\n")?;
        if let Some(alternate) = &motif.alternate {
            write!(text, "NA  {}\nXX\n", names::as_line(alternate))?;
        }
        let letters = Letters::sorted(motif.probabilities.alphabet());
        text.extend_from_slice(b"P0");
        letters.text().try_for_each(|letter| write!(text, "  {letter}"))?;
        text.push(b'\n');
        let counts = counts(motif);
        let consensus = motif.probabilities.consensus();
        for (at, (column, letter)) in counts.chunks_exact(letters.len()).zip(consensus.chars()).enumerate() {
            write!(text, "{:02}", at + 1)?;
            for &count in letters.in_file_order(column) {
                text.extend_from_slice(b"  ");
                write_number(&mut text, count)?;
            }
            writeln!(text, "  {letter}")?;
        }
        text.extend_from_slice(b"XX\n//\n");
        writer.write_all(&text).map_err(MotifError::from)?;
    }
    Ok(writer.flush().map_err(MotifError::from)?)
}
