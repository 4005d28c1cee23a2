//! The file of a model: [safetensors](https://github.com/huggingface/safetensors), readable from other languages.
//!
//! ```text
//! 8 bytes      length of the header, little-endian
//! header       JSON: { "__metadata__": { "ckn": "{format, network, card}" }, tensor name: type, shape, place, … }
//! tensors      head.intercept f64 [1] · head.weights f64 [dimension] (of several outputs: [outputs], [outputs, dimension]) · layer.N.anchors f32 [filters, channels, width]
//! ```
//!
//! A file is read as if its writer were hostile: everything that its header says is checked against the configuration
//! and against the length of the file before memory is set aside for parameters. Equal models give equal bytes.

mod header;
mod metadata;
mod refusal;
mod tensors;

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use self::header::Plan;
use self::refusal::Refusal;
use crate::{Error, LinearHead, Model, Network};

/// Version of the model format that this crate writes, and the only one that it reads.
pub const FORMAT_VERSION: u32 = 1;

impl Model {
    /// Writes the model to a file, whole or not at all: to a temporary file in the same folder first, which then takes
    /// the name.
    ///
    /// # Errors
    /// [`Error::Exists`] if there is something at the path and `overwrite` is not set; [`Error::File`] if the path is
    /// a folder or another thing that is not a file, or if writing fails; [`Error::Unsavable`] as
    /// [`to_bytes`](Self::to_bytes). What was at the path before is then still there, unchanged.
    pub fn save(&self, path: &Path, overwrite: bool) -> Result<(), Error> {
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
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        if !folder.is_dir() {
            let reason = "its folder does not exist: create the folder, or choose another path";
            return Err(file_error(path, io::Error::new(io::ErrorKind::NotFound, reason)));
        }
        let bytes = self.to_bytes()?;
        write_whole(&bytes, path, folder, overwrite)
    }

    /// Reads a model from a file.
    ///
    /// Parameters have the same bits as those that were written.
    ///
    /// # Errors
    /// [`Error::File`] if the file cannot be read; [`Error::Version`] if it has another format version;
    /// [`Error::Malformed`] with what is wrong if it is not a model, or is damaged.
    pub fn load(path: &Path) -> Result<Self, Error> {
        // Before opening: opening a pipe would wait for a writer.
        require_file(&fs::metadata(path).map_err(|cause| file_error(path, cause))?, path)?;
        let file = File::open(path).map_err(|cause| file_error(path, cause))?;
        let status = file.metadata().map_err(|cause| file_error(path, cause))?;
        require_file(&status, path)?;
        read(&mut BufReader::new(file), status.len()).map_err(|refusal| refusal.of(path))
    }

    /// The bytes of the model's file.
    ///
    /// # Errors
    /// [`Error::Unsavable`] if the file could not be read again: a measured value that is not finite, a letter that is
    /// not printable ASCII, a card that is too long.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let unsavable = |reason| Error::Unsavable { reason };
        let metadata = metadata::write(self).map_err(unsavable)?;
        let bytes = tensors::serialise(self, metadata).map_err(unsavable)?;
        // What the reader refuses is refused here, where the model is still in memory.
        Plan::read(&mut bytes.as_slice(), bytes.len() as u64).map_err(|refusal| unsavable(refusal.to_string()))?;
        Ok(bytes)
    }

    /// Reads a model from the bytes of its file; messages name the path.
    ///
    /// # Errors
    /// Those of [`load`](Self::load).
    pub fn from_bytes(bytes: &[u8], path_for_messages: &Path) -> Result<Self, Error> {
        let length = bytes.len() as u64;
        read(&mut { bytes }, length).map_err(|refusal| refusal.of(path_for_messages))
    }
}

/// Reads a model from its bytes, in one pass and without a second copy of the parameters.
fn read(reader: &mut dyn Read, length: u64) -> Result<Model, Refusal> {
    let plan = Plan::read(reader, length)?;
    let parameters = tensors::read(reader, &plan)?;
    let network = Network::new(plan.config, parameters.anchors)?;
    let dimension = network.dimension();
    let heads = parameters.weights.chunks_exact(dimension).zip(&parameters.intercepts);
    let heads = heads.map(|(weights, &intercept)| LinearHead::new(weights.to_vec(), intercept));
    Ok(Model::with_heads(network, heads.collect::<Result<_, _>>()?, plan.card)?)
}

fn write_whole(bytes: &[u8], path: &Path, folder: &Path, overwrite: bool) -> Result<(), Error> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".ckn-model-").suffix(".part");
    // As any new file: readable by others where the umask says so. Temporary files are private by default.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // Dropped on every way out below, which removes it.
    let mut temporary = builder.tempfile_in(folder).map_err(|cause| file_error(path, cause))?;
    let written = temporary.write_all(bytes).and_then(|()| temporary.as_file().sync_all());
    written.map_err(|cause| file_error(path, cause))?;
    if overwrite {
        temporary.persist(path).map_err(|failure| file_error(path, failure.error))?;
    } else {
        // Refuses a file that appeared since the first check.
        temporary.persist_noclobber(path).map_err(|failure| match failure.error.kind() {
            io::ErrorKind::AlreadyExists => Error::Exists { path: path.to_owned() },
            _ => file_error(path, failure.error),
        })?;
    }
    // The name outlives a power cut only once its folder is on disk. Some file systems cannot do this; the file itself
    // is complete all the same.
    #[cfg(unix)]
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
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
