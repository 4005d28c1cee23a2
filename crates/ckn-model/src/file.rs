//! The file of a model: [safetensors](https://github.com/huggingface/safetensors), readable from other languages.
//!
//! ```text
//! 8 bytes      length of the header, little-endian
//! header       JSON: { "__metadata__": { "ckn": "{format, network, card}" }, tensor name: type, shape, place, … }
//! tensors      head.intercept f64 [1] · head.weights f64 [dimension] (of several outputs: [outputs], [outputs, dimension]) · layer.N.anchors f32 [filters, channels, width]
//! ```
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
mod image;
mod metadata;
mod refusal;
mod tensors;

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use self::header::Plan;
use self::metadata::Architecture;
pub use self::metadata::{MAX_OUTPUT_NAME, MAX_OUTPUTS};
use self::refusal::Refusal;
use self::tensors::MachineParameters;
use crate::{
    AnyModel, DeepBind, DeepBindModel, Ensemble, EnsembleConfig, Error, KernelMachine, LinearHead, MachineModel, Model,
    ModelCard, Network,
};

/// Version of the model format that this crate writes, and the only one that it reads.
pub const FORMAT_VERSION: u32 = 1;

/// A model that is written.
#[derive(Clone, Copy)]
enum Saved<'a> {
    Ckn(&'a Model),
    DeepBind(&'a DeepBindModel),
    Machine(&'a MachineModel),
    /// With the files of its members.
    Ensemble(&'a Ensemble, &'a [Vec<u8>]),
}

impl Saved<'_> {
    fn card(&self) -> &ModelCard {
        match self {
            Self::Ckn(model) => model.card(),
            Self::DeepBind(model) => model.card(),
            Self::Machine(model) => model.card(),
            Self::Ensemble(model, _) => model.card(),
        }
    }

    fn architecture(&self) -> Architecture {
        match self {
            Self::Ckn(model) => Architecture::Ckn(model.network().config().clone()),
            Self::DeepBind(model) => Architecture::DeepBind(*model.network().config()),
            Self::Machine(model) => Architecture::Machine(model.machine().config().clone()),
            Self::Ensemble(model, files) => Architecture::Ensemble(EnsembleConfig {
                letters: model.card().letters.chars().count(),
                weights: model.weights().to_vec(),
                intercept: model.intercept(),
                bytes: files.iter().map(Vec::len).collect(),
            }),
        }
    }

    fn to_bytes(self) -> Result<Vec<u8>, Error> {
        let unsavable = |reason| Error::Unsavable { reason };
        let metadata = metadata::write(self).map_err(unsavable)?;
        let bytes = tensors::serialise(self, metadata).map_err(unsavable)?;
        // What the reader refuses is refused here, where the model is still in memory.
        Plan::read(&mut bytes.as_slice(), bytes.len() as u64).map_err(|refusal| unsavable(refusal.to_string()))?;
        Ok(bytes)
    }

    fn save(self, path: &Path, overwrite: bool) -> Result<(), Error> {
        save_bytes(|| self.to_bytes(), path, overwrite)
    }
}

impl AnyModel {
    /// Does something with the model as it is written.
    fn with_saved<R>(&self, then: impl FnOnce(Saved<'_>) -> Result<R, Error>) -> Result<R, Error> {
        match self {
            Self::Ckn(model) => then(Saved::Ckn(model)),
            Self::DeepBind(model) => then(Saved::DeepBind(model)),
            Self::Machine(model) => then(Saved::Machine(model)),
            Self::Ensemble(model) => {
                let files = model.members().iter().map(Self::to_bytes).collect::<Result<Vec<_>, _>>()?;
                then(Saved::Ensemble(model, &files))
            }
        }
    }

    /// Writes the model to a file, as [`Model::save`] does.
    ///
    /// # Errors
    /// Those of [`Model::save`].
    pub fn save(&self, path: &Path, overwrite: bool) -> Result<(), Error> {
        self.with_saved(|saved| saved.save(path, overwrite))
    }

    /// The bytes of the model's file.
    ///
    /// # Errors
    /// Those of [`Model::to_bytes`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        self.with_saved(|saved| saved.to_bytes())
    }

    /// Reads a model of any kind from a file.
    ///
    /// # Errors
    /// Those of [`Model::load`], short of [`Error::Kind`].
    pub fn load(path: &Path) -> Result<Self, Error> {
        let (mut reader, length) = open(path)?;
        read(&mut reader, length, false).map_err(|refusal| refusal.of(path))
    }

    /// Reads a model of any kind from the bytes of its file; messages name the path.
    ///
    /// # Errors
    /// Those of [`load`](Self::load).
    pub fn from_bytes(bytes: &[u8], path_for_messages: &Path) -> Result<Self, Error> {
        let length = bytes.len() as u64;
        read(&mut { bytes }, length, false).map_err(|refusal| refusal.of(path_for_messages))
    }

    fn into_ckn(self, path: &Path) -> Result<Model, Error> {
        match self {
            Self::Ckn(model) => Ok(model),
            other => Err(Error::Kind { path: path.to_owned(), expected: "CKN", got: other.kind() }),
        }
    }
}

impl Model {
    /// Writes the model to a file, whole or not at all: to a temporary file in the same folder first, which then takes
    /// the name.
    ///
    /// # Errors
    /// [`Error::Exists`] if there is something at the path and `overwrite` is not set; [`Error::File`] if the path is
    /// a folder or another thing that is not a file, or if writing fails; [`Error::Unsavable`] as
    /// [`to_bytes`](Self::to_bytes). What was at the path before is then still there, unchanged.
    pub fn save(&self, path: &Path, overwrite: bool) -> Result<(), Error> {
        Saved::Ckn(self).save(path, overwrite)
    }

    /// Reads a model from a file.
    ///
    /// Parameters have the same bits as those that were written.
    ///
    /// # Errors
    /// [`Error::File`] if the file cannot be read; [`Error::Version`] if it has another format version;
    /// [`Error::Malformed`] with what is wrong if it is not a model, or is damaged; [`Error::Kind`] if it is a model of
    /// another kind ([`AnyModel::load`] takes all).
    pub fn load(path: &Path) -> Result<Self, Error> {
        AnyModel::load(path)?.into_ckn(path)
    }

    /// The bytes of the model's file.
    ///
    /// # Errors
    /// [`Error::Unsavable`] if the file could not be read again: a measured value that is not finite, a letter that is
    /// not printable ASCII, a card that is too long.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        Saved::Ckn(self).to_bytes()
    }

    /// Reads a model from the bytes of its file; messages name the path.
    ///
    /// # Errors
    /// Those of [`load`](Self::load).
    pub fn from_bytes(bytes: &[u8], path_for_messages: &Path) -> Result<Self, Error> {
        AnyModel::from_bytes(bytes, path_for_messages)?.into_ckn(path_for_messages)
    }
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

/// Reads a model from its bytes, in one pass and without a second copy of the parameters; a `member` of an ensemble is none
/// itself.
fn read(reader: &mut dyn Read, length: u64, member: bool) -> Result<AnyModel, Refusal> {
    let plan = Plan::read(reader, length)?;
    if member && matches!(plan.architecture, Architecture::Ensemble(_)) {
        return Err(Error::Nested.into());
    }
    let contents = tensors::read(reader, &plan)?;
    Ok(match plan.architecture {
        Architecture::Ckn(config) => {
            let parameters = contents.of_network(config.layers.len());
            let network = Network::new(config, parameters.anchors)?;
            let heads = parameters.weights.chunks_exact(network.dimension()).zip(&parameters.intercepts);
            let heads = heads.map(|(weights, &intercept)| LinearHead::new(weights.to_vec(), intercept));
            Model::with_heads(network, heads.collect::<Result<_, _>>()?, plan.card)?.into()
        }
        Architecture::DeepBind(config) => {
            let network = DeepBind::new(config, contents.of_deepbind())?;
            DeepBindModel::new(network, plan.card)?.into()
        }
        Architecture::Machine(config) => {
            let MachineParameters { tokens, lengths, coefficients, intercept } = contents.of_machine();
            let lengths = lengths.iter().map(|&length| length as usize);
            let machine = KernelMachine::from_parts(config, tokens, lengths, coefficients, intercept)?;
            MachineModel::new(machine, plan.card)?.into()
        }
        Architecture::Ensemble(config) => {
            let files = contents.of_ensemble(config.weights.len());
            let member = |file: Vec<u8>| read(&mut file.as_slice(), file.len() as u64, true);
            let members = files.into_iter().map(member).collect::<Result<Vec<_>, _>>()?;
            Ensemble::new(members, config.weights, config.intercept, plan.card)?.into()
        }
    })
}

/// Writes the bytes of a model, once it is known that they may be written.
fn save_bytes(bytes: impl FnOnce() -> Result<Vec<u8>, Error>, path: &Path, overwrite: bool) -> Result<(), Error> {
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
    let bytes = bytes()?;
    write_whole(&bytes, path, folder, overwrite)
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
