//! IDX, the format of MNIST.
//!
//! ```text
//! 00 00 08 03            unsigned bytes, 3 dimensions: grey images    (4: the fourth are channels; 1: labels)
//! 00 00 EA 60            60000 images      sizes are big-endian
//! 00 00 00 1C            28 rows
//! 00 00 00 1C            28 columns
//! 00 00 12 7F …          pixels, row by row
//! ```

use std::path::Path;

use super::file_bytes::{FileBytes, read_file};
use crate::error::Error;
use crate::images::{Images, MAX_PIXEL_BYTES};
use crate::labels::Labels;

const UNSIGNED_BYTES: [u8; 3] = [0, 0, 8];

/// Reads images of an IDX file: `[images, height, width]`, or `[images, height, width, channels]`; plain or gz.
///
/// ```
/// use ckn_vision::io::read_idx_images;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("images-idx3-ubyte");
/// // One image of one row and two columns.
/// std::fs::write(&path, [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20])?;
/// assert_eq!(read_idx_images(&path)?.image(0), [10, 20]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of opening and decompressing; [`Error::IdxMagic`]; [`Error::Dimensions`] if a size is 0 or all are too large;
/// [`Error::FileLength`] if the file is not as long as its sizes say.
///
/// # Source
/// Y. LeCun, C. Cortes and C. Burges, *The MNIST database of handwritten digits*, 1998.
pub fn read_idx_images(path: impl AsRef<Path>) -> Result<Images, Error> {
    images(read_file(path.as_ref())?)
}

/// Reads labels of an IDX file of one dimension; plain or gz. Classes are named by their numbers.
///
/// ```
/// use ckn_vision::io::read_idx_labels;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("labels-idx1-ubyte");
/// std::fs::write(&path, [0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 7])?;
/// assert_eq!(read_idx_labels(&path)?.len(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`read_idx_images`].
pub fn read_idx_labels(path: impl AsRef<Path>) -> Result<Labels, Error> {
    labels(read_file(path.as_ref())?)
}

/// Whether bytes start as those of an IDX file of unsigned bytes do.
pub(crate) fn has_magic(bytes: &[u8]) -> bool {
    bytes.starts_with(&UNSIGNED_BYTES)
}

/// Whether bytes are an IDX file of unsigned bytes with the length that its sizes ask for.
pub(crate) fn is_whole(bytes: &[u8]) -> bool {
    let Some((sizes, header)) = has_magic(bytes).then(|| sizes(bytes)).flatten() else { return false };
    content(&sizes).and_then(|content| content.checked_add(header as u64)) == Some(bytes.len() as u64)
}

pub(crate) fn images(source: FileBytes) -> Result<Images, Error> {
    let (sizes, bytes) = contents(source, "images", &[3, 4], "0x00000803 or 0x00000804")?;
    let channels = sizes.get(3).copied().unwrap_or(1);
    Images::new(bytes, sizes[1], sizes[2], channels)
}

pub(crate) fn labels(source: FileBytes) -> Result<Labels, Error> {
    let (_, bytes) = contents(source, "labels", &[1], "0x00000801")?;
    Ok(Labels::from_bytes(&bytes))
}

/// Sizes and bytes behind the header, checked against each other before anything is allocated for them.
fn contents(
    source: FileBytes,
    what: &'static str,
    dimensions: &[u8],
    expected: &'static str,
) -> Result<(Vec<usize>, Vec<u8>), Error> {
    let FileBytes { file, mut bytes } = source;
    let got = bytes.len() as u64;
    let Some(&magic) = bytes.first_chunk::<4>() else {
        return Err(Error::FileLength { file, got, expected: 4, header: "(a magic number)".to_owned() });
    };
    if magic[..3] != UNSIGNED_BYTES || !dimensions.contains(&magic[3]) {
        return Err(Error::IdxMagic { file, got: u32::from_be_bytes(magic), what, expected });
    }
    let Some((sizes, header_length)) = sizes(&bytes) else {
        let expected = 4 + 4 * u64::from(magic[3]);
        let header = format!("of {} sizes", magic[3]);
        return Err(Error::FileLength { file, got, expected, header });
    };
    let header = format!("{sizes:?}");
    let Some(content) = content(&sizes).filter(|&content| content > 0 && content <= MAX_PIXEL_BYTES) else {
        return Err(Error::Dimensions { file, header, limit: MAX_PIXEL_BYTES });
    };
    let expected = content + header_length as u64;
    if got != expected {
        return Err(Error::FileLength { file, got, expected, header });
    }
    bytes.drain(..header_length);
    Ok((sizes, bytes))
}

/// The sizes in a header, and its length.
fn sizes(bytes: &[u8]) -> Option<(Vec<usize>, usize)> {
    let length = 4 + 4 * usize::from(*bytes.get(3)?);
    let sizes = bytes.get(4..length)?.as_chunks::<4>().0.iter();
    Some((sizes.map(|&size| u32::from_be_bytes(size) as usize).collect(), length))
}

fn content(sizes: &[usize]) -> Option<u64> {
    sizes.iter().try_fold(1u64, |product, &size| product.checked_mul(size as u64))
}
