//! HOMER: `>consensus name threshold`, separated by tabs, then a row of four probabilities for each position.

use std::f64::consts::LN_2;
use std::io::Write;

use super::letters::Letters;
use super::lines::Lines;
use super::names;
use super::numbers::{number, write_number};
use super::rows::Rows;
use super::{Collected, MotifFile, MotifFormat};
use crate::alphabet::Alphabet;
use crate::error::{Error, MotifError};
use crate::motif::Motif;
use crate::place::shown;

/// The share of the best score that is written as a threshold where there is none.
const DEFAULT_SHARE: f64 = 0.6;

/// Whether a header has a threshold in its third field.
pub(super) fn is_header(text: &[u8]) -> bool {
    text.split(|&byte| byte == b'\t').nth(2).is_some_and(|field| number(field.trim_ascii()).is_some())
}

/// Reads motifs to the end; `None` if there are none.
pub(super) fn read(lines: &mut Lines) -> Result<Option<MotifFile>, Error> {
    let mut collected = Collected::new(lines);
    while lines.advance_to_text()? {
        let start = lines.number();
        let Some(header) = lines.text().strip_prefix(b">") else {
            return Err(MotifError::StrayRow(lines.at()).into());
        };
        let mut fields = header.split(|&byte| byte == b'\t').skip(1);
        let name = names::checked(lines, fields.next().unwrap_or_default())?;
        let field = fields.next().unwrap_or_default().trim_ascii();
        let nats = number(field).filter(|nats| nats.is_finite()).ok_or_else(|| MotifError::Field {
            at: lines.at(),
            field: "the threshold of a HOMER motif, its third field",
            got: shown(field),
            expected: "a number of nats: add one",
        })?;
        let mut rows = Rows::new(Letters::sorted(Alphabet::Dna));
        while lines.advance_to_text()? {
            if lines.text().starts_with(b">") {
                lines.again();
                break;
            }
            rows.push(lines, lines.text())?;
        }
        let mut motif = Motif::new(name.clone(), rows.probabilities(lines, &name, start)?);
        motif.threshold = Some(nats / LN_2);
        collected.push(motif, lines.place(start))?;
    }
    Ok(MotifFile::of_motifs(MotifFormat::Homer, collected.motifs))
}

/// Writes motifs of DNA in the format of HOMER.
///
/// [`Motif::threshold`] is written in nats; where there is none, 0.6 of the best score. The first field is the consensus. Tabs
/// and other control characters in names become `%` and two hexadecimal digits; second names, numbers of sites, E-values and
/// addresses are not written.
///
/// ```
/// use ckn_bio::Alphabet;
/// use ckn_bio::motif::{Motif, Probabilities, write_homer};
/// let matrix = Probabilities::new(Alphabet::Dna, vec![0.7, 0.1, 0.1, 0.1, 0.0, 0.5, 0.5, 0.0])?;
/// let mut text = Vec::new();
/// write_homer(&[Motif::new("ets", matrix)], &mut text)?;
/// assert!(String::from_utf8(text)?.contains("ets"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`MotifError::FormatAlphabet`] for RNA and protein; [`MotifError::Name`] for an empty name; [`MotifError::Write`].
pub fn write_homer(motifs: &[Motif], mut writer: impl Write) -> Result<(), Error> {
    let mut text = Vec::new();
    for motif in motifs {
        let alphabet = motif.probabilities.alphabet();
        if alphabet != Alphabet::Dna {
            let motif = motif.name.clone();
            return Err(MotifError::FormatAlphabet { format: "HOMER", motif, alphabet }.into());
        }
        names::word(&motif.name)?;
        text.clear();
        write!(text, ">{}\t{}\t", motif.probabilities.consensus(), names::as_line(&motif.name))?;
        write_number(&mut text, threshold_in_nats(motif))?;
        text.push(b'\n');
        for column in motif.probabilities.columns() {
            for (at, &value) in column.iter().enumerate() {
                if at > 0 {
                    text.push(b'\t');
                }
                write_number(&mut text, value)?;
            }
            text.push(b'\n');
        }
        writer.write_all(&text).map_err(MotifError::from)?;
    }
    Ok(writer.flush().map_err(MotifError::from)?)
}

/// The number of nats that is read as exactly this threshold, if there is one.
fn threshold_in_nats(motif: &Motif) -> f64 {
    let Some(bits) = motif.threshold.filter(|bits| bits.is_finite()) else {
        let best = motif.probabilities.columns().map(|column| column.iter().copied().fold(0.0, f64::max));
        return DEFAULT_SHARE * best.map(|probability| (4.0 * probability).ln()).sum::<f64>();
    };
    let nats = bits * LN_2;
    let near = [nats, nats.next_up(), nats.next_down()];
    near.into_iter().find(|nats| nats / LN_2 == bits).unwrap_or(nats)
}
