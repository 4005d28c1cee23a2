//! Files that appear whole or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::NamedTempFile;

const PREFIX: &str = ".ckn-";
const SUFFIX: &str = ".part";
/// A file that is not locked may be one that was made a moment ago, and will be.
const SETTLED: Duration = Duration::from_secs(10);

/// A file on its way: a temporary one in the same folder, which takes its name at the end. Dropped before, it goes without a trace;
/// what a killed program left is removed by [`sweep_leftovers`].
///
/// # Example
/// ```
/// use std::io::Write;
/// use ckn_model::WholeFile;
///
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("scores.tsv");
/// let mut file = WholeFile::create(&path)?;
/// writeln!(file.file(), "id\tscore")?;
/// assert!(!path.exists());
/// file.finish(false)?;
/// assert!(path.exists());
/// // Nothing is overwritten unasked.
/// assert!(WholeFile::create(&path)?.finish(false).is_err());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct WholeFile {
    path: PathBuf,
    temporary: NamedTempFile,
}

impl WholeFile {
    /// Starts the file of a path, in a folder that exists.
    ///
    /// # Errors
    /// What the system says.
    pub fn create(path: &Path) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX).suffix(SUFFIX);
        // As any new file: readable by others where the umask says so. Temporary files are private by default.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        // Says what the system says, and not the name of the temporary file.
        let plain = |error: io::Error| {
            let inner = error.get_ref().and_then(|wrapper| wrapper.source()?.downcast_ref::<io::Error>());
            inner.and_then(io::Error::raw_os_error).map_or(error, io::Error::from_raw_os_error)
        };
        let temporary = builder.tempfile_in(folder_of(path)).map_err(plain)?;
        // What it is not: a file system without locks keeps leftovers, which harm nobody.
        let _ = temporary.as_file().try_lock();
        Ok(Self { path: path.to_owned(), temporary })
    }

    /// What to write to.
    pub fn file(&mut self) -> &mut File {
        self.temporary.as_file_mut()
    }

    /// Gives the file its name, once everything is on the disk; over another of this name only with `overwrite`.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] without `overwrite`; what the system says.
    pub fn finish(self, overwrite: bool) -> io::Result<()> {
        self.temporary.as_file().sync_all()?;
        let persisted = match overwrite {
            true => self.temporary.persist(&self.path),
            false => self.temporary.persist_noclobber(&self.path),
        };
        persisted.map_err(|failure| failure.error)?;
        // The name outlives a power cut only once its folder is on disk. Some file systems cannot do this; the file itself is
        // complete all the same.
        #[cfg(unix)]
        let _ = File::open(folder_of(&self.path)).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

/// Removes the files that killed programs were writing beside a path. Those of programs that live are locked, and stay, as
/// does what was written to in the last ten seconds.
///
/// ```
/// use std::fs::{self, File};
/// use std::time::{Duration, SystemTime};
/// use ckn_model::sweep_leftovers;
///
/// # let folder = tempfile::tempdir()?;
/// # let [old, new, other] = [".ckn-1.part", ".ckn-2.part", "notes.part"].map(|name| folder.path().join(name));
/// for path in [&old, &new, &other] {
///     fs::write(path, "half")?;
/// }
/// // A minute old, and of a program that does not hold it.
/// let past = SystemTime::now() - Duration::from_secs(60);
/// for path in [&old, &other] {
///     File::options().write(true).open(path)?.set_modified(past)?;
/// }
/// sweep_leftovers(&folder.path().join("model.ckn"));
/// assert_eq!([old.exists(), new.exists(), other.exists()], [false, true, true]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn sweep_leftovers(path: &Path) {
    let Ok(entries) = fs::read_dir(folder_of(path)) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_ours = name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        let is_settled = || {
            let status = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            status.modified().ok()?.elapsed().ok().filter(|age| *age > SETTLED)
        };
        if !is_ours || is_settled().is_none() {
            continue;
        }
        if File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The folder of a path, locked until it is dropped: who writes several files that belong together waits for others who do. `None`
/// where the system cannot.
///
/// ```
/// use std::fs::File;
/// use ckn_model::lock_folder;
///
/// # let folder = tempfile::tempdir()?;
/// let held = lock_folder(&folder.path().join("model.ckn"));
/// # if cfg!(unix) {
/// assert!(held.is_some() && File::open(folder.path())?.try_lock().is_err());
/// drop(held);
/// assert!(File::open(folder.path())?.try_lock().is_ok());
/// # }
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn lock_folder(path: &Path) -> Option<File> {
    let folder = File::open(folder_of(path)).ok()?;
    folder.lock().is_ok().then_some(folder)
}

/// The folder that a path lies in.
///
/// ```
/// use std::path::Path;
/// use ckn_model::folder_of;
///
/// assert_eq!(folder_of(Path::new("models/first.ckn")), Path::new("models"));
/// assert_eq!(folder_of(Path::new("first.ckn")), Path::new("."));
/// ```
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn age(path: &Path) {
        let past = std::time::SystemTime::now() - 2 * SETTLED;
        File::options().write(true).open(path).unwrap().set_modified(past).unwrap();
    }

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_appears_at_the_end_and_over_others_only_where_it_may() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result");
        let mut file = WholeFile::create(&path).unwrap();
        file.file().write_all(b"first").unwrap();
        assert!(!path.exists());
        file.finish(false).unwrap();
        let again = WholeFile::create(&path).unwrap();
        assert_eq!(again.finish(false).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        drop(WholeFile::create(&path).unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(names(folder.path()), ["result"]);
    }

    #[test]
    fn leftovers_of_the_dead_go_and_files_of_the_living_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result");
        let living = WholeFile::create(&path).unwrap();
        age(living.temporary.path());
        let dead = folder.path().join(".ckn-dead.part");
        fs::write(&dead, "half").unwrap();
        let (young, other) = (folder.path().join(".ckn-young.part"), folder.path().join("notes.part"));
        fs::write(&young, "half").unwrap();
        fs::write(&other, "mine").unwrap();
        age(&dead);
        age(&other);
        sweep_leftovers(&path);
        assert!(!dead.exists() && young.exists() && other.exists() && living.temporary.path().exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_is_locked_by_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result");
        let held = lock_folder(&path).unwrap();
        assert!(File::open(folder.path()).unwrap().try_lock().is_err());
        drop(held);
        assert!(File::open(folder.path()).unwrap().try_lock().is_ok());
    }
}
