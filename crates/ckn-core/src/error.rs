//! Errors of the crate: what in its input can be wrong.

use thiserror::Error as ThisError;

use crate::memory::Mebibytes;

/// What can go wrong in the mathematics: each variant is something the caller can change.
#[derive(Debug, Clone, PartialEq, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// A slice does not have the number of elements that its shape asks for.
    #[error("{what}: expected {expected} elements, got {got}")]
    Shape {
        /// The slice.
        what: &'static str,
        /// Elements that the shape asks for.
        expected: usize,
        /// Elements found.
        got: usize,
    },
    /// What a computation asks on its way told it to stop.
    #[error("the computation was ended before there was a result")]
    Interrupted,
    /// Something needs more memory than may be held.
    #[error("{what} needs {needed} of memory, {limit} are allowed: ask for less, or allow more")]
    Memory {
        /// What needs it.
        what: &'static str,
        /// Bytes needed.
        needed: Mebibytes,
        /// Bytes allowed.
        limit: Mebibytes,
    },
    /// A size of a configuration is outside its limits.
    #[error("{field} of layer {layer} is {got}: it must be between 1 and {limit}")]
    Size {
        /// The field.
        field: &'static str,
        /// The layer, counted from 1.
        layer: usize,
        /// Its value.
        got: usize,
        /// Largest accepted value.
        limit: usize,
    },
    /// A parameter is outside its domain.
    #[error("{name} = {got}: it must be {expected}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// Its value.
        got: f64,
        /// Its domain, in words.
        expected: &'static str,
    },
    /// A label that the loss does not know.
    #[error("label = {got}: it must be {expected}")]
    Label {
        /// The label.
        got: f64,
        /// Labels that it knows, in words.
        expected: &'static str,
    },
    /// A value that must be finite is NaN or infinite.
    #[error("{what}: {count} of its values are NaN or infinite, the first at index {first}")]
    NotFinite {
        /// The slice.
        what: &'static str,
        /// How many values.
        count: usize,
        /// Index of the first.
        first: usize,
    },
    /// The eigendecomposition of a symmetric matrix failed or is not accurate.
    #[error(
        "eigendecomposition of a {size} x {size} matrix failed (condition number {condition:.1e}, residual {residual:.1e}): \
         raise the regularisation or remove duplicate anchor points"
    )]
    Eigen {
        /// Rows of the matrix.
        size: usize,
        /// Ratio of the largest to the smallest absolute eigenvalue (NaN if no decomposition was found).
        condition: f64,
        /// `‖AV − VΛ‖ / ‖A‖` (NaN if no decomposition was found).
        residual: f64,
    },
    /// A matrix that must be positive definite is not.
    #[error(
        "the {size} x {size} matrix is not positive definite at row {row}: raise the regularisation or remove duplicate anchor points"
    )]
    NotPositiveDefinite {
        /// Rows of the matrix.
        size: usize,
        /// Row of the first non-positive pivot.
        row: usize,
    },
    /// A sequence is shorter than the patch.
    #[error("sequence {record} (0-based) has {length} letters, the filter is {width} wide")]
    TooShort {
        /// 0-based index of the sequence.
        record: usize,
        /// Its length.
        length: usize,
        /// The patch width.
        width: usize,
    },
    /// A token has no meaning in its letter table.
    #[error("token {token} at index {index} is unknown: the alphabet has {known} tokens")]
    Token {
        /// The token.
        token: u8,
        /// Index in the token slice.
        index: usize,
        /// Number of known tokens.
        known: usize,
    },
    /// Offsets do not cut the tokens into consecutive sequences.
    #[error("offset {index} is {got}: offsets must start at 0, never fall, and end at the number of tokens, {tokens}")]
    Offsets {
        /// Index of the offset.
        index: usize,
        /// Its value.
        got: usize,
        /// Number of tokens.
        tokens: usize,
    },
    /// The alphabet has no complement (protein), but a reverse strand was asked for.
    #[error("this alphabet has no complement: use the forward strand only")]
    NoComplement,
    /// A pooling that sums and maxima over windows do not give.
    #[error("{pooling:?} pooling needs the whole map of a sequence: windows alone do not tell")]
    WholeMap {
        /// The pooling.
        pooling: crate::pooling::Pooling,
    },
    /// Pooling to more cells than a map has pixels.
    #[error(
        "pooling to {side} x {side} cells: the map is only {map} wide or high there; pool to fewer, or less before"
    )]
    PooledTooFar {
        /// Cells a side.
        side: usize,
        /// Rows or columns of the map.
        map: usize,
    },
    /// No patch fits into a map.
    #[error("patches of {patch} x {patch} do not fit into a map of {height} x {width}")]
    PatchTooLarge {
        /// Side of the patches.
        patch: usize,
        /// Rows of the map.
        height: usize,
        /// Positions of a row.
        width: usize,
    },
    /// A gradient was asked of a layer that is not learned by gradients.
    #[error(
        "a layer that expands the Gaussian kernel has no gradient: only layers of anchor points are trained with labels"
    )]
    NoGradient,
    /// All patches that were drawn are blank.
    #[error("none of {drawn} patches drawn at random has any contrast: are the images blank?")]
    Blank {
        /// Patches drawn.
        drawn: usize,
    },
    /// There are no data to work on.
    #[error("{what} is empty")]
    Empty {
        /// What is empty.
        what: &'static str,
    },
}

/// Class of an error, of this crate or of one above it: who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A setting: choose another.
    Setting,
    /// The data: repair them, or give others.
    Input,
    /// A device that is missing, or computes wrongly.
    Device,
    /// The work was ended from outside.
    Interrupted,
    /// The program that called: its arguments do not fit each other.
    Caller,
}

impl Error {
    /// Class of the error.
    pub fn kind(&self) -> ErrorKind {
        match self {
            // More regularisation helps where a matrix has no root.
            Self::Size { .. }
            | Self::Memory { .. }
            | Self::Parameter { .. }
            | Self::Eigen { .. }
            | Self::NotPositiveDefinite { .. }
            | Self::NoComplement
            | Self::NoGradient
            | Self::PatchTooLarge { .. }
            | Self::PooledTooFar { .. } => ErrorKind::Setting,
            Self::Label { .. }
            | Self::Empty { .. }
            | Self::TooShort { .. }
            | Self::Token { .. }
            | Self::Blank { .. } => ErrorKind::Input,
            Self::Interrupted => ErrorKind::Interrupted,
            Self::Shape { .. } | Self::NotFinite { .. } | Self::Offsets { .. } | Self::WholeMap { .. } => {
                ErrorKind::Caller
            }
        }
    }
}

/// Checks that a slice has the length of its shape.
pub(crate) fn check_length(what: &'static str, expected: usize, got: usize) -> Result<(), Error> {
    if expected == got { Ok(()) } else { Err(Error::Shape { what, expected, got }) }
}

/// Checks that a size of a configuration is between 1 and its limit; layers are counted from 0.
///
/// ```
/// use ckn_core::{Error, check_size};
/// assert!(check_size("filters", 0, 64, 64).is_ok());
/// // Messages count layers from 1.
/// let refused = check_size("filters", 1, 0, 64);
/// assert!(matches!(refused, Err(Error::Size { field: "filters", layer: 2, got: 0, limit: 64 })));
/// assert!(check_size("filters", 0, 65, 64).is_err());
/// ```
///
/// # Errors
/// [`Error::Size`] if it is not.
pub fn check_size(field: &'static str, layer: usize, got: usize, limit: usize) -> Result<(), Error> {
    if (1..=limit).contains(&got) { Ok(()) } else { Err(Error::Size { field, layer: layer + 1, got, limit }) }
}

/// Checks that all values are finite.
pub(crate) fn check_finite(what: &'static str, values: &[f64]) -> Result<(), Error> {
    let count = values.iter().filter(|value| !value.is_finite()).count();
    match values.iter().position(|value| !value.is_finite()) {
        Some(first) => Err(Error::NotFinite { what, count, first }),
        None => Ok(()),
    }
}
