//! One PNG or JPEG file as bytes, and many of them as images.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use image::error::ImageFormatHint;
use image::{ImageError, ImageFormat, ImageReader, Limits};
use rayon::prelude::*;

use super::file_bytes::name_of;
use crate::error::Error;
use crate::images::{Images, MAX_PIXEL_BYTES};

/// The most bytes of one picture file.
const MAX_FILE_BYTES: u64 = 64 << 20;
/// The most rows, and the most columns, of one picture.
const MAX_SIDE: u32 = 16_384;
/// The most bytes that a decoder may allocate for one picture.
const MAX_DECODER_BYTES: u64 = 512 << 20;

/// A decoded picture, `[height, width, channels]`, of 1 or 3 channels.
struct Picture {
    bytes: Vec<u8>,
    height: usize,
    width: usize,
    channels: usize,
}

/// Decodes files in parallel. The images are grey if all files are, otherwise colour.
pub(crate) fn decode_all(files: &[PathBuf]) -> Result<Images, Error> {
    let Some(path) = files.first() else {
        return Err(Error::EmptyFile(name_of(Path::new("the list of pictures"))));
    };
    let first = decode(path)?;
    let (height, width) = (first.height, first.width);
    let (bytes, channels) = match fill(files, &first, first.channels)? {
        Some(bytes) => (bytes, first.channels),
        // Grey files came first, colour among the others.
        None => (fill(files, &first, 3)?.unwrap_or_default(), 3),
    };
    Images::new(bytes, height, width, channels)
}

/// All files with so many channels; `None` if a colour picture is among what should be grey.
fn fill(files: &[PathBuf], first: &Picture, channels: usize) -> Result<Option<Vec<u8>>, Error> {
    let size = first.height * first.width * channels;
    let total = (size as u64).checked_mul(files.len() as u64).filter(|&total| total <= MAX_PIXEL_BYTES);
    let Some(total) = total.and_then(|total| usize::try_from(total).ok()) else {
        let header = format!("[{}, {}, {}, {channels}]", files.len(), first.height, first.width);
        return Err(Error::Dimensions { file: name_of(&files[0]), header, limit: MAX_PIXEL_BYTES });
    };
    let mut bytes = vec![0; total];
    let fits = |(path, out): (&PathBuf, &mut [u8])| {
        let picture = decode(path)?;
        let (got, expected) = ((picture.height, picture.width), (first.height, first.width));
        if got != expected {
            return Err(Error::PictureSize { file: name_of(path), got, first: name_of(&files[0]), expected });
        }
        if picture.channels == channels {
            out.copy_from_slice(&picture.bytes);
        } else {
            out.chunks_exact_mut(channels).zip(&picture.bytes).for_each(|(pixel, &grey)| pixel.fill(grey));
        }
        Ok(picture.channels <= channels)
    };
    // Collected before they are judged, so that the same file is named whatever the number of threads.
    let outcomes: Vec<Result<bool, Error>> = files.par_iter().zip(bytes.par_chunks_exact_mut(size)).map(fits).collect();
    let mut all_fit = true;
    for outcome in outcomes {
        all_fit &= outcome?;
    }
    Ok(all_fit.then_some(bytes))
}

fn decode(path: &Path) -> Result<Picture, Error> {
    let file = name_of(path);
    let mut content = Vec::new();
    let source = File::open(path).map_err(|cause| Error::Open { file: file.clone(), cause })?;
    let read = source.take(MAX_FILE_BYTES + 1).read_to_end(&mut content);
    read.map_err(|cause| Error::Read { file: file.clone(), cause })?;
    if content.len() as u64 > MAX_FILE_BYTES {
        return Err(Error::FileTooLarge { file, limit: MAX_FILE_BYTES });
    }
    let failed = |cause| Error::Picture { file: file.clone(), cause };
    let guessed = ImageReader::new(Cursor::new(&content)).with_guessed_format();
    let mut reader = guessed.map_err(|cause| Error::Read { file: file.clone(), cause })?;
    match reader.format() {
        Some(ImageFormat::Png) => {}
        // The decoder fills up with grey what is missing.
        Some(ImageFormat::Jpeg) if !has_end(&content) => return Err(Error::TruncatedPicture(file)),
        Some(ImageFormat::Jpeg) => {}
        other => {
            let hint = other.map_or(ImageFormatHint::Unknown, ImageFormatHint::Exact);
            return Err(failed(ImageError::Unsupported(hint.into())));
        }
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    reader.limits(limits);
    let decoded = reader.decode().map_err(failed)?;
    let (height, width, colour) = (decoded.height() as usize, decoded.width() as usize, decoded.color());
    if colour.has_alpha() && decoded.to_rgba8().pixels().any(|pixel| pixel.0[3] != u8::MAX) {
        return Err(Error::Transparent(file));
    }
    let (bytes, channels) =
        if colour.has_color() { (decoded.into_rgb8().into_raw(), 3) } else { (decoded.into_luma8().into_raw(), 1) };
    Ok(Picture { bytes, height, width, channels })
}

/// Whether the last scan of a JPEG file is followed by an end marker; within a scan neither marker can occur.
fn has_end(content: &[u8]) -> bool {
    let last = |marker: u8| content.windows(2).rposition(|pair| pair == [0xff, marker]);
    match (last(0xda), last(0xd9)) {
        (Some(scan), Some(end)) => scan < end,
        // Without a scan the decoder itself complains.
        (scan, _) => scan.is_none(),
    }
}
