//! The file of a model: [safetensors](https://github.com/huggingface/safetensors), readable from other languages.
//!
//! ```text
//! 8 bytes      length of the header, little-endian
//! header       JSON: { "__metadata__": { "ckn": "{format, network, card}" }, tensor name: type, shape, place, … }
//! tensors      head.intercept f64 [1] · head.weights f64 [dimension] (of several outputs: [outputs], [outputs, dimension]) · layer.N.anchors f32 [filters, channels, width]
//! ```
//!
//! A network without a head has `headless` in place of `network`, and its anchors alone.
//!
//! A network after DeepBind has `deepbind` in place of `network`, and the tensors `filters` f32 \[filters, letters, width\],
//! `biases` f32 \[filters\], `weights` f32 \[filters\] and `intercept` f32 \[1\].
//!
//! A kernel machine has `machine`, and the tensors `support.tokens` u8 \[letters\], `support.lengths` u32 \[sequences\],
//! `coefficients` f64 \[kernels, sequences\] and `intercept` f64 \[1\]. An ensemble has `ensemble`, and the files of its
//! members as tensors `member.N` u8 \[bytes\].
//!
//! A model of images has `image`, and for every branch the tensors `branch.N.layer.M.filters` f32 \[filters, patch, patch,
//! channels\], `branch.N.layer.M.weights` f32 \[filters\] (of an expansion) and `branch.N.mean` f32 \[dimension\], then `weights` f64
//! \[classes, dimension\] and `intercepts` f64 \[classes\].
//!
//! A file is read as if its writer were hostile: everything that its header says is checked against the configuration
//! and against the length of the file before memory is set aside for parameters. Equal models give equal bytes.

mod header;
mod metadata;
mod refusal;
mod tensors;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use self::header::RawHeader;
pub(crate) use self::metadata::{Key, check_outputs};
pub use self::metadata::{MAX_OUTPUT_NAME, MAX_OUTPUTS, check_output_names};
use self::metadata::{Metadata, damaged};
pub(crate) use self::refusal::Refusal;
pub(crate) use self::tensors::{Contents, Expected, Values};
use crate::Error;
use crate::whole_file::{WholeFile, folder_of, sweep_leftovers};

/// Version of the model format that this crate writes, and the only one that it reads.
pub const FORMAT_VERSION: u32 = 1;

/// What every kind of model states in its own file: configuration, tensors out, tensors in.
pub(crate) trait Kind: Sized {
    /// Configuration, as the metadata hold it.
    type Config: Serialize + DeserializeOwned;
    /// What it is for and where it comes from.
    type Card: Card;
    /// Its place in the metadata.
    const KEY: Key;

    /// Configuration, and the values of the tensors in the order of [`Self::expected`].
    fn parts(&self) -> Result<(Self::Config, Vec<Values<'_>>), Error>;

    /// The tensors that a configuration and a card ask for, once both are checked.
    fn expected(config: &Self::Config, card: &Self::Card) -> Result<Vec<Expected>, Refusal>;

    /// Whether the rows of a tensor of f32 have unit norm.
    fn has_unit_rows(_config: &Self::Config, _tensor: &str) -> bool {
        false
    }

    /// The model of a configuration that [`Self::expected`] accepted, and of its tensors.
    fn from_parts(config: Self::Config, contents: Contents, card: &Self::Card) -> Result<Self, Refusal>;
}

/// What all cards have.
pub(crate) trait Card: Serialize + DeserializeOwned + Clone {
    /// What was measured.
    fn measured(&self) -> &BTreeMap<String, f64>;
    /// Settings of the training.
    fn training_mut(&mut self) -> &mut serde_json::Value;
}

/// A file whose header is read; the reader stands at the first tensor.
pub(crate) struct Opened<'r> {
    reader: &'r mut dyn Read,
    header: RawHeader,
    metadata: Metadata,
}

impl<'r> Opened<'r> {
    /// Reads the header of a file of `length` bytes.
    pub(crate) fn new(reader: &'r mut dyn Read, length: u64) -> Result<Self, Refusal> {
        let header = RawHeader::read(reader, length)?;
        let metadata = metadata::read(&header.annotation)?;
        Ok(Self { reader, header, metadata })
    }

    /// The kind that the metadata name.
    pub(crate) fn key(&self) -> Key {
        self.metadata.key
    }

    /// Reads a model of a kind, in one pass and without a second copy of the parameters.
    pub(crate) fn read<K: Kind>(self) -> Result<(K, K::Card), Refusal> {
        let Plan { reader, config, card, expected, order } = self.plan::<K>()?;
        let contents = tensors::read_all(reader, &expected, &order, |tensor| K::has_unit_rows(&config, tensor))?;
        Ok((K::from_parts(config, contents, &card)?, card))
    }

    /// Checks everything that stands before the tensors.
    fn plan<K: Kind>(self) -> Result<Plan<'r, K>, Refusal> {
        let Metadata { config, card, .. } = self.metadata;
        let config: K::Config = serde_json::from_str(config.get()).map_err(damaged)?;
        let card: K::Card = serde_json::from_str(card.get()).map_err(damaged)?;
        let expected = K::expected(&config, &card)?;
        let order = self.header.order(&expected)?;
        Ok(Plan { reader: self.reader, config, card, expected, order })
    }
}

/// What a file holds, and its tensors in their order, without a gap between them.
struct Plan<'r, K: Kind> {
    reader: &'r mut dyn Read,
    config: K::Config,
    card: K::Card,
    expected: Vec<Expected>,
    order: Vec<String>,
}

/// The bytes of the file of a body and its card.
///
/// # Errors
/// [`Error::Unsavable`] if the file could not be read again.
pub(crate) fn to_bytes<K: Kind>(body: &K, card: &K::Card) -> Result<Vec<u8>, Error> {
    let unsavable = |reason: String| Error::Unsavable { reason };
    if let Some((name, value)) = card.measured().iter().find(|(_, value)| !value.is_finite()) {
        let reason = format!("the measured value `{name}` is {value}: leave out what could not be measured");
        return Err(unsavable(reason));
    }
    let mut card = card.clone();
    // Equal models, equal bytes: where a build of serde_json keeps the order of insertion, that order is not theirs.
    card.training_mut().sort_all_objects();
    let (config, values) = body.parts()?;
    let metadata = metadata::write::<K>(&config, &card).map_err(|error| unsavable(error.to_string()))?;
    let expected = K::expected(&config, &card).map_err(|refusal| unsavable(refusal.to_string()))?;
    let bytes = tensors::write(expected, values, metadata).map_err(unsavable)?;
    // What the reader refuses is refused here, where the model is still in memory.
    let again =
        Opened::new(&mut bytes.as_slice(), bytes.len() as u64).and_then(|opened| opened.plan::<K>().map(|_| ()));
    again.map_err(|refusal| unsavable(refusal.to_string()))?;
    Ok(bytes)
}

/// Reads a file of a model.
pub(crate) fn load<M>(path: &Path, read: impl FnOnce(Opened<'_>) -> Result<M, Refusal>) -> Result<M, Error> {
    let (mut reader, length) = open(path)?;
    Opened::new(&mut reader, length).and_then(read).map_err(|refusal| refusal.of(path))
}

/// Reads the bytes of the file of a model; messages name the path.
pub(crate) fn from_bytes<M>(
    mut bytes: &[u8],
    path_for_messages: &Path,
    read: impl FnOnce(Opened<'_>) -> Result<M, Refusal>,
) -> Result<M, Error> {
    let length = bytes.len() as u64;
    Opened::new(&mut bytes, length).and_then(read).map_err(|refusal| refusal.of(path_for_messages))
}

/// Opens a file of a model; its length is the second.
fn open(path: &Path) -> Result<(BufReader<File>, u64), Error> {
    // Before opening: opening a pipe would wait for a writer.
    require_file(&fs::metadata(path).map_err(|cause| file_error(path, cause))?, path)?;
    let file = File::open(path).map_err(|cause| file_error(path, cause))?;
    let status = file.metadata().map_err(|cause| file_error(path, cause))?;
    require_file(&status, path)?;
    Ok((BufReader::new(file), status.len()))
}

/// Writes the bytes of a model, once it is known that they may be written.
pub(crate) fn save(bytes: impl FnOnce() -> Result<Vec<u8>, Error>, path: &Path, overwrite: bool) -> Result<(), Error> {
    match fs::metadata(path) {
        // Also with `overwrite`: a device or a pipe must not be replaced by a file.
        Ok(there) => require_file(&there, path)?,
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => {}
        Err(cause) => return Err(file_error(path, cause)),
    }
    // Not `exists`, which is false for a link that leads nowhere.
    if !overwrite && fs::symlink_metadata(path).is_ok() {
        return Err(Error::Exists { path: path.to_owned() });
    }
    if !folder_of(path).is_dir() {
        let reason = "its folder does not exist: create the folder, or choose another path";
        return Err(file_error(path, io::Error::new(io::ErrorKind::NotFound, reason)));
    }
    let bytes = bytes()?;
    sweep_leftovers(path);
    let mut file = WholeFile::create(path).map_err(|cause| file_error(path, cause))?;
    file.file().write_all(&bytes).map_err(|cause| file_error(path, cause))?;
    // Refuses a file that appeared since the first check.
    file.finish(overwrite).map_err(|cause| match cause.kind() {
        io::ErrorKind::AlreadyExists => Error::Exists { path: path.to_owned() },
        _ => file_error(path, cause),
    })
}

fn require_file(status: &fs::Metadata, path: &Path) -> Result<(), Error> {
    let reason = match (status.is_file(), status.is_dir()) {
        (true, _) => return Ok(()),
        (false, true) => "is a folder: give the path of a model file",
        (false, false) => "is not a regular file: give the path of a model file",
    };
    Err(file_error(path, io::Error::new(io::ErrorKind::InvalidInput, reason)))
}

fn file_error(path: &Path, cause: io::Error) -> Error {
    Error::File { path: path.to_owned(), cause }
}
