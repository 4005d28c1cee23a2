//! Records cut into pieces that hold every window of several lengths.

use std::sync::Arc;

use crate::error::Error;
use crate::io::GenomeReader;

/// Consecutive letters of a record.
#[derive(Debug)]
pub struct Piece {
    /// Name of the record.
    pub id: Arc<str>,
    /// The first letter, counted from 0.
    pub start: u64,
    /// The letters.
    pub tokens: Vec<u8>,
    /// Windows of any length that start at this many first letters belong to the piece; they end inside of it, or past the
    /// end of the record.
    starts: usize,
}

impl Piece {
    /// The letters whose windows of a length are those of the piece.
    pub(super) fn tokens_for(&self, length: usize) -> &[u8] {
        let end = self.tokens.len().min(self.starts + length - 1);
        self.tokens.get(..end).unwrap_or_default()
    }
}

/// Cuts pieces from a reader, one after the other.
#[derive(Debug)]
pub(super) struct Pieces {
    reader: GenomeReader,
    /// Letters of the longest window.
    longest: usize,
    starts: usize,
    current: Option<(Arc<str>, u64)>,
    /// Letters that the last piece shares with the next.
    shared: Vec<u8>,
    /// Letters that were read.
    pub(super) letters: u64,
}

impl Pieces {
    /// Pieces of `starts` windows, of at most `longest` letters each.
    pub(super) fn new(reader: GenomeReader, longest: usize, starts: usize) -> Self {
        Self { reader, longest, starts, current: None, shared: Vec::new(), letters: 0 }
    }

    /// The next piece; `None` at the end.
    pub(super) fn next_piece(&mut self) -> Result<Option<Piece>, Error> {
        loop {
            let (id, start) = match self.current.take() {
                Some(current) => current,
                None => match self.reader.next_record()? {
                    Some(id) => (Arc::from(id), 0),
                    None => return Ok(None),
                },
            };
            let mut tokens = std::mem::take(&mut self.shared);
            let wanted = self.starts + self.longest - 1;
            let missing = wanted - tokens.len();
            self.letters += self.reader.read_letters(&mut tokens, missing)? as u64;
            if tokens.is_empty() {
                continue;
            }
            if tokens.len() < wanted {
                let starts = tokens.len();
                return Ok(Some(Piece { id, start, tokens, starts }));
            }
            self.shared.extend_from_slice(tokens.get(self.starts..).unwrap_or_default());
            self.current = Some((Arc::clone(&id), start + self.starts as u64));
            return Ok(Some(Piece { id, start, tokens, starts: self.starts }));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::alphabet::Alphabet;
    use crate::io::Genome;

    #[test]
    fn every_window_of_every_length_belongs_to_one_piece() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        for length in 1..=20 {
            writeln!(file, ">r{length}\n{}", "ACGTA".repeat(4).get(..length).unwrap()).unwrap();
        }
        let genome = Genome::open(file.path(), Alphabet::Dna).unwrap();
        for (longest, starts) in [(1, 1), (1, 5), (4, 1), (4, 5), (7, 3), (30, 2), (5, 16)] {
            let mut pieces = Pieces::new(genome.reader().unwrap(), longest, starts);
            let mut found = Vec::new();
            while let Some(piece) = pieces.next_piece().unwrap() {
                for width in 1..=longest {
                    for (at, _) in piece.tokens_for(width).windows(width).enumerate() {
                        found.push((width, piece.id.to_string(), piece.start + at as u64));
                    }
                }
            }
            let mut expected = Vec::new();
            for (width, length) in (1..=longest).flat_map(|width| (1..=20).map(move |length| (width, length))) {
                expected.extend((width..=length).map(|end| (width, format!("r{length}"), (end - width) as u64)));
            }
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{longest} {starts}");
        }
    }
}
