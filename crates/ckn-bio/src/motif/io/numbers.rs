//! Numbers of a matrix as text.

use std::io::Write;

use super::lines::Lines;
use crate::error::{Error, MotifError};
use crate::motif::{DEFAULT_SITES, Motif};
use crate::place::shown;

/// The words of a line.
pub(super) fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}

/// A number, if the word is one.
pub(super) fn number(word: &[u8]) -> Option<f64> {
    std::str::from_utf8(word).ok()?.parse().ok()
}

/// Appends the numbers of the current line, or of a part of it, and returns how many.
pub(super) fn push_numbers(lines: &Lines, text: &[u8], values: &mut Vec<f64>) -> Result<usize, Error> {
    let before = values.len();
    for word in words(text) {
        values.push(number(word).ok_or_else(|| MotifError::Number { at: lines.at(), got: shown(word) })?);
    }
    Ok(values.len() - before)
}

/// Writes a number so that reading gives the same one, in few characters.
pub(super) fn write_number(text: &mut Vec<u8>, value: f64) -> Result<(), MotifError> {
    if value == 0.0 || (1e-4..1e16).contains(&value.abs()) {
        write!(text, "{value}")?;
    } else {
        write!(text, "{value:e}")?;
    }
    Ok(())
}

/// Counts of all columns, `[width, letters]`: probabilities times the number of sites, [`DEFAULT_SITES`] where it is not
/// known. Counts that were whole are whole again.
pub(super) fn counts(motif: &Motif) -> Vec<f64> {
    let sites = known_sites(motif);
    let count = |&probability: &f64| {
        let count = probability * sites;
        if (count - count.round()).abs() <= 1e-12 * count { count.round() } else { count }
    };
    motif.probabilities.values().iter().map(count).collect()
}

/// The number of sites, or what is written in its place.
pub(super) fn known_sites(motif: &Motif) -> f64 {
    motif.sites.filter(|&sites| sites.is_finite() && sites > 0.0).unwrap_or(DEFAULT_SITES)
}
