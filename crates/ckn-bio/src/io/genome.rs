//! Genomes: files whose records pass through in pieces, and of which parts can be found.
//!
//! FASTA, plain or compressed with gzip, and 2bit, told apart by their first bytes. The index that `samtools faidx` writes
//! beside a FASTA file (`genome.fa.fai`) is used if it is there: for lengths, and, if the file is not compressed, to jump.

mod fasta_index;
mod two_bit;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::alphabet::Alphabet;
use crate::error::Error;
use crate::io::fasta;
use crate::io::source::{Source, open};
use fasta_index::FastaIndex;
use two_bit::TwoBit;

/// Letters that are read rather than jumped over.
const PIECE: usize = 1 << 16;

/// Name and length of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenomeRecord {
    /// Name.
    pub id: String,
    /// Letters.
    pub length: u64,
}

/// A genome file.
#[derive(Debug)]
pub struct Genome {
    path: PathBuf,
    file: Arc<str>,
    alphabet: Alphabet,
    form: Form,
}

#[derive(Debug)]
enum Form {
    /// Read once, from its beginning.
    Pipe,
    /// A file without an index.
    Stream,
    Indexed {
        index: Arc<FastaIndex>,
        seekable: bool,
    },
    TwoBit(Arc<TwoBit>),
}

impl Genome {
    /// Looks at a file, or at standard input if the path is `-`, and at the index beside it.
    ///
    /// # Errors
    /// Those of [`open`]; [`Error::TwoBit`] and [`Error::FastaIndex`] for a 2bit file or an index that is damaged.
    pub fn open(path: impl AsRef<Path>, alphabet: Alphabet) -> Result<Self, Error> {
        let path = path.as_ref().to_owned();
        if path == Path::new("-") {
            return Ok(Self { path, file: Arc::from("standard input"), alphabet, form: Form::Pipe });
        }
        let name: Arc<str> = Arc::from(path.display().to_string());
        let failed = |cause| Error::Open { file: Arc::clone(&name), cause };
        let status = std::fs::metadata(&path).map_err(failed)?;
        if status.is_dir() {
            return Err(Error::Directory(name));
        }
        if !status.is_file() {
            // A pipe: what is looked at is lost to who reads.
            return Ok(Self { path, file: name, alphabet, form: Form::Pipe });
        }
        let file = File::open(&path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let mut head = Vec::new();
        file.take(4).read_to_end(&mut head).map_err(failed)?;
        let form = if two_bit::is_two_bit(&head) {
            Form::TwoBit(Arc::new(TwoBit::open(&path, alphabet)?))
        } else {
            let seekable = !head.starts_with(&[0x1f, 0x8b]);
            match FastaIndex::beside(&path)? {
                Some(index) => {
                    if seekable {
                        index.check_end(length)?;
                    }
                    Form::Indexed { index: Arc::new(index), seekable }
                }
                None => Form::Stream,
            }
        };
        Ok(Self { path, file: name, alphabet, form })
    }

    /// The name of the file, for messages.
    pub fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// The letters that the file is read in.
    pub fn alphabet(&self) -> Alphabet {
        self.alphabet
    }

    /// Whether it can be read more than once: not so standard input and other pipes.
    pub fn is_file(&self) -> bool {
        !matches!(self.form, Form::Pipe)
    }

    /// Names and lengths of all records, if they are known without reading the letters.
    pub fn records(&self) -> Option<Vec<GenomeRecord>> {
        match &self.form {
            Form::Pipe | Form::Stream => None,
            Form::Indexed { index, .. } => Some(index.records()),
            Form::TwoBit(file) => Some(file.records()),
        }
    }

    /// Starts reading, before the first record.
    ///
    /// # Errors
    /// Those of [`open`] and [`fasta::Reader::new`].
    pub fn reader(&self) -> Result<GenomeReader, Error> {
        let kind = match &self.form {
            Form::TwoBit(file) => Kind::TwoBit(two_bit::Reader::new(Arc::clone(file))?),
            _ => Kind::Fasta(fasta::Reader::new(open(&self.path)?, self.alphabet)?),
        };
        let (index, jumps) = match &self.form {
            Form::Indexed { index, seekable } => {
                (Some(Arc::clone(index)), seekable.then(|| (self.path.clone(), Arc::clone(index))))
            }
            _ => (None, None),
        };
        Ok(GenomeReader { kind, index, jumps, started: 0, arrived: false, position: 0 })
    }
}

/// Reads a genome record by record, in pieces.
#[derive(Debug)]
pub struct GenomeReader {
    kind: Kind,
    /// What its file promises.
    index: Option<Arc<FastaIndex>>,
    jumps: Option<(PathBuf, Arc<FastaIndex>)>,
    /// Records whose name was given.
    started: usize,
    /// Whether a jump went to the letters of the next record.
    arrived: bool,
    /// Letters of the current record that were read or left out.
    position: u64,
}

#[derive(Debug)]
enum Kind {
    Fasta(fasta::Reader),
    TwoBit(two_bit::Reader),
}

impl GenomeReader {
    /// The name of the file, for messages.
    pub fn file(&self) -> &Arc<str> {
        match &self.kind {
            Kind::Fasta(reader) => reader.file(),
            Kind::TwoBit(reader) => reader.file(),
        }
    }

    /// Passes to the next record and returns its name; `None` at the end.
    ///
    /// # Errors
    /// Those of [`fasta::Reader::next_id`]; [`Error::Read`].
    pub fn next_record(&mut self) -> Result<Option<&str>, Error> {
        let unread = match &self.jumps {
            Some((_, index)) if self.started > 0 && !self.arrived => {
                index.length(self.started - 1).saturating_sub(self.position)
            }
            _ => 0,
        };
        if let (Kind::Fasta(reader), Some((path, index))) = (&mut self.kind, &self.jumps)
            && unread > PIECE as u64
            && self.started < index.len()
        {
            *reader = jump(path, index, self.started, 0, reader.alphabet())?;
            self.arrived = true;
        }
        self.started += 1;
        self.position = 0;
        let arrived = std::mem::take(&mut self.arrived);
        match &mut self.kind {
            Kind::Fasta(reader) => {
                if arrived {
                    Ok(Some(reader.id()))
                } else {
                    reader.next_id()
                }
            }
            Kind::TwoBit(reader) => Ok(reader.next_id()),
        }
    }

    /// Leaves out records, so that [`Self::next_record`] finds the one after them.
    ///
    /// # Errors
    /// Those of [`fasta::Reader::next_id`]; [`Error::FastaIndex`] if the index does not fit the file.
    pub fn skip_records(&mut self, count: usize) -> Result<(), Error> {
        if count == 0 {
            return Ok(());
        }
        match (&mut self.kind, &self.jumps) {
            (Kind::TwoBit(reader), _) => reader.skip_records(count),
            (Kind::Fasta(reader), Some((path, index))) => {
                *reader = jump(path, index, self.started + count, 0, reader.alphabet())?;
                self.arrived = true;
            }
            (Kind::Fasta(reader), None) => {
                for _ in 0..count {
                    reader.next_id()?;
                }
            }
        }
        self.started += count;
        Ok(())
    }

    /// Leaves out letters of the current record, from where reading stands.
    ///
    /// # Errors
    /// As [`Self::read_letters`]; [`Error::FastaIndex`] if the index does not fit the file.
    pub fn skip_letters(&mut self, count: u64) -> Result<(), Error> {
        match (&mut self.kind, &self.jumps) {
            (Kind::TwoBit(reader), _) => {
                reader.skip_letters(count);
                self.position = self.position.saturating_add(count);
            }
            // A jump costs a look at the header.
            (Kind::Fasta(reader), Some((path, index))) if count > PIECE as u64 && self.started > 0 => {
                self.position = self.position.saturating_add(count);
                *reader = jump(path, index, self.started - 1, self.position, reader.alphabet())?;
            }
            (Kind::Fasta(reader), _) => {
                let mut piece = Vec::with_capacity(PIECE);
                let mut left = count;
                while left > 0 {
                    piece.clear();
                    let read = reader.read_letters(&mut piece, usize::try_from(left).unwrap_or(PIECE).min(PIECE))?;
                    if read == 0 {
                        break;
                    }
                    left -= read as u64;
                    self.position += read as u64;
                }
            }
        }
        Ok(())
    }

    /// Letters of the current record that were read or left out.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Appends up to `at_most` tokens of the current record and returns how many: 0 at its end.
    ///
    /// # Errors
    /// Those of [`fasta::Reader::read_letters`]; [`Error::Read`].
    pub fn read_letters(&mut self, tokens: &mut Vec<u8>, at_most: usize) -> Result<usize, Error> {
        let read = match &mut self.kind {
            Kind::Fasta(reader) => reader.read_letters(tokens, at_most),
            Kind::TwoBit(reader) => reader.read_letters(tokens, at_most),
        }?;
        self.position += read as u64;
        if let (Some(index), Some(record)) = (&self.index, self.started.checked_sub(1)) {
            index.check_length(record, self.position, read == 0 && at_most > 0)?;
        }
        Ok(read)
    }
}

/// A reader at a letter of a record, given by its number from 0.
fn jump(
    path: &Path,
    index: &FastaIndex,
    record: usize,
    letter: u64,
    alphabet: Alphabet,
) -> Result<fasta::Reader, Error> {
    let name = path.display().to_string();
    let mut file = File::open(path).map_err(|cause| Error::Open { file: Arc::from(name.as_str()), cause })?;
    let Some(target) = index.find(record, letter) else {
        // Past the last record: at the end of the file.
        let source = Source::resume(&name, std::io::empty(), 0);
        return Ok(fasta::Reader::resume(source, alphabet, "", record, 0, 0));
    };
    index.check_header(&mut file, record)?;
    index.check_line(&mut file, record, letter)?;
    file.seek(SeekFrom::Start(target.byte)).map_err(|cause| Error::Open { file: Arc::from(name.as_str()), cause })?;
    let source = Source::resume(&name, file, target.line);
    Ok(fasta::Reader::resume(source, alphabet, target.id, record + 1, target.first_line, letter))
}
