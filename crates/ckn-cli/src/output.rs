//! Where results go.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context;
use ckn::model::{WholeFile, folder_of};

use crate::exit::Usage;

/// Whether an error is only that nobody reads the output any more.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    cause(error).is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

/// Writes results to standard output, or to a file that appears whole or not at all. A device or a pipe is written to as
/// it is.
pub fn write_results(
    path: Option<&Path>,
    overwrite: bool,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let Some(path) = path else {
        return write_through(io::stdout().lock(), "standard output", write);
    };
    check_free(path, overwrite)?;
    let name = path.display().to_string();
    if is_special(path) {
        let open = File::options().write(true).open(path);
        return write_through(open.map_err(|error| unwritable(&name, error.into()))?, &name, write);
    }
    let failed = |error: io::Error| unwritable(&name, error.into());
    let mut file = WholeFile::create(path).map_err(failed)?;
    write_through(file.file(), &name, write)?;
    file.finish(overwrite).map_err(failed)
}

/// Writes a model to a file that appears whole or not at all. Where that fails, a training is not lost: the model is kept among the
/// temporary files, and named.
pub fn save_model(
    path: &Path,
    overwrite: bool,
    save: impl Fn(&Path, bool) -> Result<(), ckn::model::Error>,
) -> anyhow::Result<()> {
    let failed = match save(path, overwrite) {
        Ok(()) => return Ok(()),
        Err(ckn::model::Error::File { cause, .. }) => unwritable(&path.display().to_string(), cause.into()),
        Err(error @ ckn::model::Error::Exists { .. }) => error.into(),
        Err(other) => return Err(other.into()),
    };
    let refuge = std::env::temp_dir().join(format!("ckn-{}.ckn", std::process::id()));
    match save(&refuge, false) {
        Ok(()) => Err(Usage(format!("{failed:#}; the model is kept as {}", refuge.display())).into()),
        Err(_) => Err(failed),
    }
}

/// Checks, before any work, that a result can be written.
pub fn check_free(path: &Path, overwrite: bool) -> anyhow::Result<()> {
    let name = path.display();
    if path.is_dir() {
        return Err(Usage(format!("{name} is a folder: give the name of a file to write")).into());
    }
    if is_special(path) {
        return Ok(());
    }
    // Not `exists`, which is false for a link that leads nowhere.
    if !overwrite && fs::symlink_metadata(path).is_ok() {
        let message = format!("{name} exists already: choose another name, or overwrite it with --force");
        return Err(Usage(message).into());
    }
    let folder = folder_of(path);
    if !folder.is_dir() {
        let message = format!("the folder {} of {name} does not exist: make it first", folder.display());
        return Err(Usage(message).into());
    }
    WholeFile::create(path).map_err(|error| unwritable(&name.to_string(), error.into()))?;
    Ok(())
}

/// Checks, before any work, that a folder of results can be made, or is an empty one; one that holds something only where it may
/// be overwritten.
pub fn check_folder(path: &Path, overwrite: bool) -> anyhow::Result<()> {
    let name = path.display();
    if fs::symlink_metadata(path).is_err() {
        return Ok(());
    }
    if !path.is_dir() {
        return Err(Usage(format!("{name} is there and no folder: choose another name")).into());
    }
    let filled = fs::read_dir(path).map(|mut entries| entries.next().is_some());
    if filled.with_context(|| format!("{name} cannot be read"))? && !overwrite {
        let message = format!("{name} exists already: choose another folder, or overwrite it with --force");
        return Err(Usage(message).into());
    }
    Ok(())
}

/// Checks that a path is not that of a device or a pipe, which cannot hold a model.
pub fn check_replaceable(path: &Path) -> anyhow::Result<()> {
    if is_special(path) {
        let message = format!("{} is a device or a pipe: give the name of a file to write", path.display());
        return Err(Usage(message).into());
    }
    Ok(())
}

/// Checks that a result replaces none of the files that a command reads or writes otherwise.
pub fn check_apart<'a>(path: &Path, others: impl IntoIterator<Item = &'a Path>) -> anyhow::Result<()> {
    // Through the folder, for a file that does not exist yet.
    let place = |path: &Path| Some(fs::canonicalize(folder_of(path)).ok()?.join(path.file_name()?));
    let this = place(path);
    if this.is_some() && !is_special(path) && others.into_iter().any(|other| place(other) == this) {
        let message = format!("{} is named twice, and would be overwritten: choose another name", path.display());
        return Err(Usage(message).into());
    }
    Ok(())
}

fn write_through(
    out: impl Write,
    name: &str,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut out = BufWriter::new(out);
    let written = write(&mut out).and_then(|()| Ok(out.flush()?));
    written.map_err(|error| unwritable(name, error))
}

/// A failure to write in words; a reader that left, and what is no failure to write, stay as they are.
fn unwritable(name: &str, error: anyhow::Error) -> anyhow::Error {
    let remedy = match cause(&error).map(io::Error::kind) {
        None | Some(io::ErrorKind::BrokenPipe) => return error,
        Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => "make space, or write elsewhere",
        Some(io::ErrorKind::PermissionDenied) => "check the permissions, or write elsewhere",
        Some(_) => "write elsewhere",
    };
    Usage(format!("{name} cannot be written: {error:#}: {remedy}")).into()
}

fn cause(error: &anyhow::Error) -> Option<&io::Error> {
    error.chain().find_map(|cause| cause.downcast_ref::<io::Error>())
}

/// Whether there is a device or a pipe, which must not be replaced by a file.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir())
}

/// Metrics as cells of a table; what is not defined is NA.
pub fn cells<M: Copy + Into<Option<f64>>>(values: &[M]) -> String {
    let cell = |&value: &M| value.into().map_or_else(|| "NA".to_owned(), |value| format!("{value:.6}"));
    values.iter().map(cell).collect::<Vec<_>>().join("\t")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_that_cannot_be_saved_is_kept_elsewhere_and_named() {
        let folder = tempfile::tempdir().unwrap();
        let wanted = folder.path().join("m.ckn");
        let save = |path: &Path, _: bool| match path == wanted {
            true => Err(ckn::model::Error::File { path: path.to_owned(), cause: io::ErrorKind::StorageFull.into() }),
            false => {
                fs::write(path, "model").unwrap();
                Ok(())
            }
        };
        let message = format!("{:#}", save_model(&wanted, false, save).unwrap_err());
        let kept = message.rsplit(' ').next().unwrap().to_owned();
        assert!(message.contains("make space") && message.contains("the model is kept as"), "{message}");
        assert_eq!(fs::read(&kept).unwrap(), b"model");
        fs::remove_file(kept).unwrap();
    }
}
