//! What a layer learns from natural images: expansions of the Gaussian kernel on whitened patches of 12 x 12 pixels find edges
//! of all places, directions and widths (Mairal et al. 2014, section 4.1).
//!
//! ```sh
//! cargo run --release -p ckn-examples --example gabor -- FOLDER_OF_IMAGES filters.png [FILTERS] [PATCHES] [ITERATIONS]
//! ```
#![allow(clippy::print_stdout)]

use std::error::Error;

use ckn::core::image::{ExpansionConfig, PatchPairs};
use ckn::core::seed::Seed;
use ckn::core::solver::Lbfgs;
use ckn::vision::io::read_images;
use ckn::vision::{Images, PatchWhitening, centre_patches, filter_grid_png, gabor_fit, sample_patches};
use rand::RngExt;

const SIDE: usize = 12;
const SIZE: usize = SIDE * SIDE;

/// Patches of a smaller standard deviation, in parts of the full range, are sky and walls.
const CONTRAST: f32 = 0.02;

/// Regularisation of the whitening, as a part of the mean variance: directions of less variance, the finest, stay weak, as
/// after the low-pass filter of Olshausen and Field (1996).
const EPSILON: f64 = 1.0;

/// The bandwidth. Whitened patches are nearly at right angles, so that even the closest tenth of the pairs is apart by 1.3; at
/// that bandwidth the kernel is close to linear, and a linear kernel has no preferred filters.
const SIGMA: f64 = 0.85;

/// Random filters are far from all patches: their weights are kept nearly equal, so that every one of them learns.
const WEIGHT_RATE: f64 = 0.025;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let images = grey(&read_images(arguments.next().ok_or("give a folder of images")?)?)?;
    let picture = arguments.next().ok_or("give the name of a picture to write")?;
    let mut number = |otherwise: usize| arguments.next().map_or(Ok(otherwise), |number| number.parse());
    let (filters, wanted, iterations) = (number(256)?, number(300_000)?, number(300)?);

    let mut patches = sample_patches(&images, SIDE, 2 * wanted, &mut Seed(0).stream("patches"))?;
    centre_patches(&mut patches, SIDE, 1)?;
    keep_contrast(&mut patches, wanted);
    let variance = patches.iter().map(|&x| f64::from(x * x)).sum::<f64>() / patches.len() as f64;
    let whitening = PatchWhitening::fit(&patches, SIZE, EPSILON * variance)?;
    whitening.apply(&mut patches)?;
    unit_norms(&mut patches);

    let mut random = Seed(0).stream("directions");
    let mut start: Vec<f32> = (0..filters * SIZE).map(|_| random.random_range(-1.0..1.0)).collect();
    unit_norms(&mut start);
    let start: Vec<f64> = start.into_iter().map(f64::from).collect();
    // Every patch is in two pairs: with the next one, and with the one before.
    let count = patches.len();
    patches.extend_from_within(..);
    patches[count..].rotate_left(SIZE);
    let pairs = PatchPairs::new(&patches, SIZE)?;
    let solver = Lbfgs { history: 20, max_iterations: iterations, gradient_tolerance: 0.0, value_tolerance: 1e-7 };
    let fitted = pairs.fit(&start, &ExpansionConfig { sigma: SIGMA, weight_rate: WEIGHT_RATE, solver })?;
    let (before, after) = fitted.errors;
    println!("{} pairs, sigma {SIGMA}: error {before:.2e} to {after:.2e} in {} steps", pairs.len(), fitted.iterations);

    let learned: Vec<f32> = fitted.filters.iter().map(|&x| x as f32).collect();
    let mut gabors = 0;
    for filter in learned.chunks_exact(SIZE) {
        gabors += usize::from(gabor_fit(filter, SIDE)?.r_squared >= 0.7);
    }
    println!("{gabors} of {filters} filters are Gabor functions (R² at least 0.7)");
    std::fs::write(picture, filter_grid_png(&learned, SIDE, 1, (filters as f64).sqrt().ceil() as usize)?)?;
    Ok(())
}

/// The mean of all channels.
fn grey(images: &Images) -> Result<Images, Box<dyn Error>> {
    let channels = images.channels();
    let mean = |pixel: &[u8]| (pixel.iter().map(|&value| usize::from(value)).sum::<usize>() / channels) as u8;
    let bytes = images.bytes().chunks_exact(channels).map(mean).collect();
    Ok(Images::new(bytes, images.height(), images.width(), 1)?)
}

/// So many of the patches, centred, that have contrast.
fn keep_contrast(patches: &mut Vec<f32>, wanted: usize) {
    let mut kept = Vec::with_capacity(2 * wanted * SIZE);
    for patch in patches.chunks_exact(SIZE) {
        let variance = patch.iter().map(|x| x * x).sum::<f32>() / SIZE as f32;
        if variance.sqrt() > CONTRAST && kept.len() < wanted * SIZE {
            kept.extend_from_slice(patch);
        }
    }
    *patches = kept;
}

fn unit_norms(rows: &mut [f32]) {
    for row in rows.chunks_exact_mut(SIZE) {
        let norm = row.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        row.iter_mut().for_each(|x| *x /= norm);
    }
}
