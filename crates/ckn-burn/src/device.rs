//! Which device to compute on.

use std::fmt;
use std::str::FromStr;

use burn::tensor::Device;

use crate::Error;

/// A device by its name on the command line: `auto`, `cpu`, `flex`, `ndarray`, `gpu`, `gpu:N`, `wgpu`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// The first graphics card, else the CPU. A graphics card that is simulated in software is never chosen.
    #[default]
    Auto,
    /// The CPU, by the best backend that is compiled in.
    Cpu,
    /// The CPU, by burn-flex.
    Flex,
    /// The CPU, by burn-ndarray.
    Ndarray,
    /// A graphics card through wgpu, counted from 0.
    Gpu(usize),
}

impl FromStr for DeviceChoice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "flex" => Ok(Self::Flex),
            "ndarray" => Ok(Self::Ndarray),
            "gpu" | "wgpu" => Ok(Self::Gpu(0)),
            other => other
                .strip_prefix("gpu:")
                .and_then(|index| index.parse().ok())
                .map(Self::Gpu)
                .ok_or_else(|| missing(other.to_owned())),
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => out.write_str("auto"),
            Self::Cpu => out.write_str("cpu"),
            Self::Flex => out.write_str("flex"),
            Self::Ndarray => out.write_str("ndarray"),
            Self::Gpu(index) => write!(out, "gpu:{index}"),
        }
    }
}

impl DeviceChoice {
    /// The device, without its description.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub fn open(self) -> Result<Device, Error> {
        Ok(self.find()?.device)
    }

    /// The device that this choice means here.
    ///
    /// # Errors
    /// [`Error::Device`], naming the devices that are compiled in and present, if this one is not.
    pub fn find(self) -> Result<AvailableDevice, Error> {
        let mut devices = available_devices();
        let index = match self {
            Self::Auto => devices
                .iter()
                .position(|device| device.hardware)
                .or_else(|| devices.iter().position(|device| !matches!(device.choice, Self::Gpu(_)))),
            Self::Cpu => devices.iter().position(|device| !matches!(device.choice, Self::Gpu(_))),
            named => devices.iter().position(|device| device.choice == named),
        };
        index.map(|index| devices.swap_remove(index)).ok_or_else(|| missing(self.to_string()))
    }
}

/// A device that is compiled in and present.
#[derive(Debug, Clone)]
pub struct AvailableDevice {
    /// The name to choose it by.
    pub choice: DeviceChoice,
    /// What it is, in words.
    pub description: String,
    /// Whether it is a graphics card, and not one that is simulated in software.
    pub hardware: bool,
    /// The device, without autodiff.
    pub device: Device,
}

/// The devices that are compiled in and present, CPU first.
pub fn available_devices() -> Vec<AvailableDevice> {
    let mut devices = Vec::from([
        #[cfg(feature = "flex")]
        AvailableDevice {
            choice: DeviceChoice::Flex,
            description: "CPU, burn-flex".to_owned(),
            hardware: false,
            device: Device::flex(),
        },
        #[cfg(feature = "ndarray")]
        AvailableDevice {
            choice: DeviceChoice::Ndarray,
            description: "CPU, burn-ndarray (deprecated by burn)".to_owned(),
            hardware: false,
            // The one place that names the deprecated backend: the conformance tests need it.
            #[allow(deprecated)]
            device: Device::ndarray(),
        },
    ]);
    devices.extend(graphics_cards());
    devices
}

#[cfg(feature = "wgpu")]
fn graphics_cards() -> Vec<AvailableDevice> {
    let found = Device::enumerate(burn::tensor::DeviceType::Wgpu).into_vec();
    let cards = found.into_iter().enumerate().map(|(index, device)| {
        let identity = device.identity();
        let hardware = identity.as_ref().is_some_and(|identity| identity.physical.is_some());
        let name = identity.map_or_else(|| "unnamed".to_owned(), |identity| identity.name);
        let kind = if hardware { "graphics card" } else { "graphics card simulated in software" };
        let description = format!("{kind}, {name}, wgpu");
        AvailableDevice { choice: DeviceChoice::Gpu(index), description, hardware, device }
    });
    cards.collect()
}

#[cfg(not(feature = "wgpu"))]
fn graphics_cards() -> Vec<AvailableDevice> {
    Vec::new()
}

fn missing(got: String) -> Error {
    let mut choices = vec!["auto".to_owned(), "cpu".to_owned()];
    choices.extend(available_devices().iter().map(|device| device.choice.to_string()));
    let mut choices = choices.join(", ");
    if !cfg!(feature = "wgpu") {
        choices.push_str("; graphics cards need a build with the feature `wgpu`");
    }
    Error::Device { got, choices }
}
