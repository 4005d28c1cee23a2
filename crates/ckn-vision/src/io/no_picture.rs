//! In the place of the decoders of PNG and JPEG, where they are left out.

use std::path::{Path, PathBuf};

use super::file_bytes::name_of;
use crate::error::Error;
use crate::images::Images;

/// Refuses to decode.
pub(crate) fn decode_all(files: &[PathBuf]) -> Result<Images, Error> {
    let first = files.first().map_or(Path::new("the list of pictures"), PathBuf::as_path);
    Err(Error::NoPictures { file: name_of(first) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_refused_with_how_to_have_them() {
        let error = decode_all(&["a.png".into()]).unwrap_err().to_string();
        assert!(error.contains("a.png") && error.contains("`pictures`"), "{error}");
        let png = crate::filter_grid_png(&[0.5; 4], 2, 1, 1);
        assert!(matches!(png, Err(Error::NoPictures { .. })));
    }
}
