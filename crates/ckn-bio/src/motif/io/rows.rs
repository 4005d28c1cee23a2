//! Matrices whose rows are positions.

use super::letters::Letters;
use super::lines::Lines;
use super::numbers::push_numbers;
use crate::error::{Error, MotifError};
use crate::motif::{Background, Counts, MAX_WIDTH, Motif, Probabilities};

/// Rows of a matrix under way: one number a letter, in the order of the alphabet.
pub(super) struct Rows {
    letters: Letters,
    values: Vec<f64>,
    /// The line of each row.
    lines: Vec<u64>,
}

impl Rows {
    pub(super) fn new(letters: Letters) -> Self {
        Self { letters, values: Vec::new(), lines: Vec::new() }
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// Adds a row: the current line, or a part of it.
    pub(super) fn push(&mut self, lines: &Lines, row: &[u8]) -> Result<(), Error> {
        let (start, expected) = (self.values.len(), self.letters.len());
        let got = push_numbers(lines, row, &mut self.values)?;
        if got != expected {
            return Err(MotifError::RowLength { at: lines.at(), got, expected }.into());
        }
        if let Some(row) = self.values.get_mut(start..) {
            self.letters.sort(row);
        }
        self.lines.push(lines.number());
        if self.len() > MAX_WIDTH {
            let cause = Box::new(MotifError::TooWide { got: self.len(), limit: MAX_WIDTH });
            return Err(MotifError::AtLine { at: lines.at(), cause }.into());
        }
        Ok(())
    }

    /// The rows as probabilities of a motif that starts on a line.
    pub(super) fn probabilities(self, lines: &Lines, motif: &str, start: u64) -> Result<Probabilities, Error> {
        let made = Probabilities::new(self.letters.alphabet(), self.values);
        made.map_err(|error| located(error, lines, motif, start, &self.lines))
    }

    /// The rows as counts, see [`of_counts`].
    pub(super) fn counts(self, lines: &Lines, motif: &str, start: u64) -> Result<Motif, Error> {
        let made = Counts::new(self.letters.alphabet(), self.values).and_then(|counts| of_counts(motif, &counts));
        made.map_err(|error| located(error, lines, motif, start, &self.lines))
    }
}

/// A motif of counts, without pseudocount. Fractions whose columns sum to one are probabilities of an unknown number of sites.
pub(super) fn of_counts(name: &str, counts: &Counts) -> Result<Motif, Error> {
    let mut motif = Motif::new(name, counts.probabilities(0.0, &Background::uniform(counts.alphabet()))?);
    let sites = counts.sites();
    let are_fractions = sites <= 1.05 && counts.values().iter().any(|count| count.fract() != 0.0);
    motif.sites = (!are_fractions).then_some(sites);
    Ok(motif)
}

/// Says where an error of a motif is: on the line of its column, or else on the motif's first.
pub(super) fn located(error: Error, lines: &Lines, motif: &str, start: u64, rows: &[u64]) -> Error {
    match error {
        Error::Motif(cause) => {
            let row = cause.column().and_then(|column| rows.get(column - 1));
            let at = lines.place(row.copied().unwrap_or(start));
            MotifError::InFile { at, motif: motif.to_owned(), cause: Box::new(cause) }.into()
        }
        other => other,
    }
}
