//! Patches of images as rows of a matrix.

use rand::{Rng, RngExt};

use crate::error::Error;
use crate::images::Images;
use crate::shape::area;

/// Subtracts from each patch its mean colour: the mean of each channel by itself.
///
/// ```
/// use ckn_vision::centre_patches;
/// // One patch of two by two pixels: its mean goes.
/// let mut patches = [1.0, 2.0, 3.0, 6.0];
/// centre_patches(&mut patches, 2, 1)?;
/// assert_eq!(patches, [-2.0, -1.0, 0.0, 3.0]);
/// # Ok::<(), ckn_vision::Error>(())
/// ```
///
/// # Shapes
/// patches `[patches, side, side, channels]`, row-major.
///
/// # Errors
/// [`Error::Shape`] if the numbers are no whole number of patches.
///
/// # Source
/// J. Mairal, P. Koniusz, Z. Harchaoui and C. Schmid, *Convolutional kernel networks*, NIPS 2014, section 3 (the input "PM").
pub fn centre_patches(patches: &mut [f32], side: usize, channels: usize) -> Result<(), Error> {
    let size = area([side, side, channels])?;
    if size == 0 || !patches.len().is_multiple_of(size) {
        let expected = patches.len().checked_div(size).unwrap_or(0) * size;
        return Err(Error::Shape { what: "matrix of patches", expected, got: patches.len() });
    }
    let scale = 1.0 / (side * side) as f32;
    for patch in patches.chunks_exact_mut(size) {
        for channel in 0..channels {
            let mean = patch[channel..].iter().step_by(channels).sum::<f32>() * scale;
            patch[channel..].iter_mut().step_by(channels).for_each(|value| *value -= mean);
        }
    }
    Ok(())
}

/// Draws patches at random places of random images, all places alike, with pixels between 0 and 1.
///
/// ```
/// use ckn_vision::{Images, sample_patches};
/// use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
/// // Pixels that grow by 1 to the right, and by 10 downwards.
/// let images = Images::new(vec![0, 1, 2, 10, 11, 12, 20, 21, 22], 3, 3, 1)?;
/// let patches = sample_patches(&images, 2, 100, &mut ChaCha8Rng::seed_from_u64(0))?;
/// let mut corners = [0; 4];
/// for patch in patches.chunks_exact(4) {
///     let pixels: Vec<f32> = patch.iter().map(|value| (value * 255.0).round()).collect();
///     let place = [0.0, 1.0, 10.0, 11.0].iter().position(|corner| pixels[0] == *corner).ok_or("no place")?;
///     assert_eq!(pixels[1..], [pixels[0] + 1.0, pixels[0] + 10.0, pixels[0] + 11.0]);
///     corners[place] += 1;
/// }
/// assert!(corners.iter().all(|count| *count > 10));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Shapes
/// result `[count, side, side, channels]`.
///
/// # Errors
/// [`Error::ImageTooSmall`]; [`Error::NoSuchImage`] if there are no images; [`Error::Setting`] if `side` is 0.
pub fn sample_patches(images: &Images, side: usize, count: usize, generator: &mut impl Rng) -> Result<Vec<f32>, Error> {
    let (height, width, channels) = (images.height(), images.width(), images.channels());
    check_side(side, height, width)?;
    if images.is_empty() && count > 0 {
        return Err(Error::NoSuchImage { index: 0, len: 0 });
    }
    let mut patches = Vec::with_capacity(area([count, side, side, channels])?);
    for _ in 0..count {
        let image = images.image(generator.random_range(0..images.len()));
        let (top, left) = (generator.random_range(0..=height - side), generator.random_range(0..=width - side));
        for row in top..top + side {
            let start = (row * width + left) * channels;
            patches.extend(image[start..start + side * channels].iter().map(|&byte| f32::from(byte) / 255.0));
        }
    }
    Ok(patches)
}

/// Whether images hold patches of a side.
pub(crate) fn check_side(side: usize, height: usize, width: usize) -> Result<(), Error> {
    if side == 0 {
        return Err(Error::Setting { name: "the side of a patch", got: 0.0, allowed: "take at least 1" });
    }
    if side > height.min(width) {
        return Err(Error::ImageTooSmall { height, width, side });
    }
    Ok(())
}
