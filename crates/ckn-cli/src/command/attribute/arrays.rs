//! Contributions as arrays.

use std::io::Write;

use crate::command::explained::{Part, Ready};
use crate::exit::Input;
use crate::numpy::write_npz;

/// Arrays `[sequences, letters, length]` of sequences of one length.
#[derive(Debug)]
pub struct Arrays {
    letters: usize,
    length: usize,
    /// What each letter would contribute.
    pub hypothetical: Vec<f32>,
    /// 1 for the letter that stands there.
    pub one_hot: Vec<f32>,
}

impl Arrays {
    /// Of no sequence yet.
    ///
    /// # Errors
    /// [`Input`] if sequences have different lengths.
    pub fn new(ready: &Ready) -> anyhow::Result<Self> {
        let (letters, lengths) = (ready.alphabet.letter_count(), ready.lengths());
        let length = lengths.first().copied().unwrap_or(0);
        if let Some(record) = lengths.iter().position(|&other| other != length) {
            return Err(Input(format!(
                "--format npz needs sequences of one length: record 1 has {length} letters, record {} has {}; --format tsv \
                 takes both",
                record + 1,
                lengths[record]
            ))
            .into());
        }
        Ok(Self { letters, length, hypothetical: Vec::new(), one_hot: Vec::new() })
    }

    /// Adds some sequences and their `[positions, letters]`.
    pub fn push(&mut self, part: &Part, hypothetical: &[Vec<f64>]) {
        for (tokens, values) in part.sequences.iter().zip(hypothetical) {
            for letter in 0..self.letters {
                let of_letter = values.iter().skip(letter).step_by(self.letters).take(self.length);
                self.hypothetical.extend(of_letter.map(|&value| value as f32));
                let stands = tokens.iter().take(self.length).map(|&token| usize::from(token) == letter);
                self.one_hot.extend(stands.map(|stands| if stands { 1.0 } else { 0.0 }));
            }
        }
    }

    /// Writes one of the arrays.
    pub fn write(&self, values: &[f32], out: &mut dyn Write) -> anyhow::Result<()> {
        let sequences = values.len() / (self.letters * self.length).max(1);
        write_npz(&[sequences, self.letters, self.length], values, out)
    }
}
