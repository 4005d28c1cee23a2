//! Sequences as tokens: what everyone passes who has sequences.

use crate::error::{Error, check_finite, check_length};

/// What each token stands for: a letter, or a mixture of letters (an IUPAC code).
///
/// Tokens `0..letters` are letters (unit vectors). Token `letters + i` is mixture `i`: a vector of non-negative weights
/// that sum to one, such as ½ A + ½ G for R, or ¼ each for N.
#[derive(Debug, Clone, PartialEq)]
pub struct LetterTable {
    letters: usize,
    /// `[tokens, letters]`, letters first.
    vectors: Vec<f64>,
    squared_norms: Vec<f64>,
    complement: Option<Vec<u8>>,
}

impl LetterTable {
    /// A table of `letters` letters and of mixtures `[mixtures, letters]`; `complement[token]` is the token on the
    /// reverse strand.
    ///
    /// # Errors
    /// More than 255 tokens, no letter, mixtures that are not a whole number of rows of weights that sum to one, or a
    /// complement that is not an involution.
    pub fn new(letters: usize, mixtures: &[f64], complement: Option<&[u8]>) -> Result<Self, Error> {
        if letters == 0 {
            return Err(Error::Empty { what: "the alphabet" });
        }
        let rows = mixtures.len() / letters;
        check_length("letter mixtures", rows * letters, mixtures.len())?;
        check_finite("letter mixtures", mixtures)?;
        let tokens = letters + rows;
        if tokens > 255 {
            return Err(Error::Parameter { name: "tokens", got: tokens as f64, expected: "at most 255" });
        }
        for row in mixtures.chunks_exact(letters) {
            let total: f64 = row.iter().sum();
            if row.iter().any(|weight| *weight < 0.0) || (total - 1.0).abs() > 1e-9 {
                return Err(Error::Parameter {
                    name: "sum of a letter mixture",
                    got: total,
                    expected: "1, of weights >= 0",
                });
            }
        }
        if let Some(map) = complement {
            check_length("complement", tokens, map.len())?;
            for (token, &other) in map.iter().enumerate() {
                if map.get(usize::from(other)).map(|&back| usize::from(back)) != Some(token) {
                    return Err(Error::Token { token: other, index: token, known: tokens });
                }
            }
        }
        let mut vectors = vec![0.0; letters * letters];
        for letter in 0..letters {
            vectors[letter * letters + letter] = 1.0;
        }
        vectors.extend_from_slice(mixtures);
        let squared_norms = vectors.chunks_exact(letters).map(|row| row.iter().map(|w| w * w).sum()).collect();
        Ok(Self { letters, vectors, squared_norms, complement: complement.map(<[u8]>::to_vec) })
    }

    /// Number of letters: the channels of a one-hot encoding.
    pub fn letters(&self) -> usize {
        self.letters
    }

    /// Number of tokens: letters and mixtures.
    pub fn tokens(&self) -> usize {
        self.squared_norms.len()
    }

    /// The weights of a token over the letters, `[letters]`.
    #[inline]
    pub fn vector(&self, token: u8) -> &[f64] {
        &self.vectors[usize::from(token) * self.letters..][..self.letters]
    }

    /// Squared norm of [`Self::vector`]: 1 for a letter.
    #[inline]
    pub fn squared_norm(&self, token: u8) -> f64 {
        self.squared_norms[usize::from(token)]
    }

    /// Whether the token is a single letter.
    #[inline]
    pub fn is_letter(&self, token: u8) -> bool {
        usize::from(token) < self.letters
    }

    /// The token of an unknown letter: the mixture of all letters alike, if there is one.
    pub fn unknown(&self) -> Option<u8> {
        let share = 1.0 / self.letters as f64;
        let alike = |row: &[f64]| row.iter().all(|weight| (weight - share).abs() < 1e-9);
        let mixtures = self.vectors.chunks_exact(self.letters).enumerate().skip(self.letters);
        mixtures.into_iter().find(|(_, row)| alike(row)).and_then(|(token, _)| u8::try_from(token).ok())
    }

    /// The complement of each token, if the alphabet has one.
    pub fn complement(&self) -> Option<&[u8]> {
        self.complement.as_deref()
    }

    /// The reverse complement of some tokens of this table.
    ///
    /// # Errors
    /// [`Error::NoComplement`] if the alphabet has none.
    pub fn reverse_complement<'t>(&'t self, tokens: &'t [u8]) -> Result<impl Iterator<Item = u8> + 't, Error> {
        let map = self.complement().ok_or(Error::NoComplement)?;
        Ok(tokens.iter().rev().map(|&token| map[usize::from(token)]))
    }
}

/// A borrowed set of sequences: flat tokens, offsets, and what tokens mean.
#[derive(Debug, Clone, Copy)]
pub struct TokenView<'a> {
    tokens: &'a [u8],
    offsets: &'a [usize],
    table: &'a LetterTable,
}

impl<'a> TokenView<'a> {
    /// Sequence `i` is `tokens[offsets[i]..offsets[i + 1]]`.
    ///
    /// # Errors
    /// Offsets that do not start at 0, fall, or do not end at `tokens.len()`; tokens that the table does not know.
    pub fn new(tokens: &'a [u8], offsets: &'a [usize], table: &'a LetterTable) -> Result<Self, Error> {
        let wrong = |index: usize| Error::Offsets {
            index,
            got: offsets.get(index).copied().unwrap_or(usize::MAX),
            tokens: tokens.len(),
        };
        if offsets.first() != Some(&0) {
            return Err(wrong(0));
        }
        if let Some(index) = (1..offsets.len()).find(|&i| offsets[i] < offsets[i - 1]) {
            return Err(wrong(index));
        }
        if offsets.last() != Some(&tokens.len()) {
            return Err(wrong(offsets.len() - 1));
        }
        if let Some(index) = tokens.iter().position(|&token| usize::from(token) >= table.tokens()) {
            return Err(Error::Token { token: tokens[index], index, known: table.tokens() });
        }
        Ok(Self { tokens, offsets, table })
    }

    /// Number of sequences.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there is no sequence.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Tokens of one sequence.
    #[inline]
    pub fn sequence(&self, record: usize) -> &'a [u8] {
        &self.tokens[self.offsets[record]..self.offsets[record + 1]]
    }

    /// All tokens, sequence after sequence.
    pub fn tokens(&self) -> &'a [u8] {
        self.tokens
    }

    /// Where each sequence starts, and the number of tokens at the end.
    pub fn offsets(&self) -> &'a [usize] {
        self.offsets
    }

    /// What the tokens mean.
    pub fn table(&self) -> &'a LetterTable {
        self.table
    }

    /// Tokens and offsets of the same sequences, those shorter than `shortest` letters lengthened by unknown letters at their
    /// end; `None` if none is, or if the table has no unknown letter.
    pub fn lengthened(&self, shortest: usize) -> Option<(Vec<u8>, Vec<usize>)> {
        let unknown = self.table.unknown()?;
        (0..self.len()).find(|&record| self.sequence(record).len() < shortest)?;
        let (mut tokens, mut offsets) = (Vec::with_capacity(self.tokens.len()), vec![0]);
        for record in 0..self.len() {
            let sequence = self.sequence(record);
            tokens.extend_from_slice(sequence);
            tokens.resize(tokens.len() + shortest.saturating_sub(sequence.len()), unknown);
            offsets.push(tokens.len());
        }
        Some((tokens, offsets))
    }

    /// Checks that every sequence holds at least one window.
    ///
    /// # Errors
    /// [`Error::TooShort`] names the first sequence that does not.
    pub fn check_width(&self, width: usize) -> Result<(), Error> {
        match (0..self.len()).find(|&record| self.sequence(record).len() < width) {
            Some(record) => Err(Error::TooShort { record, length: self.sequence(record).len(), width }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_offsets_and_tokens_are_refused() {
        let table = LetterTable::new(2, &[0.5, 0.5], Some(&[1, 0, 2])).unwrap();
        assert!(TokenView::new(&[0, 1, 2], &[0, 2, 3], &table).is_ok());
        assert!(matches!(TokenView::new(&[0, 1], &[1, 2], &table), Err(Error::Offsets { index: 0, .. })));
        assert!(matches!(TokenView::new(&[0, 1], &[], &table), Err(Error::Offsets { index: 0, .. })));
        assert!(matches!(TokenView::new(&[0, 1], &[0, 2, 1, 2], &table), Err(Error::Offsets { index: 2, .. })));
        assert!(matches!(TokenView::new(&[0, 1], &[0, 1], &table), Err(Error::Offsets { index: 1, .. })));
        assert!(matches!(TokenView::new(&[0, 3], &[0, 2], &table), Err(Error::Token { token: 3, index: 1, .. })));
    }

    #[test]
    fn broken_tables_are_refused() {
        assert!(LetterTable::new(2, &[0.5, 0.6], None).is_err());
        assert!(LetterTable::new(2, &[0.5], None).is_err());
        assert!(LetterTable::new(2, &[], Some(&[1, 1])).is_err());
        assert!(LetterTable::new(0, &[], None).is_err());
    }
}
