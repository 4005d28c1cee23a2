//! Bytes of a file or of standard input, decompressed, with the line they are on.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;

use ckn_core::{Mebibytes, memory_limit};

use super::gzip::{Expansion, Members};
use crate::error::Error;
use crate::place::Place;

const BUFFER_BYTES: usize = 1 << 16;
/// Bytes of a line that are read between two looks at how far a compressed file has expanded.
const PIECE_BYTES: usize = 1 << 24;
/// The longest magic number looked for.
const MAGIC_BYTES: usize = 6;
const GZIP: &[u8] = &[0x1f, 0x8b];
const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];
const OTHER_COMPRESSIONS: [(&[u8], &str); 4] =
    [(b"BZh", "bzip2"), (b"\xfd7zXZ\0", "xz"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"PK\x03\x04", "zip")];

/// A buffered reader that knows its name and counts lines.
pub struct Source {
    reader: Box<dyn BufRead + Send>,
    file: Arc<str>,
    lines: u64,
    /// None if it is not compressed.
    expansion: Option<Arc<Expansion>>,
    /// Bytes of memory that what was read of it takes.
    held: u64,
}

/// Opens a file, or standard input if the path is `-`. Data compressed with gzip are recognised by their first bytes,
/// whatever the name of the file, and read to the end of their last member (so bgzip works).
///
/// ```
/// use ckn_bio::io::open;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("reads.fa");
/// std::fs::write(&path, ">a\nACGT\n")?;
/// assert_eq!(open(&path)?.next_line(), 1);
/// assert!(open(folder.path()).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Open`], [`Error::Directory`], [`Error::EmptyFile`]; [`Error::Compressed`] for bzip2, xz, zstd and zip;
/// [`Error::NotText`] for UTF-16; [`Error::Decompress`] for gzip that is damaged from its start.
pub fn open(path: impl AsRef<Path>) -> Result<Source, Error> {
    let path = path.as_ref();
    if path == Path::new("-") {
        return Source::new("standard input", io::stdin());
    }
    let name = path.display().to_string();
    let failed = |cause| Error::Open { file: Arc::from(name.as_str()), cause };
    // A directory opens like a file on some systems, and fails with a misleading message on others.
    if std::fs::metadata(path).map_err(failed)?.is_dir() {
        return Err(Error::Directory(Arc::from(name.as_str())));
    }
    Source::new(&name, File::open(path).map_err(failed)?)
}

impl Source {
    /// Reads from anything; `name` is what messages call it. See [`open`].
    ///
    /// # Errors
    /// As [`open`], but for the first two.
    pub fn new(name: &str, reader: impl Read + Send + 'static) -> Result<Self, Error> {
        let file: Arc<str> = Arc::from(name);
        let plain = Box::new(BufReader::with_capacity(BUFFER_BYTES, reader));
        let mut source = Self { reader: plain, file, lines: 0, expansion: None, held: 0 };
        let mut magic = source.take_magic()?;
        if magic.starts_with(GZIP) {
            let compressed = Cursor::new(magic).chain(source.reader);
            let (members, expansion) = Members::new(compressed);
            let decoder = BufReader::with_capacity(BUFFER_BYTES, members);
            source = Self { reader: Box::new(decoder), expansion: Some(expansion), ..source };
            magic = source.take_magic()?;
            if magic.starts_with(GZIP) {
                return Err(Error::Compressed { file: source.file, format: "gzip within gzip" });
            }
        }
        if magic.is_empty() {
            return Err(Error::EmptyFile(source.file));
        }
        if let Some((_, format)) = OTHER_COMPRESSIONS.iter().find(|(head, _)| magic.starts_with(head)) {
            return Err(Error::Compressed { file: source.file, format });
        }
        if magic.starts_with(&[0xff, 0xfe]) || magic.starts_with(&[0xfe, 0xff]) {
            return Err(Error::NotText(source.here()));
        }
        if magic.starts_with(UTF8_MARK) {
            magic.drain(..UTF8_MARK.len());
        }
        source.reader = Box::new(Cursor::new(magic).chain(source.reader));
        Ok(source)
    }

    /// Reads on in the middle of a plain file, after `lines` lines.
    pub(crate) fn resume(name: &str, reader: impl Read + Send + 'static, lines: u64) -> Self {
        let reader = Box::new(BufReader::with_capacity(BUFFER_BYTES, reader));
        Self { reader, file: Arc::from(name), lines, expansion: None, held: 0 }
    }

    /// The name of the file, for messages.
    pub fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// The line that the next byte is on, counted from 1.
    pub fn next_line(&self) -> u64 {
        self.lines + 1
    }

    /// The next byte, which stays unread; `None` at the end.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Decompress`].
    pub fn peek(&mut self) -> Result<Option<u8>, Error> {
        Ok(self.buffered()?.first().copied())
    }

    /// Replaces `line` by the next line, without its end (`\n` or `\r\n`); `false` at the end of the input.
    ///
    /// # Errors
    /// [`Error::LineTooLong`] beyond `limit` bytes; [`Error::CarriageReturn`] for one inside the line; [`Error::Read`],
    /// [`Error::Decompress`].
    pub fn read_line(&mut self, line: &mut Vec<u8>, limit: usize) -> Result<bool, Error> {
        line.clear();
        let at = self.here();
        // Two more bytes for the end of a line that is just as long as allowed.
        let most = limit.saturating_add(2);
        loop {
            let piece = PIECE_BYTES.min(most - line.len());
            let outcome = (&mut self.reader).take(piece as u64).read_until(b'\n', line);
            let read = outcome.map_err(|cause| self.failure(cause))?;
            if read < piece || line.last() == Some(&b'\n') || line.len() >= most {
                break;
            }
            self.check_expansion()?;
        }
        if line.is_empty() {
            return Ok(false);
        }
        self.lines += 1;
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        if line.len() > limit {
            return Err(Error::LineTooLong { at, limit });
        }
        if line.contains(&b'\r') {
            return Err(Error::CarriageReturn(at));
        }
        Ok(true)
    }

    /// Passes over empty lines; `false` if nothing but such lines was left.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Decompress`].
    pub fn skip_blank_lines(&mut self) -> Result<bool, Error> {
        loop {
            let bytes = self.buffered()?;
            if bytes.is_empty() {
                return Ok(false);
            }
            let blank = bytes.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
            let ends = blank < bytes.len();
            self.consume(blank);
            if ends {
                return Ok(true);
            }
        }
    }

    /// Says that what was read last stays in memory, with `bytes`.
    ///
    /// # Errors
    /// [`Error::TooLarge`] once all of it takes more than [`ckn_core::memory_limit`]; [`Error::Expands`] for a compressed file
    /// that expands as honest text does not.
    pub(crate) fn hold(&mut self, bytes: usize) -> Result<(), Error> {
        self.held = self.held.saturating_add(bytes as u64);
        self.check_expansion()?;
        let limit = memory_limit();
        if self.held > limit {
            return Err(Error::TooLarge { at: self.last_line(), limit: Mebibytes(limit) });
        }
        Ok(())
    }

    /// Checks that a compressed file does not expand as honest text does not.
    pub(crate) fn check_expansion(&self) -> Result<(), Error> {
        match self.expansion.as_ref().and_then(|expansion| expansion.excess(self.held)) {
            Some((compressed, decompressed)) => {
                Err(Error::Expands { at: self.last_line(), compressed, decompressed: Mebibytes(decompressed) })
            }
            None => Ok(()),
        }
    }

    /// The line before the next byte.
    fn last_line(&self) -> Box<Place> {
        Place::line(&self.file, self.lines.max(1))
    }

    /// Bytes that are there without asking the system again; empty only at the end.
    pub(crate) fn buffered(&mut self) -> Result<&[u8], Error> {
        loop {
            match self.reader.fill_buf() {
                Ok(_) => break,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => return Err(self.failure(cause)),
            }
        }
        // The borrow checker does not accept a borrow returned from inside the loop; the buffer is full by now.
        let (file, line, compressed) = (&self.file, self.lines + 1, self.expansion.is_some());
        self.reader.fill_buf().map_err(|cause| failure(file, line, compressed, cause))
    }

    /// Passes over bytes of [`Self::buffered`].
    pub(crate) fn consume(&mut self, count: usize) {
        if let Ok(bytes) = self.reader.fill_buf() {
            self.lines += bytes.iter().take(count).filter(|&&byte| byte == b'\n').count() as u64;
            self.reader.consume(count);
        }
    }

    /// The current line as a place.
    pub(crate) fn here(&self) -> Box<Place> {
        Place::line(&self.file, self.next_line())
    }

    fn take_magic(&mut self) -> Result<Vec<u8>, Error> {
        let mut magic = Vec::with_capacity(MAGIC_BYTES);
        let outcome = (&mut self.reader).take(MAGIC_BYTES as u64).read_to_end(&mut magic);
        outcome.map_err(|cause| self.failure(cause))?;
        Ok(magic)
    }

    fn failure(&self, cause: io::Error) -> Error {
        failure(&self.file, self.next_line(), self.expansion.is_some(), cause)
    }
}

fn failure(file: &Arc<str>, line: u64, compressed: bool, cause: io::Error) -> Error {
    let at = Place::line(file, line);
    if compressed { Error::Decompress { at, cause } } else { Error::Read { at, cause } }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("file", &self.file).field("lines", &self.lines).finish_non_exhaustive()
    }
}
