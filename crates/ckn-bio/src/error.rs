//! The errors of the crate: what is wrong, where, and what to do about it.

mod division;
mod interval;
mod machine;
mod motif;
mod task;
mod variant;

use std::io;
use std::sync::Arc;

use ckn_core::Mebibytes;
use thiserror::Error as ThisError;

use crate::alphabet::Alphabet;
use crate::place::{Place, shown};

pub use self::division::DivisionError;
pub use self::interval::IntervalError;
pub use self::machine::MachineError;
pub use self::motif::MotifError;
pub use self::task::TaskError;
pub use self::variant::VariantError;

/// What can go wrong with biological input: each variant is something its user can change.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be opened.
    #[error("cannot open `{}`: {cause}: check its name and its permissions", shown(file.as_bytes()))]
    Open {
        /// The file.
        file: Arc<str>,
        /// What the system says.
        cause: io::Error,
    },
    /// A directory was given in place of a file.
    #[error("`{}` is a directory: give a file", shown(.0.as_bytes()))]
    Directory(Arc<str>),
    /// A file holds nothing.
    #[error("`{}` is empty: check how it was made", shown(.0.as_bytes()))]
    EmptyFile(Arc<str>),
    /// Reading stopped half-way.
    #[error("cannot read on in {at}: {cause}: check the disk or the connection")]
    Read {
        /// Where reading stopped.
        at: Box<Place>,
        /// What the system says.
        cause: io::Error,
    },
    /// Compressed data end too early, are damaged, or are followed by something else.
    #[error(
        "cannot decompress {at} of the decompressed text: {cause}: the gz file is truncated, damaged or followed by other \
         bytes; copy or download it again"
    )]
    Decompress {
        /// Where decompression stopped, in lines of the decompressed text.
        at: Box<Place>,
        /// What the decompressor says.
        cause: io::Error,
    },
    /// What a file holds takes more memory than may be held.
    #[error(
        "{at}: what the file holds up to here takes more than {limit} of memory: give fewer sequences, or allow more"
    )]
    TooLarge {
        /// How far it was read.
        at: Box<Place>,
        /// Bytes allowed.
        limit: Mebibytes,
    },
    /// Compressed data that expand as no honest text does.
    #[error(
        "{at}: {compressed} bytes expand to {decompressed} and more, as sequences do not: if the file is sound, decompress it first"
    )]
    Expands {
        /// How far it was read.
        at: Box<Place>,
        /// Bytes before decompression.
        compressed: u64,
        /// Bytes after it.
        decompressed: Mebibytes,
    },
    /// A file is compressed in a way that is not read here.
    #[error("`{}` is compressed as {format}: decompress it first, or compress it with gzip", shown(file.as_bytes()))]
    Compressed {
        /// The file.
        file: Arc<str>,
        /// The compression.
        format: &'static str,
    },
    /// Bytes that are no text.
    #[error("{0} is not text: give a text file in UTF-8, plain or compressed with gzip")]
    NotText(Box<Place>),
    /// A carriage return inside a line.
    #[error("{0} holds a carriage return that ends no line: convert the line ends of the file to `\\n`")]
    CarriageReturn(Box<Place>),
    /// A line longer than any honest one of its kind.
    #[error("{at} is longer than {limit} bytes: check that the file is what its name says")]
    LineTooLong {
        /// Where.
        at: Box<Place>,
        /// The most bytes that such a line may have.
        limit: usize,
    },
    /// Text in no known format.
    #[error(
        "{at} starts with `{starts}`: this is neither FASTA (`>`), FASTQ (`@`), nor a table whose header names a column \
         `sequence` or `seq`: convert the file to one of these"
    )]
    UnknownFormat {
        /// Where.
        at: Box<Place>,
        /// The beginning of the first line.
        starts: String,
    },
    /// A file that should be FASTA is not.
    #[error("{at} starts with `{starts}`: this is not FASTA, whose records start with `>`: give a FASTA file")]
    NotFasta {
        /// Where.
        at: Box<Place>,
        /// The beginning of the line.
        starts: String,
    },
    /// A FASTQ record without its four lines.
    #[error("{at}: {missing} is missing: a FASTQ record has four lines: `@id`, letters, `+`, qualities")]
    Fastq {
        /// Where.
        at: Box<Place>,
        /// What is missing.
        missing: &'static str,
    },
    /// A FASTQ record with another number of qualities than letters.
    #[error("{at} has {letters} letters and {qualities} qualities: repair the record or make the file again")]
    Qualities {
        /// Where.
        at: Box<Place>,
        /// Number of letters.
        letters: usize,
        /// Number of qualities.
        qualities: usize,
    },
    /// A record without a name.
    #[error("{0} has no name: give each record one, such as `>peak_1`")]
    MissingId(Box<Place>),
    /// A name that would break the tables written from it.
    #[error(
        "{0}: the name of the record holds control characters, is a formula of a spreadsheet or is not UTF-8: rename the record"
    )]
    BadId(Box<Place>),
    /// Two records of one name.
    #[error("{first} and {second} have the same name: rename one of them")]
    DuplicateId {
        /// The first record.
        first: Box<Place>,
        /// The second one.
        second: Box<Place>,
    },
    /// A record without letters.
    #[error("{0} has no letters: remove the record, or check that the file is complete")]
    EmptyRecord(Box<Place>),
    /// A 2bit file that contradicts itself, or ends too early.
    #[error("`{}` is a damaged 2bit file: copy or make it again", shown(.0.as_bytes()))]
    TwoBit(Arc<str>),
    /// A 2bit file where another alphabet is read.
    #[error("`{}` is a 2bit file, which holds DNA: {alphabet} was expected: give FASTA", shown(file.as_bytes()))]
    TwoBitAlphabet {
        /// The file.
        file: Arc<str>,
        /// The alphabet expected.
        alphabet: Alphabet,
    },
    /// An index that does not fit its FASTA file.
    #[error("{0} does not fit the FASTA file beside it: make the index again (`samtools faidx`), or remove it")]
    FastaIndex(Box<Place>),
    /// A genome without the record that was asked for.
    #[error("`{}` has no record `{}`: its first is `{}`", shown(file.as_bytes()), shown(id.as_bytes()), shown(first.as_bytes()))]
    NoSuchId {
        /// The file.
        file: Arc<str>,
        /// The name asked for.
        id: String,
        /// The name of the first record.
        first: String,
    },
    /// No record is as long as a window.
    #[error("`{}` has no record of {length} letters, the length of a window: give longer sequences", shown(file.as_bytes()))]
    NoWindow {
        /// The file.
        file: Arc<str>,
        /// Letters of a window.
        length: usize,
    },
    /// A record with more letters than fit.
    #[error("{at} has more than {limit} letters: cut it into pieces")]
    TooManyLetters {
        /// Where.
        at: Box<Place>,
        /// The most letters of one record.
        limit: usize,
    },
    /// A character that is no letter of the alphabet.
    #[error("{at}: letter {position} is `{}`, which is not {alphabet}: {remedy}", letter.escape_ascii())]
    Letter {
        /// Where.
        at: Box<Place>,
        /// The byte.
        letter: u8,
        /// Its position in the sequence, counted from 1.
        position: usize,
        /// The alphabet.
        alphabet: Alphabet,
        /// What to do about it.
        remedy: &'static str,
    },
    /// A token that the alphabet does not have.
    #[error(
        "token {token} at position {index} (0-based): {alphabet} has {known} tokens: use the alphabet that made it"
    )]
    Token {
        /// The token.
        token: u8,
        /// Its position, counted from 0.
        index: usize,
        /// The alphabet.
        alphabet: Alphabet,
        /// Number of tokens of the alphabet.
        known: usize,
    },
    /// A name that is no alphabet.
    #[error("`{}` is no alphabet: use `dna`, `rna` or `protein`", shown(.0.as_bytes()))]
    UnknownAlphabet(String),
    /// Letters that stand in another order than those of the alphabet.
    #[error(
        "letters of {alphabet} stand in the order {}, not {}: make the model again with this program",
        alphabet.letters(), shown(got.as_bytes())
    )]
    LetterOrder {
        /// The alphabet.
        alphabet: Alphabet,
        /// The letters found.
        got: String,
    },
    /// Sequences of two alphabets in one set.
    #[error("expected {expected} sequences, got {got}: read both with the same alphabet")]
    MixedAlphabets {
        /// Alphabet of the set.
        expected: Alphabet,
        /// Alphabet of what is added.
        got: Alphabet,
    },
    /// The other strand of something that has none.
    #[error("{0} has no reverse strand: use the forward strand only")]
    NoComplement(Alphabet),
    /// A record that does not exist.
    #[error("record {index} (0-based) does not exist: the set has {len}: choose an index below that")]
    NoSuchRecord {
        /// The index asked for.
        index: usize,
        /// Number of records.
        len: usize,
    },
    /// A table without a column.
    #[error("{at}: no column {wanted}, only {found}: rename the column that holds it")]
    MissingColumn {
        /// Where.
        at: Box<Place>,
        /// The names looked for.
        wanted: String,
        /// The names found.
        found: String,
    },
    /// A table with two columns of the same name.
    #[error("{at}: column `{name}` is there twice: rename or remove one of them")]
    DuplicateColumn {
        /// Where.
        at: Box<Place>,
        /// The name.
        name: String,
    },
    /// A row with more or fewer cells than the header.
    #[error("{at} has {got} cells, its header has {expected}: repair the row")]
    CellCount {
        /// Where.
        at: Box<Place>,
        /// Cells of the header.
        expected: usize,
        /// Cells of the row.
        got: usize,
    },
    /// A quote that does not enclose a whole cell.
    #[error("{0}: a quote is not closed at the end of its cell: close it on the same line, and double quotes inside")]
    Quote(Box<Place>),
    /// A label that is not a finite number.
    #[error("{at}: column `{column}` holds `{got}`: write a finite number, or remove the row")]
    Label {
        /// Where.
        at: Box<Place>,
        /// The column.
        column: String,
        /// What it holds.
        got: String,
    },
    /// Another number of groups than of sequences.
    #[error("{sequences} sequences and {groups} groups: give one group per sequence")]
    GroupCount {
        /// Number of sequences.
        sequences: usize,
        /// Number of groups.
        groups: usize,
    },
    /// A group without a name, or with one that would break the tables written from it.
    #[error(
        "{0}: the name of the group is empty, holds control characters or is a formula: name the group of each sequence"
    )]
    GroupName(Box<Place>),
    /// A file of sequences without labels where labels are needed.
    #[error(
        "`{}` holds sequences without labels: give a table with a label column, or one FASTA file of positives and one of \
         negatives",
        shown(.0.as_bytes())
    )]
    NoLabels(Arc<str>),
    /// Another number of labels than of sequences.
    #[error("{sequences} sequences and {labels} labels: give one label per sequence")]
    LabelCount {
        /// Number of sequences.
        sequences: usize,
        /// Number of labels.
        labels: usize,
    },
    /// A header without rows.
    #[error("`{}` has a header but no rows: check how it was made", shown(.0.as_bytes()))]
    NoRows(Arc<str>),
    /// A parameter outside its domain.
    #[error("{name} = {got}: it must be {expected}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// Its value.
        got: f64,
        /// Its domain, in words.
        expected: &'static str,
    },
    /// Motifs that do not fit into a sequence.
    #[error(
        "the motifs need {width} letters, the sequences have {length}: make the sequences longer or plant fewer motifs"
    )]
    MotifsTooWide {
        /// Letters that the motifs need.
        width: usize,
        /// Letters of a sequence.
        length: usize,
    },
    /// Motifs planted over one another, or over the end.
    #[error("motif `{}` at position {position} (0-based) does not fit there: move it off the others and the ends", shown(motif.as_bytes()))]
    MotifPosition {
        /// Name of the motif.
        motif: String,
        /// First position asked for, counted from 0.
        position: usize,
    },
    /// Writing failed.
    #[error("the sequences cannot be written")]
    Write(#[from] io::Error),
    /// What is wrong with a division into training and test.
    #[error(transparent)]
    Division(#[from] DivisionError),
    /// What is wrong with intervals of a genome.
    #[error(transparent)]
    Interval(#[from] IntervalError),
    /// What is wrong with a model of another program.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// What is wrong with motifs.
    #[error(transparent)]
    Motif(#[from] MotifError),
    /// What is wrong with labels of several tasks.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// What is wrong with variants of a genome.
    #[error(transparent)]
    Variant(#[from] VariantError),
}
