//! Tables of the weights of words, as deltaSVM has them.
//!
//! ```text
//! AAAAAAAAAA  -0.12          a word and its weight, separated by a tab, spaces or a comma
//! AAAAAAAAAC   0.03          a word and its reverse complement have one weight, and one of them suffices
//!
//! kmer        reverse_complement  weight        the same with a header, and the reverse complement beside the word
//! AAAAAAAAAC  GTTTTTTTTT          0.03
//! ```
//!
//! Words have one width of up to 12 letters; lines that start with `#` are passed over; words that are not there weigh nothing.

use std::path::Path;
use std::sync::Arc;

use ckn_core::mismatch::reverse_complement;

use crate::error::{Error, MachineError};
use crate::io::gkm_model::{finite, number};
use crate::io::record::MAX_HEADER_BYTES;
use crate::io::source::{Source, open};
use crate::place::{Place, shown};

/// Letters of the longest words.
const MAX_WIDTH: usize = 12;

/// Weights of all words of DNA of one width: a sequence's score is the sum over its windows, as they stand.
#[derive(Debug, Clone, PartialEq)]
pub struct WordWeights {
    width: usize,
    weights: Vec<f64>,
    listed: usize,
    known: usize,
    symmetric: bool,
}

/// Reads a table of the weights of words, plain or compressed with gzip, or standard input if the path is `-`.
///
/// ```
/// use ckn_bio::io::read_word_weights;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("weights.txt");
/// std::fs::write(&path, "AC\t0.5\nAA\t-1\n")?;
/// let table = read_word_weights(&path)?;
/// // AC and its reverse complement, GT.
/// let (word, complement) = (1, 2 * 4 + 3);
/// assert_eq!(table.reverse_complement(word), complement);
/// assert_eq!((table.weights()[word], table.weights()[complement]), (0.5, 0.5));
/// assert_eq!((table.width(), table.listed(), table.known(), table.is_symmetric()), (2, 2, 4, true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`MachineError`] for a row that is none, or a word that is there twice; [`Error::NoRows`]; those of [`open`] and
/// [`Source::read_line`].
pub fn read_word_weights(path: impl AsRef<Path>) -> Result<WordWeights, Error> {
    WordWeights::read(open(path)?)
}

impl WordWeights {
    /// Reads a table to the end of a source.
    ///
    /// # Errors
    /// As [`read_word_weights`].
    pub fn read(mut source: Source) -> Result<Self, Error> {
        let file = Arc::clone(source.file());
        let mut table = Self { width: 0, weights: Vec::new(), listed: 0, known: 0, symmetric: false };
        let (mut line, mut listed, mut is_first) = (Vec::new(), Vec::new(), true);
        loop {
            let number = source.next_line();
            if !source.read_line(&mut line, MAX_HEADER_BYTES)? {
                break;
            }
            let text = line.trim_ascii();
            if text.is_empty() || text.starts_with(b"#") {
                continue;
            }
            let is_header = is_first && text.to_ascii_lowercase().ends_with(b"weight");
            is_first = false;
            if !is_header {
                table.push(text, &mut listed, || Place::line(&file, number))?;
            }
        }
        if table.listed == 0 {
            return Err(Error::NoRows(file));
        }
        table.join(&listed);
        Ok(table)
    }

    /// Letters of a word.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Weights of all words, `[4^width]`; the first letter is the most significant digit of base 4.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Words that the table lists.
    pub fn listed(&self) -> usize {
        self.listed
    }

    /// Words that the table lists, and those whose reverse complements it does.
    pub fn known(&self) -> usize {
        self.known
    }

    /// Whether every word weighs what its reverse complement does.
    pub fn is_symmetric(&self) -> bool {
        self.symmetric
    }

    /// The reverse complement of the word of a code.
    pub fn reverse_complement(&self, code: usize) -> usize {
        turned(code, self.width)
    }

    fn push(&mut self, text: &[u8], listed: &mut Vec<bool>, at: impl Fn() -> Box<Place>) -> Result<(), Error> {
        let mut cells = text.split(|byte| byte.is_ascii_whitespace() || *byte == b',').filter(|cell| !cell.is_empty());
        let wrong = || Error::from(MachineError::WordRow { at: at(), got: shown(text) });
        let (word, second, third) = (cells.next(), cells.next(), cells.next());
        let (Some(word), Some(second), None) = (word, second, cells.next()) else { return Err(wrong()) };
        let code = code(word).ok_or_else(wrong)?;
        if self.listed == 0 {
            if word.len() > MAX_WIDTH {
                let expected = format!("of up to {MAX_WIDTH}");
                return Err(MachineError::WordWidth { at: at(), got: word.len(), expected }.into());
            }
            self.width = word.len();
            self.weights = vec![0.0; 1 << (2 * self.width)];
            *listed = vec![false; self.weights.len()];
        }
        if word.len() != self.width {
            let expected = self.width.to_string();
            return Err(MachineError::WordWidth { at: at(), got: word.len(), expected }.into());
        }
        if third.is_some() && !is_reverse_complement(word, second) {
            return Err(MachineError::NoReverseComplement { at: at(), word: shown(word), got: shown(second) }.into());
        }
        let weight = third.unwrap_or(second);
        let value = finite(weight).ok_or_else(|| number(at(), weight))?;
        if std::mem::replace(&mut listed[code], true) {
            return Err(MachineError::WordTwice { at: at(), word: shown(word) }.into());
        }
        self.weights[code] = value;
        self.listed += 1;
        Ok(())
    }

    /// Gives words that are not there the weights of their reverse complements.
    fn join(&mut self, listed: &[bool]) {
        for code in 0..self.weights.len() {
            let other = self.reverse_complement(code);
            self.known += usize::from(listed[code] || listed[other]);
            if listed[code] && !listed[other] {
                self.weights[other] = self.weights[code];
            }
        }
        self.symmetric =
            (0..self.weights.len()).all(|code| self.weights[code] == self.weights[self.reverse_complement(code)]);
    }
}

/// The code of a word, if it is one; that of its last letters if it is too long.
fn code(word: &[u8]) -> Option<usize> {
    word.iter().try_fold(0usize, |code, letter| {
        let digit = b"ACGT".iter().position(|known| *known == letter.to_ascii_uppercase())?;
        Some(code << 2 | digit)
    })
}

/// Of the letters of a row, which are those of DNA.
fn turned(code: usize, width: usize) -> usize {
    reverse_complement(code, width, &[3, 2, 1, 0])
}

fn is_reverse_complement(word: &[u8], other: &[u8]) -> bool {
    word.len() == other.len()
        && code(other).is_some_and(|other| code(word).map(|code| turned(code, word.len())) == Some(other))
}
