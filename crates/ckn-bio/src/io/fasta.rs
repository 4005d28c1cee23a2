//! FASTA: `>name description`, then letters on any number of lines.

use std::io::Write;
use std::sync::Arc;

use crate::alphabet::{Alphabet, NO_TOKEN};
use crate::encoded::EncodedSequences;
use crate::error::Error;
use crate::io::record::{MAX_HEADER_BYTES, Record, most_letters};
use crate::io::source::Source;
use crate::place::{Place, shown};

/// Letters read between two looks at how far a compressed file has expanded.
const PIECE_LETTERS: usize = 1 << 24;

/// Reads FASTA record by record, or in pieces of a record.
///
/// The name of a record is the first word after `>`. Letters may be wrapped anywhere; spaces, tabs and empty lines between
/// them are passed over. Lines end with `\n` or `\r\n`, the last one with either or nothing.
///
/// Memory is that of one record, or of one piece: see [`Self::next_id`] and [`Self::read_letters`] for sequences that are
/// not to be held whole.
#[derive(Debug)]
pub struct Reader {
    source: Source,
    alphabet: Alphabet,
    header: Vec<u8>,
    /// Name, number and first line of the record being read; its tokens stay empty.
    current: Record,
    letters_read: usize,
    line_start: bool,
}

impl Reader {
    /// Starts at the first record.
    ///
    /// # Errors
    /// [`Error::EmptyFile`]; [`Error::NotFasta`] if the first line that is not empty does not start with `>`.
    pub fn new(mut source: Source, alphabet: Alphabet) -> Result<Self, Error> {
        if !source.skip_blank_lines()? {
            return Err(Error::EmptyFile(Arc::clone(source.file())));
        }
        if source.peek()? != Some(b'>') {
            return Err(Error::NotFasta { at: source.here(), starts: shown(first_word(source.buffered()?)) });
        }
        let (header, current) = (Vec::new(), Record::default());
        Ok(Self { source, alphabet, header, current, letters_read: 0, line_start: true })
    }

    /// Reads on in the middle of a record: its name, its number and line counted from 1, and letters before the source.
    pub(crate) fn resume(
        source: Source,
        alphabet: Alphabet,
        id: &str,
        number: usize,
        line: u64,
        letters_read: u64,
    ) -> Self {
        let mut current = Record::default();
        current.start(number, line);
        current.id.push_str(id);
        let letters_read = usize::try_from(letters_read).unwrap_or(usize::MAX);
        Self { source, alphabet, header: Vec::new(), current, letters_read, line_start: letters_read == 0 }
    }

    /// Name of the record being read; empty before the first.
    pub fn id(&self) -> &str {
        &self.current.id
    }

    /// The alphabet that letters are read in.
    pub fn alphabet(&self) -> Alphabet {
        self.alphabet
    }

    /// The name of the file, for messages.
    pub fn file(&self) -> &Arc<str> {
        self.source.file()
    }

    /// Replaces `record` by the next one; `false` at the end.
    ///
    /// # Errors
    /// [`Error::MissingId`], [`Error::BadId`], [`Error::EmptyRecord`], [`Error::Letter`], [`Error::TooManyLetters`], and
    /// those of [`Source::read_line`].
    pub fn read_record(&mut self, record: &mut Record) -> Result<bool, Error> {
        if self.next_id()?.is_none() {
            return Ok(false);
        }
        record.start(self.current.number, self.current.line);
        record.id.push_str(&self.current.id);
        let limit = most_letters();
        while record.tokens.len() < limit {
            let most = PIECE_LETTERS.min(limit - record.tokens.len());
            if self.read_letters(&mut record.tokens, most)? == 0 {
                return Ok(true);
            }
            self.source.check_expansion()?;
        }
        Err(Error::TooManyLetters { at: record.place(self.file()), limit })
    }

    /// See [`Source::hold`].
    pub(crate) fn hold(&mut self, bytes: usize) -> Result<(), Error> {
        self.source.hold(bytes)
    }

    /// Passes to the next record and returns its name; `None` at the end. What was left unread of the last record is read,
    /// and checked, but not kept.
    ///
    /// # Errors
    /// As [`Self::read_record`].
    pub fn next_id(&mut self) -> Result<Option<&str>, Error> {
        let mut piece = Vec::new();
        while self.current.number > 0 && self.read_letters(&mut piece, MAX_HEADER_BYTES)? > 0 {
            piece.clear();
        }
        let line = self.source.next_line();
        if !self.source.read_line(&mut self.header, MAX_HEADER_BYTES)? {
            return Ok(None);
        }
        self.current.start(self.current.number + 1, line);
        self.letters_read = 0;
        self.line_start = true;
        let words = self.header.get(1..).unwrap_or_default();
        self.current.set_id(self.source.file(), first_word(words))?;
        Ok(Some(&self.current.id))
    }

    /// Appends up to `at_most` tokens of the current record and returns how many: 0 at its end. Lets chromosomes pass
    /// through in pieces.
    ///
    /// # Errors
    /// As [`Self::read_record`].
    pub fn read_letters(&mut self, tokens: &mut Vec<u8>, at_most: usize) -> Result<usize, Error> {
        let start = tokens.len();
        let codes = self.alphabet.codes();
        while tokens.len() - start < at_most {
            let bytes = self.source.buffered()?;
            if bytes.is_empty() || (self.line_start && bytes.first() == Some(&b'>')) {
                if self.letters_read + tokens.len() - start == 0 && self.current.number > 0 {
                    return Err(Error::EmptyRecord(self.current.place(self.source.file())));
                }
                break;
            }
            let bytes = &bytes[..bytes.len().min(at_most - (tokens.len() - start))];
            let end = bytes.iter().position(|&byte| byte == b'\n');
            let piece = &bytes[..end.unwrap_or(bytes.len())];
            let before = tokens.len();
            tokens.extend(piece.iter().map(|&letter| codes[usize::from(letter)]));
            if tokens[before..].contains(&NO_TOKEN) {
                tokens.truncate(before);
                for &letter in piece.iter().filter(|letter| !matches!(letter, b' ' | b'\t' | b'\r')) {
                    let token = codes[usize::from(letter)];
                    if token == NO_TOKEN {
                        let position = self.letters_read.saturating_add(tokens.len() - start + 1);
                        let Record { number, id, .. } = &self.current;
                        let at = Place::record(self.source.file(), self.source.next_line(), *number, id);
                        return Err(self.alphabet.bad_letter(letter, position, at));
                    }
                    tokens.push(token);
                }
            }
            let consumed = end.map_or(piece.len(), |end| end + 1);
            self.line_start = end.is_some();
            self.source.consume(consumed);
        }
        let read = tokens.len() - start;
        self.letters_read += read;
        Ok(read)
    }
}

/// Writes sequences as FASTA, `line_width` letters per line; 0 writes each sequence on one line.
///
/// Names are written as they are: one that holds a space is read back up to that space. A sequence without letters is
/// written as a name alone, which readers refuse.
///
/// ```
/// use ckn_bio::{Alphabet, EncodedSequences, io::write_fasta};
///
/// let mut sequences = EncodedSequences::new(Alphabet::Rna);
/// sequences.push("hairpin", b"gggaaaccc")?;
/// let mut text = Vec::new();
/// write_fasta(&mut text, &sequences, 6)?;
/// assert_eq!(text, b">hairpin\nGGGAAA\nCCC\n");
/// # Ok::<(), ckn_bio::Error>(())
/// ```
///
/// # Errors
/// [`Error::Write`].
pub fn write_fasta(writer: &mut impl Write, sequences: &EncodedSequences, line_width: usize) -> Result<(), Error> {
    let width = if line_width == 0 { usize::MAX } else { line_width };
    let mut text = Vec::new();
    for (id, tokens) in sequences.ids().iter().zip(sequences.iter()) {
        text.clear();
        text.push(b'>');
        text.extend_from_slice(id.as_bytes());
        text.push(b'\n');
        for line in tokens.chunks(width) {
            text.extend(line.iter().map(|&token| sequences.alphabet().decode(token) as u8));
            text.push(b'\n');
        }
        writer.write_all(&text)?;
    }
    Ok(writer.flush()?)
}

pub(crate) fn first_word(bytes: &[u8]) -> &[u8] {
    bytes.split(u8::is_ascii_whitespace).find(|word| !word.is_empty()).unwrap_or_default()
}
