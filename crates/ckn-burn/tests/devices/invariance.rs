//! What must not matter: padding, order, and zeros.

use burn::tensor::Tensor;
use ckn_burn::{CknLayer1d, CknLayer1dConfig};
use ckn_core::kernel::DotProductKernel;
use ckn_core::pooling::{Border, Pooling};
use ckn_core::whitening::Regularisation;
use ckn_model::LayerConfig;

use crate::support::{TestDevice, assert_close, devices, numbers, scattered};

const CHANNELS: usize = 4;
const FILTERS: usize = 3;
const WIDTH: usize = 3;

fn layer(test: &TestDevice, border: Border, subsampling: usize) -> CknLayer1d {
    CknLayer1dConfig {
        channels: CHANNELS,
        layer: LayerConfig {
            filters: FILTERS,
            width: WIDTH,
            kernel: DotProductKernel::Exponential { sigma: 0.7 },
            subsampling,
        },
        border,
        regularisation: Regularisation::Shift { epsilon: 1e-3 },
    }
    .init_with(test.tensor(&scattered(FILTERS * CHANNELS * WIDTH, 1), [FILTERS, CHANNELS, WIDTH]))
    .unwrap()
}

/// The first `length` positions of `sequence` `[channels, own]`, the rest of `limit` filled with `junk`.
fn padded(sequence: &[f64], own: usize, limit: usize, junk: f64) -> Vec<f64> {
    sequence
        .chunks_exact(own)
        .flat_map(|row| row.iter().copied().chain(std::iter::repeat_n(junk, limit - own)).collect::<Vec<_>>())
        .collect()
}

#[test]
fn padding_and_longer_neighbours_never_change_a_result() {
    let (short, long) = (5, 9);
    let first = scattered(CHANNELS * short, 2);
    let second = scattered(CHANNELS * long, 3);
    for test in devices() {
        let tolerance = if test.is_double() { 1e-12 } else { test.tolerance };
        for border in [Border::Valid, Border::Same] {
            let alone: Tensor<3> = test.tensor(&first, [1, CHANNELS, short]);
            for junk in [0.0, 1e3, f64::NAN] {
                let batch = [second.clone(), padded(&first, short, long, junk)].concat();
                let batch: Tensor<3> = test.tensor(&batch, [2, CHANNELS, long]);
                for pooling in [Pooling::Mean, Pooling::Max, Pooling::Sum] {
                    let layer = layer(&test, border, 1);
                    let want = numbers(layer.forward_pooled(alone.clone(), &[short], pooling).unwrap());
                    let got = numbers(layer.forward_pooled(batch.clone(), &[long, short], pooling).unwrap());
                    assert_close(&got[FILTERS..], &want, tolerance, &format!("{} {border:?} {pooling:?}", test.name));
                }
                let layer = layer(&test, border, 2);
                let (want, own) = layer.forward(alone.clone(), &[short]).unwrap();
                let (got, lengths) = layer.forward(batch, &[long, short]).unwrap();
                assert_eq!(lengths[1], own[0]);
                let positions = got.dims()[2];
                let got = numbers(got);
                let second = &got[FILTERS * positions..];
                for (row, want) in second.chunks_exact(positions).zip(numbers(want).chunks_exact(own[0])) {
                    assert_close(&row[..own[0]], want, 10.0 * tolerance, &test.name);
                    assert!(row[own[0]..].iter().all(|&value| value == 0.0));
                }
            }
        }
    }
}

#[test]
fn the_order_of_a_batch_is_the_order_of_its_results() {
    let values = scattered(3 * CHANNELS * 7, 4);
    let sequences: Vec<&[f64]> = values.chunks_exact(CHANNELS * 7).collect();
    let backwards = [sequences[2], sequences[1], sequences[0]].concat();
    for test in devices() {
        let layer = layer(&test, Border::Valid, 1);
        let forth = layer.forward_pooled(test.tensor(&values, [3, CHANNELS, 7]), &[7, 4, 6], Pooling::Mean).unwrap();
        let back = layer.forward_pooled(test.tensor(&backwards, [3, CHANNELS, 7]), &[6, 4, 7], Pooling::Mean).unwrap();
        let (forth, back) = (numbers(forth), numbers(back));
        for row in 0..3 {
            let other = &back[(2 - row) * FILTERS..][..FILTERS];
            assert_close(&forth[row * FILTERS..][..FILTERS], other, test.tolerance.min(1e-6), &test.name);
        }
    }
}

#[test]
fn a_zero_patch_has_a_zero_image_and_a_finite_gradient() {
    let mut values = scattered(CHANNELS * 7, 5);
    for row in values.chunks_exact_mut(7) {
        row[2..5].fill(0.0);
    }
    for test in devices().into_iter().map(TestDevice::tracking) {
        let layer = layer(&test, Border::Valid, 1);
        let map: Tensor<3> = test.tensor(&values, [1, CHANNELS, 7]).require_grad();
        let (output, _) = layer.forward(map.clone(), &[7]).unwrap();
        let gradients = output.clone().sum().backward();
        for row in numbers(output).chunks_exact(5) {
            assert_eq!(row[2], 0.0);
        }
        assert!(numbers(map.grad(&gradients).unwrap()).iter().all(|value| value.is_finite()));
        assert!(numbers(layer.anchors.val().grad(&gradients).unwrap()).iter().all(|value| value.is_finite()));
    }
}

#[test]
fn what_does_not_fit_is_named() {
    let test = &devices()[0];
    let layer = layer(test, Border::Valid, 1);
    let message = |shape: [usize; 3], lengths: &[usize]| {
        layer.forward(Tensor::zeros(shape, (&test.device, test.dtype)), lengths).unwrap_err().to_string()
    };
    assert!(message([1, 5, 7], &[7]).contains("channels of the map: expected 4, got 5"));
    assert!(message([2, 4, 7], &[7]).contains("lengths of the batch"));
    assert!(message([2, 4, 7], &[7, 8]).contains("sequence 1"));
    assert!(message([2, 4, 7], &[7, 2]).contains("has 2 letters, the filter is 3 wide"));
    let zeros = Tensor::zeros([FILTERS, CHANNELS, WIDTH], (&test.device, test.dtype));
    assert!(layer.config().init_with(zeros).unwrap_err().to_string().contains("norm of an anchor point"));
}
