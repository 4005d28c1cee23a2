//! Pictures of filters, and Gabor functions fitted to them.

use std::f64::consts::{PI, TAU};

use ckn_vision::{Error, GaborFit, filter_grid_png, filter_grid_svg, gabor_fit};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn gabor(fit: &GaborFit, side: usize) -> Vec<f32> {
    let (sine, cosine) = fit.orientation.sin_cos();
    let value = |pixel: usize| {
        let (x, y) = ((pixel % side) as f64 - fit.centre[0], (pixel / side) as f64 - fit.centre[1]);
        let (along, across) = (x * cosine + y * sine, y * cosine - x * sine);
        let envelope = (-0.5 * ((along / fit.sigmas[0]).powi(2) + (across / fit.sigmas[1]).powi(2))).exp();
        (fit.amplitude * envelope * (TAU * fit.frequency * along + fit.phase).cos()) as f32
    };
    (0..side * side).map(value).collect()
}

fn planted(generator: &mut ChaCha8Rng) -> GaborFit {
    let mut between = |low: f64, high: f64| low + (high - low) * generator.random::<f64>();
    GaborFit {
        r_squared: 1.0,
        orientation: between(0.0, PI),
        frequency: between(0.12, 0.35),
        phase: between(-PI, PI),
        centre: [between(4.0, 7.0), between(4.0, 7.0)],
        sigmas: [between(1.5, 2.5), between(1.5, 3.5)],
        amplitude: between(0.01, 10.0),
    }
}

fn normal(generator: &mut ChaCha8Rng) -> f32 {
    let (radius, angle): (f64, f64) = (generator.random(), generator.random());
    ((-2.0 * (1.0 - radius).ln()).sqrt() * (TAU * angle).cos()) as f32
}

/// The distance of two angles of a period.
fn distance(a: f64, b: f64, period: f64) -> f64 {
    let difference = (a - b).rem_euclid(period);
    difference.min(period - difference)
}

#[test]
fn planted_gabor_functions_are_recovered() {
    let mut generator = ChaCha8Rng::seed_from_u64(7);
    for trial in 0..100 {
        let truth = planted(&mut generator);
        let fit = gabor_fit(&gabor(&truth, 12), 12).unwrap();
        assert!(fit.r_squared > 0.9999, "{trial}: {fit:?}, planted {truth:?}");
        assert!((fit.frequency - truth.frequency).abs() < 1e-3, "{trial}: {fit:?}, planted {truth:?}");
        assert!(distance(fit.orientation, truth.orientation, PI) < 1e-2, "{trial}: {fit:?}, planted {truth:?}");
        assert!((0.0..PI).contains(&fit.orientation));
        for k in 0..2 {
            assert!((fit.centre[k] - truth.centre[k]).abs() < 0.02, "{trial}: {fit:?}, planted {truth:?}");
            assert!((fit.sigmas[k] / truth.sigmas[k] - 1.0).abs() < 0.02, "{trial}: {fit:?}, planted {truth:?}");
        }
        assert!((fit.amplitude / truth.amplitude - 1.0).abs() < 0.02, "{trial}: {fit:?}, planted {truth:?}");
        // What is reported is the function itself.
        let again = gabor(&fit, 12);
        let largest = truth.amplitude as f32;
        assert!(again.iter().zip(gabor(&truth, 12)).all(|(a, b)| (a - b).abs() < 0.02 * largest), "{trial}");
    }
}

#[test]
fn a_gabor_function_in_noise_is_still_found() {
    let mut generator = ChaCha8Rng::seed_from_u64(8);
    for trial in 0..20 {
        let truth = GaborFit { amplitude: 1.0, ..planted(&mut generator) };
        let mut filter = gabor(&truth, 12);
        filter.iter_mut().for_each(|value| *value += 0.05 * normal(&mut generator));
        let fit = gabor_fit(&filter, 12).unwrap();
        assert!(fit.r_squared > 0.9, "{trial}: {fit:?}");
        assert!((fit.frequency - truth.frequency).abs() < 0.03, "{trial}: {fit:?}, planted {truth:?}");
    }
}

#[test]
fn white_noise_is_no_gabor_function() {
    let mut generator = ChaCha8Rng::seed_from_u64(9);
    let mut explained: Vec<f64> = (0..40)
        .map(|_| {
            let noise: Vec<f32> = (0..144).map(|_| normal(&mut generator)).collect();
            gabor_fit(&noise, 12).unwrap().r_squared
        })
        .collect();
    explained.sort_by(f64::total_cmp);
    assert!(explained[0] > 0.05 && explained[20] < 0.2 && explained[39] < 0.4, "{explained:?}");
}

#[test]
fn filters_without_a_wave_do_not_break_the_fit() {
    let mut spike = vec![0.0; 25];
    spike[12] = 3.0;
    assert!(gabor_fit(&spike, 5).unwrap().r_squared > 0.9);
    let blob = GaborFit { frequency: 0.0, ..planted(&mut ChaCha8Rng::seed_from_u64(1)) };
    assert!(gabor_fit(&gabor(&GaborFit { phase: PI, ..blob }, 12), 12).unwrap().r_squared > 0.999);
    let checkers: Vec<f32> = (0..64).map(|k| if (k / 8 + k % 8) % 2 == 0 { 1.0 } else { -1.0 }).collect();
    assert!(gabor_fit(&checkers, 8).unwrap().r_squared.is_finite());
    let ramp: Vec<f32> = (0..9).map(|k| k as f32 * 1e-30).collect();
    assert!(gabor_fit(&ramp, 3).unwrap().r_squared.is_finite());
    assert!(matches!(gabor_fit(&[0.5; 16], 4), Err(Error::Constant(..))));
    assert!(matches!(gabor_fit(&[0.0; 15], 4), Err(Error::Shape { expected: 16, got: 15, .. })));
    assert!(matches!(gabor_fit(&[0.0; 4], 2), Err(Error::Setting { .. })));
    spike[3] = f32::NAN;
    assert!(matches!(gabor_fit(&spike, 5), Err(Error::NotFinite { index: 3, .. })));
}

#[test]
fn a_grid_of_filters_shows_zero_as_grey_and_each_filter_at_full_contrast() {
    let filters = [0.0, 1.0, -2.0, 2.0, 0.0, 0.0, 0.0, 0.0, -1e-9, 0.0, 0.0, 5e-10];
    let png = filter_grid_png(&filters, 2, 1, 2).unwrap();
    let picture = image::load_from_memory(&png).unwrap().into_luma8();
    // Two pixels become 36, with gaps of 2.
    assert_eq!((picture.width(), picture.height()), (78, 78));
    let at = |row, column| picture.get_pixel(column, row).0[0];
    assert_eq!([at(2, 2), at(2, 37), at(37, 2), at(37, 37)], [128, 191, 0, 255]);
    assert_eq!([at(2, 40), at(37, 75)], [128, 128]);
    assert_eq!([at(40, 2), at(75, 37), at(75, 2)], [0, 191, 128]);
    assert_eq!([at(0, 0), at(38, 5), at(5, 39), at(50, 50), at(77, 77)], [255; 5]);

    let colours = filter_grid_png(&[1.0, 0.0, -1.0], 1, 3, 9).unwrap();
    let picture = image::load_from_memory(&colours).unwrap().into_rgb8();
    assert_eq!((picture.dimensions(), picture.get_pixel(20, 20).0), ((40, 40), [255, 128, 0]));
}

#[test]
fn the_svg_paints_the_same_pixels_as_the_png() {
    for channels in [1, 3] {
        let filters: Vec<f32> = (0..5 * 4 * channels).map(|k| ((k * k) % 7) as f32 - 3.0).collect();
        let png = image::load_from_memory(&filter_grid_png(&filters, 2, channels, 3).unwrap()).unwrap().into_rgb8();
        let svg = filter_grid_svg(&filters, 2, channels, 3).unwrap();
        let mut painted = image::RgbImage::new(png.width(), png.height());
        for path in svg.split("<path fill=\"#").skip(1) {
            let colour = [0, 2, 4].map(|k| u8::from_str_radix(&path[k..k + 2], 16).unwrap());
            let data = path.split('"').nth(2).unwrap();
            for square in data.split_terminator('z') {
                let numbers: Vec<u32> = square
                    .split(|letter: char| !letter.is_ascii_digit())
                    .filter(|number| !number.is_empty())
                    .map(|number| number.parse().unwrap())
                    .collect();
                for (row, column) in (0..numbers[3]).flat_map(|row| (0..numbers[2]).map(move |column| (row, column))) {
                    painted.put_pixel(numbers[0] + column, numbers[1] + row, image::Rgb(colour));
                }
            }
        }
        assert_eq!(painted, png);
    }
}

#[test]
fn filters_that_cannot_be_drawn_are_errors() {
    assert!(matches!(filter_grid_png(&[0.0; 8], 2, 2, 3), Err(Error::Setting { name: "channels of filters", .. })));
    for (filters, side) in [(&[0.0; 7][..], 2), (&[], 2), (&[0.0; 4], 0), (&[0.0; 4], 3)] {
        assert!(matches!(filter_grid_svg(filters, side, 1, 3), Err(Error::Shape { .. })), "{side}");
    }
    assert!(matches!(filter_grid_png(&[0.0, f32::NAN], 1, 1, 1), Err(Error::NotFinite { index: 1, .. })));
    assert!(matches!(filter_grid_png(&[0.0; 1000], 1, 1, 1), Err(Error::Setting { .. })));
    // No columns are one.
    assert_eq!(filter_grid_svg(&[1.0; 3], 1, 1, 0).unwrap(), filter_grid_svg(&[1.0; 3], 1, 1, 1).unwrap());
}
