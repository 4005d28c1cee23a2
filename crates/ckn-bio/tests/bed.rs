//! BED and narrowPeak, and what is cut from a genome for them.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use ckn_bio::io::{Bed, CutSequences, Genome, Source, Unfit, cut};
use ckn_bio::{Alphabet, Error};
use ckn_core::seed::Seed;
use proptest::prelude::*;
use rand::RngExt;

fn bed(content: impl AsRef<[u8]>) -> Result<Bed, Error> {
    Bed::read(Source::new("peaks.bed", std::io::Cursor::new(content.as_ref().to_vec()))?)
}

fn genome_file(content: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("genome.fa");
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

const FASTA: &str = ">chr1 first\nACGTAC\nGTNNNA\nCG\n>chr2\nTTTT\n>chr3\nGATTACA\n";

fn cut_from(content: &str, window: Option<usize>, unfit: Unfit) -> Result<CutSequences, Error> {
    let (_folder, path) = genome_file(FASTA);
    cut(&Genome::open(path, Alphabet::Dna).unwrap(), &bed(content)?, window, unfit)
}

fn texts(cut: &CutSequences) -> Vec<String> {
    let named =
        cut.sequences.ids().iter().enumerate().map(|(record, id)| format!("{id} {}", cut.sequences.decode(record)));
    named.collect()
}

#[test]
fn bed_lines_of_any_number_of_columns_are_read() {
    let three = bed("# comment\ntrack name=x\nbrowser position chr1\n\nchr1\t0\t5\n\nchr2\t1\t3\n").unwrap();
    assert_eq!(three.records().len(), 2);
    assert_eq!((three.records()[0].line, three.records()[1].line), (5, 7));
    for text in ["chr1\t2\t5\tname\t0\t-\r\n", "chr1 2  5 name 0 -", "chr1\t2\t5\tname\t0\t-\tx\t\ty\tz\t1\t2"] {
        let records = bed(text).unwrap().records().to_vec();
        assert_eq!((records[0].start, records[0].end, records[0].reverse, records[0].summit), (2, 5, true, None));
    }
    let peaks = bed("chr1\t2\t9\t.\t0\t.\t18.2\t5.0\t-1\t3\nchr1\t2\t9\t.\t0\t.\t1e3\t-1\t-1\t-1\n").unwrap();
    assert_eq!((peaks.records()[0].summit, peaks.records()[1].summit), (Some(5), None));
    // Ten columns of another kind: column 10 is no summit.
    assert_eq!(bed("chr1\t2\t9\t.\t0\t.\ta\tb\tc\t3\n").unwrap().records()[0].summit, None);
}

#[test]
fn compressed_bed_is_recognised() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(b"chr1\t0\t5\n").unwrap();
    let zipped = encoder.finish().unwrap();
    assert_eq!(bed(&zipped).unwrap().records().len(), 1);
    assert!(matches!(bed(&zipped[..zipped.len() - 4]), Err(Error::Decompress { .. })));
}

/// Content, and what the message must say.
#[test]
fn broken_lines_are_refused_with_place_and_remedy() {
    let cases: &[(&[u8], &[&str])] = &[
        (b"chr1\t0\t5\nchr1\t7\n", &["record 2, line 2", "2 columns, not 3", "complete"]),
        (b"chr1\t0\n", &["line 1", "2 columns, not 3"]),
        (b"chr1\t0\t5\tx\nchr1\t0\t5\n", &["line 2", "3 columns, not 4"]),
        (b"chrom\tstart\tend\n", &["line 1", "column 2 holds `start`", "a header must start with `#`"]),
        (b"chr1\t-5\t10\n", &["line 1", "column 2 holds `-5`", "whole number from 0"]),
        (b"chr1\t5\t1e3\n", &["column 3 holds `1e3`"]),
        (b"chr1\t5\t10.0\n", &["column 3 holds `10.0`"]),
        (b"chr1\t5\t99999999999999999999999\n", &["column 3 holds `9999"]),
        (b"chr1\t5\t9223372036854775807\n", &["column 3 holds `9223"]),
        (b"chr1\t\t10\n", &["column 2 holds ``"]),
        (b"\t5\t10\n", &["line 1", "has no name"]),
        (b"chr\xff\t5\t10\n", &["line 1", "not UTF-8"]),
        (b"chr1\t5\t\xff\xfe\n", &["line 1", "column 3"]),
        (b"chr\x1b[31m\t5\t10\n", &["line 1", "control characters"]),
        (b"chr1\t5\t10\tx\t0\tforward\n", &["column 6 holds `forward`", "a strand is"]),
        (b"chr1\t5\t10\tx\t0\t.\t1\t1\t1\t5\n", &["column 10 holds `5`", "a summit is"]),
        (b"chr1\t5\t10\tx\t0\t.\t1\t1\t1\t-2\n", &["column 10 holds `-2`"]),
        (b"chr1\t5\t10\tx\t0\t.\t1\t1\t1\t\n", &["column 10 holds ``"]),
        (b"chr1\t5\r\t10\n", &["line 1", "carriage return"]),
        (b"# nothing\n", &["no rows"]),
        (b"", &["empty"]),
    ];
    for (content, says) in cases {
        let message = bed(content).unwrap_err().to_string();
        for word in *says {
            assert!(message.contains(word), "no `{word}` in: {message}");
        }
        assert!(message.contains("peaks.bed") && !message.contains('\x1b'), "{message}");
    }
}

#[test]
fn intervals_and_windows_are_cut_in_the_order_of_the_file() {
    let all = cut_from("chr3\t0\t7\nchr1\t0\t4\nchr1\t2\t9\nchr2\t3\t4\n", None, Unfit::Refuse).unwrap();
    assert_eq!(texts(&all), ["chr3:0-7 GATTACA", "chr1:0-4 ACGT", "chr1:2-9 GTACGTN", "chr2:3-4 T"]);
    assert_eq!(all.sequences.place(2).to_string(), "sequence `chr1:2-9` (peaks.bed, record 3, line 3)");
    assert_eq!(all.dropped.total(), 0);
    // The centre of 0..7 is 3; an odd window has it in its middle, an even one right of it.
    let windows = |content, length| texts(&cut_from(content, Some(length), Unfit::Refuse).unwrap());
    assert_eq!(windows("chr3\t0\t7\n", 7), ["chr3:0-7 GATTACA"]);
    assert_eq!(windows("chr3\t0\t7\n", 3), ["chr3:2-5 TTA"]);
    assert_eq!(windows("chr3\t0\t7\n", 2), ["chr3:2-4 TT"]);
    assert_eq!(windows("chr3\t2\t4\n", 2), ["chr3:2-4 TT"]);
    // A summit five letters from the start, on the reverse strand.
    assert_eq!(windows("chr3\t0\t7\t.\t0\t-\t1\t1\t1\t5\n", 3), ["chr3:4-7(-) TGT"]);
}

/// Line, window, and what the message must say.
#[test]
fn intervals_that_do_not_fit_are_refused_or_dropped() {
    let cases: &[(&str, Option<usize>, &[&str])] = &[
        ("chr1\t5\t5\n", None, &["start 5 is not before end 5", "half-open"]),
        ("chr1\t6\t5\n", None, &["start 6 is not before end 5"]),
        ("chr1\t10\t15\n", None, &["interval chr1:10-15 runs past the end", "has 14 letters"]),
        ("chr2\t900\t1000\n", None, &["interval chr2:900-1000 runs past the end", "has 4 letters"]),
        ("chr2\t0\t281474976710655\n", None, &["runs past the end"]),
        ("chr1\t10\t13\n", Some(9), &["window chr1:7-16 runs past the end"]),
        ("chr1\t0\t3\n", Some(5), &["a window of 5 letters starts before chr1"]),
        ("chrX\t0\t3\n", None, &["no chromosome `chrX`", "it has `chr1`, `chr2`, `chr3`: use the genome of the peaks"]),
        ("3\t0\t3\n", None, &["no chromosome `3`", "it has `chr3`", "with or without `chr`"]),
    ];
    for (line, window, says) in cases {
        let content = format!("chr1\t5\t7\n{line}{line}");
        let message = cut_from(&content, *window, Unfit::Refuse).unwrap_err().to_string();
        for word in says.iter().chain(&["peaks.bed, record 2, line 2", "1 more", "leave"]) {
            assert!(message.contains(word), "no `{word}` in: {message}");
        }
        let dropped = cut_from(&content, *window, Unfit::Drop).unwrap();
        assert_eq!((dropped.sequences.len(), dropped.dropped.total()), (1, 2), "{line}");
        let message = cut_from(line, *window, Unfit::Drop).unwrap_err().to_string();
        assert!(message.contains("no interval of `peaks.bed` lies in"), "{message}");
    }
    let mixed = cut_from("chr1\t1\t2\nchr1\t9\t9\nchr1\t9\t99\nchr9\t1\t2\n", None, Unfit::Drop).unwrap().dropped;
    assert_eq!((mixed.empty, mixed.outside, mixed.no_chromosome), (1, 1, 1));
    assert!(matches!(cut_from("chr1\t1\t2\n", Some(0), Unfit::Drop), Err(Error::Parameter { .. })));
}

/// Two chromosomes, longer than what is read at a time, and a short one between them.
fn long_genome() -> (Vec<String>, String, String) {
    let mut rng = Seed(3).stream("genome");
    let mut letters =
        |count: usize| (0..count).map(|_| ['A', 'C', 'G', 'T'][rng.random_range(0..4)]).collect::<String>();
    let chromosomes = vec![letters(300_000), letters(50), letters(200_000)];
    let (mut fasta, mut index) = (String::new(), String::new());
    for (number, chromosome) in chromosomes.iter().enumerate() {
        writeln!(fasta, ">c{number}").unwrap();
        writeln!(index, "c{number}\t{}\t{}\t60\t61", chromosome.len(), fasta.len()).unwrap();
        for line in chromosome.as_bytes().chunks(60) {
            writeln!(fasta, "{}", std::str::from_utf8(line).unwrap()).unwrap();
        }
    }
    (chromosomes, fasta, index)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn with_and_without_an_index_the_letters_are_those_of_the_genome(
        intervals in prop::collection::vec((0usize..3, 0.0..1.0f64, 1usize..2000, any::<bool>()), 1..20),
    ) {
        let (chromosomes, fasta, index) = long_genome();
        let (mut lines, mut expected) = (String::new(), Vec::new());
        for (chromosome, share, length, reverse) in intervals {
            let letters = &chromosomes[chromosome];
            let length = length.min(letters.len());
            let start = (share * (letters.len() - length) as f64) as usize;
            let strand = if reverse { '-' } else { '+' };
            writeln!(lines, "c{chromosome}\t{start}\t{}\t.\t0\t{strand}", start + length).unwrap();
            let cut = &letters[start..start + length];
            expected.push(if reverse {
                let complement = |letter| match letter { 'A' => 'T', 'C' => 'G', 'G' => 'C', _ => 'A' };
                cut.chars().rev().map(complement).collect()
            } else {
                cut.to_owned()
            });
        }
        let (folder, path) = genome_file(&fasta);
        for indexed in [false, true] {
            if indexed {
                std::fs::write(folder.path().join("genome.fa.fai"), &index).unwrap();
            }
            let genome = Genome::open(&path, Alphabet::Dna).unwrap();
            prop_assert_eq!(genome.records().is_some(), indexed);
            let found = cut(&genome, &bed(&lines).unwrap(), None, Unfit::Refuse).unwrap();
            for (record, expected) in expected.iter().enumerate() {
                prop_assert_eq!(&found.sequences.decode(record), expected);
            }
        }
    }
}
