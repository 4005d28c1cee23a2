//! What can be wrong with variants of a genome.

use thiserror::Error as ThisError;

use crate::alphabet::Alphabet;
use crate::place::Place;

/// What can be wrong with a file of variants.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum VariantError {
    /// A line of a VCF file with too few columns.
    #[error(
        "{at} has {got} columns: VCF has CHROM, POS, ID, REF and ALT, separated by tabs, and any others: repair the line, or \
         check that the file is complete"
    )]
    Columns {
        /// Where.
        at: Box<Place>,
        /// Columns of the line.
        got: usize,
    },
    /// A position that is none.
    #[error("{at}: the position is `{got}`: write a whole number, counted from 1")]
    Position {
        /// Where.
        at: Box<Place>,
        /// What stands there.
        got: String,
    },
    /// An allele that is not written in letters.
    #[error(
        "{at}: the allele `{got}` is not written in letters of {alphabet}: write letters; of alternative alleles, `<NAME>`, `*`, \
         `.` and breakends are understood, too"
    )]
    Allele {
        /// Where.
        at: Box<Place>,
        /// The allele.
        got: String,
        /// The alphabet.
        alphabet: Alphabet,
    },
    /// More than can be held at once.
    #[error(
        "{at}: with this row, names and alleles of the variants are more than {limit} bytes, counting REF once for each \
         alternative allele: split the file, or leave its longest alleles out"
    )]
    TooManyBytes {
        /// Where.
        at: Box<Place>,
        /// The largest number of bytes.
        limit: usize,
    },
}
