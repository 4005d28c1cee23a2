//! What can be wrong with motifs.

use std::io;
use std::sync::Arc;

use thiserror::Error as ThisError;

use crate::alphabet::Alphabet;
use crate::place::{Place, shown};

/// What can be wrong with a motif, or with a file of motifs.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum MotifError {
    /// A matrix without columns.
    #[error("the matrix of a motif has no columns: give at least one")]
    NoColumns,
    /// Numbers that do not fill whole columns.
    #[error("{numbers} numbers do not fill columns of {letters} letters: give one number for each letter")]
    Shape {
        /// Numbers given.
        numbers: usize,
        /// Letters of the alphabet.
        letters: usize,
    },
    /// A matrix of more columns than any binding site.
    #[error("the matrix has {got} columns, more than {limit}: give a motif, not an alignment of genomes")]
    TooWide {
        /// Columns given.
        got: usize,
        /// The most columns.
        limit: usize,
    },
    /// A number outside of its domain.
    #[error("column {column} holds {got}: expected {expected}")]
    Value {
        /// Column, counted from 1.
        column: usize,
        /// The number.
        got: f64,
        /// What it should be.
        expected: &'static str,
    },
    /// A column whose probabilities do not sum to one.
    #[error("the probabilities of column {column} sum to {total}, not to 1: repair the column, or give counts as such")]
    ColumnSum {
        /// Column, counted from 1.
        column: usize,
        /// The sum.
        total: f64,
    },
    /// A column of counts that are all zero.
    #[error("all counts of column {0} are zero: give a pseudocount, or remove the column")]
    EmptyColumn(usize),
    /// Frequencies of letters that are none.
    #[error("background frequencies {got:?}: give one above 0 for each of the letters {letters}, with a sum of 1")]
    Background {
        /// The frequencies.
        got: Vec<f64>,
        /// Letters of the alphabet.
        letters: &'static str,
    },
    /// Two alphabets where one is needed.
    #[error("a motif of {first} meets one of {second}: give both of one alphabet")]
    Alphabets {
        /// Of the first.
        first: Alphabet,
        /// Of the second.
        second: Alphabet,
    },
    /// Nothing to compare with.
    #[error("the database holds no motifs: give at least one, and hundreds for p-values that mean something")]
    EmptyDatabase,
    /// A comparison with nothing on one side.
    #[error("there are no {0}: a motif is judged on at least one positive and one negative sequence")]
    NoSequences(&'static str),
    /// Another number of best hits than of sequences.
    #[error("{hits} best hits and {sequences} sequences: give those of the same sequences")]
    HitCount {
        /// Number of hits.
        hits: usize,
        /// Number of sequences.
        sequences: usize,
    },
    /// A hit where its sequence has no room for it.
    #[error(
        "{at} has {length} letters: no motif of {width} lies at position {position} (0-based); give hits of the same sequences"
    )]
    HitPosition {
        /// The sequence.
        at: Box<Place>,
        /// First position of the hit, counted from 0.
        position: usize,
        /// Width of the motif.
        width: usize,
        /// Letters of the sequence.
        length: usize,
    },
    /// The opposite strand of letters that have none.
    #[error("{0} has no opposite strand: use the given one only")]
    NoComplement(Alphabet),
    /// What is wrong with one motif of a file.
    #[error("{at}: motif `{}`: {cause}", shown(motif.as_bytes()))]
    InFile {
        /// Where.
        at: Box<Place>,
        /// Name of the motif.
        motif: String,
        /// What is wrong.
        cause: Box<MotifError>,
    },
    /// What is wrong with a line of a file.
    #[error("{at}: {cause}")]
    AtLine {
        /// Where.
        at: Box<Place>,
        /// What is wrong.
        cause: Box<MotifError>,
    },
    /// Text in no known format of motifs.
    #[error(
        "{at} starts with `{starts}`: this is neither MEME (text with a line `MEME version 4`), JASPAR or HOMER (`>name` \
         before each matrix), nor TRANSFAC (`AC`, `ID`, `P0`): convert the file to one of these"
    )]
    UnknownFormat {
        /// Where.
        at: Box<Place>,
        /// The beginning of the line.
        starts: String,
    },
    /// A file without motifs.
    #[error("`{}` holds no motifs: check how it was made", shown(.0.as_bytes()))]
    NoMotifs(Arc<str>),
    /// A file larger than any of motifs.
    #[error("{at}: the file has more than {limit}: give motifs alone, or split the file")]
    TooLarge {
        /// Where reading stopped.
        at: Box<Place>,
        /// The most that is read.
        limit: &'static str,
    },
    /// Bytes that are no text.
    #[error("{0} is not text: give motifs in UTF-8, plain or compressed with gzip")]
    NotText(Box<Place>),
    /// A name that is missing, or that would break tables and terminals.
    #[error(
        "{at}: the name `{got}` is empty, not UTF-8 or holds control characters: give each motif a name in plain text"
    )]
    Name {
        /// Where.
        at: Box<Place>,
        /// The name.
        got: String,
    },
    /// Letters that are no alphabet known here.
    #[error(
        "{at}: the letters `{got}` are none of ACGT, ACGU and the 20 amino acids: give motifs of DNA, RNA or protein"
    )]
    Letters {
        /// Where.
        at: Box<Place>,
        /// The letters.
        got: String,
    },
    /// A part of a line that is not what it should be.
    #[error("{at}: {field} is `{got}`: expected {expected}")]
    Field {
        /// Where.
        at: Box<Place>,
        /// What the part says.
        field: &'static str,
        /// What stands there.
        got: String,
        /// What it should be.
        expected: &'static str,
    },
    /// Something in a row of a matrix that is no number.
    #[error("{at}: `{got}` in a matrix is no number: repair the row")]
    Number {
        /// Where.
        at: Box<Place>,
        /// What stands there.
        got: String,
    },
    /// A row of a matrix with too few or too many numbers.
    #[error("{at}: the row has {got} numbers, expected {expected}: repair the row")]
    RowLength {
        /// Where.
        at: Box<Place>,
        /// Numbers of the row.
        got: usize,
        /// Numbers that it should have.
        expected: usize,
    },
    /// A matrix with too few rows.
    #[error("{at}: the matrix has {got} rows, expected {expected}: check that the file is complete")]
    RowCount {
        /// Where the matrix starts.
        at: Box<Place>,
        /// Rows of the matrix.
        got: usize,
        /// Rows that it should have.
        expected: usize,
    },
    /// A matrix under a bare header that is neither of JASPAR nor of HOMER.
    #[error(
        "{at}: {rows} rows without letters: a JASPAR matrix has 4, of A, C, G and T; a HOMER motif has its log-odds \
         threshold in the third field of its header, after tabs: add the threshold, or repair the matrix"
    )]
    BareRows {
        /// Where the motif starts.
        at: Box<Place>,
        /// Rows of the matrix.
        rows: usize,
    },
    /// Numbers of a matrix that is not open.
    #[error("{0}: a row of numbers outside of a matrix: correct the number of rows, or remove what parts the rows")]
    StrayRow(Box<Place>),
    /// A motif without a matrix of its letters.
    #[error("{at}: motif `{}` has no matrix of probabilities or counts: add one, or remove the motif", shown(motif.as_bytes()))]
    NoMatrix {
        /// Where the motif starts.
        at: Box<Place>,
        /// Its name.
        motif: String,
    },
    /// A second matrix of one motif.
    #[error("{at}: motif `{}` has a second matrix: start each motif with a name of its own", shown(motif.as_bytes()))]
    SecondMatrix {
        /// Where.
        at: Box<Place>,
        /// Its name.
        motif: String,
    },
    /// An alphabet that a format cannot hold.
    #[error("{format} files hold DNA, motif `{}` is {alphabet}: write MEME", shown(motif.as_bytes()))]
    FormatAlphabet {
        /// The format.
        format: &'static str,
        /// Name of the motif.
        motif: String,
        /// Its alphabet.
        alphabet: Alphabet,
    },
    /// A size of a logo that no page has.
    #[error("{name} = {got}: a logo has from 1 to 10000 pixels there: choose a size between")]
    LogoSize {
        /// Which size.
        name: &'static str,
        /// Its value.
        got: f64,
    },
    /// Writing failed.
    #[error("the motifs cannot be written: check the disk")]
    Write {
        /// What the system says.
        #[from]
        source: io::Error,
    },
}

impl MotifError {
    /// The column that is wrong, counted from 1, where one is.
    pub(crate) fn column(&self) -> Option<usize> {
        match self {
            Self::Value { column, .. } | Self::ColumnSum { column, .. } | Self::EmptyColumn(column) => Some(*column),
            _ => None,
        }
    }
}
