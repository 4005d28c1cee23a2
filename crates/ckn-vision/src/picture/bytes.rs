//! Filters as bytes, and where they stand.

use crate::error::Error;
use crate::shape::area;

/// Pixels of the picture between two filters, and around all of them.
pub(super) const GAP: usize = 2;
/// A filter is shown at about this many pixels, by a whole factor.
const SHOWN_SIDE: usize = 36;
/// The most rows, and the most columns, of a picture.
const MAX_SIDE: usize = 16_384;

/// Filters as bytes, and the layout of the grid.
pub(super) struct Grid {
    /// `[filters, side, side, channels]`.
    pub(super) bytes: Vec<u8>,
    pub(super) side: usize,
    pub(super) channels: usize,
    /// Pixels of the picture for one pixel of a filter, along each side.
    pub(super) factor: usize,
    pub(super) columns: usize,
    pub(super) height: usize,
    pub(super) width: usize,
}

impl Grid {
    pub(super) fn new(filters: &[f32], side: usize, channels: usize, columns: usize) -> Result<Self, Error> {
        if channels != 1 && channels != 3 {
            let allowed = "pictures are grey (1) or of colours (3)";
            return Err(Error::Setting { name: "channels of filters", got: channels as f64, allowed });
        }
        let size = area([side, side, channels])?;
        if size == 0 || filters.is_empty() || !filters.len().is_multiple_of(size) {
            let expected = (filters.len().checked_div(size).unwrap_or(0) * size).max(size).max(1);
            return Err(Error::Shape { what: "filters", expected, got: filters.len() });
        }
        if let Some(index) = filters.iter().position(|value| !value.is_finite()) {
            return Err(Error::NotFinite { what: "filters", index });
        }
        let (count, factor) = (filters.len() / size, (SHOWN_SIDE / side).max(1));
        let columns = columns.clamp(1, count);
        let length = |cells: usize| cells.checked_mul(side * factor + GAP).and_then(|length| length.checked_add(GAP));
        let sides = length(count.div_ceil(columns)).zip(length(columns));
        let Some((height, width)) = sides.filter(|&(height, width)| height.max(width) <= MAX_SIDE) else {
            let allowed = "the picture would exceed 16384 pixels in one direction: show fewer, or change the columns";
            return Err(Error::Setting { name: "the number of filters", got: count as f64, allowed });
        };
        let bytes = filters.chunks_exact(size).flat_map(scaled).collect();
        Ok(Self { bytes, side, channels, factor, columns, height, width })
    }

    /// The upper left corner of each filter, row and column, and its bytes.
    pub(super) fn cells(&self) -> impl Iterator<Item = (usize, usize, &[u8])> {
        let step = self.side * self.factor + GAP;
        let filters = self.bytes.chunks_exact(self.side * self.side * self.channels).enumerate();
        filters.map(move |(k, filter)| (GAP + k / self.columns * step, GAP + k % self.columns * step, filter))
    }
}

fn scaled(filter: &[f32]) -> impl Iterator<Item = u8> {
    let largest = filter.iter().fold(0.0, |largest: f32, value| largest.max(value.abs()));
    let scale = if largest > 0.0 { 1.0 / f64::from(largest) } else { 0.0 };
    filter.iter().map(move |&value| (127.5 * (1.0 + f64::from(value) * scale)).round() as u8)
}
