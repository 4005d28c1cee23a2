//! Files of motifs say what they hold, or why they are refused.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail")]

use std::io::Cursor;

use ckn_bio::io::Source;
use ckn_bio::motif::{MotifFile, MotifFormat};
use ckn_bio::{Alphabet, Error};

fn read(text: impl AsRef<[u8]>) -> Result<MotifFile, Error> {
    MotifFile::read(Source::new("in.txt", Cursor::new(text.as_ref().to_vec()))?)
}

fn message(text: impl AsRef<[u8]>) -> String {
    read(text).unwrap_err().to_string()
}

const MEME: &str = "\
MEME version 5.4.1

ALPHABET= ACGT

strands: + -

Background letter frequencies (from uniform background):
A 0.3 C 0.2
G 0.2\tT 0.3

MOTIF MA0006.1 Ahr::Arnt

letter-probability matrix: alength= 4 w= 2 nsites= 24 E= 1.5e-003
 0.125  0.375  0.0  0.5
\t0.25\t0.25\t0.25\t0.25\t

URL http://example.org/MA0006.1

MOTIF plain
letter-probability matrix:
1 0 0 0
0 0 0 1";

#[test]
fn meme_is_read_with_head_names_and_the_last_motif() {
    let file = read(MEME).unwrap();
    assert_eq!((file.format, file.alphabet, file.both_strands), (MotifFormat::Meme, Alphabet::Dna, Some(true)));
    assert_eq!(file.background.unwrap().frequencies(), [0.3, 0.2, 0.2, 0.3]);
    assert_eq!(file.motifs.len(), 2);
    let first = &file.motifs[0];
    assert_eq!((first.name.as_str(), first.alternate.as_deref()), ("MA0006.1", Some("Ahr::Arnt")));
    assert_eq!((first.sites, first.e_value), (Some(24.0), Some(1.5e-3)));
    assert_eq!(first.url.as_deref(), Some("http://example.org/MA0006.1"));
    assert_eq!(first.probabilities.values(), [0.125, 0.375, 0.0, 0.5, 0.25, 0.25, 0.25, 0.25]);
    let last = &file.motifs[1];
    assert_eq!((last.name.as_str(), last.probabilities.consensus().as_str()), ("plain", "AT"));
    assert_eq!((last.sites, last.e_value, &last.url, &last.alternate), (None, None, &None, &None));
}

#[test]
fn whole_meme_texts_are_read_past_scores_and_diagrams() {
    let text = "\
********************************************************************************
MEME - Motif discovery tool
********************************************************************************
MEME version 5.1.1 (Release date: Wed Jan 29 2020)

ALPHABET \"DNA\" DNA-LIKE
# the letters
A \"Adenine\" CC0000 ~ T \"Thymine = T\" 008000
G \"Guanine\" FFB300 ~ C \"Cytosine\" 0000CC
N \"Any base\" = ACGT
X = ACGT
END ALPHABET

Background letter frequencies (from file `bg'):
A 0.25 C 0.25 G 0.25 T 0.25
********************************************************************************
MOTIF CA MEME-1\twidth =   2  sites =  10  llr = 99  E-value = 4.1e-009
********************************************************************************
Simplified        A  :a
pos.-specific     C  a:
\tMotif CA MEME-1 position-specific scoring matrix
log-odds matrix: alength= 4 w= 2 n= 100 bayes= 6.6 E= 4.1e-009
  -100    200  -1000  -1000
   200   -100  -1000  -1000
--------------------------------------------------------------------------------
letter-probability matrix: alength= 4 w= 2 nsites= 10 E= 4.1e-009
 0.000000  1.000000  0.000000  0.000000
 1.000000  0.000000  0.000000  0.000000
--------------------------------------------------------------------------------
MOTIF  2\twidth =   1  sites =   3
letter-probability matrix: alength=4 w=1 nsites=3 E=inf
0.0 0.0 1.0 0.0
--------------------------------------------------------------------------------
";
    let file = read(text.replace('\n', "\r\n")).unwrap();
    let names: Vec<_> = file.motifs.iter().map(|motif| (motif.name.as_str(), motif.alternate.as_deref())).collect();
    assert_eq!(names, [("CA", Some("MEME-1")), ("2", None)]);
    assert_eq!(file.motifs[0].probabilities.consensus(), "CA");
    assert_eq!(file.motifs[1].e_value, Some(f64::INFINITY));
    assert_eq!(file.both_strands, None);
}

#[test]
fn proteins_of_meme_are_in_alphabetical_order() {
    let row = |letter: char| -> String {
        "ACDEFGHIKLMNPQRSTVWY".chars().map(|other| if other == letter { " 1" } else { " 0" }).collect()
    };
    let frequencies: Vec<String> = "ACDEFGHIKLMNPQRSTVWY".chars().map(|a| format!("{a} 0.05")).collect();
    let mut wrapped = frequencies.join(" ");
    wrapped = wrapped.replacen("A 0.05", "A 0.06", 1).replacen("Y 0.05", "Y 0.04", 1).replacen(" M ", "\nM ", 1);
    let rows = format!("{}\n{}\n{}\n", row('R'), row('Y'), row('D'));
    let text = format!(
        "MEME version 4\nALPHABET= ACDEFGHIKLMNPQRSTVWY\nBackground letter frequencies\n{wrapped}\nMOTIF m\n\
         letter-probability matrix: w= 3\n{rows}"
    );
    let file = read(&text).unwrap();
    assert_eq!((file.alphabet, file.motifs[0].probabilities.consensus().as_str()), (Alphabet::Protein, "RYD"));
    let background = file.background.unwrap();
    assert!((background.frequencies()[0] - 0.06).abs() < 1e-12 && (background.frequencies()[18] - 0.04).abs() < 1e-12);
    // The letters of the background are enough, and so is the number of columns.
    assert_eq!(read(text.replace("ALPHABET= ACDEFGHIKLMNPQRSTVWY\n", "")).unwrap().motifs, file.motifs);
    let bare = format!("MEME version 4\nMOTIF m\nletter-probability matrix:\n{rows}");
    assert_eq!(read(bare).unwrap().motifs, file.motifs);
    let block: String = "YACDEFGHIKLMNPQRSTVW".chars().map(|letter| format!("{letter} \"x\"\n")).collect();
    let block = format!("ALPHABET \"Protein\" PROTEIN-LIKE\n{block}END ALPHABET\n");
    assert_eq!(read(text.replace("ALPHABET= ACDEFGHIKLMNPQRSTVWY\n", &block)).unwrap().motifs, file.motifs);
}

#[test]
fn rna_is_told_by_its_letters() {
    let text = MEME.replace("ACGT", "ACGU").replace("T 0.3", "U 0.3").replace("strands: + -", "strands: +");
    let file = read(&text).unwrap();
    assert_eq!((file.alphabet, file.both_strands), (Alphabet::Rna, Some(false)));
    assert_eq!(file.motifs[1].probabilities.consensus(), "AU");
    assert_eq!(read(text.replace("ALPHABET= ACGU", "")).unwrap().alphabet, Alphabet::Rna);
}

#[test]
fn jaspar_is_read_with_letters_in_any_order_and_without() {
    let text =
        ">MA0006.1\tAhr Arnt\nT [11 1 ]\nA  [ 3 0 ]\n\nC  [ 8  0 ]\nG  [ 2 23 ]\n>MA2\n1 0 2.5\n0 1 0\n0 0 0\n0 0 0";
    let file = read(text).unwrap();
    assert_eq!((file.format, file.alphabet, file.motifs.len()), (MotifFormat::Jaspar, Alphabet::Dna, 2));
    let first = &file.motifs[0];
    assert_eq!(
        (first.name.as_str(), first.alternate.as_deref(), first.sites),
        ("MA0006.1", Some("Ahr Arnt"), Some(24.0))
    );
    let expected = [3.0 / 24.0, 8.0 / 24.0, 2.0 / 24.0, 11.0 / 24.0, 0.0, 0.0, 23.0 / 24.0, 1.0 / 24.0];
    assert_eq!(first.probabilities.values(), expected);
    // The largest column counts.
    assert_eq!((file.motifs[1].probabilities.consensus().as_str(), file.motifs[1].sites), ("ACA", Some(2.5)));
    assert_eq!(read(">r\nA 1\nC 0\nG 0\nU 0\n").unwrap().alphabet, Alphabet::Rna);
    // Fractions are probabilities of an unknown number of sites.
    assert_eq!(read(">r\nA 0.5\nC 0.5\nG 0\nT 0\n").unwrap().motifs[0].sites, None);
}

#[test]
fn transfac_is_read_with_and_without_a_head() {
    let text = "\
VV  TRANSFAC MATRIX TABLE, Release 10.1
XX
//
AC  M00001
XX
ID  V$MYOD_01
XX
NA  MyoD
RA  M\u{fc}ller A.
P0      A      C      G      T
01      1      2      2      0      S
02      0      0      5      0      G
XX
//
AC MA0001.1
XX
ID AGL3
XX
PO\tA\tC\tG\tT
00\t0.0\t94.5\t1.0\t2.0
XX
CC none
";
    let mut bytes = text.as_bytes().to_vec();
    // The reference in Latin-1, as old databases have it.
    let umlaut = bytes.windows(2).position(|pair| pair == "\u{fc}".as_bytes()).unwrap();
    bytes.splice(umlaut..umlaut + 2, [0xfc]);
    let file = read(bytes).unwrap();
    assert_eq!((file.format, file.motifs.len()), (MotifFormat::Transfac, 2));
    let (first, last) = (&file.motifs[0], &file.motifs[1]);
    assert_eq!((first.name.as_str(), first.alternate.as_deref(), first.sites), ("M00001", Some("MyoD"), Some(5.0)));
    assert_eq!(first.probabilities.values(), [0.2, 0.4, 0.4, 0.0, 0.0, 0.0, 1.0, 0.0]);
    assert_eq!((last.name.as_str(), last.alternate.as_deref(), last.sites), ("MA0001.1", Some("AGL3"), Some(97.5)));
    let turned = read("ID  x\nP0  T  G  C  A\n01  1  0  0  3\n").unwrap();
    assert_eq!(turned.motifs[0].probabilities.values(), [0.75, 0.0, 0.0, 0.25]);
}

#[test]
fn homer_is_read_with_its_threshold_in_bits() {
    let text =
        ">ASTT\t1-ASTT\t0.6931471805599453\t-2325.9\t0\tT:17311.0(44 %)\n0.97\t0.01\t0.01\t0.01\n0.1 0.4 0.4 0.1\n";
    let file = read(format!("{text}>T\tlast one\t-1\n0.001 0.001 0.001 0.997")).unwrap();
    assert_eq!((file.format, file.motifs.len()), (MotifFormat::Homer, 2));
    assert_eq!((file.motifs[0].name.as_str(), file.motifs[0].threshold), ("1-ASTT", Some(1.0)));
    assert_eq!(file.motifs[0].probabilities.column(1), [0.1, 0.4, 0.4, 0.1]);
    assert_eq!(file.motifs[1].name, "last one");
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let meme = |from: &str, to: &str| MEME.replacen(from, to, 1);
    let table: &[(&str, String, &[&str])] = &[
        ("empty", String::new(), &["is empty"]),
        ("blank", "\n \n".into(), &["is empty"]),
        ("FASTA", ">seq\nACGT\n".into(), &["in.txt, line 2", "no number"]),
        ("prose", "hello\nworld\n".into(), &["line 1 starts with `hello`", "MEME"]),
        ("no motif", "MEME version 4\n\nALPHABET= ACGT\n".into(), &["no motifs"]),
        ("version", meme("5.4.1", "6"), &["line 1", "version", "`6`"]),
        ("unknown alphabet", meme("ACGT", "ACGTm"), &["line 3", "`ACGTm`"]),
        ("unsorted alphabet", meme("ACGT", "TGCA"), &["line 3", "order"]),
        ("strands", meme("+ -", "+ *"), &["line 5", "`+ *`"]),
        ("background value", meme("G 0.2", "G x"), &["line 9", "`G x`"]),
        ("background sum", meme("A 0.3", "A 0.5"), &["line 7", "background frequencies"]),
        ("background letters", meme("T 0.3", "U 0.3"), &["line 7", "`ACGU`"]),
        ("background repeats", meme("G 0.2", "C 0.2"), &["line 7", "`ACCT`"]),
        ("no name", meme("MOTIF plain", "MOTIF"), &["line 19", "name"]),
        ("alength", meme("alength= 4", "alength= 5"), &["line 14", "`5`"]),
        ("w of a billion", meme("w= 2", "w= 1000000000"), &["line 13", "`w=` is `1000000000`"]),
        ("w beyond words", meme("w= 2", "w= 99999999999999999999999999"), &["line 13", "`w=`"]),
        ("w of zero", meme("w= 2", "w= 0"), &["line 13", "`w=` is `0`", "from 1"]),
        ("w without number", meme("w= 2 nsites= 24 E= 1.5e-003", "w="), &["line 13", "`w=` is ``"]),
        ("nsites", meme("nsites= 24", "nsites= -1"), &["line 13", "`nsites=`"]),
        ("E", meme("E= 1.5e-003", "E= nan"), &["line 13", "`E=`"]),
        ("too few rows", meme("w= 2", "w= 3"), &["line 13", "2 rows, expected 3"]),
        ("too many rows", meme("w= 2", "w= 1"), &["line 15", "outside of a matrix"]),
        ("no rows", meme("1 0 0 0\n0 0 0 1", ""), &["line 20", "no matrix"]),
        (
            "no matrix",
            format!("{MEME}\n\nMOTIF third\nlog-odds matrix: w= 1\n1 2 3 4\n"),
            &["line 24", "`third`", "no matrix"],
        ),
        ("no number", meme("0.375", "x.375"), &["line 14", "`x.375`"]),
        ("few numbers", meme("0.375", ""), &["line 14", "3 numbers, expected 4"]),
        ("many numbers", meme("0.375", "0.375 0"), &["line 14", "5 numbers, expected 4"]),
        ("column sum", meme("0.375", "0.5"), &["line 14", "MA0006.1", "column 1 sum to 1.125"]),
        ("negative", meme("0.125", "-0.125"), &["line 14", "between 0 and 1"]),
        ("nan", meme("0.125", "nan"), &["line 14", "between 0 and 1"]),
        ("infinite", meme("0.125", "inf"), &["line 14", "between 0 and 1"]),
        ("an empty line inside", meme("1 0 0 0\n", "1 0 0 0\n\n"), &["line 23", "outside of a matrix"]),
        ("garbage inside", meme("1 0 0 0\n", "1 0 0 0\ngarbage\n"), &["line 22", "`garbage`"]),
        (
            "second matrix",
            format!("{MEME}\nletter-probability matrix:\n1 0 0 0\n"),
            &["line 23", "`plain`", "second matrix"],
        ),
        ("matrix without motif", "MEME version 4\nletter-probability matrix:\n1 0 0 0\n".into(), &["line 2", "name"]),
        ("other head", format!("{MEME}\n\nALPHABET= ACGU\n"), &["line 24", "same as before"]),
        ("open block", meme("ALPHABET= ACGT", "ALPHABET \"DNA\"\nA\nC\n"), &["line 8", "one character"]),
        ("custom block", meme("ALPHABET= ACGT", "ALPHABET \"x\"\nA\nm\nEND ALPHABET"), &["line 3", "`Am`"]),
        ("NUL", meme("plain", "pl\0in"), &["line 19", "not text"]),
        ("control character", meme("plain", "pl\x1b[31min"), &["line 19", "pl\\u{1b}[31min"]),
        ("jaspar row", ">m\nA [ 1 2 ]\nC [ 1 ]\nG [ 1 2 ]\nT [ 1 2 ]\n".into(), &["line 3", "1 numbers, expected 2"]),
        ("jaspar bracket", ">m\nA [ 1 2\n".into(), &["line 2", "`[ 1 2`"]),
        ("jaspar letters", ">m\nA [ 1 ]\nC [ 1 ]\n".into(), &["line 1", "`AC`"]),
        ("jaspar letter twice", ">m\nA 1\nA 1\nG 1\nT 1\n".into(), &["line 1", "`AAGT`"]),
        ("jaspar rows", ">m\n1\n2\n3\n".into(), &["line 1", "3 rows", "threshold"]),
        ("jaspar many rows", format!(">m\n{}", "1\n".repeat(100)), &["line 1", "threshold"]),
        ("jaspar no rows", ">m\n>n\n1\n1\n1\n1\n".into(), &["line 1", "no matrix"]),
        ("jaspar no columns", ">m\nA [ ]\nC [ ]\nG [ ]\nT [ ]\n".into(), &["line 1", "no columns"]),
        ("jaspar zeros", ">m\n1 0\n1 0\n0 0\n0 0\n".into(), &["line 1", "column 2 are zero"]),
        ("jaspar negative", ">m\n1 -1\n1 2\n0 0\n0 0\n".into(), &["line 1", "column 2 holds -1"]),
        ("jaspar no name", ">\n1\n1\n1\n1\n".into(), &["line 1", "name"]),
        (
            "jaspar wide",
            format!(">m\n{}", "1 ".repeat(1001) + "\n").repeat(1) + &("1 ".repeat(1001) + "\n").repeat(3),
            &["1001 columns"],
        ),
        ("rows without threshold", ">CACG\tx\n0 1 0 0\n1 0 0 0\n0 1 0 0\n0 0 1 0\n".into(), &["line 1", "threshold"]),
        ("two alphabets", ">m\nA 1\nC 1\nG 1\nT 1\n>n\nA 1\nC 1\nG 1\nU 1\n".into(), &["line 6", "DNA", "RNA"]),
        ("transfac letters", "AC  x\nP0 A C G B\n".into(), &["line 2", "`A C G B`"]),
        ("transfac row", "AC  x\nP0 A C G T\n01 1 2 3 N\n".into(), &["line 3", "3 numbers, expected 4"]),
        ("transfac stray", "AC  x\n01 1 2 3 4\n".into(), &["line 2", "outside"]),
        ("transfac after", "AC  x\nP0 A C G T\n01 1 2 3 4\nXX\n02 1 2 3 4\n".into(), &["line 5", "outside"]),
        ("transfac code", "AC  x\nP0 A C G T\n01 1 2 3 4\nx2 1 2 3 4\ngarbage\n".into(), &["line 5", "`garbage`"]),
        ("transfac index", "AC  x\nP0 A C G T\n01 1 2 3 4\n0x 1 2 3 4\n".into(), &["line 4", "`0x`"]),
        ("transfac no matrix", "AC  x\nXX\n//\n".into(), &["line 1", "`x`", "no matrix"]),
        ("transfac no name", "P0 A C G T\n01 1 2 3 4\n//\n".into(), &["line 1", "name"]),
        ("transfac second", "AC  x\nP0 A C G T\n01 1 2 3 4\nP0 A C G T\n".into(), &["line 4", "second matrix"]),
        ("homer sum", ">A\tx\t1\n0.5 0.5 0 0\n0.5 0.6 0 0\n".into(), &["line 3", "column 2 sum to 1.1"]),
        ("homer numbers", ">A\tx\t1\n0.5 0.5 0\n".into(), &["line 2", "3 numbers, expected 4"]),
        ("homer no rows", ">A\tx\t1\n".into(), &["line 1", "no columns"]),
        ("homer threshold", ">A\tx\t1\n1 0 0 0\n>A\ty\tz\n1 0 0 0\n".into(), &["line 3", "`z`"]),
        ("homer no name", ">A\t\t1\n1 0 0 0\n".into(), &["line 1", "name"]),
    ];
    for (what, text, parts) in table {
        let message = message(text);
        for part in *parts {
            assert!(message.contains(part), "{what}: {message}");
        }
        assert!(!message.contains('\x1b') && message.contains("in.txt"), "{what}: {message}");
    }
}

#[test]
fn utf_16_and_invalid_names_are_refused() {
    assert!(message(b"\xff\xfeM\0E\0").contains("not text"));
    assert!(message(b">m\xff\n1\n1\n1\n1\n").contains("line 1"));
}
