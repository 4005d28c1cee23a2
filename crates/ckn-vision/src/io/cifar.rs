//! The binary version of CIFAR.
//!
//! ```text
//! CIFAR-10     06 3B 2B …    a label, then 1024 red, 1024 green and 1024 blue bytes, row by row: 3073 bytes a record
//! CIFAR-100    0B 13 FF …    a coarse label and a fine one, then the same: 3074 bytes a record
//! ```

use std::path::{Path, PathBuf};

use super::file_bytes::{FileBytes, name_of, read_file};
use super::planes::{CHANNELS, Record};
use crate::error::{Error, FolderProblem};
use crate::images::Images;
use crate::labels::{LabelledImages, Labels};

pub(crate) const CIFAR10: Record = Record { labels: 1, side: 32, column_major: false };
pub(crate) const CIFAR100: Record = Record { labels: 2, side: 32, column_major: false };
const CIFAR10_CLASSES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// The two parts of CIFAR-10.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cifar10 {
    /// The images of `data_batch_1.bin`, `data_batch_2.bin`, ….
    pub train: LabelledImages,
    /// The images of `test_batch.bin`, if it is there.
    pub test: Option<LabelledImages>,
}

/// Which of its two labels an image of CIFAR-100 gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cifar100Labels {
    /// One of 20 groups of classes.
    Coarse,
    /// One of 100 classes.
    #[default]
    Fine,
}

/// Reads files of CIFAR-10 in its binary version, plain or gz, one after the other.
///
/// ```
/// use ckn_vision::io::read_cifar10;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("data_batch_1.bin");
/// // A label, and 32 by 32 pixels of red, green and blue.
/// let mut record = vec![3];
/// record.extend([128; 3072]);
/// std::fs::write(&path, record)?;
/// let images = read_cifar10(&[&path])?;
/// assert_eq!(images.labels(), [3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::EmptyFile`] if no file is given; those of opening and decompressing; [`Error::RecordLength`]; [`Error::Label`]
/// for a label above 9.
///
/// # Source
/// A. Krizhevsky, *Learning multiple layers of features from tiny images*, 2009.
pub fn read_cifar10<P: AsRef<Path>>(paths: &[P]) -> Result<LabelledImages, Error> {
    let Some((first, others)) = paths.split_first() else {
        return Err(Error::EmptyFile(name_of(Path::new("the list of CIFAR-10 files"))));
    };
    let mut all = cifar10(read_file(first.as_ref())?)?;
    for path in others {
        all.append(cifar10(read_file(path.as_ref())?)?)?;
    }
    Ok(all)
}

/// Reads the folder of CIFAR-10 in its binary version: all `data_batch_*.bin` in the order of their names, and
/// `test_batch.bin` if it is there.
///
/// ```
/// use ckn_vision::io::read_cifar10_folder;
/// # let folder = tempfile::tempdir()?;
/// // A label, and 32 by 32 pixels of red, green and blue.
/// for (name, label) in [("data_batch_2.bin", 7), ("data_batch_1.bin", 3), ("test_batch.bin", 1)] {
///     std::fs::write(folder.path().join(name), [&[label][..], &[128; 3072]].concat())?;
/// }
/// let images = read_cifar10_folder(folder.path())?;
/// assert_eq!(images.train.labels(), [3, 7]);
/// assert_eq!(images.test.ok_or("no test images")?.labels(), [1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Error::Folder`] if there is no `data_batch_*.bin`; those of [`read_cifar10`].
pub fn read_cifar10_folder(folder: impl AsRef<Path>) -> Result<Cifar10, Error> {
    let folder = folder.as_ref();
    let batches = training_batches(folder)?;
    if batches.is_empty() {
        return Err(Error::Folder { folder: name_of(folder), problem: FolderProblem::NoImages });
    }
    let test = folder.join("test_batch.bin");
    let test = if test.is_file() { Some(read_cifar10(&[test])?) } else { None };
    Ok(Cifar10 { train: read_cifar10(&batches)?, test })
}

/// Reads a file of CIFAR-100 in its binary version, plain or gz. Classes are named by their numbers.
///
/// ```
/// use ckn_vision::io::{Cifar100Labels, read_cifar100};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("train.bin");
/// // Both labels, and planes of red, green and blue.
/// std::fs::write(&path, [&[4, 57][..], &[10; 1024], &[20; 1024], &[30; 1024]].concat())?;
/// let fine = read_cifar100(&path, Cifar100Labels::Fine)?;
/// assert_eq!((fine.labels(), fine.classes()[57].as_str()), (&[57][..], "57"));
/// assert_eq!(fine.images().image(0)[..6], [10, 20, 30, 10, 20, 30]);
/// let coarse = read_cifar100(&path, Cifar100Labels::Coarse)?;
/// assert_eq!((coarse.labels(), coarse.classes().len()), (&[4][..], 20));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`read_cifar10`]; coarse labels are 0 to 19, fine ones 0 to 99.
pub fn read_cifar100(path: impl AsRef<Path>, labels: Cifar100Labels) -> Result<LabelledImages, Error> {
    cifar100(read_file(path.as_ref())?, labels)
}

/// Training files of CIFAR-10 in a folder, by name.
pub(crate) fn training_batches(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |cause| Error::Open { file: name_of(folder), cause };
    let mut batches = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with("data_batch_") && name.ends_with(".bin")) {
            batches.push(entry.path());
        }
    }
    batches.sort_unstable();
    Ok(batches)
}

pub(crate) fn cifar10(source: FileBytes) -> Result<LabelledImages, Error> {
    let classes = CIFAR10_CLASSES.map(str::to_owned).to_vec();
    read(source, CIFAR10, "CIFAR-10", 0, classes)
}

pub(crate) fn cifar100(source: FileBytes, labels: Cifar100Labels) -> Result<LabelledImages, Error> {
    let (place, count) = match labels {
        Cifar100Labels::Coarse => (0, 20),
        Cifar100Labels::Fine => (1, 100),
    };
    read(source, CIFAR100, "CIFAR-100", place, (0..count).map(|class: u8| class.to_string()).collect())
}

fn read(
    source: FileBytes,
    record: Record,
    format: &'static str,
    label_place: usize,
    classes: Vec<String>,
) -> Result<LabelledImages, Error> {
    let FileBytes { file, mut bytes } = source;
    if bytes.len() % record.len() != 0 {
        return Err(Error::RecordLength { file, got: bytes.len() as u64, format, record: record.len() });
    }
    let mut values = Vec::with_capacity(bytes.len() / record.len());
    record.rearrange(&mut bytes, |index, labels| {
        let got = labels[label_place];
        if usize::from(got) < classes.len() {
            values.push(u32::from(got));
            return Ok(());
        }
        let highest = u8::try_from(classes.len() - 1).unwrap_or(u8::MAX);
        Err(Error::Label { file: file.clone(), record: index + 1, got, format, lowest: 0, highest })
    })?;
    let images = Images::new(bytes, record.side, record.side, CHANNELS)?;
    LabelledImages::new(images, Labels::new(values, classes)?)
}
