//! The gradient map of an image.

use crate::error::Error;
use crate::shape::{area, check};

/// How neighbouring pixels are subtracted. `x_j` are the pixels of a row (or a column), `n` their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Differences {
    /// `(x_{j+1} − x_{j−1}) / 2`; at the ends `x_1 − x_0` and `x_{n−1} − x_{n−2}`. The same as `numpy.gradient`.
    #[default]
    Central,
    /// `x_{j+1} − x_j`; 0 at the last pixel.
    Forward,
}

/// Writes the first-order differences of an image: for every pixel the one along the row, to the right, and the one along the
/// column, downwards.
///
/// In an image of several channels each pixel takes both differences from the channel whose gradient is longest there; the
/// first of several equal ones. A row or a column of one pixel has no differences: they are 0.
///
/// ```
/// use ckn_vision::{Differences, gradient_map};
/// // Two rows of three pixels.
/// let image = [0.0, 1.0, 4.0, 2.0, 3.0, 6.0];
/// let mut gradient = [0.0; 2 * 3 * 2];
/// gradient_map(&image, [2, 3, 1], Differences::Central, &mut gradient)?;
/// assert_eq!(gradient, [1.0, 2.0, 2.0, 2.0, 3.0, 2.0, 1.0, 2.0, 2.0, 2.0, 3.0, 2.0]);
/// gradient_map(&image, [2, 3, 1], Differences::Forward, &mut gradient)?;
/// assert_eq!(gradient, [1.0, 2.0, 3.0, 2.0, 0.0, 2.0, 1.0, 0.0, 3.0, 0.0, 0.0, 0.0]);
/// # Ok::<(), ckn_vision::Error>(())
/// ```
///
/// # Shapes
/// image `[height, width, channels]`, where `shape` is `[height, width, channels]`; out `[height, width, 2]`.
///
/// # Errors
/// [`Error::Shape`].
///
/// # Source
/// J. Mairal, P. Koniusz, Z. Harchaoui and C. Schmid, *Convolutional kernel networks*, NIPS 2014, section 3 (the input "GM").
/// The longest gradient of several channels: N. Dalal and B. Triggs, *Histograms of oriented gradients for human detection*,
/// CVPR 2005, section 6.2.
pub fn gradient_map(image: &[f32], shape: [usize; 3], differences: Differences, out: &mut [f32]) -> Result<(), Error> {
    let [height, width, channels] = shape;
    check("pixels of an image", area(shape)?, image.len())?;
    check("gradient map", area([height, width, 2])?, out.len())?;
    if out.is_empty() {
        return Ok(());
    }
    let row_length = width * channels;
    for (row, line) in out.chunks_exact_mut(2 * width).enumerate() {
        let vertical = differences.neighbours(row, height);
        for (column, gradient) in line.chunks_exact_mut(2).enumerate() {
            let horizontal = differences.neighbours(column, width);
            let (mut longest, mut best) = (-1.0, [0.0; 2]);
            for channel in 0..channels {
                let along = |row: usize, column: usize| image[row * row_length + column * channels + channel];
                let right = (along(row, horizontal.after) - along(row, horizontal.before)) * horizontal.scale;
                let down = (along(vertical.after, column) - along(vertical.before, column)) * vertical.scale;
                let squared = right * right + down * down;
                if squared > longest {
                    (longest, best) = (squared, [right, down]);
                }
            }
            gradient.copy_from_slice(&best);
        }
    }
    Ok(())
}

/// The pixels whose difference is taken at one place, and the factor of it.
struct Neighbours {
    before: usize,
    after: usize,
    scale: f32,
}

impl Differences {
    fn neighbours(self, place: usize, count: usize) -> Neighbours {
        let after = (place + 1).min(count - 1);
        let before = match self {
            Self::Central => place.saturating_sub(1),
            Self::Forward => place,
        };
        Neighbours { before, after, scale: if after - before == 2 { 0.5 } else { 1.0 } }
    }
}
