//! Folders of PNG and JPEG files, with or without a folder for each class.
//!
//! ```text
//! train/
//!   cat/    0001.png 0002.png …      class 0: folders by name, files by name
//!   dog/    a.jpg b.jpeg README      class 1: other files are passed over, and names that start with a dot
//! ```

use std::path::{Path, PathBuf};

use super::file_bytes::name_of;
use super::picture::decode_all;
use crate::error::{Error, FolderProblem};
use crate::images::Images;
use crate::labels::{LabelledImages, Labels};

const EXTENSIONS: [&str; 3] = ["png", "jpg", "jpeg"];

/// What a folder holds, each by name; links are followed.
struct Entries {
    folders: Vec<PathBuf>,
    pictures: Vec<PathBuf>,
}

/// Reads a folder with one folder of PNG and JPEG files for each class, decoding in parallel.
///
/// Classes and files are taken by name, in the order of their bytes. The images are grey if all files are, otherwise colour;
/// 16-bit samples are rounded to 8. An alpha channel is dropped if it is opaque everywhere, and refused otherwise. Names that
/// start with a dot and files with other endings are passed over. The orientation of EXIF is not applied.
///
/// ```
/// use ckn_vision::{filter_grid_png, io::read_class_folders};
/// # let folder = tempfile::tempdir()?;
/// let picture = filter_grid_png(&[0.0, 0.5, 0.5, 1.0], 2, 1, 1)?;
/// for (class, name) in [("dog", "b.png"), ("cat", "a.png"), ("dog", "a.png"), ("dog", "notes.txt")] {
///     std::fs::create_dir_all(folder.path().join(class))?;
///     std::fs::write(folder.path().join(class).join(name), &picture)?;
/// }
/// let images = read_class_folders(folder.path())?;
/// assert_eq!((images.classes(), images.labels()), (&["cat".to_owned(), "dog".to_owned()][..], &[0, 1, 1][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Open`]; [`Error::Folder`] for a folder without images, an empty class, a folder within a class, a picture beside
/// classes, or a name that is not UTF-8; [`Error::Picture`], [`Error::TruncatedPicture`], [`Error::Transparent`];
/// [`Error::PictureSize`] if a picture has another size than the first; [`Error::Dimensions`] if all are too large.
pub fn read_class_folders(folder: impl AsRef<Path>) -> Result<LabelledImages, Error> {
    let folder = folder.as_ref();
    let entries = entries(folder)?;
    let problem = |path: &Path, problem| Error::Folder { folder: name_of(path), problem };
    if entries.folders.is_empty() {
        let what = if entries.pictures.is_empty() { FolderProblem::NoImages } else { FolderProblem::NoClasses };
        return Err(problem(folder, what));
    }
    if let Some(loose) = entries.pictures.first() {
        return Err(problem(loose, FolderProblem::Loose));
    }
    let (mut files, mut values, mut classes) = (Vec::new(), Vec::new(), Vec::<String>::new());
    for path in &entries.folders {
        let name = path.file_name().and_then(|name| name.to_str()).filter(|name| !name.contains(char::is_control));
        let name = name.ok_or_else(|| problem(path, FolderProblem::Name))?;
        let pictures = flat(path)?;
        values.resize(values.len() + pictures.len(), classes.len() as u32);
        files.extend(pictures);
        classes.push(name.to_owned());
    }
    LabelledImages::new(decode_all(&files)?, Labels::new(values, classes)?)
}

/// Reads the PNG and JPEG files of one folder, by name, decoding in parallel; as [`read_class_folders`], without classes.
///
/// ```
/// use ckn_vision::{filter_grid_png, io::read_pictures};
/// # let folder = tempfile::tempdir()?;
/// for (name, filter) in [("second.png", [1.0, 0.0, 0.0, 0.0]), ("first.png", [-1.0, 0.0, 0.0, 0.0])] {
///     std::fs::write(folder.path().join(name), filter_grid_png(&filter, 2, 1, 1)?)?;
/// }
/// let images = read_pictures(folder.path())?;
/// assert_eq!((images.len(), images.channels()), (2, 1));
/// // By name: first the one that is black in its corner, behind the frame.
/// let corner = 2 * images.width() + 2;
/// assert_eq!((images.image(0)[corner], images.image(1)[corner]), (0, 255));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`read_class_folders`].
pub fn read_pictures(folder: impl AsRef<Path>) -> Result<Images, Error> {
    let folder = folder.as_ref();
    let entries = entries(folder)?;
    if entries.pictures.is_empty() {
        return Err(Error::Folder { folder: name_of(folder), problem: FolderProblem::NoImages });
    }
    if let Some(inner) = entries.folders.first() {
        return Err(Error::Folder { folder: name_of(inner), problem: FolderProblem::Nested });
    }
    decode_all(&entries.pictures)
}

/// Whether a folder holds folders that could be classes.
pub(crate) fn has_folders(folder: &Path) -> Result<bool, Error> {
    Ok(!entries(folder)?.folders.is_empty())
}

/// The pictures of a class folder.
fn flat(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = entries(folder)?;
    if let Some(inner) = entries.folders.first() {
        return Err(Error::Folder { folder: name_of(inner), problem: FolderProblem::Nested });
    }
    if entries.pictures.is_empty() {
        return Err(Error::Folder { folder: name_of(folder), problem: FolderProblem::EmptyClass });
    }
    Ok(entries.pictures)
}

fn entries(folder: &Path) -> Result<Entries, Error> {
    let failed = |path: &Path, cause| Error::Open { file: name_of(path), cause };
    let (mut folders, mut pictures) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(folder).map_err(|cause| failed(folder, cause))? {
        let path = entry.map_err(|cause| failed(folder, cause))?.path();
        if path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")) {
            continue;
        }
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let metadata = std::fs::metadata(&path).map_err(|cause| failed(&path, cause))?;
        if metadata.is_dir() {
            folders.push(path);
        } else if EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known)) {
            if !metadata.is_file() {
                return Err(Error::NotAFile(name_of(&path)));
            }
            pictures.push(path);
        }
    }
    folders.sort_unstable();
    pictures.sort_unstable();
    Ok(Entries { folders, pictures })
}
