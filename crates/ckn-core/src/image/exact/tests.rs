//! Exact kernels of images, against golden numbers and their definitions.

use rand::RngExt;
use serde_json::Value;

use super::*;
use crate::image::patches::{PatchGrid, centre};
use crate::image::{ImageNetwork, ImageTape, LayerParameters, SpatialPooling};
use crate::seed::{Random, Seed};
use crate::whitening::{Regularisation, symmetric_eigen};

const SHARP: DotProductKernel = DotProductKernel::Exponential { sigma: 0.5 };

fn spec(patch: usize, border: Border, kernel: DotProductKernel, pooling: SpatialPooling) -> ImageLayerSpec {
    let encoding = Encoding::Nystrom { kernel, regularisation: Regularisation::Shift { epsilon: 1e-10 } };
    ImageLayerSpec { patch, filters: 1, border, centred: false, encoding, pooling }
}

fn random_images(count: usize, shape: MapShape, random: &mut Random) -> Vec<Vec<f64>> {
    (0..count).map(|_| (0..shape.size()).map(|_| random.random_range(-0.4..1.0)).collect()).collect()
}

fn matrix(kernel: &ExactKernel, images: &[Vec<f64>]) -> Vec<f64> {
    let images: Vec<&[f64]> = images.iter().map(Vec::as_slice).collect();
    kernel.matrix(&images).unwrap()
}

/// Inner products of all pairs.
fn inner_products(vectors: &[Vec<f64>]) -> Vec<f64> {
    let inner = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum();
    vectors.iter().flat_map(|a| vectors.iter().map(move |b| inner(a, b))).collect()
}

/// Largest difference, relative to the largest number.
fn difference(got: &[f64], want: &[f64]) -> f64 {
    assert_eq!(got.len(), want.len());
    let scale = want.iter().fold(0.0f64, |largest, value| largest.max(value.abs()));
    got.iter().zip(want).map(|(a, b)| (a - b).abs()).fold(0.0, |worst, value| {
        assert!(!value.is_nan());
        f64::max(worst, value)
    }) / scale
}

/// Normalised patches of some maps that are not blank, one a row.
fn unit_patches(maps: &[Vec<f64>], input: MapShape, spec: &ImageLayerSpec) -> Vec<f64> {
    let grid = PatchGrid { input, patch: spec.patch, border: spec.border };
    let size = grid.patch_size();
    let mut rows = Vec::new();
    for map in maps {
        let mut patches = Vec::new();
        grid.copy(map, &mut patches);
        if spec.centred {
            centre(&mut patches, spec.patch * spec.patch, input.channels);
        }
        for patch in patches.chunks_exact(size) {
            let norm = patch.iter().map(|x| x * x).sum::<f64>().sqrt();
            if norm > 1e-9 {
                rows.extend(patch.iter().map(|x| x / norm));
            }
        }
    }
    rows
}

/// Maps after a layer with given anchor points, and their shape.
fn through_layer(
    maps: &[Vec<f64>],
    input: MapShape,
    spec: &ImageLayerSpec,
    anchors: &[f64],
) -> (Vec<Vec<f64>>, MapShape) {
    let spec = ImageLayerSpec { filters: anchors.len() / spec.patch_size(input.channels), ..*spec };
    // Parameters are in single precision, in which the Gram matrix of many patches need not be positive.
    let parameters = LayerParameters { spec, filters: vec![0.0; anchors.len()], expansion_weights: Vec::new() };
    let mut network = ImageNetwork::<f64>::new(input, vec![parameters]).unwrap();
    network.set_anchors(0, anchors).unwrap();
    (embed(&network, maps), network.output())
}

fn embed(network: &ImageNetwork<f64>, maps: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut tape = ImageTape::default();
    let embed = |map: &Vec<f64>| {
        network.forward(map, &mut tape).unwrap();
        tape.output().to_vec()
    };
    maps.iter().map(embed).collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

fn whole(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

fn golden_kernel(case: &Value, input: MapShape) -> ExactKernel {
    let bandwidths = |pair: &[f64]| Bandwidths { beta: pair[0], sigma: pair[1] };
    if case["kind"] == "hierarchical" {
        let pixels = PixelPatches { patch: whole(&case["patch"]), centred: case["centred"].as_bool().unwrap() };
        let inner = numbers(&case["inner"]);
        let inner: Vec<_> = inner.chunks_exact(3).map(|layer| (layer[0] as usize, bandwidths(&layer[1..]))).collect();
        return ExactKernel::hierarchical(input, pixels, &inner, bandwidths(&numbers(&case["last"]))).unwrap();
    }
    let layers = case["layers"].as_array().unwrap().iter().map(|layer| {
        let (name, number) = (layer["kernel"][0].as_str().unwrap(), layer["kernel"][1].as_f64().unwrap());
        let kernel = match name {
            "exponential" => DotProductKernel::Exponential { sigma: number },
            "polynomial" => DotProductKernel::Polynomial { degree: number as u32 },
            _ => DotProductKernel::ArcCosine { order: number as u32 },
        };
        let number = layer["pooling"][1].as_f64().unwrap();
        let pooling = match layer["pooling"][0].as_str().unwrap() {
            "none" => SpatialPooling::None,
            "by" => SpatialPooling::By(number),
            "to" => SpatialPooling::To(number as usize),
            _ => SpatialPooling::Stride(number as usize),
        };
        let border = if layer["border"] == "same" { Border::Same } else { Border::Valid };
        let centred = layer["centred"].as_bool().unwrap();
        ImageLayerSpec { centred, ..spec(whole(&layer["patch"]), border, kernel, pooling) }
    });
    ExactKernel::of_network(input, &layers.collect::<Vec<_>>()).unwrap()
}

#[test]
fn both_kernels_have_the_values_of_brute_force() {
    let golden: Value =
        serde_json::from_str(include_str!("../../../../../reference/golden/exact_image_kernel.json")).unwrap();
    for (at, case) in golden["cases"].as_array().unwrap().iter().enumerate() {
        let shape = &case["shape"];
        let input = MapShape { height: whole(&shape[0]), width: whole(&shape[1]), channels: whole(&shape[2]) };
        let kernel = golden_kernel(case, input);
        let images: Vec<Vec<f64>> = case["images"].as_array().unwrap().iter().map(numbers).collect();
        let want = numbers(&case["matrix"]);
        let error = difference(&matrix(&kernel, &images), &want);
        assert!(error < 1e-10, "case {at}: {error:.1e}");
        let value = kernel.value(&images[0], &images[2]).unwrap();
        assert!((value - want[2]).abs() < 1e-10 * want[0], "case {at}: {value} {}", want[2]);
    }
}

#[test]
fn kernels_are_positive_semidefinite_and_blank_images_have_none() {
    let input = MapShape { height: 5, width: 4, channels: 3 };
    let mut random = Seed(1).stream("images");
    let mut images = random_images(9, input, &mut random);
    // One colour everywhere: nothing is left of it once patches are centred, whatever rounding says.
    images.push([0.1, 0.7, 0.3].repeat(input.positions()));
    images.push(vec![0.0; input.size()]);
    let layers = |centred| {
        [
            ImageLayerSpec { centred, ..spec(3, Border::Valid, SHARP, SpatialPooling::By(1.5)) },
            spec(2, Border::Same, DotProductKernel::ArcCosine { order: 1 }, SpatialPooling::To(1)),
        ]
    };
    let wide = Bandwidths { beta: 1.0, sigma: 0.8 };
    let hierarchical = |centred| {
        let pixels = PixelPatches { patch: 2, centred };
        ExactKernel::hierarchical(input, pixels, &[(2, wide)], Bandwidths { beta: f64::INFINITY, sigma: 0.4 }).unwrap()
    };
    for centred in [false, true] {
        for kernel in [ExactKernel::of_network(input, &layers(centred)).unwrap(), hierarchical(centred)] {
            let matrix = matrix(&kernel, &images);
            let count = images.len();
            let eigen = symmetric_eigen(&matrix, count).unwrap();
            let largest = eigen.values.iter().fold(0.0f64, |largest, value| largest.max(*value));
            assert!(largest > 1.0 && eigen.values.iter().all(|&value| value > -1e-12 * largest), "{:?}", eigen.values);
            let blank = if centred { count - 2 } else { count - 1 };
            for image in 0..count {
                for blank in blank..count {
                    assert_eq!(matrix[image * count + blank], 0.0);
                }
            }
            let square = matrix[(count - 2) * (count + 1)];
            assert!(centred || square > 0.1, "{square}");
            let there = kernel.value(&images[0], &images[1]).unwrap();
            let back = kernel.value(&images[1], &images[0]).unwrap();
            assert!((there - back).abs() < 1e-13 * there && there > 0.0, "{there} {back}");
        }
    }
}

#[test]
fn networks_whose_anchors_are_all_patches_have_the_exact_kernel() {
    let input = MapShape { height: 6, width: 5, channels: 2 };
    let mut random = Seed(2).stream("images");
    let mut images = random_images(2, input, &mut random);
    images[1][..8].fill(0.0);
    let arc_cosine = DotProductKernel::ArcCosine { order: 1 };
    let linear = DotProductKernel::Linear;
    for (first, second) in [
        (spec(2, Border::Valid, SHARP, SpatialPooling::By(1.5)), spec(2, Border::Valid, SHARP, SpatialPooling::None)),
        (
            spec(3, Border::Same, SHARP, SpatialPooling::Stride(2)),
            spec(2, Border::Same, arc_cosine, SpatialPooling::To(1)),
        ),
        (spec(2, Border::Same, SHARP, SpatialPooling::None), spec(1, Border::Valid, linear, SpatialPooling::To(2))),
    ] {
        let first = ImageLayerSpec { centred: first.border == Border::Same, ..first };
        let anchors = unit_patches(&images, input, &first);
        let (maps, shape) = through_layer(&images, input, &first, &anchors);
        let exact = matrix(&ExactKernel::of_network(input, &[first]).unwrap(), &images);
        let error = difference(&inner_products(&maps), &exact);
        assert!(error < 1e-6, "{first:?}: {error:.1e}");
        let anchors = unit_patches(&maps, shape, &second);
        let (maps, _) = through_layer(&maps, shape, &second, &anchors);
        let exact = matrix(&ExactKernel::of_network(input, &[first, second]).unwrap(), &images);
        let error = difference(&inner_products(&maps), &exact);
        assert!(error < 1e-6, "{second:?}: {error:.1e}");
    }
}

/// The kernel of fewer anchor points is that of more less a positive semidefinite part, so that the kernels of images with
/// themselves can only grow.
#[test]
fn the_error_falls_as_anchors_are_added() {
    let input = MapShape { height: 7, width: 7, channels: 1 };
    let mut random = Seed(3).stream("images");
    let images = random_images(4, input, &mut random);
    let layer = spec(3, Border::Valid, SHARP, SpatialPooling::To(2));
    let exact = matrix(&ExactKernel::of_network(input, &[layer]).unwrap(), &images);
    let all = unit_patches(&images, input, &layer);
    let errors: Vec<f64> = [2, 8, 32, all.len() / 9]
        .map(|count| {
            // Every seventh patch, so that the first come from everywhere; there are 100.
            let anchors: Vec<f64> = (0..count).flat_map(|at| all[at * 7 % 100 * 9..][..9].to_vec()).collect();
            let got = inner_products(&through_layer(&images, input, &layer, &anchors).0);
            let own = |matrix: &[f64]| matrix.iter().step_by(images.len() + 1).sum::<f64>();
            (own(&exact) - own(&got)) / own(&exact)
        })
        .to_vec();
    assert!(errors[0] > 0.2 && errors[2] > 1e-3, "{errors:?}");
    assert!(errors.windows(2).all(|pair| pair[1] < 0.8 * pair[0]), "{errors:?}");
    assert!(errors[3].abs() < 1e-8, "{errors:?}");
}

/// Lemma 1 of Mairal et al. 2014 as a quadrature: `η = (2/(πσ²))^(m/2) hᵐ` at the points of a grid of spacing `h`.
#[test]
fn expansions_over_a_grid_of_filters_converge_to_the_exact_kernel() {
    const SIGMA: f64 = 0.6;
    for channels in [1, 2] {
        let input = MapShape { height: 5, width: 6, channels };
        let images = random_images(3, input, &mut Seed(4).stream("images"));
        let layer = |filters| ImageLayerSpec {
            patch: 1,
            filters,
            border: Border::Valid,
            centred: false,
            encoding: Encoding::GaussianExpansion { sigma: SIGMA },
            pooling: SpatialPooling::By(2.0),
        };
        let exact = matrix(&ExactKernel::of_network(input, &[layer(1)]).unwrap(), &images);
        let errors: Vec<f64> = [1.0, 0.5, 0.25]
            .map(|step: f64| {
                let side = (6.0 / step) as usize + 1;
                let axis = |at: usize| (step * at as f64 - 3.0) as f32;
                let filters: Vec<f32> = match channels {
                    1 => (0..side).map(axis).collect(),
                    _ => (0..side * side).flat_map(|at| [axis(at / side), axis(at % side)]).collect(),
                };
                let density = (2.0 / (std::f64::consts::PI * SIGMA * SIGMA)).sqrt() * step;
                let count = filters.len() / channels;
                let expansion_weights = vec![density.powi(channels as i32) as f32; count];
                let parameters = LayerParameters { spec: layer(count), filters, expansion_weights };
                let network = ImageNetwork::<f64>::new(input, vec![parameters]).unwrap();
                difference(&inner_products(&embed(&network, &images)), &exact)
            })
            .to_vec();
        // The error of a sum over a grid is 2 exp(−π²σ²/(2h²)) an axis: 0.34, 1.6e-3, and then that of single precision.
        assert!(errors[0] > 0.05 && errors[1] > 1e-4 && errors[1] < 5e-3 && errors[2] < 1e-6, "{errors:?}");
    }
}

/// Relation 9 of Mairal et al. 2014: pooled maps turn the double sum over positions into a sum over the points of a grid. It
/// holds where features keep their distance from the border, beyond which there are no points.
#[test]
fn pooled_maps_approximate_the_double_sum_over_positions() {
    const BETA: f64 = 2.0;
    const SIDE: usize = 18;
    let input = MapShape { height: SIDE, width: SIDE, channels: 2 };
    let mut random = Seed(5).stream("images");
    let images: Vec<Vec<f64>> = (0..3)
        .map(|_| {
            let mut image = vec![0.0; input.size()];
            for (at, value) in image.iter_mut().enumerate() {
                let (y, x) = (at / 2 / SIDE, at / 2 % SIDE);
                let there = (7..11).contains(&y) && (7..11).contains(&x);
                *value = if there { random.random_range(-0.4..1.0) } else { 0.0 };
            }
            image
        })
        .collect();
    let pixels = PixelPatches { patch: 1, centred: false };
    let last = Bandwidths { beta: BETA, sigma: 0.5 };
    let double_sum = matrix(&ExactKernel::hierarchical(input, pixels, &[], last).unwrap(), &images);

    let pooled = spec(1, Border::Valid, SHARP, SpatialPooling::By(BETA));
    let error = difference(&matrix(&ExactKernel::of_network(input, &[pooled]).unwrap(), &images), &double_sum);
    assert!(error < 0.03, "{error:.1e}");

    // On a grid of single positions, in place of one of spacing β, nothing is left of the error.
    let layer = ImageLayerSpec { pooling: SpatialPooling::None, ..pooled };
    let (maps, shape) = through_layer(&images, input, &layer, &unit_patches(&images, input, &layer));
    let fine: Vec<Vec<f64>> = maps
        .iter()
        .map(|map| {
            let grid = (0..SIDE * SIDE).map(|at| (at / SIDE, at % SIDE));
            grid.flat_map(|(v, u)| {
                let mut sums = vec![0.0; shape.channels];
                for (at, features) in map.chunks_exact(shape.channels).enumerate() {
                    let square = (at / SIDE).abs_diff(v).pow(2) + (at % SIDE).abs_diff(u).pow(2);
                    let weight = (2.0 / std::f64::consts::PI).sqrt() / BETA * (-(square as f64) / BETA.powi(2)).exp();
                    sums.iter_mut().zip(features).for_each(|(slot, value)| *slot += weight * value);
                }
                sums
            })
            .collect()
        })
        .collect();
    let error = difference(&inner_products(&fine), &double_sum);
    assert!(error < 1e-6, "{error:.1e}");
}

#[test]
fn what_does_not_fit_is_refused() {
    let input = MapShape { height: 4, width: 4, channels: 1 };
    let wide = Bandwidths { beta: 1.0, sigma: 1.0 };
    let kernel = |patch, inner: &[_], last| {
        ExactKernel::hierarchical(input, PixelPatches { patch, centred: false }, inner, last)
    };
    assert_eq!(
        kernel(2, &[(4, wide)], wide).unwrap_err(),
        Error::PatchTooLarge { patch: 4, height: 3, width: 3 },
        "three positions are left of four"
    );
    for (patch, last) in [
        (0, wide),
        (1, Bandwidths { beta: 0.0, ..wide }),
        (1, Bandwidths { beta: f64::NAN, ..wide }),
        (1, Bandwidths { sigma: 0.0, ..wide }),
    ] {
        assert!(matches!(kernel(patch, &[], last), Err(Error::Parameter { .. })));
    }
    assert!(matches!(kernel(1, &[], wide).unwrap().value(&[0.0; 16], &[0.0; 15]), Err(Error::Shape { .. })));
}
