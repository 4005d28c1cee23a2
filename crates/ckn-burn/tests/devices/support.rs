//! Devices under test and comparison of numbers.

use std::sync::Once;

use burn::tensor::{DType, Device, Tensor, TensorData};
use ckn_burn::{DeviceChoice, available_devices};

/// A device in one number type, with the precision that it must reach.
#[derive(Debug, Clone)]
pub(crate) struct TestDevice {
    pub(crate) name: String,
    pub(crate) device: Device,
    pub(crate) dtype: DType,
    /// Largest accepted difference, relative to the largest number.
    pub(crate) tolerance: f64,
}

impl TestDevice {
    pub(crate) fn tensor<const D: usize>(&self, values: &[f64], shape: [usize; D]) -> Tensor<D> {
        Tensor::from_data(TensorData::new(values.to_vec(), shape), (&self.device, self.dtype))
    }

    pub(crate) fn tracking(mut self) -> Self {
        self.device = self.device.autodiff();
        self
    }

    pub(crate) fn is_double(&self) -> bool {
        self.dtype == DType::F64
    }
}

/// Every device in every number type that it computes with.
pub(crate) fn devices() -> Vec<TestDevice> {
    static SKIPPED: Once = Once::new();
    let mut found = Vec::new();
    let mut graphics = false;
    for available in available_devices() {
        let name = available.choice.to_string();
        let mut add = |dtype, tolerance| {
            found.push(TestDevice {
                name: format!("{name} {dtype:?}"),
                device: available.device.clone(),
                dtype,
                tolerance,
            });
        };
        if let DeviceChoice::Gpu(_) = available.choice {
            if !graphics {
                add(DType::F32, 1e-4);
            }
            graphics = true;
        } else {
            add(DType::F64, 1e-10);
            add(DType::F32, 1e-5);
        }
    }
    if cfg!(feature = "wgpu") && !graphics {
        assert!(std::env::var("CKN_REQUIRE_WGPU").as_deref() != Ok("1"), "no wgpu adapter, but CKN_REQUIRE_WGPU=1");
        SKIPPED.call_once(|| println!("skipped: no wgpu adapter"));
    }
    assert!(!found.is_empty(), "no device is compiled in");
    found
}

/// Devices that compute in double precision.
pub(crate) fn double_devices() -> Vec<TestDevice> {
    devices().into_iter().filter(TestDevice::is_double).collect()
}

pub(crate) fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().try_into_vec_as::<f64>().unwrap()
}

/// Largest difference relative to the largest expected number; infinite for NaN.
pub(crate) fn difference(got: &[f64], want: &[f64]) -> f64 {
    assert_eq!(got.len(), want.len());
    let scale = want.iter().fold(f64::MIN_POSITIVE, |largest, value| largest.max(value.abs()));
    got.iter()
        .zip(want)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, |largest: f64, value| if value.is_nan() { f64::INFINITY } else { largest.max(value) })
        / scale
}

#[track_caller]
pub(crate) fn assert_close(got: &[f64], want: &[f64], tolerance: f64, what: &str) {
    let found = difference(got, want);
    assert!(found <= tolerance, "{what}: relative difference {found:.2e} is above {tolerance:.0e}");
}

/// Numbers in [−1, 1) that look random and are the same everywhere.
pub(crate) fn scattered(count: usize, stream: u64) -> Vec<f64> {
    (0..count as u64)
        .map(|index| {
            let mixed = (index + 1 + (stream << 20)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31);
            (mixed.wrapping_mul(0xd6e8_feb8_6659_fd93) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
        })
        .collect()
}

/// Rows scaled to unit norm.
pub(crate) fn unit_rows(mut values: Vec<f64>, size: usize) -> Vec<f64> {
    for row in values.chunks_exact_mut(size) {
        let norm = row.iter().map(|value| value * value).sum::<f64>().sqrt();
        row.iter_mut().for_each(|value| *value /= norm);
    }
    values
}

/// The part of a gradient that is tangent to the sphere at each anchor.
pub(crate) fn tangential(gradient: &[f64], anchors: &[f64], size: usize) -> Vec<f64> {
    let rows = gradient.chunks_exact(size).zip(anchors.chunks_exact(size));
    rows.flat_map(|(row, anchor)| {
        let radial: f64 = row.iter().zip(anchor).map(|(a, b)| a * b).sum();
        row.iter().zip(anchor).map(move |(value, direction)| value - radial * direction).collect::<Vec<_>>()
    })
    .collect()
}
