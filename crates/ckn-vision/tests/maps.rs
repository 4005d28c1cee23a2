//! Input maps against NumPy (`reference/image_maps_golden.py`).

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail")]

use ckn_vision::{
    Differences, Error, Images, LocalWhitening, PatchWhitening, centre_patches, gradient_map, sample_patches,
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

fn golden(name: &str) -> Value {
    let text = include_str!("../../../reference/golden/image_maps.json");
    serde_json::from_str::<Value>(text).unwrap()[name].take()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn shape(case: &Value) -> [usize; 3] {
    let sizes: Vec<usize> = numbers(&case["shape"]).iter().map(|&size| size as usize).collect();
    sizes.try_into().unwrap()
}

fn pixels(case: &Value) -> Vec<f32> {
    let [height, width, channels] = shape(case);
    let bytes = numbers(&case["bytes"]).iter().map(|&byte| byte as u8).collect();
    let mut pixels = vec![0.0; height * width * channels];
    Images::new(bytes, height, width, channels).unwrap().write_pixels(0, &mut pixels).unwrap();
    pixels
}

#[track_caller]
fn assert_close(got: &[f32], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len());
    let scale = expected.iter().fold(0.0, |largest: f64, value| largest.max(value.abs())).max(1e-3);
    for (place, (&got, &expected)) in got.iter().zip(expected).enumerate() {
        let error = (f64::from(got) - expected).abs() / scale;
        assert!(error < tolerance, "{place}: {got} is not {expected} (relative error {error:e})");
    }
}

#[test]
fn gradients_are_those_of_numpy() {
    for case in golden("gradients").as_array().unwrap() {
        let [height, width, channels] = shape(case);
        let differences = if case["kind"] == "central" { Differences::Central } else { Differences::Forward };
        let mut map = vec![f32::NAN; height * width * 2];
        gradient_map(&pixels(case), [height, width, channels], differences, &mut map).unwrap();
        assert_close(&map, &numbers(&case["map"]), 1e-6);
    }
}

#[test]
fn local_whitening_is_that_of_singular_values() {
    for case in golden("local_whitening").as_array().unwrap() {
        let settings =
            LocalWhitening { patch: case["side"].as_u64().unwrap() as usize, power: case["power"].as_f64().unwrap() };
        let mut whitener = settings.prepare(shape(case)).unwrap();
        let mut image = pixels(case);
        whitener.whiten(&mut image).unwrap();
        assert_close(&image, &numbers(&case["image"]), 2e-6);
        // Nothing of an image is left for the next one.
        let mut again = pixels(case);
        whitener.whiten(&mut again).unwrap();
        assert_eq!(again, image);
    }
}

#[test]
fn an_image_of_one_colour_whitens_to_nothing() {
    let mut whitener = LocalWhitening::default().prepare([6, 5, 3]).unwrap();
    let mut image: Vec<f32> = [0.2, 0.4, 1.0].repeat(30);
    whitener.whiten(&mut image).unwrap();
    assert!(image.iter().all(|value| value.abs() < 1e-6), "{image:?}");
    image.fill(0.0);
    whitener.whiten(&mut image).unwrap();
    assert!(image.iter().all(|&value| value == 0.0));
}

#[test]
fn patch_whitening_is_that_of_numpy_and_leaves_a_unit_covariance() {
    let case = golden("patch_whitening");
    let (size, epsilon) = (6, case["epsilon"].as_f64().unwrap());
    let mut patches: Vec<f32> = numbers(&case["patches"]).iter().map(|&value| value as f32).collect();
    let whitening = PatchWhitening::fit(&patches, size, epsilon).unwrap();
    whitening.apply(&mut patches).unwrap();
    assert_close(&patches, &numbers(&case["whitened"]), 1e-5);
    assert_eq!((whitening.mean().len(), whitening.matrix().len()), (6, 36));

    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let bytes = numbers(&golden("local_whitening")[0]["bytes"]).iter().map(|&byte| byte as u8).collect();
    let images = Images::new(bytes, 12, 10, 3).unwrap();
    let mut many = sample_patches(&images, 2, 2000, &mut generator).unwrap();
    PatchWhitening::fit(&many, 12, 0.0).unwrap().apply(&mut many).unwrap();
    for (i, j) in (0..12).flat_map(|i| (0..=i).map(move |j| (i, j))) {
        let product: f64 = many.chunks_exact(12).map(|row| f64::from(row[i]) * f64::from(row[j])).sum();
        assert!((product / 2000.0 - f64::from(u8::from(i == j))).abs() < 1e-4, "{i} {j}");
    }
}

#[test]
fn a_centred_patch_has_no_mean_colour() {
    let mut patches = vec![1.0, 10.0, 2.0, 20.0, 3.0, 30.0, 6.0, 40.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 9.0];
    centre_patches(&mut patches, 2, 2).unwrap();
    assert_eq!(patches, [-2.0, -15.0, -1.0, -5.0, 0.0, 5.0, 3.0, 15.0, 0.0, -1.0, 0.0, -1.0, 0.0, -1.0, 0.0, 3.0]);
    assert!(matches!(centre_patches(&mut patches, 3, 1), Err(Error::Shape { expected: 9, got: 16, .. })));
    assert!(matches!(centre_patches(&mut patches, 0, 1), Err(Error::Shape { .. })));
    centre_patches(&mut [], 3, 1).unwrap();
}

#[test]
fn sampled_patches_come_from_the_images_and_repeat_with_the_seed() {
    let images = Images::new((0..=255).collect(), 8, 16, 1).unwrap();
    let draw = |seed| sample_patches(&images, 3, 200, &mut ChaCha8Rng::seed_from_u64(seed)).unwrap();
    let patches = draw(1);
    assert_eq!((patches.len(), &patches), (1800, &draw(1)));
    assert_ne!(patches, draw(2));
    let mut seen = [false; 256];
    for patch in patches.chunks_exact(9) {
        let first = (patch[0] * 255.0).round() as usize;
        let expected: Vec<usize> = (0..9).map(|k| first + k / 3 * 16 + k % 3).collect();
        assert_eq!(patch.iter().map(|pixel| (pixel * 255.0).round() as usize).collect::<Vec<_>>(), expected);
        assert!(first % 16 <= 13 && first % 128 / 16 <= 5);
        seen[first] = true;
    }
    assert!(seen.iter().filter(|&&seen| seen).count() > 90);
    let nothing = images.take(0);
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    assert!(matches!(sample_patches(&nothing, 3, 1, &mut generator), Err(Error::NoSuchImage { .. })));
    assert!(matches!(sample_patches(&images, 9, 1, &mut generator), Err(Error::ImageTooSmall { side: 9, .. })));
    assert!(matches!(sample_patches(&images, 0, 1, &mut generator), Err(Error::Setting { .. })));
}

#[test]
fn bad_shapes_and_settings_are_errors() {
    let mut out = vec![0.0; 24];
    let central = Differences::Central;
    assert!(matches!(gradient_map(&[0.0; 11], [3, 4, 1], central, &mut out), Err(Error::Shape { expected: 12, .. })));
    assert!(matches!(
        gradient_map(&[0.0; 12], [3, 4, 1], central, &mut out[..23]),
        Err(Error::Shape { expected: 24, got: 23, .. })
    ));
    assert!(matches!(gradient_map(&[], [usize::MAX, 4, 1], central, &mut out), Err(Error::Setting { .. })));
    gradient_map(&[], [0, 4, 1], central, &mut []).unwrap();
    gradient_map(&[], [4, 0, 1], central, &mut []).unwrap();
    gradient_map(&[], [3, 4, 0], central, &mut out).unwrap();

    let settings = LocalWhitening::default();
    assert!(matches!(settings.prepare([2, 9, 3]), Err(Error::ImageTooSmall { height: 2, side: 3, .. })));
    assert!(matches!(settings.prepare([9, 9, 0]), Err(Error::Setting { name: "channels", .. })));
    for power in [-0.5, f64::NAN, f64::INFINITY] {
        let settings = LocalWhitening { power, ..settings };
        assert!(matches!(settings.prepare([9, 9, 1]), Err(Error::Setting { name: "power", .. })));
    }
    assert!(matches!(LocalWhitening { patch: 0, power: 0.25 }.prepare([9, 9, 1]), Err(Error::Setting { .. })));
    let mut whitener = settings.prepare([4, 4, 1]).unwrap();
    assert!(matches!(whitener.whiten(&mut [0.0; 15]), Err(Error::Shape { expected: 16, got: 15, .. })));
    let mut image = [0.0; 16];
    image[5] = f32::NAN;
    assert!(matches!(whitener.whiten(&mut image), Err(Error::NotFinite { index: 5, .. })));

    for (patches, size) in [(&[0.0; 7][..], 3), (&[], 3), (&[0.0; 7], 0)] {
        assert!(matches!(PatchWhitening::fit(patches, size, 0.1), Err(Error::Shape { .. })), "{size}");
    }
    assert!(matches!(PatchWhitening::fit(&[0.0; 6], 3, -1.0), Err(Error::Setting { name: "epsilon", .. })));
    assert!(matches!(PatchWhitening::fit(&[0.0, f32::INFINITY], 1, 0.1), Err(Error::NotFinite { index: 1, .. })));
    assert!(matches!(PatchWhitening::fit(&[1.0, 1.0, 2.0, 2.0], 2, 0.0), Err(Error::Covariance { size: 2, .. })));
}
