//! Image layers and networks, against their definitions.

use rand::RngExt;

use super::*;
use crate::kernel::DotProductKernel;
use crate::pooling::Border;
use crate::seed::{Random, Seed};
use crate::whitening::Regularisation;

fn nystrom(patch: usize, filters: usize, kernel: DotProductKernel, pooling: SpatialPooling) -> ImageLayerSpec {
    let encoding = Encoding::Nystrom { kernel, regularisation: Regularisation::Shift { epsilon: 1e-3 } };
    ImageLayerSpec { patch, filters, border: Border::Valid, centred: false, encoding, pooling }
}

fn unit_rows(count: usize, size: usize, random: &mut Random) -> Vec<f32> {
    let mut rows: Vec<f32> = (0..count * size).map(|_| random.random_range(-0.4..1.0)).collect();
    for row in rows.chunks_exact_mut(size) {
        let norm = row.iter().map(|x| x * x).sum::<f32>().sqrt();
        row.iter_mut().for_each(|x| *x /= norm);
    }
    rows
}

const EXPONENTIAL: DotProductKernel = DotProductKernel::Exponential { sigma: 0.6 };

/// Numbers of an independent program (NumPy), of two filters on three patches of two numbers.
#[test]
fn a_layer_and_its_gradients_have_their_golden_values() {
    let shape = MapShape { height: 1, width: 3, channels: 2 };
    let spec = nystrom(1, 2, EXPONENTIAL, SpatialPooling::None);
    let parameters = LayerParameters { spec, filters: vec![1.0, 0.0, 0.6, 0.8], expansion_weights: Vec::new() };
    let mut network = ImageNetwork::<f64>::new(shape, vec![parameters]).unwrap();
    network.set_anchors(0, &[1.0, 0.0, 0.6, 0.8f64]).unwrap();
    let mut tape = ImageTape::default();
    network.forward(&[3.0, 4.0, 1.0, -1.0, 0.0, 2.0], &mut tape).unwrap();
    let output = [0.8351364704, 4.9272279305, 0.6436895536, -0.0486924452, -0.0727683502, 1.1755307357];
    close(tape.output(), &output, 1e-9);
    let mut gradient = network.zero_gradient();
    network.pull_back_to_map(&mut tape, &[1.0, 2.0, -1.0, 0.0, 0.5, 1.0], &mut gradient).unwrap();
    let by_map = [1.6868803616, 1.4072378143, -0.9498914295, -0.3062018754, 0.9731419759, 0.5695732801];
    close(tape.by_map(), &by_map, 1e-8);
    let layer = &network.finish(&gradient).unwrap()[0];
    close(&layer.anchors, &[0.7939863611, 2.5030097097, -3.0791682821, 1.2697348852], 1e-8);
    // dα/dσ = −2/σ³.
    close(&[layer.sigma], &[-0.2803272476 * -2.0 / 0.6f64.powi(3)], 1e-8);
}

fn close(got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len());
    for (got, want) in got.iter().zip(want) {
        assert!((got - want).abs() <= tolerance * want.abs().max(1.0), "{got} {want}");
    }
}

fn normalise(rows: &mut [f64], size: usize) {
    for row in rows.chunks_exact_mut(size) {
        let norm = row.iter().map(|x| x * x).sum::<f64>().sqrt();
        row.iter_mut().for_each(|x| *x /= norm);
    }
}

/// Two layers, each pooling and border, colour centring, a pair of nearly equal filters and a blank corner of the image:
/// gradients by all anchors, by the bandwidth and by the image against central differences.
#[test]
fn gradients_equal_central_differences() {
    let shape = MapShape { height: 7, width: 6, channels: 2 };
    for (case, (border, centred, pooling)) in [
        (Border::Valid, false, SpatialPooling::By(2.0)),
        (Border::Same, false, SpatialPooling::Stride(2)),
        (Border::Valid, true, SpatialPooling::To(3)),
        (Border::Same, true, SpatialPooling::None),
    ]
    .into_iter()
    .enumerate()
    {
        for kernel in [EXPONENTIAL, DotProductKernel::Polynomial { degree: 2 }] {
            let mut random = Seed(case as u64).stream("gradients");
            let first = ImageLayerSpec { border, centred, ..nystrom(3, 4, EXPONENTIAL, pooling) };
            let second = ImageLayerSpec { border, ..nystrom(2, 3, kernel, SpatialPooling::To(1)) };
            let mut anchors: Vec<Vec<f64>> = [(4, 18), (3, 16)]
                .map(|(count, size)| unit_rows(count, size, &mut random).into_iter().map(f64::from).collect())
                .to_vec();
            // A pair of nearly equal filters.
            let (one, two) = anchors[0].split_at_mut(18);
            two[..18].iter_mut().zip(one).for_each(|(two, one)| *two = *one + 1e-3 * *two);
            anchors.iter_mut().zip([18, 16]).for_each(|(anchors, size)| normalise(anchors, size));
            let parameters = [(first, 4 * 18), (second, 3 * 16)].map(|(spec, length)| LayerParameters {
                spec,
                filters: vec![0.1; length],
                expansion_weights: Vec::new(),
            });
            let network = ImageNetwork::<f64>::new(shape, parameters.to_vec()).unwrap();
            let mut map: Vec<f64> = (0..shape.size()).map(|_| random.random_range(0.0..1.0)).collect();
            for y in 0..4 {
                map[y * 12..][..8].fill(0.0);
            }
            let upstream: Vec<f64> = (0..network.output().size()).map(|_| random.random_range(-1.0..1.0)).collect();
            let value = |anchors: &[Vec<f64>], map: &[f64]| {
                let mut network = network.clone();
                (0..2).for_each(|layer| network.set_anchors(layer, &anchors[layer]).unwrap());
                let mut tape = ImageTape::default();
                network.forward(map, &mut tape).unwrap();
                (tape.output().iter().zip(&upstream).map(|(a, b)| a * b).sum::<f64>(), network, tape)
            };
            let (_, ready, mut tape) = value(&anchors, &map);
            let mut gradient = ready.zero_gradient();
            ready.pull_back_to_map(&mut tape, &upstream, &mut gradient).unwrap();
            let exact = ready.finish(&gradient).unwrap();
            let step = 1e-5;
            for layer in 0..2 {
                let size = [18, 16][layer];
                for at in (0..anchors[layer].len()).step_by(5) {
                    // Anchors stay on the sphere: what is compared is the gradient along it.
                    let at_step = |sign: f64| {
                        let mut moved = anchors.clone();
                        moved[layer][at] += sign * step;
                        normalise(&mut moved[layer], size);
                        value(&moved, &map).0
                    };
                    let numeric = (at_step(1.0) - at_step(-1.0)) / (2.0 * step);
                    let row = at / size * size..(at / size + 1) * size;
                    let (anchor, free) = (&anchors[layer][row.clone()], &exact[layer].anchors[row]);
                    let outward: f64 = anchor.iter().zip(free).map(|(a, g)| a * g).sum();
                    let got = free[at % size] - outward * anchor[at % size];
                    assert!((numeric - got).abs() < 1e-6 * (1.0 + got.abs()), "{case} {layer} {at}: {numeric} {got}");
                }
            }
            for at in (0..map.len()).step_by(3) {
                let at_step = |sign: f64| {
                    let mut moved = map.clone();
                    moved[at] += sign * step;
                    value(&anchors, &moved).0
                };
                // A blank patch has no direction: the layer has a kink there.
                let (y, x) = (at / 12, at % 12 / 2);
                if y > 4 || x > 4 {
                    let numeric = (at_step(1.0) - at_step(-1.0)) / (2.0 * step);
                    let got = tape.by_map()[at];
                    assert!((numeric - got).abs() < 1e-6 * (1.0 + got.abs()), "{case} map {at}: {numeric} {got}");
                }
            }
        }
    }
}

#[test]
fn an_expansion_has_the_golden_values_of_the_gradient_map() {
    // 12 orientations, η = √(2/π), σ = 2π/12, on the gradient (0.3, 0.4).
    let shape = MapShape { height: 1, width: 1, channels: 2 };
    let spec = ImageLayerSpec {
        patch: 1,
        filters: 12,
        border: Border::Valid,
        centred: false,
        encoding: Encoding::GaussianExpansion { sigma: std::f64::consts::PI / 6.0 },
        pooling: SpatialPooling::None,
    };
    let filters = (0..12)
        .flat_map(|l| {
            let (sine, cosine) = (f64::from(l) * std::f64::consts::PI / 6.0).sin_cos();
            [cosine as f32, sine as f32]
        })
        .collect();
    let weight = (2.0 / std::f64::consts::PI).sqrt() as f32;
    let parameters = LayerParameters { spec, filters, expansion_weights: vec![weight; 12] };
    let network = ImageNetwork::<f64>::new(shape, vec![parameters]).unwrap();
    let mut tape = ImageTape::default();
    network.forward(&[0.3, 0.4], &mut tape).unwrap();
    let golden =
        [0.024135, 0.248463, 0.423831, 0.103823, 0.005324, 0.000127, 3.8e-6, 3.7e-7, 2.2e-7, 8.9e-7, 1.7e-5, 7.3e-4];
    for (got, want) in tape.output().iter().zip(golden) {
        // Some are written with two digits.
        assert!((got - want).abs() < 0.03 * want && (got - want).abs() < 5e-6, "{got} {want}");
    }
    let mut gradient = network.zero_gradient();
    assert_eq!(network.pull_back(&mut tape, &[0.0; 12], &mut gradient), Err(crate::Error::NoGradient));
}

#[test]
fn embeddings_in_f32_are_those_in_f64_for_any_number_of_maps() {
    let shape = MapShape { height: 9, width: 9, channels: 3 };
    let mut random = Seed(3).stream("embeddings");
    let layer = |spec: ImageLayerSpec, size: usize, random: &mut Random| LayerParameters {
        spec,
        filters: unit_rows(spec.filters, size, random),
        expansion_weights: Vec::new(),
    };
    let layers = vec![
        layer(nystrom(3, 5, EXPONENTIAL, SpatialPooling::By(2.0)), 27, &mut random),
        layer(nystrom(2, 7, DotProductKernel::ArcCosine { order: 1 }, SpatialPooling::To(2)), 20, &mut random),
    ];
    let maps = MapSet::new(shape, (0..5 * shape.size()).map(|_| random.random_range(0.0..1.0)).collect()).unwrap();
    let wide = ImageNetwork::<f64>::new(shape, layers.clone()).unwrap();
    let narrow = ImageNetwork::<f32>::new(shape, layers).unwrap();
    let dimension = wide.output().size();
    assert_eq!(wide.output(), MapShape { height: 2, width: 2, channels: 7 });
    let (mut exact, mut fast) = (vec![0.0; 3 * dimension], vec![0.0; 3 * dimension]);
    wide.embed(&maps, &[4, 0, 2], &mut exact).unwrap();
    narrow.embed(&maps, &[4, 0, 2], &mut fast).unwrap();
    for (exact, fast) in exact.iter().zip(&fast) {
        assert!((exact - f64::from(*fast)).abs() < 2e-5, "{exact} {fast}");
    }
    let mut alone = vec![0.0; dimension];
    narrow.embed(&maps, &[2], &mut alone).unwrap();
    assert_eq!(alone, fast[2 * dimension..]);
}

#[test]
fn what_does_not_fit_is_refused() {
    let shape = MapShape { height: 4, width: 4, channels: 1 };
    let spec = nystrom(5, 2, EXPONENTIAL, SpatialPooling::None);
    let parameters = LayerParameters { spec, filters: vec![0.2; 50], expansion_weights: Vec::new() };
    let refused = ImageNetwork::<f32>::new(shape, vec![parameters.clone()]).unwrap_err();
    assert_eq!(refused, crate::Error::PatchTooLarge { patch: 5, height: 4, width: 4 });
    assert_eq!(SpatialPooling::To(4).length(3), Err(crate::Error::PooledTooFar { side: 4, map: 3 }));
    assert!(matches!(SpatialPooling::To(0).length(3), Err(crate::Error::Parameter { name: "pooling", .. })));
    let larger = MapShape { height: 6, width: 6, channels: 2 };
    assert!(matches!(ImageNetwork::<f32>::new(larger, vec![parameters]), Err(crate::Error::Shape { .. })));
}
