//! The grid of filters as SVG.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::bytes::Grid;
use crate::error::Error;

/// Filters as a picture in SVG format, of the same look as [`filter_grid_png`](super::filter_grid_png): one path for each
/// colour, and no text.
///
/// ```
/// use ckn_vision::filter_grid_svg;
/// let svg = filter_grid_svg(&[0.0, 0.5, 0.5, 1.0], 2, 1, 1)?;
/// assert!(svg.starts_with("<svg"));
/// # Ok::<(), ckn_vision::Error>(())
/// ```
///
/// # Shapes
/// filters `[filters, side, side, channels]`.
///
/// # Errors
/// As [`filter_grid_png`](super::filter_grid_png).
pub fn filter_grid_svg(filters: &[f32], side: usize, channels: usize, columns: usize) -> Result<String, Error> {
    let grid = Grid::new(filters, side, channels, columns)?;
    let mut paths = BTreeMap::<[u8; 3], String>::new();
    for (top, left, filter) in grid.cells() {
        for (row, line) in filter.chunks_exact(side * channels).enumerate() {
            let mut column = 0;
            let pixels: Vec<&[u8]> = line.chunks_exact(channels).collect();
            for run in pixels.chunk_by(|a, b| a == b) {
                let (x, y, length) = (left + column * grid.factor, top + row * grid.factor, run.len() * grid.factor);
                let colour = [run[0][0], run[0][channels / 2], run[0][channels - 1]];
                let path = paths.entry(colour).or_default();
                // Writing to a string does not fail.
                let _ = write!(path, "M{x} {y}h{length}v{0}h-{length}z", grid.factor);
                column += run.len();
            }
        }
    }
    let (width, height) = (grid.width, grid.height);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#ffffff\" d=\"M0 0h{width}v{height}h-{width}z\"/>"
    );
    for ([red, green, blue], path) in paths {
        let _ = write!(svg, "<path fill=\"#{red:02x}{green:02x}{blue:02x}\" d=\"{path}\"/>");
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}
