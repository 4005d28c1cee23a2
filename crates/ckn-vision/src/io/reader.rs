//! Images and labels of any known format.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::cifar::{self, Cifar100Labels, training_batches};
use super::file_bytes::{FileBytes, name_of, read_file};
use super::{folder, idx, label_text, stl};
use crate::error::Error;
use crate::images::Images;
use crate::labels::{LabelledImages, Labels};

/// The format of a file of images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Idx,
    Cifar10,
    Cifar100,
    Stl10,
}

/// Endings of image files, and those of the label files that are published with them.
const PAIRS: [(&str, &str); 4] = [
    ("images-idx3-ubyte", "labels-idx1-ubyte"),
    ("images.idx3-ubyte", "labels.idx1-ubyte"),
    ("images-idx4-ubyte", "labels-idx1-ubyte"),
    ("_X.bin", "_y.bin"),
];

/// Reads images of any known kind, without their labels.
///
/// - IDX, by its first bytes, plain or gz;
/// - CIFAR-10, CIFAR-100 and STL-10 (`.bin`, plain or gz), by the published names or, where those tell nothing, by length;
/// - a folder of `data_batch_*.bin`: the training images of CIFAR-10;
/// - a folder of PNG and JPEG files, or of class folders with such files.
///
/// ```
/// use ckn_vision::io::read_images;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("images-idx3-ubyte");
/// std::fs::write(&path, [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20])?;
/// // The format is that of the content.
/// assert_eq!((read_images(&path)?.height(), read_images(&path)?.width()), (1, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::UnknownFormat`], [`Error::Ambiguous`], and those of the format that was recognised.
pub fn read_images(path: impl AsRef<Path>) -> Result<Images, Error> {
    match open(path.as_ref())? {
        Opened::Labelled(labelled) => Ok(labelled.into_parts().0),
        Opened::Unlabelled(images) => Ok(images),
    }
}

/// Reads images of any known kind, as [`read_images`], with their labels: those of the file or the folder itself, of the
/// label file that is given, or of the one that is published beside the images (`train-labels-idx1-ubyte`, `train_y.bin`).
///
/// CIFAR-100 gives its fine labels.
///
/// ```
/// use ckn_vision::io::read_labelled;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("train-images-idx3-ubyte");
/// # let (beside, given) = (folder.path().join("train-labels-idx1-ubyte"), folder.path().join("names.txt"));
/// std::fs::write(&path, [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 10, 20])?;
/// assert!(read_labelled(&path, None).is_err());
/// // The labels that are published with them, and others.
/// std::fs::write(&beside, [0, 0, 8, 1, 0, 0, 0, 2, 1, 0])?;
/// std::fs::write(&given, "cat\ndog\n")?;
/// assert_eq!(read_labelled(&path, None)?.labels(), [1, 0]);
/// assert_eq!(read_labelled(&path, Some(&given))?.classes(), ["cat", "dog"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::NoLabels`]; [`Error::LabelsTwice`] if a label file is given for images that bring their own;
/// [`Error::LabelCount`] if it has not one label for each image; those of [`read_images`] and [`read_labels`].
pub fn read_labelled(path: impl AsRef<Path>, label_file: Option<&Path>) -> Result<LabelledImages, Error> {
    let path = path.as_ref();
    match (open(path)?, label_file) {
        (Opened::Labelled(_), Some(_)) => Err(Error::LabelsTwice(name_of(path))),
        (Opened::Labelled(labelled), None) => Ok(labelled),
        (Opened::Unlabelled(images), Some(labels)) => LabelledImages::new(images, read_labels(labels)?),
        (Opened::Unlabelled(images), None) => {
            let labels = labels_beside(path).ok_or_else(|| Error::NoLabels(name_of(path)))?;
            LabelledImages::new(images, read_labels(labels)?)
        }
    }
}

/// Reads labels of any known kind, plain or gz: IDX, by its first bytes; STL-10, by a name that ends in `_y.bin`; otherwise
/// text, one whole number or one name a line.
///
/// ```
/// use ckn_vision::io::read_labels;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("labels");
/// std::fs::write(&path, [0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 7])?;
/// assert_eq!(read_labels(&path)?.len(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of the format that was recognised.
pub fn read_labels(path: impl AsRef<Path>) -> Result<Labels, Error> {
    let path = path.as_ref();
    let source = read_file(path)?;
    if idx::has_magic(&source.bytes) {
        idx::labels(source)
    } else if plain_name(path).ends_with("_y.bin") {
        stl::labels(source)
    } else {
        label_text::labels(source)
    }
}

enum Opened {
    Labelled(LabelledImages),
    Unlabelled(Images),
}

fn open(path: &Path) -> Result<Opened, Error> {
    if path.is_dir() {
        let batches = training_batches(path)?;
        return if !batches.is_empty() {
            cifar::read_cifar10(&batches).map(Opened::Labelled)
        } else if folder::has_folders(path)? {
            folder::read_class_folders(path).map(Opened::Labelled)
        } else {
            folder::read_pictures(path).map(Opened::Unlabelled)
        };
    }
    let source = read_file(path)?;
    match format_of(path, &source)? {
        Format::Idx => idx::images(source).map(Opened::Unlabelled),
        Format::Cifar10 => cifar::cifar10(source).map(Opened::Labelled),
        Format::Cifar100 => cifar::cifar100(source, Cifar100Labels::Fine).map(Opened::Labelled),
        Format::Stl10 => stl::images(source).map(Opened::Unlabelled),
    }
}

fn format_of(path: &Path, source: &FileBytes) -> Result<Format, Error> {
    let FileBytes { file, bytes } = source;
    let name = plain_name(path);
    let binary = name.ends_with(".bin");
    // The first image of a CIFAR file may start like IDX, but then it has not the length that those bytes ask for.
    if idx::has_magic(bytes) && (!binary || idx::is_whole(bytes)) {
        return Ok(Format::Idx);
    }
    if !binary {
        let starts = bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
        return Err(Error::UnknownFormat { file: file.clone(), starts });
    }
    if name.starts_with("data_batch") || name.starts_with("test_batch") {
        return Ok(Format::Cifar10);
    }
    if name.ends_with("_x.bin") {
        return Ok(Format::Stl10);
    }
    let records = [(cifar::CIFAR10, Format::Cifar10), (cifar::CIFAR100, Format::Cifar100), (stl::STL10, Format::Stl10)];
    let fitting: Vec<Format> =
        records.iter().filter(|(record, _)| bytes.len() % record.len() == 0).map(|&(_, format)| format).collect();
    match fitting[..] {
        [format] => Ok(format),
        // The names of CIFAR-100, unless the length is that of another format alone.
        _ if name == "train.bin" || name == "test.bin" => Ok(Format::Cifar100),
        _ => Err(Error::Ambiguous { file: file.clone(), got: bytes.len() as u64, fitting: fitting.len() }),
    }
}

/// The file name in small letters, without `.gz`.
fn plain_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(OsStr::new("")).to_string_lossy().to_lowercase();
    name.strip_suffix(".gz").map_or(name.clone(), str::to_owned)
}

/// The label file that is published with a file of images, if it lies in the same folder.
fn labels_beside(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let name = name.strip_suffix(".gz").unwrap_or(name);
    let (stem, ending) =
        PAIRS.iter().find_map(|(images, labels)| name.strip_suffix(images).map(|stem| (stem, labels)))?;
    let candidates = [format!("{stem}{ending}"), format!("{stem}{ending}.gz")];
    candidates.iter().map(|candidate| path.with_file_name(candidate)).find(|candidate| candidate.is_file())
}
