use std::io;
use std::path::PathBuf;

use ckn_core::ErrorKind;
use thiserror::Error as ThisError;

/// What can go wrong with a model.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// The mathematics refused.
    #[error(transparent)]
    Core(#[from] ckn_core::Error),
    /// Sequences are written in another alphabet than the model's.
    #[error("the sequences have {got} letters, the model was trained on {expected} ({alphabet}): check the alphabet")]
    Alphabet {
        /// Letters of the model.
        expected: usize,
        /// Letters of the sequences.
        got: usize,
        /// Name of the model's alphabet.
        alphabet: String,
    },
    /// Images of another shape than the model's.
    #[error(
        "the images have {} x {} pixels of {} channels, the model was trained on {} x {} of {}: give images of that shape",
        got.height, got.width, got.channels, expected.height, expected.width, expected.channels
    )]
    ImageShape {
        /// Shape of the model's images.
        expected: ckn_core::image::MapShape,
        /// Shape of the images.
        got: ckn_core::image::MapShape,
    },
    /// Images could not be read or changed.
    #[error(transparent)]
    Vision(#[from] ckn_vision::Error),
    /// Windows shorter than the network can see.
    #[error("windows of {got} letters: the network needs at least {shortest}: choose longer windows")]
    WindowLength {
        /// Letters of a window.
        got: usize,
        /// Letters of the shortest sequence that every layer can see.
        shortest: usize,
    },
    /// One output is needed, and the model has several.
    #[error("the model has {} outputs, and this needs one: choose {}", outputs.len(), outputs.join(" or "))]
    Outputs {
        /// Their names.
        outputs: Vec<String>,
    },
    /// A member of an ensemble is an ensemble.
    #[error("a member of an ensemble is an ensemble: join the members of both instead")]
    Nested,
    /// A model file could not be read or written.
    #[error("{path}: {cause}{}", remedy(cause))]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A file that exists would be overwritten.
    #[error("{path} exists already: choose another name, or overwrite it")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A file is not a model, or is damaged.
    #[error("{path} is not a usable model file: {reason}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file holds a model of another kind than the one that is needed.
    #[error("{path} is a {got} model, and this needs a {expected} one: choose another model")]
    Kind {
        /// The file.
        path: PathBuf,
        /// Kind that is needed.
        expected: &'static str,
        /// Kind found.
        got: &'static str,
    },
    /// A model cannot be written so that it could be read again.
    #[error("the model cannot be saved: {reason}")]
    Unsavable {
        /// What stands against it.
        reason: String,
    },
    /// A file was written by another version of the format.
    #[error(
        "{path} has model format {got}, this program reads format {expected}: use the release that wrote it, or train again"
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Version that this program reads.
        expected: u32,
        /// Version found.
        got: u32,
    },
}

impl Error {
    /// Class of the error.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Exists { .. } | Self::Outputs { .. } | Self::WindowLength { .. } => ErrorKind::Setting,
            Self::Core(error) => error.kind(),
            Self::Vision(error) => kind_of_vision(error),
            Self::Alphabet { .. }
            | Self::ImageShape { .. }
            | Self::Nested
            | Self::File { .. }
            | Self::Malformed { .. }
            | Self::Kind { .. }
            | Self::Version { .. } => ErrorKind::Input,
            Self::Unsavable { .. } => ErrorKind::Caller,
        }
    }
}

/// Class of an error of images: that crate knows none of the mathematics, nor its classes of errors.
///
/// ```
/// use ckn_core::ErrorKind;
/// use ckn_model::kind_of_vision;
/// use ckn_vision::{Differences, gabor_fit, gradient_map, io::read_labels};
/// let setting = gabor_fit(&[0.0; 4], 2);
/// assert!(matches!(setting, Err(error) if kind_of_vision(&error) == ErrorKind::Setting));
/// let shape = gradient_map(&[0.0], [1, 2, 1], Differences::Central, &mut []);
/// assert!(matches!(shape, Err(error) if kind_of_vision(&error) == ErrorKind::Caller));
/// assert!(matches!(read_labels("no such file"), Err(error) if kind_of_vision(&error) == ErrorKind::Input));
/// ```
pub fn kind_of_vision(error: &ckn_vision::Error) -> ErrorKind {
    match error {
        ckn_vision::Error::Setting { .. } => ErrorKind::Setting,
        ckn_vision::Error::Shape { .. } | ckn_vision::Error::NotFinite { .. } => ErrorKind::Caller,
        _ => ErrorKind::Input,
    }
}

/// Checks that numbers of a model are finite.
pub(crate) fn check_finite(what: &'static str, numbers: impl Iterator<Item = f64> + Clone) -> Result<(), Error> {
    match numbers.clone().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(first) => {
            let count = numbers.filter(|value| !value.is_finite()).count();
            Err(ckn_core::Error::NotFinite { what, count, first }.into())
        }
    }
}

/// What to do about what the system says; reasons of this crate end with it already.
fn remedy(cause: &io::Error) -> &'static str {
    match (cause.raw_os_error(), cause.kind()) {
        (None, _) => "",
        (_, io::ErrorKind::NotFound) => ": check its name",
        (_, io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) => ": check the permissions",
        (_, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => ": make space",
        _ => ": check the disk",
    }
}
