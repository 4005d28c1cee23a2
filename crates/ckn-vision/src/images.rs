//! Images of one size, as bytes.

use crate::error::Error;

/// The most bytes of pixels that are held in memory.
pub(crate) const MAX_PIXEL_BYTES: u64 = 8 << 30;

/// Images of one size, one byte a pixel and channel.
///
/// Pixels stay bytes until an image is encoded: 60,000 colour images of 32 x 32 pixels take 184 MB, not the 737 MB of `f32`.
///
/// # Shapes
/// `[images, height, width, channels]`, row-major: channels last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    bytes: Vec<u8>,
    height: usize,
    width: usize,
    channels: usize,
}

impl Images {
    /// Images from their bytes.
    ///
    /// # Shapes
    /// bytes `[images, height, width, channels]`.
    ///
    /// # Errors
    /// [`Error::Setting`] if a size is 0 or too large; [`Error::Shape`] if the bytes are no whole number of images.
    pub fn new(bytes: Vec<u8>, height: usize, width: usize, channels: usize) -> Result<Self, Error> {
        for (name, size) in [("height", height), ("width", width), ("channels", channels)] {
            if size == 0 {
                return Err(Error::Setting {
                    name,
                    got: 0.0,
                    allowed: "images have at least one pixel and one channel",
                });
            }
        }
        let pixels = height.checked_mul(width).and_then(|area| area.checked_mul(channels));
        let Some(pixels) = pixels.filter(|&pixels| pixels as u64 <= MAX_PIXEL_BYTES) else {
            let got = height as f64 * width as f64 * channels as f64;
            return Err(Error::Setting { name: "the size of an image", got, allowed: "no image has that many pixels" });
        };
        let rest = bytes.len() % pixels;
        if rest != 0 {
            return Err(Error::Shape { what: "bytes of images", expected: bytes.len() - rest, got: bytes.len() });
        }
        Ok(Self { bytes, height, width, channels })
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.bytes.len() / self.image_len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Rows of every image.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Columns of every image.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Channels of every pixel: 1 for grey, 3 for colour.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Numbers of one image: height times width times channels.
    pub fn image_len(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// All bytes, `[images, height, width, channels]`.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// One image, `[height, width, channels]`.
    ///
    /// # Panics
    /// If `index` is not below [`Self::len`], like indexing.
    pub fn image(&self, index: usize) -> &[u8] {
        let size = self.image_len();
        &self.bytes[index * size..(index + 1) * size]
    }

    /// All images, one after the other, each `[height, width, channels]`.
    pub fn iter(&self) -> std::slice::ChunksExact<'_, u8> {
        self.bytes.chunks_exact(self.image_len())
    }

    /// Writes the pixels of one image as numbers between 0 and 1: `byte / 255`.
    ///
    /// # Shapes
    /// out `[height, width, channels]`.
    ///
    /// # Errors
    /// [`Error::NoSuchImage`], [`Error::Shape`].
    pub fn write_pixels(&self, index: usize, out: &mut [f32]) -> Result<(), Error> {
        if index >= self.len() {
            return Err(Error::NoSuchImage { index, len: self.len() });
        }
        if out.len() != self.image_len() {
            return Err(Error::Shape { what: "pixels of an image", expected: self.image_len(), got: out.len() });
        }
        for (pixel, &byte) in out.iter_mut().zip(self.image(index)) {
            *pixel = f32::from(byte) / 255.0;
        }
        Ok(())
    }

    /// The images of some indices, in their order; an index may come twice.
    ///
    /// # Errors
    /// [`Error::NoSuchImage`].
    pub fn select(&self, indices: &[usize]) -> Result<Self, Error> {
        if let Some(&index) = indices.iter().find(|&&index| index >= self.len()) {
            return Err(Error::NoSuchImage { index, len: self.len() });
        }
        let mut bytes = Vec::with_capacity(indices.len() * self.image_len());
        indices.iter().for_each(|&index| bytes.extend_from_slice(self.image(index)));
        Ok(Self { bytes, ..*self })
    }

    /// The first `count` images, or all if there are fewer.
    pub fn take(&self, count: usize) -> Self {
        let bytes = self.bytes[..count.min(self.len()) * self.image_len()].to_vec();
        Self { bytes, ..*self }
    }

    /// Appends images of the same size.
    ///
    /// # Errors
    /// [`Error::Shape`] if their size is another.
    pub(crate) fn append(&mut self, other: Self) -> Result<(), Error> {
        if (self.height, self.width, self.channels) != (other.height, other.width, other.channels) {
            return Err(Error::Shape { what: "an image", expected: self.image_len(), got: other.image_len() });
        }
        self.bytes.extend_from_slice(&other.bytes);
        Ok(())
    }
}
