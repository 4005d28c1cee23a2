//! Patches drawn at random from the maps behind some layers.

use rand::RngExt;
use rand::seq::{SliceRandom, index};
use rayon::prelude::*;

use super::elementwise::norms;
use super::patches::{PatchGrid, centre};
use super::{ImageNetwork, ImageTape, Maps};
use crate::Error;
use crate::pooling::Border;
use crate::seed::Seed;

/// Patches of a smaller norm have no contrast: their direction is rounding.
const BLANK: f32 = 1e-3;

/// Patches wanted of one image, so that many images take part and few must be embedded.
const PER_IMAGE: usize = 10;

/// Which patches [`sample_patches`] draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatchSampling {
    /// Side of the patches.
    pub patch: usize,
    /// Whether the mean of each channel is taken away.
    pub centred: bool,
    /// Most patches.
    pub count: usize,
}

/// Patches of unit norm from the maps behind some layers, in random order; every place of an image is equally likely. Blank
/// patches are left out.
///
/// ```
/// use ckn_core::image::{ImageNetwork, MapSet, MapShape, PatchSampling, sample_patches};
/// use ckn_core::{Error, seed::Seed};
/// let shape = MapShape { height: 3, width: 3, channels: 1 };
/// let map = MapSet::new(shape, vec![0.0, 0.0, 0.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0])?;
/// let pixels = ImageNetwork::new(shape, Vec::new())?;
/// let sampling = PatchSampling { patch: 2, centred: false, count: 10 };
/// let patches = sample_patches(&map, &pixels, sampling, Seed(0))?;
/// // Of the four places, two hold the edge and two do not.
/// assert_eq!(patches.len(), 4 * 4);
/// assert_eq!(patches.chunks_exact(4).filter(|patch| *patch == [0.5; 4]).count(), 2);
/// // Without their mean, these are blank.
/// let centred = sample_patches(&map, &pixels, PatchSampling { centred: true, ..sampling }, Seed(0))?;
/// assert_eq!(centred, [-0.5, -0.5, 0.5, 0.5, -0.5, -0.5, 0.5, 0.5]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Shapes
/// `[at most count, patch, patch, channels]`.
///
/// # Errors
/// [`Error::Empty`] without images; [`Error::PatchTooLarge`] if no patch fits; [`Error::Blank`] if all that were drawn are
/// blank; those of the layers.
pub fn sample_patches(
    maps: &impl Maps,
    network: &ImageNetwork<f32>,
    sampling: PatchSampling,
    seed: Seed,
) -> Result<Vec<f32>, Error> {
    let PatchSampling { patch, centred, count } = sampling;
    let input = network.output();
    let grid = PatchGrid { input, patch, border: Border::Valid };
    let (places, size) = (grid.height() * grid.width(), grid.patch_size());
    if maps.is_empty() || count == 0 {
        return Err(Error::Empty { what: "the set of images" });
    }
    if patch == 0 || places == 0 {
        return Err(Error::PatchTooLarge { patch, height: input.height, width: input.width });
    }
    let images = count.div_ceil(PER_IMAGE.min(places)).min(maps.len());
    let per_image = count.div_ceil(images);
    let mut random = seed.stream("images");
    let mut chosen = index::sample(&mut random, maps.len(), images).into_vec();
    chosen.sort_unstable();
    let start = || (vec![0.0; maps.shape().size()], ImageTape::default(), Vec::new(), Vec::new());
    let drawn: Vec<Vec<f32>> = chosen
        .par_iter()
        .map_init(start, |(map, tape, patches, lengths), &image| {
            maps.write_map(image, map);
            network.run(map, tape, false)?;
            grid.copy(tape.output(), patches);
            if centred {
                centre(patches, patch * patch, input.channels);
            }
            norms(patches, size, lengths);
            let mut places: Vec<usize> = (0..places).filter(|&place| lengths[place] > BLANK).collect();
            let mut random = seed.stream_at("patches", image as u64);
            let wanted = per_image.min(places.len());
            let mut kept = Vec::with_capacity(wanted * size);
            for next in 0..wanted {
                let other = random.random_range(next..places.len());
                places.swap(next, other);
                let (place, norm) = (places[next], lengths[places[next]]);
                kept.extend(patches[place * size..][..size].iter().map(|value| value / norm));
            }
            Ok(kept)
        })
        .collect::<Result<_, Error>>()?;
    let rows: Vec<&[f32]> = drawn.iter().flat_map(|kept| kept.chunks_exact(size)).collect();
    if rows.is_empty() {
        return Err(Error::Blank { drawn: images * places });
    }
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.shuffle(&mut random);
    order.truncate(count);
    Ok(order.into_iter().flat_map(|row| rows[row]).copied().collect())
}
