//! What can be wrong with models of other programs.

use std::sync::Arc;

use thiserror::Error as ThisError;

use crate::place::{Place, shown};

/// What can be wrong with a model of LS-GKM, or with a table of the weights of words.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum MachineError {
    /// A line of the head that no model has.
    #[error(
        "{at}: `{got}` is no line of the head of a gkm-SVM: it has one name and its values a line, from `svm_type` to `SV`: \
         check that the file is a model of LS-GKM (`.model.txt`)"
    )]
    Field {
        /// Where.
        at: Box<Place>,
        /// The beginning of the line.
        got: String,
    },
    /// A line of the head twice.
    #[error("{at}: `{field}` is there twice: repair the head of the model")]
    FieldTwice {
        /// Where.
        at: Box<Place>,
        /// The name.
        field: &'static str,
    },
    /// A line of the head that is missing.
    #[error("`{}` has no line `{field}` before its vectors: check that the file is a whole model of LS-GKM", shown(file.as_bytes()))]
    MissingField {
        /// The file.
        file: Arc<str>,
        /// The name.
        field: &'static str,
    },
    /// A value of the head outside its domain.
    #[error("{at}: {field} is `{got}`: it must be {expected}: repair the head, or train the model again")]
    Value {
        /// Where.
        at: Box<Place>,
        /// The name.
        field: &'static str,
        /// The value.
        got: String,
        /// Its domain, in words.
        expected: &'static str,
    },
    /// Another number of vectors than the head says.
    #[error("`{}` has {got} vectors, and its head says {expected}: copy or download it again", shown(file.as_bytes()))]
    VectorCount {
        /// The file.
        file: Arc<str>,
        /// Vectors that the head says.
        expected: usize,
        /// Vectors that are there.
        got: usize,
    },
    /// A line that is no vector.
    #[error("{at}: a vector is a coefficient, a space and a sequence: repair the line, or copy the file again")]
    Vector {
        /// Where.
        at: Box<Place>,
    },
    /// A number that is none.
    #[error("{at}: `{got}` is no finite number: repair the line, or train the model again")]
    Number {
        /// Where.
        at: Box<Place>,
        /// What stands there.
        got: String,
    },
    /// A vector without a window.
    #[error(
        "{at} has a sequence of {letters} letters, and the kernel's words have {width}: train the model again without it"
    )]
    ShortVector {
        /// Where.
        at: Box<Place>,
        /// Letters of the sequence.
        letters: usize,
        /// Letters of a word.
        width: usize,
    },
    /// More than can be held at once.
    #[error("{at}: with this line the file has more than {limit}: make a smaller model")]
    TooLarge {
        /// Where.
        at: Box<Place>,
        /// The limit, in words.
        limit: &'static str,
    },
    /// A line that is no word with its weight.
    #[error(
        "{at}: `{got}` is neither the head of a gkm-SVM (`svm_type …`) nor a word and its weight, such as `ACGTTGCA 0.25`: give a \
         model of LS-GKM, or a table of words"
    )]
    WordRow {
        /// Where.
        at: Box<Place>,
        /// The beginning of the line.
        got: String,
    },
    /// A word of another width, or too wide.
    #[error("{at}: the word has {got} letters: words of one table have the same number, {expected}: repair the table")]
    WordWidth {
        /// Where.
        at: Box<Place>,
        /// Letters of the word.
        got: usize,
        /// Letters of words, in words.
        expected: String,
    },
    /// A word twice.
    #[error("{at}: `{word}` is there twice: remove one of its rows")]
    WordTwice {
        /// Where.
        at: Box<Place>,
        /// The word.
        word: String,
    },
    /// A row whose second word is not the reverse complement of its first.
    #[error("{at}: `{got}` is not the reverse complement of `{word}`: repair the table")]
    NoReverseComplement {
        /// Where.
        at: Box<Place>,
        /// The word.
        word: String,
        /// What stands beside it.
        got: String,
    },
}
