//! Whether a device computes what the mathematics says.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use burn::tensor::{DType, Device, Tensor};
use ckn_core::kernel::{DotProductKernel, gram};
use ckn_core::pooling::{Border, Pooling};
use ckn_core::whitening::{InverseRoot, Regularisation};
use ckn_model::LayerConfig;

use crate::transfer::{read, upload};
use crate::{CknLayer1dConfig, Error};

/// How far a device is from the host.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SelfTest {
    /// Largest difference of the value of a small layer from its formula in `f64`, relative to the largest value.
    pub value_error: f64,
    /// Largest difference of the gradient by the anchor points from central differences in `f64`, relative to the largest
    /// gradient.
    pub gradient_error: f64,
    /// Largest difference that passes.
    pub tolerance: f64,
}

impl SelfTest {
    /// Whether the device can be trusted.
    pub fn passed(&self) -> bool {
        self.value_error <= self.tolerance && self.gradient_error <= self.tolerance
    }

    /// Refuses a device that cannot.
    ///
    /// # Errors
    /// [`Error::Inaccurate`] unless [`Self::passed`].
    pub fn require(&self, device: &Device) -> Result<(), Error> {
        let (value, gradient, tolerance) = (self.value_error, self.gradient_error, self.tolerance);
        match self.passed() {
            true => Ok(()),
            false => Err(Error::Inaccurate { device: format!("{device:?}"), value, gradient, tolerance }),
        }
    }
}

const CHANNELS: usize = 4;
const FILTERS: usize = 3;
const WIDTH: usize = 3;
const LENGTHS: [usize; 2] = [7, 5];
const KERNEL: DotProductKernel = DotProductKernel::Exponential { sigma: 0.5 };
const REGULARISATION: Regularisation = Regularisation::Shift { epsilon: 1e-3 };
/// Single precision through an inverse root; devices that are broken are off by orders of magnitude.
const TOLERANCE: f64 = 1e-4;
/// Step of the central differences: truncation and rounding are both below 1e-8 here.
const STEP: f64 = 1e-5;

/// Runs a small layer, forward and backward, on a device in single precision, and compares with the formula in `f64`.
///
/// # Errors
/// [`Error::Failed`] if the device's driver gives up; [`Error::Execution`] if it cannot be read.
///
/// ```
/// assert!(ckn_burn::self_test(&ckn_burn::DeviceChoice::Cpu.open()?)?.passed());
/// # Ok::<(), ckn_burn::Error>(())
/// ```
pub fn self_test(device: &Device) -> Result<SelfTest, Error> {
    // Drivers report what they cannot do by unwinding inside of burn.
    catch_unwind(AssertUnwindSafe(|| compare(device)))
        .unwrap_or_else(|cause| Err(Error::Failed { device: format!("{device:?}"), reason: reason(cause.as_ref()) }))
}

/// What a driver said when it unwound.
pub(crate) fn reason(cause: &(dyn Any + Send)) -> String {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("no reason given").to_owned()
}

fn compare(device: &Device) -> Result<SelfTest, Error> {
    let device = device.clone().autodiff();
    let longest = LENGTHS.iter().copied().max().unwrap_or(0);
    let map = scattered(LENGTHS.len() * CHANNELS * longest, 2);
    let layer = LayerConfig { filters: FILTERS, width: WIDTH, kernel: KERNEL, subsampling: 1 };
    let layer = CknLayer1dConfig::new(CHANNELS, layer, Border::Valid, REGULARISATION).init_with(upload(
        scattered(FILTERS * CHANNELS * WIDTH, 1),
        [FILTERS, CHANNELS, WIDTH],
        &device,
        DType::F32,
    ))?;
    let anchors = read(layer.anchors.val())?;
    let input: Tensor<3> = upload(map.clone(), [LENGTHS.len(), CHANNELS, longest], &device, DType::F32);
    let map = read(input.clone())?;
    let pooled = layer.forward_pooled(input, &LENGTHS, Pooling::Mean)?;
    let value_error = largest_difference(&read(pooled.clone())?, &expected(&anchors, &map, longest)?);

    let upstream = scattered(LENGTHS.len() * FILTERS, 3);
    let seed: Tensor<2> = upload(upstream.clone(), [LENGTHS.len(), FILTERS], &device, DType::F32);
    let gradients = (pooled * seed).sum().backward();
    let gradient = layer.anchors.val().grad(&gradients).ok_or(Error::NotTracked)?;
    let objective = |anchors: &[f64]| -> Result<f64, Error> {
        Ok(expected(anchors, &map, longest)?.iter().zip(&upstream).map(|(value, weight)| value * weight).sum())
    };
    let mut differences = Vec::with_capacity(anchors.len());
    for index in 0..anchors.len() {
        let mut moved = anchors.clone();
        moved[index] += STEP;
        let above = objective(&moved)?;
        moved[index] -= 2.0 * STEP;
        differences.push((above - objective(&moved)?) / (2.0 * STEP));
    }
    let gradient_error = largest_difference(&read(gradient)?, &differences);
    Ok(SelfTest { value_error, gradient_error, tolerance: TOLERANCE })
}

/// The layer by its formula, patch by patch, with anchors scaled to unit norm.
fn expected(anchors: &[f64], map: &[f64], longest: usize) -> Result<Vec<f64>, Error> {
    let anchors: Vec<f64> = anchors
        .chunks_exact(CHANNELS * WIDTH)
        .flat_map(|row| {
            let norm = row.iter().map(|value| value * value).sum::<f64>().sqrt();
            row.iter().map(move |value| value / norm)
        })
        .collect();
    let anchors = anchors.as_slice();
    let root = InverseRoot::new(&gram(anchors, FILTERS, &KERNEL)?, FILTERS, REGULARISATION)?;
    let mut out = Vec::with_capacity(LENGTHS.len() * FILTERS);
    for (record, length) in LENGTHS.into_iter().enumerate() {
        let windows = length + 1 - WIDTH;
        let mut pooled = [0.0; FILTERS];
        for start in 0..windows {
            let patch: Vec<f64> = (0..CHANNELS * WIDTH)
                .map(|k| map[(record * CHANNELS + k / WIDTH) * longest + start + k % WIDTH])
                .collect();
            let norm = patch.iter().map(|value| value * value).sum::<f64>().sqrt();
            for (slot, anchor) in pooled.iter_mut().zip(anchors.chunks_exact(CHANNELS * WIDTH)) {
                let dot: f64 = anchor.iter().zip(&patch).map(|(a, b)| a * b).sum();
                *slot += norm * KERNEL.value(dot / norm) / windows as f64;
            }
        }
        out.extend(
            root.matrix().chunks_exact(FILTERS).map(|row| row.iter().zip(&pooled).map(|(a, b)| a * b).sum::<f64>()),
        );
    }
    Ok(out)
}

pub(crate) fn largest_difference(got: &[f64], want: &[f64]) -> f64 {
    let scale = want.iter().fold(0.0f64, |largest, value| largest.max(value.abs()));
    let worst = got.iter().zip(want).map(|(a, b)| (a - b).abs());
    // NaN must not pass as small.
    worst.fold(0.0f64, |largest, value| if value.is_nan() { f64::INFINITY } else { largest.max(value) }) / scale
}

/// Numbers in [−1, 1) that look random and are the same everywhere.
pub(crate) fn scattered(count: usize, stream: u64) -> Vec<f64> {
    (0..count as u64)
        .map(|index| {
            let mixed = (index + 1 + (stream << 20)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31);
            let mixed = mixed.wrapping_mul(0xd6e8_feb8_6659_fd93);
            (mixed >> 11) as f64 / (1u64 << 52) as f64 - 1.0
        })
        .collect()
}
