//! Gradients: the printed golden vector, finite differences, and the formula that was printed wrongly in 2016.

use burn::module::Param;
use burn::tensor::Tensor;
use ckn_burn::{CknLayer1d, CknLayer1dConfig, inverse_root, whitening};
use ckn_core::kernel::DotProductKernel;
use ckn_core::pooling::{Border, Pooling};
use ckn_core::whitening::{Regularisation, symmetric_eigen};
use ckn_model::LayerConfig;

use crate::support::{
    TestDevice, assert_close, devices, difference, double_devices, numbers, scattered, tangential, unit_rows,
};

const SHIFT: Regularisation = Regularisation::Shift { epsilon: 1e-3 };

/// Three patches in the plane: `α = 1/0.36`, `Z = ((1, 0), (0.6, 0.8))`; numbers found by finite differences.
#[test]
fn the_layer_of_the_notes_has_its_printed_value_and_gradients() {
    for test in devices().into_iter().map(TestDevice::tracking) {
        let config = CknLayer1dConfig {
            channels: 2,
            layer: LayerConfig {
                filters: 2,
                width: 1,
                kernel: DotProductKernel::Exponential { sigma: 0.6 },
                subsampling: 1,
            },
            border: Border::Valid,
            regularisation: SHIFT,
        };
        let layer = config.init_with(test.tensor(&[1.0, 0.0, 0.6, 0.8], [2, 2, 1])).unwrap();
        let map: Tensor<3> = test.tensor(&[3.0, 1.0, 0.0, 4.0, -1.0, 2.0], [1, 2, 3]).require_grad();
        let (output, lengths) = layer.forward(map.clone(), &[3]).unwrap();
        assert_eq!(lengths, [3]);
        let tolerance = test.tolerance.max(2e-9);
        let expected = [0.8351364704, 0.6436895536, -0.0727683502, 4.9272279305, -0.0486924452, 1.1755307357];
        assert_close(&numbers(output.clone()), &expected, tolerance, &test.name);
        let gradients = (output * test.tensor(&[1.0, -1.0, 0.5, 2.0, 0.0, 1.0], [1, 2, 3])).sum().backward();
        let by_anchors = numbers(layer.anchors.val().grad(&gradients).unwrap());
        // Printed by points on the sphere; the layer scales to the sphere what it has.
        let printed = [0.7939863611, 2.5030097097, -3.0791682821, 1.2697348852];
        let want = tangential(&printed, &[1.0, 0.0, 0.6, 0.8], 2);
        assert_close(&by_anchors, &want, tolerance, &test.name);
        let by_map = numbers(map.grad(&gradients).unwrap());
        let expected = [1.6868803616, -0.9498914295, 0.9731419759, 1.4072378143, -0.3062018754, 0.5695732801];
        assert_close(&by_map, &expected, tolerance, &test.name);

        let anchors = test.tensor(&[1.0, 0.0, 0.6, 0.8], [2, 2]);
        let root = numbers(whitening(anchors, config.layer.kernel, SHIFT).unwrap());
        let expected = [1.0435486797, -0.1765016137, -0.1765016137, 1.0435486797];
        assert_close(&root, &expected, tolerance, &test.name);
    }
}

const SHAPE: [usize; 3] = [5, 4, 3];
const MAP: [usize; 3] = [2, 4, 8];

fn objective(layer: &CknLayer1d, map: Tensor<3>, pooling: Pooling, weights: Tensor<2>) -> Tensor<1> {
    (layer.forward_pooled(map, &[8, 5], pooling).unwrap() * weights).sum()
}

fn with(layer: &CknLayer1d, test: &TestDevice, anchors: &[f64]) -> CknLayer1d {
    let mut moved = layer.clone();
    moved.anchors = Param::from_tensor(test.tensor(anchors, SHAPE));
    moved
}

#[test]
fn gradients_equal_finite_differences_even_with_near_duplicate_anchors_of_any_norm() {
    let kernels = [
        DotProductKernel::Exponential { sigma: 0.5 },
        DotProductKernel::Polynomial { degree: 2 },
        DotProductKernel::ArcCosine { order: 0 },
        DotProductKernel::ArcCosine { order: 1 },
        DotProductKernel::Linear,
    ];
    let size = SHAPE[1] * SHAPE[2];
    for test in double_devices().into_iter().map(TestDevice::tracking) {
        for (index, (kernel, pooling)) in
            kernels.into_iter().zip([Pooling::Mean, Pooling::Max, Pooling::Sum].into_iter().cycle()).enumerate()
        {
            let mut raw = unit_rows(scattered(SHAPE.iter().product(), index as u64), size);
            // Order 0 bends without bound where two anchors meet.
            if kernel != (DotProductKernel::ArcCosine { order: 0 }) {
                let twin: Vec<f64> =
                    raw[..size].iter().enumerate().map(|(k, value)| value + if k == 3 { 1e-3 } else { 0.0 }).collect();
                raw[size..2 * size].copy_from_slice(&twin);
            }
            // As an optimiser leaves them: anywhere but at zero.
            let scales = [1.0, 0.4, 2.5, 0.9, 1.3];
            let rows = unit_rows(raw, size);
            let anchors: Vec<f64> = rows.iter().enumerate().map(|(k, value)| value * scales[k / size]).collect();
            let config = CknLayer1dConfig {
                channels: SHAPE[1],
                layer: LayerConfig { filters: SHAPE[0], width: SHAPE[2], kernel, subsampling: 1 },
                border: Border::Same,
                regularisation: SHIFT,
            };
            let layer = with(&config.init_with(test.tensor(&rows, SHAPE)).unwrap(), &test, &anchors);
            let values = scattered(MAP.iter().product(), 50);
            let map: Tensor<3> = test.tensor(&values, MAP).require_grad();
            let weights: Tensor<2> = test.tensor(&scattered(2 * SHAPE[0], 60), [2, SHAPE[0]]);
            let gradients = objective(&layer, map.clone(), pooling, weights.clone()).backward();
            let step = 1e-5;
            let central = |at: &dyn Fn(f64) -> Tensor<1>| (numbers(at(step))[0] - numbers(at(-step))[0]) / (2.0 * step);
            let moved = |start: &[f64], k: usize, by: f64| {
                let mut moved = start.to_vec();
                moved[k] += by;
                moved
            };
            let by_anchors: Vec<f64> = (0..anchors.len())
                .map(|k| {
                    central(&|by| {
                        objective(&with(&layer, &test, &moved(&anchors, k, by)), map.clone(), pooling, weights.clone())
                    })
                })
                .collect();
            let got = numbers(layer.anchors.val().grad(&gradients).unwrap());
            assert_close(&got, &by_anchors, 1e-6, &format!("{kernel:?} by anchors"));
            let by_map: Vec<f64> = (0..values.len())
                .map(|k| {
                    central(&|by| objective(&layer, test.tensor(&moved(&values, k, by), MAP), pooling, weights.clone()))
                })
                .collect();
            let got = numbers(map.grad(&gradients).unwrap());
            assert_close(&got, &by_map, 1e-6, &format!("{kernel:?} by map"));
        }
    }
}

/// `−½ A^(-3/4) B̄ A^(-3/4)`, as if `dA` commuted with `A`.
fn printed_in_2016(gram: &[f64], size: usize, upstream: &[f64]) -> Vec<f64> {
    let eigen = symmetric_eigen(gram, size).unwrap();
    let entry = |i: usize, j: usize| -> f64 {
        (0..size).map(|k| eigen.vectors[i * size + k] * eigen.values[k].powf(-0.75) * eigen.vectors[j * size + k]).sum()
    };
    let symmetric = |k: usize, l: usize| (upstream[k * size + l] + upstream[l * size + k]) / 2.0;
    let pairs = (0..size).flat_map(|i| (0..size).map(move |j| (i, j)));
    pairs
        .map(|(i, j)| {
            let sum: f64 =
                (0..size).flat_map(|k| (0..size).map(move |l| entry(i, k) * symmetric(k, l) * entry(l, j))).sum();
            -0.5 * sum
        })
        .collect()
}

#[test]
fn the_gradient_printed_in_2016_is_near_for_separate_anchors_and_wrong_for_close_ones() {
    let size = 4;
    let upstream = scattered(size * size, 5);
    for test in double_devices().into_iter().map(TestDevice::tracking) {
        let error = |off_diagonal: f64| {
            let noise = scattered(size * size, 6);
            let values: Vec<f64> = (0..size * size)
                .map(|k| {
                    let (i, j) = (k / size, k % size);
                    if i == j { 1.0 + 1e-9 } else { off_diagonal * (1.0 + 0.05 * noise[i.min(j) * size + i.max(j)]) }
                })
                .collect();
            let gram: Tensor<2> = test.tensor(&values, [size, size]).require_grad();
            let root = inverse_root(gram.clone(), Regularisation::Shift { epsilon: 1e-9 }).unwrap();
            let gradients = (root * test.tensor(&upstream, [size, size])).sum().backward();
            let exact = numbers(gram.grad(&gradients).unwrap());
            difference(&printed_in_2016(&values, size, &upstream), &exact)
        };
        assert!(error(0.02) < 1e-3, "{}", error(0.02));
        assert!(error(0.9) > 0.03, "{}", error(0.9));
    }
}

#[test]
fn a_gram_matrix_with_nan_is_an_error() {
    for test in devices() {
        let gram = test.tensor(&[1.0, f64::NAN, f64::NAN, 1.0], [2, 2]);
        let error = inverse_root(gram, SHIFT).unwrap_err().to_string();
        assert!(error.contains("NaN"), "{error}");
        assert!(inverse_root(test.tensor(&[1.0, 0.0], [1, 2]), SHIFT).is_err());
    }
}
