//! The grid of filters as PNG.

use super::bytes::Grid;
use crate::error::Error;

/// Filters as a picture in PNG format: grey for one channel, in colours for three. A pixel of a filter becomes a square of
/// pixels, so that small filters can be seen.
///
/// ```
/// use ckn_vision::{filter_grid_png, io::read_pictures};
/// # let folder = tempfile::tempdir()?;
/// let png = filter_grid_png(&[-1.0, 1.0, 0.0, 0.0], 2, 1, 1)?;
/// # std::fs::write(folder.path().join("filters.png"), png)?;
/// # let picture = read_pictures(folder.path())?;
/// // A pixel of the filter is 18 wide, and the frame 2.
/// assert_eq!((picture.height(), picture.width()), (2 * 18 + 4, 2 * 18 + 4));
/// assert_eq!(picture.image(0)[2 * 40 + 2..][..19], [&[0; 18][..], &[255]].concat());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Shapes
/// filters `[filters, side, side, channels]`; the last row of the grid may be shorter than `columns`.
///
/// # Errors
/// [`Error::Shape`] if there are no filters, or no whole number of them; [`Error::NotFinite`]; [`Error::Setting`] for other
/// channels than 1 and 3, or for more filters than a picture can show; [`Error::NoPictures`] without the feature `pictures`.
pub fn filter_grid_png(filters: &[f32], side: usize, channels: usize, columns: usize) -> Result<Vec<u8>, Error> {
    let grid = Grid::new(filters, side, channels, columns)?;
    let line = grid.width * channels;
    let mut picture = vec![u8::MAX; grid.height * line];
    for (top, left, filter) in grid.cells() {
        for row in 0..side * grid.factor {
            let start = (top + row) * line + left * channels;
            let pixels = picture[start..start + side * grid.factor * channels].chunks_exact_mut(channels);
            for (column, pixel) in pixels.enumerate() {
                let from = (row / grid.factor * side + column / grid.factor) * channels;
                pixel.copy_from_slice(&filter[from..from + channels]);
            }
        }
    }
    // The sides were checked to be at most 16384.
    encode(&picture, grid.width as u32, grid.height as u32, channels)
}

#[cfg(feature = "pictures")]
fn encode(picture: &[u8], width: u32, height: u32, channels: usize) -> Result<Vec<u8>, Error> {
    use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
    let mut png = std::io::Cursor::new(Vec::new());
    let colour = if channels == 1 { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
    let written = PngEncoder::new(&mut png).write_image(picture, width, height, colour);
    written.map_err(|cause| Error::Picture { file: "the picture of filters".into(), cause })?;
    Ok(png.into_inner())
}

#[cfg(not(feature = "pictures"))]
fn encode(_: &[u8], _: u32, _: u32, _: usize) -> Result<Vec<u8>, Error> {
    Err(Error::NoPictures { file: "the picture of filters".into() })
}
