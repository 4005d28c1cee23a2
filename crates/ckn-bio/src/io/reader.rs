//! Sequences from a file of any known format.

use std::path::Path;
use std::sync::Arc;

use crate::alphabet::Alphabet;
use crate::encoded::EncodedSequences;
use crate::error::Error;
use crate::io::columns::Columns;
use crate::io::grouped::read_rows;
use crate::io::record::Record;
use crate::io::source::{Source, open};
use crate::io::{delimited, fasta, fastq};
use crate::labelled::LabelledSequences;

/// The format of a file, by its first character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `>`.
    Fasta,
    /// `@`.
    Fastq,
    /// Anything else: a table, if its header names a column of sequences.
    Table,
}

/// Reads records of a FASTA file, a FASTQ file or a table, whichever it is.
///
/// As an iterator it ends after the first error.
#[derive(Debug)]
pub struct SequenceReader {
    reader: Kind,
    alphabet: Alphabet,
    ended: bool,
}

#[derive(Debug)]
enum Kind {
    Fasta(fasta::Reader),
    Fastq(fastq::Reader),
    Table(delimited::Reader),
}

/// Reads all sequences of a FASTA file, a FASTQ file or a table (`.seq`, TSV, CSV), whichever it is; labels are ignored.
///
/// ```
/// use ckn_bio::{Alphabet, io};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("reads.fa");
/// std::fs::write(&path, ">a\nACGT\n>b\nTTGA\n")?;
/// let sequences = io::read_sequences(&path, Alphabet::Dna)?;
/// assert_eq!(sequences.ids(), ["a", "b"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of [`open`], and of the reader of the format that was recognised: [`fasta::Reader`], [`fastq::Reader`],
/// [`delimited::Reader`].
pub fn read_sequences(path: impl AsRef<Path>, alphabet: Alphabet) -> Result<EncodedSequences, Error> {
    SequenceReader::new(open(path)?, alphabet)?.read_all()
}

/// Reads all sequences and labels of a table (`.seq`, TSV, CSV) with [`Columns::default`].
///
/// Labels are finite numbers, or names of classes, which are numbered as [`ClassNames`](crate::ClassNames) says:
///
/// ```
/// # use ckn_bio::{Alphabet, io};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("table.tsv");
/// std::fs::write(&path, "sequence\tlabel\nACGT\tenhancer\nTTGA\tother\n")?;
/// let data = io::read_labelled(&path, Alphabet::Dna)?;
/// assert_eq!((data.labels(), data.classes()), (&[1.0, 0.0][..], &["other".to_owned(), "enhancer".to_owned()][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::NoLabels`] for FASTA and FASTQ; [`TaskError::MixedLabels`](crate::TaskError::MixedLabels) where a number follows names;
/// [`TaskError::SeveralTasks`](crate::TaskError::SeveralTasks) where a column `task` says that there are several; those of
/// [`delimited::read`].
pub fn read_labelled(path: impl AsRef<Path>, alphabet: Alphabet) -> Result<LabelledSequences, Error> {
    let mut source = open(path)?;
    match detect(&mut source)? {
        Format::Table => read_rows(delimited::Reader::new(source, alphabet, &Columns::default())?, alphabet, None),
        Format::Fasta | Format::Fastq => Err(Error::NoLabels(Arc::clone(source.file()))),
    }
}

/// The format of a source, which is left at its first line that is not empty.
///
/// ```
/// use ckn_bio::io::{Format, Source, detect};
/// let mut source = Source::new("typed", std::io::Cursor::new(b"\n>a\nACGT\n"))?;
/// assert!(matches!(detect(&mut source)?, Format::Fasta));
/// # Ok::<(), ckn_bio::Error>(())
/// ```
///
/// # Errors
/// [`Error::EmptyFile`], and those of reading.
pub fn detect(source: &mut Source) -> Result<Format, Error> {
    if !source.skip_blank_lines()? {
        return Err(Error::EmptyFile(Arc::clone(source.file())));
    }
    Ok(match source.peek()? {
        Some(b'>') => Format::Fasta,
        Some(b'@') => Format::Fastq,
        _ => Format::Table,
    })
}

impl SequenceReader {
    /// Recognises the format.
    ///
    /// # Errors
    /// As [`read_sequences`].
    pub fn new(mut source: Source, alphabet: Alphabet) -> Result<Self, Error> {
        let reader = match detect(&mut source)? {
            Format::Fasta => Kind::Fasta(fasta::Reader::new(source, alphabet)?),
            Format::Fastq => Kind::Fastq(fastq::Reader::new(source, alphabet)?),
            Format::Table => {
                let sequences_alone = Columns::default().labels::<&str>([]);
                Kind::Table(delimited::Reader::new(source, alphabet, &sequences_alone)?)
            }
        };
        Ok(Self { reader, alphabet, ended: false })
    }

    /// The name of the file, for messages.
    pub fn file(&self) -> &Arc<str> {
        match &self.reader {
            Kind::Fasta(reader) => reader.file(),
            Kind::Fastq(reader) => reader.file(),
            Kind::Table(reader) => reader.file(),
        }
    }

    /// Replaces `record` by the next one; `false` at the end.
    ///
    /// # Errors
    /// Those of the reader of the format.
    pub fn read_record(&mut self, record: &mut Record) -> Result<bool, Error> {
        match &mut self.reader {
            Kind::Fasta(reader) => reader.read_record(record),
            Kind::Fastq(reader) => reader.read_record(record),
            Kind::Table(reader) => reader.read_record(record),
        }
    }

    /// Reads the sequences that are left, as [`read_sequences`] does of a file.
    ///
    /// ```
    /// # use ckn_bio::{Alphabet, io::{SequenceReader, Source}};
    /// let source = Source::new("typed", std::io::Cursor::new(b">a\nACGT\n>b\nTTGA\n"))?;
    /// let sequences = SequenceReader::new(source, Alphabet::Dna)?.read_all()?;
    /// assert_eq!((sequences.len(), sequences.decode(1)), (2, "TTGA".to_owned()));
    /// # Ok::<(), ckn_bio::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of the reader of the format; [`Error::NoRows`] where there is no sequence.
    pub fn read_all(mut self) -> Result<EncodedSequences, Error> {
        let (mut sequences, mut record) = (EncodedSequences::new(self.alphabet), Record::default());
        while self.read_record(&mut record)? {
            let footprint = record.footprint();
            match &mut self.reader {
                Kind::Fasta(reader) => reader.hold(footprint)?,
                Kind::Fastq(reader) => reader.hold(footprint)?,
                Kind::Table(reader) => reader.hold(footprint)?,
            }
            record.move_into(self.file(), &mut sequences);
        }
        if sequences.is_empty() { Err(Error::NoRows(Arc::clone(self.file()))) } else { Ok(sequences) }
    }
}

impl Iterator for SequenceReader {
    type Item = Result<Record, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let mut record = Record::default();
        let item = self.read_record(&mut record);
        self.ended = !matches!(item, Ok(true));
        match item {
            Ok(true) => Some(Ok(record)),
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        }
    }
}
