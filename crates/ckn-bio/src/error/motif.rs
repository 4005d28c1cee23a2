//! What can be wrong with motifs.

use thiserror::Error as ThisError;

use crate::alphabet::Alphabet;
use crate::place::Place;

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
    #[error("all counts of column {column} are zero: give a pseudocount, or remove the column")]
    EmptyColumn {
        /// Column, counted from 1.
        column: usize,
    },
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
    /// A comparison with nothing on one side.
    #[error("there are no {of}: a motif is judged on at least one positive and one negative sequence")]
    NoSequences {
        /// What is missing.
        of: &'static str,
    },
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
    #[error("{alphabet} has no opposite strand: use the given one only")]
    NoComplement {
        /// The alphabet.
        alphabet: Alphabet,
    },
}
