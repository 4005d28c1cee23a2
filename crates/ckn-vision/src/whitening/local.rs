//! Whitening of the patches of one image by that image alone.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};

use super::power::{add_gram, matrix_power};
use crate::error::Error;
use crate::patches::check_side;
use crate::shape::{area, check};

/// A singular value of the patches below this part of the largest counts as 0.
const NEGLIGIBLE: f64 = 1e-8;

/// Whitening of each image by its own patches.
///
/// 1. Of every patch (`patch` x `patch` pixels, all places inside the image) subtract the mean colour; put the patches back and
///    average where they overlap.
/// 2. Take the patches `P` of that image again, as they are. With `S = PᵀP = U diag(δ) Uᵀ`, replace them by
///    `P U diag(δ^{−power}) Uᵀ`, where `δ^{−power}` is 0 for `δ ≤ (1e-8 s)²`, `s` the largest singular value of `P`.
/// 3. Put them back and average where they overlap.
///
/// Eigenvalues that double precision cannot tell from 0 count as 0 too: without that, the copies of a channel in a grey image
/// stored as colour would be noise of any size.
///
/// # Source
/// The preprocessing of the public code of J. Mairal, *End-to-end kernel learning with supervised convolutional kernel
/// networks*, NIPS 2016. Its exponent is 1/4, not the 1/2 of ZCA, and `S` is not divided by the number of patches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LocalWhitening {
    /// Rows and columns of a patch.
    pub patch: usize,
    /// The exponent: 1/4 in the published code; 0 only subtracts mean colours, 1/2 is ZCA.
    pub power: f64,
}

/// [`LocalWhitening`] for images of one size, with the memory it works in: one for each thread.
#[derive(Debug, Clone)]
pub struct Whitener {
    settings: LocalWhitening,
    shape: [usize; 3],
    /// The centred image, `[height, width, channels]`.
    centred: Vec<f64>,
    /// Sums over the rows of patches, and a map of means, `[height, width, channels]`.
    sums: Vec<f64>,
    means: Vec<f64>,
    /// `[places, patch, patch, channels]`.
    patches: Vec<f64>,
    whitened: Vec<f64>,
    /// One over the number of patches that cover a pixel, `[height, width]`.
    coverage: Vec<f64>,
}

impl Default for LocalWhitening {
    fn default() -> Self {
        Self { patch: 3, power: 0.25 }
    }
}

impl LocalWhitening {
    /// Prepares for images of one size.
    ///
    /// # Shapes
    /// shape `[height, width, channels]`.
    ///
    /// # Errors
    /// [`Error::ImageTooSmall`] if no patch fits; [`Error::Setting`] for a patch or channels of 0, and for a power that is
    /// negative or not finite.
    pub fn prepare(self, shape: [usize; 3]) -> Result<Whitener, Error> {
        let [height, width, channels] = shape;
        check_side(self.patch, height, width)?;
        if channels == 0 {
            return Err(Error::Setting { name: "channels", got: 0.0, allowed: "images have at least one" });
        }
        if !(self.power >= 0.0 && self.power.is_finite()) {
            return Err(Error::Setting {
                name: "power",
                got: self.power,
                allowed: "take a number from 0, such as 0.25",
            });
        }
        let places = area([height - self.patch + 1, width - self.patch + 1])?;
        let covering = |place: usize, count: usize| {
            let first = place.saturating_sub(self.patch - 1);
            place.min(count - self.patch) + 1 - first
        };
        let coverage = (0..height * width)
            .map(|pixel| 1.0 / (covering(pixel / width, height) * covering(pixel % width, width)) as f64)
            .collect();
        let (pixels, entries) = (area(shape)?, area([places, self.patch, self.patch, channels])?);
        Ok(Whitener {
            settings: self,
            shape,
            centred: vec![0.0; pixels],
            sums: vec![0.0; pixels],
            means: vec![0.0; pixels],
            patches: vec![0.0; entries],
            whitened: vec![0.0; entries],
            coverage,
        })
    }
}

impl Whitener {
    /// Whitens an image in place.
    ///
    /// # Shapes
    /// image `[height, width, channels]`.
    ///
    /// # Errors
    /// [`Error::Shape`]; [`Error::NotFinite`]; [`Error::Covariance`] if the eigenvalue solver fails.
    pub fn whiten(&mut self, image: &mut [f32]) -> Result<(), Error> {
        check("pixels of an image", self.centred.len(), image.len())?;
        if let Some(index) = image.iter().position(|value| !value.is_finite()) {
            return Err(Error::NotFinite { what: "pixels of an image", index });
        }
        for (centred, &pixel) in self.centred.iter_mut().zip(image.iter()) {
            *centred = f64::from(pixel);
        }
        self.subtract_means();
        self.take_patches();
        let size = self.patch_len();
        let mut gram = Mat::zeros(size, size);
        add_gram(&self.patches, size, gram.as_mut());
        // Rounding alone makes eigenvalues of this part of the largest.
        let negligible = (NEGLIGIBLE * NEGLIGIBLE).max(size as f64 * f64::EPSILON);
        let power = |value: f64, largest: f64| {
            if value <= negligible * largest { 0.0 } else { value.powf(-self.settings.power) }
        };
        let root = matrix_power(gram.as_ref(), power).ok_or(Error::Covariance { size, smallest: f64::NAN })?;
        let places = self.patches.len() / size;
        matmul(
            MatMut::from_row_major_slice_mut(&mut self.whitened, places, size),
            Accum::Replace,
            MatRef::from_row_major_slice(&self.patches, places, size),
            root.as_ref(),
            1.0,
            Par::Seq,
        );
        self.average_patches();
        for (pixel, &whitened) in image.iter_mut().zip(&self.centred) {
            *pixel = whitened as f32;
        }
        Ok(())
    }

    fn patch_len(&self) -> usize {
        self.settings.patch * self.settings.patch * self.shape[2]
    }

    /// Step 1. The average over the patches at a pixel of `x − mean(patch)` is `x` less the average of the means: two sums over
    /// windows, each along rows and along columns.
    fn subtract_means(&mut self) {
        let [height, width, channels] = self.shape;
        let (side, line) = (self.settings.patch, width * channels);
        let places = [height - side + 1, width - side + 1];
        let scale = 1.0 / (side * side) as f64;
        // Sums along rows, then along columns: the mean of each patch at its first pixel.
        for row in 0..height {
            for entry in 0..places[1] * channels {
                let first = row * line + entry;
                self.sums[first] = (0..side).map(|step| self.centred[first + step * channels]).sum();
            }
        }
        for row in 0..places[0] {
            for entry in 0..places[1] * channels {
                let first = row * line + entry;
                self.means[first] = (0..side).map(|step| self.sums[first + step * line]).sum::<f64>() * scale;
            }
        }
        // The means of all patches that cover a pixel: along rows, then along columns.
        for row in 0..places[0] {
            for column in 0..width {
                let covering = column.saturating_sub(side - 1)..column.min(places[1] - 1) + 1;
                for channel in 0..channels {
                    let sum = covering.clone().map(|other| self.means[row * line + other * channels + channel]).sum();
                    self.sums[row * line + column * channels + channel] = sum;
                }
            }
        }
        for row in 0..height {
            let covering = row.saturating_sub(side - 1)..row.min(places[0] - 1) + 1;
            for entry in 0..line {
                let sum: f64 = covering.clone().map(|other| self.sums[other * line + entry]).sum();
                self.centred[row * line + entry] -= sum * self.coverage[row * width + entry / channels];
            }
        }
    }

    fn take_patches(&mut self) {
        let [height, width, channels] = self.shape;
        let (side, line) = (self.settings.patch, width * channels);
        let places = (0..=height - side).flat_map(|row| (0..=width - side).map(move |column| (row, column)));
        let size = self.patch_len();
        for ((row, column), patch) in places.zip(self.patches.chunks_exact_mut(size)) {
            for (step, part) in patch.chunks_exact_mut(side * channels).enumerate() {
                let start = (row + step) * line + column * channels;
                part.copy_from_slice(&self.centred[start..start + side * channels]);
            }
        }
    }

    /// Step 3.
    fn average_patches(&mut self) {
        let [height, width, channels] = self.shape;
        let (side, line) = (self.settings.patch, width * channels);
        let places = (0..=height - side).flat_map(|row| (0..=width - side).map(move |column| (row, column)));
        let size = self.patch_len();
        self.centred.fill(0.0);
        for ((row, column), patch) in places.zip(self.whitened.chunks_exact(size)) {
            for (step, part) in patch.chunks_exact(side * channels).enumerate() {
                let start = (row + step) * line + column * channels;
                let sums = &mut self.centred[start..start + side * channels];
                sums.iter_mut().zip(part).for_each(|(sum, &value)| *sum += value);
            }
        }
        for (pixel, &coverage) in self.centred.chunks_exact_mut(channels).zip(&self.coverage) {
            pixel.iter_mut().for_each(|value| *value *= coverage);
        }
    }
}
