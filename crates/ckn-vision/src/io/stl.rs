//! The binary version of STL-10.
//!
//! ```text
//! train_X.bin    9216 red, 9216 green and 9216 blue bytes, each plane column by column: 27648 bytes an image, 96 x 96
//! train_y.bin    one byte an image: 1 to 10
//! ```

use std::path::Path;

use super::file_bytes::{FileBytes, read_file};
use super::planes::{CHANNELS, Record};
use crate::error::Error;
use crate::images::Images;
use crate::labels::Labels;

pub(crate) const STL10: Record = Record { labels: 0, side: 96, column_major: true };
const CLASSES: [&str; 10] = ["airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck"];

/// Reads images of STL-10 (`train_X.bin`, `test_X.bin`, `unlabeled_X.bin`), plain or gz.
///
/// ```
/// use ckn_vision::io::read_stl10_images;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("train_X.bin");
/// // Planes of red, green and blue, column by column: the second byte is the red of the second row.
/// let mut record = vec![0; 3 * 96 * 96];
/// record[1] = 200;
/// std::fs::write(&path, record)?;
/// let images = read_stl10_images(&path)?;
/// assert_eq!((images.len(), images.height(), images.width(), images.channels()), (1, 96, 96, 3));
/// assert_eq!(images.image(0)[96 * 3], 200);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of opening and decompressing; [`Error::RecordLength`].
///
/// # Source
/// A. Coates, H. Lee and A. Ng, *An analysis of single-layer networks in unsupervised feature learning*, AISTATS 2011.
pub fn read_stl10_images(path: impl AsRef<Path>) -> Result<Images, Error> {
    images(read_file(path.as_ref())?)
}

/// Reads labels of STL-10 (`train_y.bin`, `test_y.bin`), plain or gz; class 1 of the file is class 0 here, `airplane`.
///
/// ```
/// use ckn_vision::io::read_stl10_labels;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("train_y.bin");
/// std::fs::write(&path, [1, 10])?;
/// let labels = read_stl10_labels(&path)?;
/// assert_eq!((labels.values(), labels.classes()[0].as_str()), (&[0, 9][..], "airplane"));
/// std::fs::write(&path, [0])?;
/// assert!(read_stl10_labels(&path).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of opening and decompressing; [`Error::Label`] for a label that is not 1 to 10.
pub fn read_stl10_labels(path: impl AsRef<Path>) -> Result<Labels, Error> {
    labels(read_file(path.as_ref())?)
}

pub(crate) fn images(source: FileBytes) -> Result<Images, Error> {
    let FileBytes { file, mut bytes } = source;
    if bytes.len() % STL10.len() != 0 {
        return Err(Error::RecordLength { file, got: bytes.len() as u64, format: "STL-10", record: STL10.len() });
    }
    STL10.rearrange(&mut bytes, |_, _| Ok::<(), Error>(()))?;
    Images::new(bytes, STL10.side, STL10.side, CHANNELS)
}

pub(crate) fn labels(source: FileBytes) -> Result<Labels, Error> {
    let FileBytes { file, bytes } = source;
    if let Some(index) = bytes.iter().position(|byte| !(1..=10).contains(byte)) {
        let (record, got) = (index + 1, bytes[index]);
        return Err(Error::Label { file, record, got, format: "STL-10", lowest: 1, highest: 10 });
    }
    let values = bytes.iter().map(|&byte| u32::from(byte) - 1).collect();
    Labels::new(values, CLASSES.map(str::to_owned).to_vec())
}
