//! gzip of one member or many, and how far it expands.

use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::GzHeader;
use flate2::bufread::GzDecoder;

/// Bytes before and after decompression, so far.
#[derive(Debug, Default)]
pub(super) struct Expansion {
    compressed: AtomicU64,
    decompressed: AtomicU64,
}

/// How many times its compressed bytes honest text takes at most. DNA takes 4, a wide table of zeros with a sequence in each row 80;
/// gzip itself ends near 1,000, and near 220 at its fastest.
const MOST_TIMES: u64 = 150;
/// Below this nothing is suspicious: 64 MiB.
const HARMLESS: u64 = 64 << 20;

impl Expansion {
    /// Bytes before and after, if no honest text expands so far; `held` are those of memory that it takes.
    pub(super) fn excess(&self, held: u64) -> Option<(u64, u64)> {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (compressed, decompressed) = (read(&self.compressed), read(&self.decompressed));
        (decompressed.max(held) > HARMLESS && decompressed / MOST_TIMES > compressed)
            .then_some((compressed, decompressed))
    }
}

/// Decompresses all members of a file, one after the other.
///
/// The blocks of BGZF (bgzip, samtools) are members, and its last one is empty: a file that was cut between two blocks lacks it,
/// and is refused.
///
/// Source: *Sequence Alignment/Map Format Specification*, section 4.1.
pub(super) struct Members<R> {
    /// None only after an error.
    member: Option<GzDecoder<Counted<R>>>,
    /// Decompressed bytes of this member.
    length: u64,
    expansion: Arc<Expansion>,
}

impl<R: BufRead> Members<R> {
    pub(super) fn new(reader: R) -> (Self, Arc<Expansion>) {
        let expansion = Arc::new(Expansion::default());
        let counted = Counted { reader, expansion: Arc::clone(&expansion) };
        (Self { member: Some(GzDecoder::new(counted)), length: 0, expansion: Arc::clone(&expansion) }, expansion)
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(member) = &mut self.member else { return Ok(0) };
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                self.length += read as u64;
                self.expansion.decompressed.fetch_add(read as u64, Ordering::Relaxed);
                return Ok(read);
            }
            let is_block = member.header().is_some_and(is_bgzf);
            if member.get_mut().fill_buf()?.is_empty() {
                if is_block && self.length > 0 {
                    let reason = "the empty block that ends a BGZF file is missing";
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, reason));
                }
                return Ok(0);
            }
            self.length = 0;
            self.member = self.member.take().map(|member| GzDecoder::new(member.into_inner()));
        }
    }
}

/// Whether a member is a block of BGZF: its extra field has the subfield `BC`.
fn is_bgzf(header: &GzHeader) -> bool {
    let mut extra = header.extra().unwrap_or_default();
    while let Some((&[first, second, low, high], rest)) = extra.split_first_chunk::<4>() {
        let length = usize::from(u16::from_le_bytes([low, high]));
        if (first, second, length) == (b'B', b'C', 2) {
            return true;
        }
        extra = rest.get(length..).unwrap_or_default();
    }
    false
}

/// Counts what is taken.
struct Counted<R> {
    reader: R,
    expansion: Arc<Expansion>,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.expansion.compressed.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.expansion.compressed.fetch_add(count as u64, Ordering::Relaxed);
        self.reader.consume(count);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::GzBuilder;
    use flate2::write::GzEncoder;

    use super::*;

    /// A block of BGZF. Its size field is not looked at here.
    fn block(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzBuilder::new().extra(b"BC\x02\0\0\0".to_vec()).write(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn plain(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> io::Result<String> {
        let mut text = String::new();
        Members::new(bytes).0.read_to_string(&mut text).map(|_| text)
    }

    #[test]
    fn a_bgzf_file_without_its_last_block_is_cut() {
        let whole = [block(b">a\nAC"), block(b"GT\n"), block(b"")].concat();
        assert_eq!(read(&whole).unwrap(), ">a\nACGT\n");
        let cut = [block(b">a\nAC"), block(b"GT\n")].concat();
        assert_eq!(read(&cut).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        // `cat` of two files keeps the empty block of the first inside.
        assert_eq!(read(&[whole.clone(), whole.clone()].concat()).unwrap(), ">a\nACGT\n>a\nACGT\n");
        assert_eq!(read(&[whole, plain(b">b\nA\n")].concat()).unwrap(), ">a\nACGT\n>b\nA\n");
    }

    #[test]
    fn members_of_gzip_need_no_end_and_stand_no_garbage() {
        let two = [plain(b"one\n"), plain(b""), plain(b"two\n")].concat();
        assert_eq!(read(&two).unwrap(), "one\ntwo\n");
        assert!(read(&[plain(b"one\n"), b"garbage".to_vec()].concat()).is_err());
        assert!(read(&two[..two.len() - 3]).is_err());
        assert_eq!(read(b"").unwrap_or_default(), "");
    }

    #[test]
    fn other_subfields_before_that_of_bgzf_are_passed_over() {
        let header = |extra: &[u8]| {
            let mut encoder = GzBuilder::new().extra(extra.to_vec()).write(Vec::new(), Compression::fast());
            encoder.write_all(b"x").unwrap();
            let bytes = encoder.finish().unwrap();
            let mut decoder = GzDecoder::new(bytes.as_slice());
            decoder.read_to_end(&mut Vec::new()).unwrap();
            is_bgzf(decoder.header().unwrap())
        };
        assert!(header(b"AP\x03\0xyzBC\x02\0\x1b\0"));
        assert!(!header(b"AP\x03\0BC\x02"));
        assert!(!header(b"BC\xff\xff"));
    }

    #[test]
    fn text_that_expands_a_thousand_times_is_in_excess() {
        let bomb = plain(&vec![b'A'; 80 << 20]);
        let (mut members, expansion) = Members::new(bomb.as_slice());
        io::copy(&mut members, &mut io::sink()).unwrap();
        let (compressed, decompressed) = expansion.excess(0).unwrap();
        assert_eq!((compressed, decompressed), (bomb.len() as u64, 80 << 20));
        // Little text that takes much memory is as bad.
        let (mut members, expansion) = Members::new(bomb.as_slice());
        io::copy(&mut members.by_ref().take(1 << 20), &mut io::sink()).unwrap();
        assert!(expansion.excess(0).is_none() && expansion.excess(80 << 20).is_some());
    }
}
