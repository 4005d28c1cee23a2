//! What matrices of all stages share: columns of one number a letter.

use super::MAX_WIDTH;
use crate::alphabet::Alphabet;
use crate::error::{Error, MotifError};

/// One number for every letter at every position, `[width, letters]`, letters in the order of the alphabet.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Columns {
    pub(super) alphabet: Alphabet,
    pub(super) values: Vec<f64>,
}

impl Columns {
    /// Checks the shape, and every number by `sound`, which `expected` describes.
    pub(super) fn new(
        alphabet: Alphabet,
        values: Vec<f64>,
        sound: impl Fn(f64) -> bool,
        expected: &'static str,
    ) -> Result<Self, Error> {
        let letters = alphabet.letters().len();
        if values.is_empty() {
            return Err(MotifError::NoColumns.into());
        }
        if !values.len().is_multiple_of(letters) {
            return Err(MotifError::Shape { numbers: values.len(), letters }.into());
        }
        if values.len() / letters > MAX_WIDTH {
            return Err(MotifError::TooWide { got: values.len() / letters, limit: MAX_WIDTH }.into());
        }
        if let Some(at) = values.iter().position(|&value| !sound(value)) {
            return Err(MotifError::Value { column: at / letters + 1, got: values[at], expected }.into());
        }
        Ok(Self { alphabet, values })
    }

    pub(super) fn letters(&self) -> usize {
        self.alphabet.letters().len()
    }

    pub(super) fn width(&self) -> usize {
        self.values.len() / self.letters()
    }

    pub(super) fn iter(&self) -> std::slice::ChunksExact<'_, f64> {
        self.values.chunks_exact(self.letters())
    }

    /// Columns in opposite order, each with the numbers of complementary letters exchanged.
    pub(super) fn reverse_complement(&self) -> Result<Self, Error> {
        let Some(complement) = self.alphabet.table().complement() else {
            return Err(MotifError::NoComplement(self.alphabet).into());
        };
        let letters = self.letters();
        let turned = self.iter().rev().flat_map(|column| (0..letters).map(|a| column[usize::from(complement[a])]));
        Ok(Self { alphabet: self.alphabet, values: turned.collect() })
    }
}

/// What matrices of all stages say of themselves.
macro_rules! matrix {
    ($stage:ty) => {
        impl $stage {
            /// The alphabet.
            pub fn alphabet(&self) -> $crate::Alphabet {
                self.0.alphabet
            }

            /// Number of columns.
            pub fn width(&self) -> usize {
                self.0.width()
            }

            /// Numbers of all columns, `[width, letters]`.
            pub fn values(&self) -> &[f64] {
                &self.0.values
            }
        }
    };
}

pub(super) use matrix;
