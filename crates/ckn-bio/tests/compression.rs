//! Compressed files: all of the data, or an error.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail")]

use std::io::{Cursor, Write};

use ckn_bio::io::{SequenceReader, Source};
use ckn_bio::{Alphabet, Error};
use flate2::{Compression, write::GzEncoder};

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn read(bytes: Vec<u8>) -> Result<Vec<(String, usize)>, Error> {
    let reader = SequenceReader::new(Source::new("peaks.fa.gz", Cursor::new(bytes))?, Alphabet::Dna)?;
    reader.map(|record| record.map(|record| (record.id, record.tokens.len()))).collect()
}

/// Not compressible to a few bytes, so that cuts fall inside the data.
fn fasta(name: &str, length: u32) -> Vec<u8> {
    let mut state = 12345u32;
    let letters = (0..length).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b"ACGT"[(state >> 30) as usize]
    });
    format!(">{name}\n").into_bytes().into_iter().chain(letters).chain([b'\n']).collect()
}

#[test]
fn members_one_after_the_other_are_all_read() {
    let (a, b) = (gzip(&fasta("a", 500)), gzip(&fasta("b", 70_000)));
    // bgzip ends its files with an empty member.
    let bytes = [a.clone(), gzip(b""), b, gzip(b"")].concat();
    assert_eq!(read(bytes).unwrap(), [("a".to_owned(), 500), ("b".to_owned(), 70_000)]);
    assert_eq!(read(a).unwrap(), [("a".to_owned(), 500)]);
}

#[test]
fn plain_text_is_read_whatever_its_name_says() {
    assert_eq!(read(fasta("a", 10)).unwrap(), [("a".to_owned(), 10)]);
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let whole = [gzip(&fasta("a", 100)), gzip(&fasta("b", 100))].concat();
    let first = gzip(&fasta("a", 100)).len();
    for length in (1..whole.len()).filter(|&length| length != first) {
        let outcome = read(whole[..length].to_vec());
        assert!(outcome.is_err(), "{length} of {} bytes were read as {outcome:?}", whole.len());
        if length > 1 {
            let message = outcome.unwrap_err().to_string();
            assert!(message.contains("truncated, damaged or followed by other bytes"), "{message}");
        }
    }
}

#[test]
fn bytes_after_the_end_are_refused() {
    for garbage in [&b"garbage"[..], b"\0", b"\0\0\0\0\0\0\0\0\0\0\0\0", b">b\nACGT\n", b"\x1f", b"\x1f\x8b"] {
        let bytes = [gzip(&fasta("a", 100)), garbage.to_vec()].concat();
        assert!(matches!(read(bytes), Err(Error::Decompress { .. })), "{garbage:?}");
    }
}

#[test]
fn damaged_bytes_are_refused() {
    let whole = gzip(&fasta("a", 2000));
    // Past the ten bytes of the header, whose time and system may be anything.
    for index in 10..whole.len() {
        let mut bytes = whole.clone();
        bytes[index] ^= 0x10;
        // The last byte of the data ends in bits without meaning (RFC 1951, 3.2.3): then nothing may be lost.
        match read(bytes) {
            Ok(records) => assert_eq!((index, records), (whole.len() - 9, vec![("a".to_owned(), 2000)])),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    assert!(read(b"\x1f\x8b is no gzip at all".to_vec()).is_err());
}

#[test]
fn empty_and_doubly_compressed_files_are_refused() {
    assert!(matches!(read(gzip(b"")), Err(Error::EmptyFile(..))));
    assert!(matches!(read(Vec::new()), Err(Error::EmptyFile(..))));
    let twice = read(gzip(&gzip(b">a\nACGT\n")));
    assert!(matches!(twice, Err(Error::Compressed { format: "gzip within gzip", .. })));
}

#[test]
fn an_endless_name_in_a_small_file_stops_early() {
    let bomb = gzip(&[b">".to_vec(), vec![b'a'; 50 << 20]].concat());
    assert!(bomb.len() < 100 << 10);
    assert!(matches!(read(bomb), Err(Error::LineTooLong { .. })));
}

#[test]
fn an_iterator_ends_after_its_first_error() {
    let source = Source::new("x", Cursor::new(b">a\nA\n>b\n>c\nC\n".to_vec())).unwrap();
    let outcomes: Vec<bool> = SequenceReader::new(source, Alphabet::Dna).unwrap().map(|item| item.is_ok()).collect();
    assert_eq!(outcomes, [true, false]);
}
