//! The grid of filters as PNG.

use std::io::Cursor;

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

use super::bytes::Grid;
use crate::error::Error;

/// Filters as a picture in PNG format: grey for one channel, in colours for three. A pixel of a filter becomes a square of
/// pixels, so that small filters can be seen.
///
/// # Shapes
/// filters `[filters, side, side, channels]`; the last row of the grid may be shorter than `columns`.
///
/// # Errors
/// [`Error::Shape`] if there are no filters, or no whole number of them; [`Error::NotFinite`]; [`Error::Setting`] for other
/// channels than 1 and 3, or for more filters than a picture can show.
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
    let mut png = Cursor::new(Vec::new());
    let colour = if channels == 1 { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
    // The sides were checked to be at most 16384.
    let written = PngEncoder::new(&mut png).write_image(&picture, grid.width as u32, grid.height as u32, colour);
    written.map_err(|cause| Error::Picture { file: "the picture of filters".into(), cause })?;
    Ok(png.into_inner())
}
