//! What a network on images sees of an image.

use ckn_core::image::{MapSet, MapShape, Maps};
use ckn_vision::{Differences, Images, LocalWhitening, gradient_map};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Error;

/// The map that a network takes for an image (Mairal et al. 2014, section 3.4).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum InputMap {
    /// Pixels, from 0 to 1.
    Pixels,
    /// The two first-order differences of every pixel, of the channel with the longest gradient.
    Gradient,
    /// Pixels after whitening within each image, its strongest directions of patches damped by a power of their singular
    /// values.
    LocalWhitening {
        /// Side of the patches.
        patch: usize,
        /// Power, 0.25 in the public code of the supervised network.
        power: f64,
    },
}

/// Maps of images, made one at a time where that is cheap.
#[derive(Debug)]
pub enum InputMaps<'a> {
    /// Made when they are asked for.
    Made {
        /// The images.
        images: &'a Images,
        /// Whether the gradient is taken.
        gradient: bool,
    },
    /// Made beforehand.
    Kept(MapSet),
}

impl InputMap {
    /// Shape of the map of images of a shape.
    pub fn shape(&self, image: MapShape) -> MapShape {
        match self {
            Self::Gradient => MapShape { channels: 2, ..image },
            Self::Pixels | Self::LocalWhitening { .. } => image,
        }
    }

    /// The maps of images.
    ///
    /// # Errors
    /// [`Error::Vision`] if images are smaller than the patches of the whitening, or its settings are outside of their domain.
    pub fn maps<'a>(&self, images: &'a Images) -> Result<InputMaps<'a>, Error> {
        match *self {
            Self::Pixels => Ok(InputMaps::Made { images, gradient: false }),
            Self::Gradient => Ok(InputMaps::Made { images, gradient: true }),
            Self::LocalWhitening { patch, power } => {
                let shape = shape_of(images);
                let whitener = LocalWhitening { patch, power }.prepare([shape.height, shape.width, shape.channels])?;
                let mut values = vec![0.0; images.len() * shape.size()];
                values.par_chunks_exact_mut(shape.size().max(1)).enumerate().try_for_each_init(
                    || whitener.clone(),
                    |whitener, (index, map)| {
                        images.write_pixels(index, map)?;
                        whitener.whiten(map)
                    },
                )?;
                Ok(InputMaps::Kept(MapSet::new(shape, values)?))
            }
        }
    }
}

/// Shape of the pixels of images.
///
/// ```
/// use ckn_core::image::MapShape;
/// use ckn_model::image::shape_of;
/// use ckn_vision::Images;
/// let images = Images::new(vec![0; 4 * 2 * 5 * 3], 2, 5, 3)?;
/// assert_eq!(shape_of(&images), MapShape { height: 2, width: 5, channels: 3 });
/// # Ok::<(), ckn_vision::Error>(())
/// ```
pub fn shape_of(images: &Images) -> MapShape {
    MapShape { height: images.height(), width: images.width(), channels: images.channels() }
}

impl Maps for InputMaps<'_> {
    fn shape(&self) -> MapShape {
        match self {
            Self::Made { images, gradient: false } => shape_of(images),
            Self::Made { images, gradient: true } => InputMap::Gradient.shape(shape_of(images)),
            Self::Kept(maps) => maps.shape(),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Made { images, .. } => images.len(),
            Self::Kept(maps) => maps.len(),
        }
    }

    fn write_map(&self, index: usize, map: &mut [f32]) {
        match self {
            Self::Made { images, gradient } => {
                let bytes = images.image(index);
                if *gradient {
                    let shape = shape_of(images);
                    let pixels: Vec<f32> = bytes.iter().map(|&byte| f32::from(byte) / 255.0).collect();
                    let sizes = [shape.height, shape.width, shape.channels];
                    // Lengths are those of the images' own shape.
                    let written = gradient_map(&pixels, sizes, Differences::Central, map);
                    debug_assert!(written.is_ok());
                } else {
                    map.iter_mut().zip(bytes).for_each(|(slot, &byte)| *slot = f32::from(byte) / 255.0);
                }
            }
            Self::Kept(maps) => maps.write_map(index, map),
        }
    }
}
