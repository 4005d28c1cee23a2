//! What is written is read back, by this reader in any pieces and by another library.

use std::io::{Cursor, Read};

use ckn_bio::io::{SequenceReader, Source, fasta, write_fasta};
use ckn_bio::{Alphabet, EncodedSequences};
use proptest::prelude::*;

/// Hands out a few bytes at a time, as a slow pipe does.
struct Trickle(Cursor<Vec<u8>>, usize);

impl Read for Trickle {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(self.1);
        self.0.read(&mut buffer[..most])
    }
}

fn any_sequences() -> impl Strategy<Value = EncodedSequences> {
    let alphabet = prop::sample::select(Alphabet::ALL.to_vec());
    let record = ("[A-Za-z0-9é_.#*!~][ -~]{0,12}", prop::collection::vec(0..15u8, 1..60));
    (alphabet, prop::collection::vec(record, 1..6)).prop_map(|(alphabet, records)| {
        let mut sequences = EncodedSequences::new(alphabet);
        for (id, tokens) in records {
            let id = id.replace(' ', "_");
            assert!(sequences.push_tokens(&id, &tokens).is_ok());
        }
        sequences
    })
}

proptest! {
    #[test]
    fn fasta_that_was_written_is_read_back(sequences in any_sequences(), width in 0..70usize, step in 1..9usize) {
        let mut text = Vec::new();
        write_fasta(&mut text, &sequences, width).unwrap();
        for text in [text.clone(), String::from_utf8(text).unwrap().replace('\n', "\r\n").into_bytes()] {
            let source = Source::new("pipe", Trickle(Cursor::new(text), step)).unwrap();
            let mut back = EncodedSequences::new(sequences.alphabet());
            for record in SequenceReader::new(source, sequences.alphabet()).unwrap() {
                let record = record.unwrap();
                back.push_tokens(&record.id, &record.tokens).unwrap();
            }
            prop_assert_eq!(&back, &sequences);
        }
    }

    #[test]
    fn needletail_reads_the_same_records(sequences in any_sequences(), width in 0..70usize) {
        let mut text = Vec::new();
        write_fasta(&mut text, &sequences, width).unwrap();
        let mut reader = needletail::parse_fastx_reader(Cursor::new(text)).unwrap();
        for record in 0..sequences.len() {
            let other = reader.next().unwrap().unwrap();
            prop_assert_eq!(other.id(), sequences.ids()[record].as_bytes());
            prop_assert_eq!(other.seq().into_owned(), sequences.decode(record).into_bytes());
        }
        prop_assert!(reader.next().is_none());
    }

    #[test]
    fn pieces_of_any_size_make_the_whole(sequences in any_sequences(), size in 1..20usize, width in 0..9usize) {
        let mut text = Vec::new();
        write_fasta(&mut text, &sequences, width).unwrap();
        let source = Source::new("memory", Cursor::new(text)).unwrap();
        let mut reader = fasta::Reader::new(source, sequences.alphabet()).unwrap();
        let mut record = 0;
        while let Some(id) = reader.next_id().unwrap() {
            prop_assert_eq!(id, &sequences.ids()[record]);
            let mut tokens = Vec::new();
            // Every third record is left half read: the next one must be found all the same.
            while record % 3 < 2 || tokens.is_empty() {
                let before = tokens.len();
                let read = reader.read_letters(&mut tokens, size).unwrap();
                prop_assert!(read <= size && tokens.len() == before + read);
                if read == 0 { break }
            }
            prop_assert!(sequences.sequence(record).starts_with(&tokens));
            prop_assert!(record % 3 == 2 || tokens.len() == sequences.sequence(record).len());
            record += 1;
        }
        prop_assert_eq!(record, sequences.len());
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), start in 0..5usize) {
        let head: &[u8] = [&b""[..], b">", b"@", b"id,seq\n", b"\x1f\x8b"][start];
        let bytes = [head, &bytes].concat();
        for alphabet in Alphabet::ALL {
            if let Ok(source) = Source::new("bytes", Cursor::new(bytes.clone()))
                && let Ok(reader) = SequenceReader::new(source, alphabet)
            {
                prop_assert!(reader.count() <= bytes.len());
            }
        }
    }
}
