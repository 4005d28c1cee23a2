//! The bytes of a file, decompressed and bounded.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;

use crate::error::Error;
use crate::images::MAX_PIXEL_BYTES;

/// Bytes beside the pixels: headers and labels.
const OTHER_BYTES: u64 = 1 << 20;
/// What any compressed file may expand to.
const FREE_EXPANSION: u64 = 16 << 20;
/// Images expand by a factor of 2 to 10; deflate itself by up to 1032.
const EXPANSION: u64 = 256;
const GZIP: &[u8] = &[0x1f, 0x8b];
const OTHER_COMPRESSIONS: [(&[u8], &str); 4] =
    [(b"BZh91AY&SY", "bzip2"), (b"\xfd7zXZ\0", "xz"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"PK\x03\x04", "zip")];

/// A file in memory.
#[derive(Debug)]
pub(crate) struct FileBytes {
    /// Its name, for messages.
    pub(crate) file: Arc<str>,
    /// Its content; decompressed if it was compressed with gzip.
    pub(crate) bytes: Vec<u8>,
}

/// The name of a path, for messages.
pub(crate) fn name_of(path: &Path) -> Arc<str> {
    Arc::from(path.display().to_string())
}

/// Reads a whole file; gzip is recognised by the first bytes, whatever the name, and read to the end of its last member.
pub(crate) fn read_file(path: &Path) -> Result<FileBytes, Error> {
    let file = name_of(path);
    let failed = |cause| Error::Open { file: Arc::clone(&file), cause };
    let metadata = std::fs::metadata(path).map_err(failed)?;
    // A pipe or a device has no end that could be checked.
    if !metadata.is_file() {
        return Err(Error::NotAFile(file));
    }
    let limit = MAX_PIXEL_BYTES + OTHER_BYTES;
    if metadata.len() > limit {
        return Err(Error::FileTooLarge { file, limit });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    let mut source = File::open(path).map_err(failed)?;
    let mut magic = [0; 2];
    let mut known = 0;
    while known < magic.len() {
        match source.read(&mut magic[known..]) {
            Ok(0) => break,
            Ok(count) => known += count,
            Err(cause) if cause.kind() == std::io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(Error::Read { file, cause }),
        }
    }
    let whole = magic[..known].chain(source);
    if &magic[..known] == GZIP {
        let limit = limit.min(FREE_EXPANSION + EXPANSION * metadata.len());
        let decoder = MultiGzDecoder::new(BufReader::new(whole));
        let read = decoder.take(limit + 1).read_to_end(&mut bytes);
        read.map_err(|cause| Error::Decompress { file: Arc::clone(&file), cause })?;
        if bytes.len() as u64 > limit {
            return Err(Error::Expansion { file, compressed: metadata.len(), limit });
        }
        bytes.shrink_to_fit();
    } else {
        // The file may have grown since its length was asked for.
        let mut whole = whole.take(limit + 1);
        whole.read_to_end(&mut bytes).map_err(|cause| Error::Read { file: Arc::clone(&file), cause })?;
        if bytes.len() as u64 > limit {
            return Err(Error::FileTooLarge { file, limit });
        }
    }
    if bytes.is_empty() {
        return Err(Error::EmptyFile(file));
    }
    if bytes.starts_with(GZIP) && &magic[..known] == GZIP {
        return Err(Error::Compressed { file, format: "gzip within gzip" });
    }
    if let Some((_, format)) = OTHER_COMPRESSIONS.iter().find(|(head, _)| bytes.starts_with(head)) {
        return Err(Error::Compressed { file, format });
    }
    Ok(FileBytes { file, bytes })
}
