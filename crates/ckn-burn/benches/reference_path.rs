//! One training step of one layer, forward and backward: [`CknLayer1d`] against the same layer written as a plain burn
//! program (patches by slices, pooling before the inverse root, a host eigendecomposition), in the same run.
//!
//! Same as step (b) of CKN-seq for DeepBind-sized data: 101 letters, 12-wide filters, batch 128, mean pooling.

#![allow(clippy::print_stdout)]

use std::time::{Duration, Instant};

use burn::tensor::{DType, Device, Tensor, TensorData};
use ckn_burn::{CknLayer1d, CknLayer1dConfig, DeviceChoice, inverse_root};
use ckn_core::kernel::DotProductKernel;
use ckn_core::pooling::{Border, Pooling};
use ckn_core::whitening::Regularisation;
use ckn_model::LayerConfig;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BATCH: usize = 128;
const LENGTH: usize = 101;
const WIDTH: usize = 12;
const LETTERS: usize = 4;
const SIGMA: f64 = 0.3;
const REGULARISATION: Regularisation = Regularisation::Shift { epsilon: 1e-3 };
const WARM_UP: usize = 5;
const RUNS: usize = 31;

fn main() {
    let device = DeviceChoice::Cpu.open().unwrap_or_default().autodiff();
    println!("filters\tours ms (min)\tplain ms (min)\tratio of medians");
    for filters in [16, 128] {
        let map = letters(&device);
        let upstream = scattered(BATCH * filters, [BATCH, filters], &device);
        // Anchors move every step, as in training: no inverse root can be kept.
        let anchors: Vec<Tensor<3>> = (0..RUNS + WARM_UP)
            .map(|step| scattered(filters * LETTERS * WIDTH, [filters, LETTERS, WIDTH], &device) + 1e-3 * step as f64)
            .collect();
        let mut times = [Vec::new(), Vec::new()];
        let mut worst = 0.0f64;
        for (step, anchors) in anchors.into_iter().enumerate() {
            let layer = layer(filters, anchors);
            let plain = layer.anchors.val().detach().require_grad();
            let start = Instant::now();
            let ours = step_of(&layer, map.clone(), upstream.clone());
            let middle = Instant::now();
            let theirs = plain_step(plain, map.clone(), upstream.clone());
            let end = Instant::now();
            worst = worst.max(difference(&ours, &theirs));
            if step >= WARM_UP {
                times[0].push(middle - start);
                times[1].push(end - middle);
            }
        }
        assert!(worst < 1e-3, "the two programs differ by {worst:.1e}");
        let [ours, plain] = times.map(summary);
        println!("{filters}\t{:.2} ({:.2})\t{:.2} ({:.2})\t{:.2}", ours.0, ours.1, plain.0, plain.1, ours.0 / plain.0);
    }
}

fn layer(filters: usize, anchors: Tensor<3>) -> CknLayer1d {
    let kernel = DotProductKernel::Exponential { sigma: SIGMA };
    let layer = LayerConfig { filters, width: WIDTH, kernel, subsampling: 1 };
    match CknLayer1dConfig::new(LETTERS, layer, Border::Valid, REGULARISATION).init_with(anchors) {
        Ok(layer) => layer,
        Err(error) => unreachable!("{error}"),
    }
}

fn step_of(layer: &CknLayer1d, map: Tensor<3>, upstream: Tensor<2>) -> Vec<f32> {
    match layer.forward_pooled(map, &[LENGTH; BATCH], Pooling::Mean) {
        Ok(pooled) => gradient(pooled, upstream, layer.anchors.val()),
        Err(error) => unreachable!("{error}"),
    }
}

/// The layer as one writes it in burn without a library.
fn plain_step(anchors: Tensor<3>, map: Tensor<3>, upstream: Tensor<2>) -> Vec<f32> {
    let filters = anchors.dims()[0];
    let unit = anchors.clone() / anchors.clone().square().sum_dim(1).sum_dim(2).sqrt();
    let windows = LENGTH + 1 - WIDTH;
    let size = LETTERS * WIDTH;
    let flat = unit.reshape([filters, size]);
    let shifts: Vec<Tensor<4>> =
        (0..WIDTH).map(|k| map.clone().slice([0..BATCH, 0..LETTERS, k..k + windows]).unsqueeze_dim(2)).collect();
    let patches: Tensor<2> =
        Tensor::cat(shifts, 2).reshape([BATCH, size, windows]).swap_dims(1, 2).reshape([BATCH * windows, size]);
    let norms = patches.clone().square().sum_dim(1).sqrt();
    let cosines = patches.matmul(flat.clone().transpose()) / norms.clone();
    let values = norms * ((cosines - 1.0) / (SIGMA * SIGMA)).exp();
    let pooled: Tensor<2> = values.reshape([BATCH, windows, filters]).mean_dim(1).reshape([BATCH, filters]);
    let gram = ((flat.clone().matmul(flat.transpose()) - 1.0) / (SIGMA * SIGMA)).exp();
    match inverse_root(gram, REGULARISATION) {
        Ok(root) => gradient(pooled.matmul(root), upstream, anchors),
        Err(error) => unreachable!("{error}"),
    }
}

fn gradient(pooled: Tensor<2>, upstream: Tensor<2>, anchors: Tensor<3>) -> Vec<f32> {
    let gradients = (pooled * upstream).sum().backward();
    let gradient = anchors.grad(&gradients).and_then(|gradient| gradient.try_into_vec_as::<f32>().ok());
    gradient.unwrap_or_default()
}

fn difference(ours: &[f32], theirs: &[f32]) -> f64 {
    let scale = theirs.iter().fold(0.0f32, |most, value| most.max(value.abs()));
    let worst = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    f64::from(worst / scale)
}

/// Median and minimum in milliseconds.
fn summary(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort();
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    (milliseconds(times[times.len() / 2]), milliseconds(times[0]))
}

/// Random sequences, one letter a position: `[batch, letters, length]`.
fn letters(device: &Device) -> Tensor<3> {
    let mut values = vec![0.0f32; BATCH * LETTERS * LENGTH];
    for position in 0..BATCH * LENGTH {
        let (row, column) = (position / LENGTH, position % LENGTH);
        let letter = (mixed(position as u64) % LETTERS as u64) as usize;
        values[(row * LETTERS + letter) * LENGTH + column] = 1.0;
    }
    Tensor::from_data(TensorData::new(values, [BATCH, LETTERS, LENGTH]), (device, DType::F32))
}

fn scattered<const D: usize>(count: usize, shape: [usize; D], device: &Device) -> Tensor<D> {
    let values: Vec<f32> =
        (0..count as u64).map(|index| mixed(index + (1 << 32)) as f32 / (1u64 << 52) as f32 - 1.0).collect();
    Tensor::from_data(TensorData::new(values, shape), (device, DType::F32))
}

/// 53 bits that look random.
fn mixed(index: u64) -> u64 {
    (index + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31).wrapping_mul(0xd6e8_feb8_6659_fd93) >> 11
}
