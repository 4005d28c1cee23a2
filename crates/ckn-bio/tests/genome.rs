//! Genomes in pieces, in every form.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use ckn_bio::io::{Genome, GenomeReader};
use ckn_bio::{Alphabet, Error};

const FASTA: &str = ">a first\nACGTAC\nGTNNNA\nCG\n>b\nTTTT\n>c\nGATTACA\n";
const INDEX: &str = "a\t14\t9\t6\t7\nb\t4\t29\t4\t5\nc\t7\t37\t7\t8\n";

/// The specimen packed by hand: TCAG are 0 to 3, N is written as T.
fn two_bit(big_endian: bool) -> Vec<u8> {
    let number = |value: u32| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
    let mut file: Vec<u8> = [0x1a41_2743, 0, 3, 0].into_iter().flat_map(number).collect();
    let bodies: [Vec<u8>; 3] = [
        // 14 letters; one run of N at 8, of 3; no lower case; reserved; ACGT ACGT NNNA CG.
        [[14, 1, 8, 3, 0, 0].map(number).concat(), vec![0b10_01_11_00, 0b10_01_11_00, 0b00_00_00_10, 0b01_11_00_00]]
            .concat(),
        [[4, 0, 0, 0].map(number).concat(), vec![0]].concat(),
        [[7, 0, 1, 0, 2, 0].map(number).concat(), vec![0b11_10_00_00, 0b10_01_10_00]].concat(),
    ];
    let mut place = 16 + 3 * 6;
    for (id, body) in [b"a", b"b", b"c"].into_iter().zip(&bodies) {
        file.push(1);
        file.extend_from_slice(id);
        file.extend_from_slice(&number(place));
        place += body.len() as u32;
    }
    bodies.iter().for_each(|body| file.extend_from_slice(body));
    file
}

fn specimens() -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let files: [(&str, Vec<u8>); 5] = [
        ("plain.fa", FASTA.into()),
        ("indexed.fa", FASTA.into()),
        ("windows.fa", FASTA.replace('\n', "\r\n").into()),
        ("little.2bit", two_bit(false)),
        ("big.2bit", two_bit(true)),
    ];
    std::fs::write(folder.path().join("indexed.fa.fai"), INDEX).unwrap();
    let paths = files.map(|(name, content)| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    });
    (folder, paths.to_vec())
}

fn letters(reader: &mut GenomeReader, at_most: usize) -> String {
    let mut tokens = Vec::new();
    reader.read_letters(&mut tokens, at_most).unwrap();
    tokens.iter().map(|&token| Alphabet::Dna.decode(token)).collect()
}

#[test]
fn all_forms_give_the_same_letters_in_pieces_of_any_size() {
    let (_folder, paths) = specimens();
    for path in paths {
        for size in 1..16 {
            let mut reader = Genome::open(&path, Alphabet::Dna).unwrap().reader().unwrap();
            let mut text = String::new();
            while let Some(id) = reader.next_record().unwrap() {
                text += &format!(">{id} ");
                loop {
                    let piece = letters(&mut reader, size);
                    if piece.is_empty() {
                        break;
                    }
                    text += &piece;
                }
            }
            assert_eq!(text, ">a ACGTACGTNNNACG>b TTTT>c GATTACA", "{} in {size}", path.display());
        }
    }
}

#[test]
fn records_and_letters_can_be_left_out() {
    let (_folder, paths) = specimens();
    for path in paths {
        let genome = Genome::open(&path, Alphabet::Dna).unwrap();
        let mut reader = genome.reader().unwrap();
        reader.next_record().unwrap();
        reader.skip_letters(7).unwrap();
        assert_eq!(letters(&mut reader, 3), "TNN", "{}", path.display());
        reader.skip_records(1).unwrap();
        assert_eq!(reader.next_record().unwrap(), Some("c"), "{}", path.display());
        reader.skip_letters(2).unwrap();
        assert_eq!(letters(&mut reader, 100), "TTACA");
        assert_eq!(reader.next_record().unwrap(), None);
        if let Some(records) = genome.records() {
            let lengths: Vec<(&str, u64)> = records.iter().map(|record| (record.id.as_str(), record.length)).collect();
            assert_eq!(lengths, [("a", 14), ("b", 4), ("c", 7)]);
        }
    }
}

#[test]
fn a_jump_names_the_right_line_in_messages() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.fa");
    std::fs::write(&path, FASTA.replace("GATTACA", "GATT!CA")).unwrap();
    std::fs::write(folder.path().join("bad.fa.fai"), INDEX).unwrap();
    let mut reader = Genome::open(&path, Alphabet::Dna).unwrap().reader().unwrap();
    reader.skip_records(2).unwrap();
    reader.next_record().unwrap();
    let message = reader.read_letters(&mut Vec::new(), 100).unwrap_err().to_string();
    assert!(message.contains("line 8") && message.contains("`c`") && message.contains("letter 5"), "{message}");
}

#[test]
fn two_bit_files_with_any_byte_changed_or_cut_anywhere_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("g.2bit");
    let sound = two_bit(false);
    let read = |content: &[u8]| -> Result<(), Error> {
        std::fs::write(&path, content).unwrap();
        let mut reader = Genome::open(&path, Alphabet::Dna)?.reader()?;
        while reader.next_record()?.is_some() {
            while reader.read_letters(&mut Vec::new(), 5)? > 0 {}
        }
        Ok(())
    };
    assert!(read(&sound).is_ok());
    for end in 4..sound.len() {
        assert!(matches!(read(&sound[..end]), Err(Error::TwoBit(..))), "cut at {end}");
    }
    for at in 0..sound.len() {
        for bit in [1, 0x80] {
            let mut broken = sound.clone();
            broken[at] ^= bit;
            // Refused, or another file that can be read to its end.
            let _ = read(&broken);
        }
    }
    std::fs::write(&path, &sound).unwrap();
    assert!(matches!(Genome::open(&path, Alphabet::Protein), Err(Error::TwoBitAlphabet { .. })));
}
