//! Files as they come: what each oddity is read as, or what its message says.

use std::fs;

use ckn_bio::{Alphabet, EncodedSequences, Error, io};

fn read(content: &[u8], alphabet: Alphabet) -> Result<EncodedSequences, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = folder.path().join("in.txt");
    fs::write(&path, content).map_err(|error| error.to_string())?;
    let prefix = folder.path().display().to_string() + "/";
    io::read_sequences(&path, alphabet).map_err(|error| error.to_string().replace(&prefix, ""))
}

/// What the file is, what it holds, and the names and letters to be read from it.
type Case<'a> = (&'a str, Alphabet, &'a str, &'a [(&'a str, &'a str)]);

fn records(sequences: &EncodedSequences) -> Vec<(&str, String)> {
    sequences.ids().iter().enumerate().map(|(record, id)| (id.as_str(), sequences.decode(record))).collect()
}

#[test]
fn odd_files_that_are_fine_are_read_whole() {
    use Alphabet::{Dna, Protein, Rna};
    let table: &[Case<'_>] = &[
        ("one record", Dna, ">a\nACGT\n", &[("a", "ACGT")]),
        ("no final newline", Dna, ">a\nAC\n>b\nGT", &[("a", "AC"), ("b", "GT")]),
        ("wrapped lines", Dna, ">a\nAC\nGT\nA\n", &[("a", "ACGTA")]),
        ("windows line ends", Dna, ">a x\r\nAC\r\nGT\r\n>b\r\nTT\r\n", &[("a", "ACGT"), ("b", "TT")]),
        ("windows without final newline", Dna, ">a\r\nAC\r", &[("a", "AC")]),
        ("lower case", Dna, ">a\nacGtn\n", &[("a", "ACGTN")]),
        ("IUPAC codes", Dna, ">a\nRYSWKMBDHVN\n", &[("a", "RYSWKMBDHVN")]),
        ("all N", Dna, ">a\nNNNN\n", &[("a", "NNNN")]),
        ("U in DNA", Dna, ">a\nACGU\n", &[("a", "ACGT")]),
        ("T in RNA", Rna, ">a\nACGT\n", &[("a", "ACGU")]),
        ("protein", Protein, ">a\nMKVU*\n", &[("a", "MKVXX")]),
        ("spaces in the header", Dna, ">chr1:1-4 peak  one\nACGT\n", &[("chr1:1-4", "ACGT")]),
        ("tab in the header", Dna, ">a\tb\nACGT\n", &[("a", "ACGT")]),
        ("space before the name", Dna, "> a b\nACGT\n", &[("a", "ACGT")]),
        ("blank lines", Dna, "\n\r\n>a\n\nAC\n\nGT\n\n\n>b\nA\n\n", &[("a", "ACGT"), ("b", "A")]),
        ("spaces among letters", Dna, ">a\n ACGT ACGT \n\tAC\n", &[("a", "ACGTACGTAC")]),
        ("greater-than in the header", Dna, ">a>b > c\nA\n", &[("a>b", "A")]),
        ("one letter", Dna, ">a\nA", &[("a", "A")]),
        ("duplicate names", Dna, ">a\nA\n>a\nC\n", &[("a", "A"), ("a", "C")]),
        ("unicode name", Dna, ">πéptide\nA\n", &[("πéptide", "A")]),
        ("byte order mark", Dna, "\u{feff}>a\nACGT\n", &[("a", "ACGT")]),
        ("fastq", Dna, "@r1 x\nACGT\n+\nII>@\n@r2\nA\n+r2\n@\n", &[("r1", "ACGT"), ("r2", "A")]),
        ("fastq of windows", Dna, "@r1\r\nAC\r\n+\r\nII\r\n\r\n", &[("r1", "AC")]),
        (
            "seq table",
            Dna,
            "FoldID\tEventID\tseq\tBound\nA\tp1\tACGT\t1\nA\tp2\tTT\t0\n",
            &[("p1", "ACGT"), ("p2", "TT")],
        ),
        ("table without labels", Dna, "seq\nAC\n\nGT", &[("sequence_1", "AC"), ("sequence_2", "GT")]),
        ("comma table", Dna, "name,note,sequence\nx,\"a, \"\"b\"\"\",acg\n", &[("x", "ACG")]),
        ("semicolon table", Dna, "id;SEQUENCE\nx;ACG\n", &[("x", "ACG")]),
        ("name with a space in a table", Dna, "id\tseq\npeak 1\tACG\n", &[("peak 1", "ACG")]),
        ("table of windows with a mark", Dna, "\u{feff}id\tseq\r\nx\tAC\r\n", &[("x", "AC")]),
        ("index column without a name", Dna, "\tseq\n0\tAC\n", &[("sequence_1", "AC")]),
    ];
    for (case, alphabet, content, expected) in table {
        let sequences = read(content.as_bytes(), *alphabet).unwrap_or_else(|message| panic!("{case}: {message}"));
        let expected: Vec<(&str, String)> = expected.iter().map(|(id, letters)| (*id, (*letters).to_owned())).collect();
        assert_eq!(records(&sequences), expected, "{case}");
    }
}

#[test]
fn broken_files_are_refused_with_the_place_and_the_remedy() {
    use Alphabet::{Dna, Protein, Rna};
    let table: &[(&str, Alphabet, &[u8], &str)] = &[
        ("empty file", Dna, b"", "`in.txt` is empty: "),
        ("only newlines", Dna, b"\n\r\n\n", "`in.txt` is empty: "),
        ("empty record", Dna, b">a\nAC\n>b\n>c\nGT\n", "sequence `b` (in.txt, record 2, line 3) has no letters: "),
        ("empty last record", Dna, b">a\nAC\n>b\n\n", "sequence `b` (in.txt, record 2, line 3) has no letters: "),
        ("no name", Dna, b">a\nAC\n>\nGT\n", "in.txt, record 2, line 3 has no name: "),
        ("blank name", Dna, b"> \t\nGT\n", "in.txt, record 1, line 1 has no name: "),
        (
            "protein as DNA",
            Dna,
            b">a\nAC\nMKE\n",
            "sequence `a` (in.txt, record 1, line 3): letter 5 is `E`, which is not DNA: is this protein? choose that alphabet",
        ),
        ("protein as RNA", Rna, b">a\nAQ\n", "letter 2 is `Q`, which is not RNA: is this protein?"),
        ("stop in DNA", Dna, b">a\nA*\n", "is this protein?"),
        ("X in DNA", Dna, b">a\nAX\n", "write N for an unknown base"),
        ("gaps", Dna, b">a\nA-C\n", "letter 2 is `-`, which is not DNA: remove the gaps"),
        ("gaps in protein", Protein, b">a\nM.K\n", "letter 2 is `.`, which is not protein: remove the gaps"),
        ("digit", Protein, b">a\nM1\n", "letter 2 is `1`, which is not protein: remove it, or write X"),
        ("two records on one line", Dna, b">a\nAC>b\n", "start each FASTA record on a line of its own"),
        ("letter beyond ASCII", Dna, ">a\nAé\n".as_bytes(), "letter 2 is `\\xc3`, "),
        ("zero byte among letters", Dna, b">a\nA\0\n", "letter 2 is `\\x00`, "),
        ("control character in the name", Dna, b">a\x1bb\nAC\n", "in.txt, record 1, line 1: the name of the record"),
        ("name in latin-1", Dna, b">caf\xe9\nAC\n", "in.txt, record 1, line 1: the name of the record"),
        ("line ends of old Macintosh", Dna, b">a\rACGT\r", "in.txt, line 1 holds a carriage return"),
        (
            "letters alone",
            Dna,
            b"ACGT\nACGT\n",
            "in.txt, line 1 starts with `ACGT`: this is neither FASTA (`>`), FASTQ",
        ),
        (
            "table without sequences",
            Dna,
            b"\nid\tscore\nx\t1\n",
            "in.txt, line 2 starts with `id\\tscore`: this is neither",
        ),
        ("binary", Dna, b"\x7fELF\x02\x01\0\0", "in.txt, line 1 is not text: "),
        ("binary with carriage returns", Dna, b"\x89PNG\r\n\x1a\n\0\0", "in.txt, line 1 is not text: "),
        ("UTF-16", Dna, b"\xff\xfe>\0a\0\n\0", "in.txt, line 1 is not text: "),
        ("bzip2", Dna, b"BZh91AY&SY", "`in.txt` is compressed as bzip2: decompress it first"),
        ("xz", Dna, b"\xfd7zXZ\0\0\x04", "is compressed as xz"),
        ("zstd", Dna, b"\x28\xb5\x2f\xfd\x04\x58", "is compressed as zstd"),
        ("zip", Dna, b"PK\x03\x04\x14\0", "is compressed as zip"),
        ("header of a table alone", Dna, b"id\tseq\n", "`in.txt` has a header but no rows: "),
        (
            "missing cell",
            Dna,
            b"id\tseq\tx\na\tAC\t1\nb\tGT\n",
            "in.txt, record 2, line 3 has 2 cells, its header has 3: ",
        ),
        ("spare cell", Dna, b"seq\nAC\t1\n", "in.txt, record 1, line 2 has 2 cells, its header has 1: "),
        ("empty cell", Dna, b"id\tseq\na\t \n", "sequence `a` (in.txt, record 1, line 2) has no letters: "),
        ("empty name in a table", Dna, b"id\tseq\n\tAC\n", "in.txt, record 1, line 2 has no name: "),
        (
            "bad letter in a table",
            Dna,
            b"id\tseq\nx\tACL\n",
            "sequence `x` (in.txt, record 1, line 2): letter 3 is `L`",
        ),
        ("column twice", Dna, b"seq\tid\tseq\nA\tx\tA\n", "in.txt, line 1: column `seq` is there twice"),
        ("open quote", Dna, b"id,seq\n\"a,AC\n", "in.txt, record 1, line 2: a quote is not closed"),
        ("name of two lines", Dna, b"id,seq\n\"a\nb\",AC\n", "in.txt, record 1, line 2: a quote is not closed"),
        ("tab in a quoted name", Dna, b"id,seq\n\"a\tb\",AC\n", "the name of the record holds control characters"),
        (
            "fastq without plus",
            Dna,
            b"@a\nAC\nII\n",
            "sequence `a` (in.txt, record 1, line 1): the line that starts with `+`",
        ),
        ("fastq cut after the name", Dna, b"@a\n", "the line of letters is missing"),
        ("fastq cut after the letters", Dna, b"@a\nAC\n", "the line that starts with `+` is missing"),
        ("fastq cut after the plus", Dna, b"@a\nAC\n+\n", "the line of qualities is missing"),
        ("too few qualities", Dna, b"@a\nAC\n+\nI\n", "has 2 letters and 1 qualities"),
        (
            "fastq without at",
            Dna,
            b"@a\nAC\n+\nII\nb\nAC\n+\nII\n",
            "in.txt, record 2, line 5: `@` before the name is missing",
        ),
        ("empty fastq record", Dna, b"@a\n\n+\n\n", "sequence `a` (in.txt, record 1, line 1) has no letters"),
    ];
    for (case, alphabet, content, expected) in table {
        match read(content, *alphabet) {
            Ok(sequences) => panic!("{case}: read as {:?}", records(&sequences)),
            Err(message) => assert!(message.contains(expected), "{case}: {message}"),
        }
    }
}

#[test]
fn very_long_lines_and_names_are_no_trouble() {
    let name = "n".repeat(64 << 10);
    let letters = "ACGTN".repeat(4 << 20);
    let sequences = read(format!(">{name} d\n{letters}\n>b\nA\n").as_bytes(), Alphabet::Dna).unwrap();
    assert_eq!(sequences.offsets(), [0, 20 << 20, (20 << 20) + 1]);
    assert_eq!(sequences.unknown_count(), 4 << 20);
    assert_eq!(sequences.ids()[0], name);
    let endless = [b">".to_vec(), vec![b'x'; 2 << 20]].concat();
    let message = read(&endless, Alphabet::Dna).unwrap_err();
    assert!(message.starts_with("in.txt, line 1 is longer than 1048576 bytes: "), "{message}");
}

#[test]
fn paths_that_are_no_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let directory = io::read_sequences(folder.path(), Alphabet::Dna);
    assert!(matches!(directory, Err(Error::Directory(..))));
    let missing = io::read_sequences(folder.path().join("no\nsuch.fa"), Alphabet::Dna).unwrap_err();
    assert!(matches!(missing, Error::Open { .. }));
    assert!(missing.to_string().contains("no\\nsuch.fa`: "), "{missing}");
}

#[test]
fn a_fasta_reader_refuses_what_is_no_fasta() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    fs::write(&path, "\nACGT and more\n").unwrap();
    let Err(Error::NotFasta { at, starts }) = io::fasta::Reader::new(io::open(&path).unwrap(), Alphabet::Dna) else {
        panic!("read")
    };
    assert_eq!((at.line, starts.as_str()), (Some(2), "ACGT"));
}

#[test]
fn sequences_remember_where_they_were_read() {
    let sequences = read(b">a\nACGT\n>b\nAC\nG\n", Alphabet::Dna).unwrap();
    let place = sequences.select(&[1]).unwrap().place(0).to_string();
    assert!(place.ends_with("in.txt, record 2, line 3)"), "{place}");
}
