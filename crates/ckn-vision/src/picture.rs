//! Filters as a picture: a grid of small images, as PNG or SVG.
//!
//! Each filter is scaled by itself, symmetrically about zero: `byte = round(127.5 (1 + value / max |value|))`. Zero is the
//! middle grey (128), a filter of zeros is grey throughout. Filters are set row by row, with white gaps, as in figure 3 of
//! J. Mairal, P. Koniusz, Z. Harchaoui and C. Schmid, *Convolutional kernel networks*, NIPS 2014.

mod bytes;
mod png;
mod svg;

pub use png::filter_grid_png;
pub use svg::filter_grid_svg;
