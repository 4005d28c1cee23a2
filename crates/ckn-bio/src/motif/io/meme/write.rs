//! MEME files as written here.

use std::io::Write;

use crate::alphabet::Alphabet;
use crate::error::{Error, MotifError};
use crate::motif::io::letters::Letters;
use crate::motif::io::names;
use crate::motif::io::numbers::{known_sites, write_number};
use crate::motif::{Background, Motif};

/// Writes motifs in MEME's minimal format, version 5 (<https://meme-suite.org/meme/doc/meme-format.html>).
///
/// Probabilities have as many digits as it takes to read the same numbers. The number of sites is
/// [`DEFAULT_SITES`](crate::motif::DEFAULT_SITES) and the E-value 0 where they are not known, as MEME assumes. White space and
/// control characters in names and addresses become `%` and two hexadecimal digits for each byte; thresholds are not written.
/// Strands are written for DNA alone, the only one of these alphabets that has two in MEME.
///
/// ```
/// use ckn_bio::Alphabet;
/// use ckn_bio::motif::{Background, Motif, Probabilities, write_meme};
///
/// let probabilities = Probabilities::new(Alphabet::Dna, vec![0.125, 0.375, 0.0, 0.5])?;
/// let mut text = Vec::new();
/// write_meme(&[Motif::new("one column", probabilities)], &Background::uniform(Alphabet::Dna), true, &mut text)?;
/// assert!(String::from_utf8_lossy(&text).ends_with(
///     "MOTIF one%20column\nletter-probability matrix: alength= 4 w= 1 nsites= 20 E= 0\n 0.125 0.375 0 0.5\n\n"
/// ));
/// # Ok::<(), ckn_bio::Error>(())
/// ```
///
/// # Errors
/// [`MotifError::Alphabets`] for a motif of another alphabet than the background; [`MotifError::Name`] for an empty name;
/// [`MotifError::Write`].
pub fn write_meme(
    motifs: &[Motif],
    background: &Background,
    both_strands: bool,
    mut writer: impl Write,
) -> Result<(), Error> {
    let alphabet = background.alphabet();
    let letters = Letters::sorted(alphabet);
    let mut text = Vec::new();
    writeln!(text, "MEME version 5\n\nALPHABET= {}\n", letters.text().collect::<String>())?;
    if alphabet == Alphabet::Dna {
        writeln!(text, "strands: {}\n", if both_strands { "+ -" } else { "+" })?;
    }
    text.extend_from_slice(b"Background letter frequencies\n");
    for (at, (letter, &frequency)) in letters.text().zip(letters.in_file_order(background.frequencies())).enumerate() {
        write!(text, "{}{letter} ", if at > 0 { " " } else { "" })?;
        write_number(&mut text, frequency)?;
    }
    text.extend_from_slice(b"\n\n");
    for motif in motifs {
        let other = motif.probabilities.alphabet();
        if other != alphabet {
            return Err(MotifError::Alphabets { first: alphabet, second: other }.into());
        }
        write_motif(&mut text, motif, &letters)?;
        writer.write_all(&text).map_err(MotifError::from)?;
        text.clear();
    }
    writer.write_all(&text).map_err(MotifError::from)?;
    Ok(writer.flush().map_err(MotifError::from)?)
}

fn write_motif(text: &mut Vec<u8>, motif: &Motif, letters: &Letters) -> Result<(), MotifError> {
    write!(text, "MOTIF {}", names::word(&motif.name)?)?;
    if let Some(alternate) = motif.alternate.as_deref().filter(|name| !name.is_empty()) {
        write!(text, " {}", names::as_word(alternate))?;
    }
    write!(text, "\nletter-probability matrix: alength= {} w= {} nsites= ", letters.len(), motif.width())?;
    write_number(text, known_sites(motif))?;
    text.extend_from_slice(b" E= ");
    write_number(text, motif.e_value.filter(|value| *value >= 0.0).unwrap_or(0.0))?;
    text.push(b'\n');
    for column in motif.probabilities.columns() {
        for &value in letters.in_file_order(column) {
            text.push(b' ');
            write_number(text, value)?;
        }
        text.push(b'\n');
    }
    if let Some(url) = motif.url.as_deref().filter(|url| !url.is_empty()) {
        writeln!(text, "URL {}", names::as_word(url))?;
    }
    text.push(b'\n');
    Ok(())
}
