//! Where results go.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context;

use crate::exit::Usage;

/// Whether an error is only that nobody reads the output any more.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let broken = |cause: &io::Error| cause.kind() == io::ErrorKind::BrokenPipe;
    error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>()).any(broken)
}

/// Writes results to standard output, or to a file that appears whole or not at all.
pub fn write_results(
    path: Option<&Path>,
    overwrite: bool,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let Some(path) = path else {
        let mut out = BufWriter::new(io::stdout().lock());
        write(&mut out)?;
        return Ok(out.flush()?);
    };
    check_free(path, overwrite)?;
    let folder = folder_of(path);
    let unwritable = || Usage(format!("{} cannot be written: choose another --out", path.display()));
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(unwritable)?;
    {
        let mut out = BufWriter::new(file.as_file_mut());
        write(&mut out)?;
        out.flush().with_context(unwritable)?;
    }
    file.as_file().sync_all().with_context(unwritable)?;
    if overwrite {
        file.persist(path).map_err(|error| error.error).with_context(unwritable)?;
    } else {
        file.persist_noclobber(path).map_err(|error| error.error).with_context(unwritable)?;
    }
    Ok(())
}

/// Checks, before any work, that a result can be written.
pub fn check_free(path: &Path, overwrite: bool) -> anyhow::Result<()> {
    if path.is_dir() {
        return Err(Usage(format!("{} is a folder: --out names a file", path.display())).into());
    }
    if path.exists() && !overwrite {
        let message = format!("{} exists already: choose another name, or overwrite it with --force", path.display());
        return Err(Usage(message).into());
    }
    let folder = folder_of(path);
    if !folder.is_dir() {
        let message = format!("the folder {} of {} does not exist: make it first", folder.display(), path.display());
        return Err(Usage(message).into());
    }
    tempfile::NamedTempFile::new_in(folder)
        .with_context(|| Usage(format!("{} cannot be written: choose another --out", path.display())))?;
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
