//! Sets of sequences as tokens.

use std::collections::HashMap;
use std::sync::Arc;

use ckn_core::TokenView;

use crate::alphabet::Alphabet;
use crate::error::Error;
use crate::place::{Place, name};

/// Named sequences of one alphabet, as flat tokens.
///
/// Sequence `i` is `tokens[offsets[i]..offsets[i + 1]]`; lengths may differ. Every sequence remembers the file, line and
/// record it was read from, through selections too, so that a later message can say where it stands. Two sets are equal if
/// their alphabets, names and letters are.
///
/// ```
/// use ckn_bio::{Alphabet, EncodedSequences};
///
/// let mut sequences = EncodedSequences::new(Alphabet::Dna);
/// sequences.push("peak_1", b"ACGTN")?;
/// assert_eq!(sequences.reverse_complement()?.decode(0), "NACGT");
/// assert_eq!(sequences.unknown_count(), 1);
/// # Ok::<(), ckn_bio::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct EncodedSequences {
    alphabet: Alphabet,
    tokens: Vec<u8>,
    offsets: Vec<usize>,
    ids: Vec<String>,
    origins: Vec<Origin>,
}

/// Where a sequence was read; `line` is 0 for a sequence that was never in a file.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) file: Option<Arc<str>>,
    pub(crate) line: u64,
    pub(crate) record: usize,
}

impl EncodedSequences {
    /// An empty set.
    pub fn new(alphabet: Alphabet) -> Self {
        Self { alphabet, tokens: Vec::new(), offsets: vec![0], ids: Vec::new(), origins: Vec::new() }
    }

    /// The alphabet of all sequences.
    pub fn alphabet(&self) -> Alphabet {
        self.alphabet
    }

    /// Number of sequences.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no sequence.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Tokens of one sequence.
    ///
    /// # Panics
    /// If `record` is not below [`Self::len`].
    #[inline]
    pub fn sequence(&self, record: usize) -> &[u8] {
        &self.tokens[self.offsets[record]..self.offsets[record + 1]]
    }

    /// Every sequence in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.offsets.windows(2).map(|range| &self.tokens[range[0]..range[1]])
    }

    /// Names of the sequences.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// All tokens, sequence after sequence.
    pub fn tokens(&self) -> &[u8] {
        &self.tokens
    }

    /// Where each sequence starts, and the number of tokens at the end.
    pub fn offsets(&self) -> &[usize] {
        &self.offsets
    }

    /// Where a sequence was read.
    ///
    /// # Panics
    /// If `record` is not below [`Self::len`].
    pub fn place(&self, record: usize) -> Place {
        let origin = &self.origins[record];
        Place {
            file: origin.file.clone(),
            line: (origin.line > 0).then_some(origin.line),
            record: Some(origin.record),
            id: Some(self.ids[record].clone()),
        }
    }

    /// The sequences as everything that computes takes them. Checks all tokens, in one pass over them.
    #[expect(clippy::expect_used, reason = "every way into the set checks its tokens and keeps the offsets")]
    pub fn view(&self) -> TokenView<'_> {
        TokenView::new(&self.tokens, &self.offsets, self.alphabet.table()).expect("the set is sound")
    }

    /// Adds a sequence of ASCII letters. It may be empty.
    ///
    /// # Errors
    /// [`Error::Letter`] for a character outside the alphabet; [`Error::MissingId`] and [`Error::BadId`] for a name that is
    /// empty or holds control characters. The set is then unchanged.
    pub fn push(&mut self, id: &str, letters: &[u8]) -> Result<(), Error> {
        self.check_id(id)?;
        let (alphabet, record) = (self.alphabet, self.len() + 1);
        alphabet.encode(letters, &mut self.tokens, || place_of(record, id))?;
        self.close(id.to_owned(), None);
        Ok(())
    }

    /// Adds a sequence of tokens. It may be empty.
    ///
    /// # Errors
    /// [`Error::Token`] for a number that is no token of the alphabet; [`Error::MissingId`] and [`Error::BadId`]. The set is
    /// then unchanged.
    pub fn push_tokens(&mut self, id: &str, tokens: &[u8]) -> Result<(), Error> {
        self.check_id(id)?;
        let known = self.alphabet.token_count();
        if let Some(index) = tokens.iter().position(|&token| usize::from(token) >= known) {
            return Err(Error::Token { token: tokens[index], index, alphabet: self.alphabet, known });
        }
        self.push_trusted(id.to_owned(), tokens, None);
        Ok(())
    }

    /// Adds a sequence that was checked where it was read or made.
    pub(crate) fn push_trusted(&mut self, id: String, tokens: &[u8], origin: Option<Origin>) {
        self.tokens.extend_from_slice(tokens);
        self.close(id, origin);
    }

    /// Adds all sequences of another set, which keep their places.
    ///
    /// # Errors
    /// [`Error::MixedAlphabets`].
    pub fn extend(&mut self, other: &Self) -> Result<(), Error> {
        if self.alphabet != other.alphabet {
            return Err(Error::MixedAlphabets { expected: self.alphabet, got: other.alphabet });
        }
        let start = self.tokens.len();
        self.tokens.extend_from_slice(&other.tokens);
        self.offsets.extend(other.offsets.iter().skip(1).map(|offset| start + offset));
        self.ids.extend_from_slice(&other.ids);
        self.origins.extend_from_slice(&other.origins);
        Ok(())
    }

    /// The sequences of the given 0-based indices, in their order; an index may come more than once.
    ///
    /// # Errors
    /// [`Error::NoSuchRecord`].
    pub fn select(&self, records: &[usize]) -> Result<Self, Error> {
        let mut chosen = Self::new(self.alphabet);
        for &index in records {
            if index >= self.len() {
                return Err(Error::NoSuchRecord { index, len: self.len() });
            }
            chosen.push_trusted(self.ids[index].clone(), self.sequence(index), Some(self.origins[index].clone()));
        }
        Ok(chosen)
    }

    /// The same sequences, those shorter than `shortest` letters lengthened by unknown letters at their end.
    #[must_use]
    pub fn padded(&self, shortest: usize) -> Self {
        let mut padded = Self::new(self.alphabet);
        let unknown = self.alphabet.unknown();
        let mut tokens = Vec::new();
        for record in 0..self.len() {
            tokens.clear();
            tokens.extend_from_slice(self.sequence(record));
            tokens.resize(tokens.len().max(shortest), unknown);
            padded.push_trusted(self.ids[record].clone(), &tokens, Some(self.origins[record].clone()));
        }
        padded
    }

    /// Every sequence read from the opposite strand, under the same name.
    ///
    /// # Errors
    /// [`Error::NoComplement`] for protein.
    pub fn reverse_complement(&self) -> Result<Self, Error> {
        let alphabet = self.alphabet;
        let map = alphabet.table().complement().ok_or(Error::NoComplement(alphabet))?;
        let mut other = self.clone();
        for range in self.offsets.windows(2) {
            let tokens = &mut other.tokens[range[0]..range[1]];
            tokens.reverse();
            tokens.iter_mut().for_each(|token| *token = map[usize::from(*token)]);
        }
        Ok(other)
    }

    /// The symbols of one sequence, in upper case.
    ///
    /// # Panics
    /// If `record` is not below [`Self::len`].
    pub fn decode(&self, record: usize) -> String {
        self.sequence(record).iter().map(|&token| self.alphabet.decode(token)).collect()
    }

    /// Number of tokens that are no single letter (N, R, X, ...), over all sequences.
    pub fn unknown_count(&self) -> usize {
        let letters = self.alphabet.letter_count();
        self.tokens.iter().filter(|&&token| usize::from(token) >= letters).count()
    }

    /// Checks that no two sequences have the same name.
    ///
    /// # Errors
    /// [`Error::DuplicateId`] names the first two that do.
    pub fn check_unique_ids(&self) -> Result<(), Error> {
        let mut seen = HashMap::with_capacity(self.len());
        for (record, id) in self.ids.iter().enumerate() {
            if let Some(first) = seen.insert(id.as_str(), record) {
                let (first, second) = (Box::new(self.place(first)), Box::new(self.place(record)));
                return Err(Error::DuplicateId { first, second });
            }
        }
        Ok(())
    }

    fn close(&mut self, id: String, origin: Option<Origin>) {
        self.offsets.push(self.tokens.len());
        self.ids.push(id);
        let record = self.ids.len();
        self.origins.push(origin.unwrap_or(Origin { file: None, line: 0, record }));
    }

    fn check_id(&self, id: &str) -> Result<(), Error> {
        name(id.as_bytes(), || place_of(self.len() + 1, id)).map(drop)
    }
}

fn place_of(record: usize, id: &str) -> Box<Place> {
    let id = if id.is_empty() { None } else { Some(id.to_owned()) };
    Box::new(Place { record: Some(record), id, ..Place::default() })
}

impl PartialEq for EncodedSequences {
    fn eq(&self, other: &Self) -> bool {
        self.alphabet == other.alphabet
            && self.offsets == other.offsets
            && self.tokens == other.tokens
            && self.ids == other.ids
    }
}

impl Eq for EncodedSequences {}
