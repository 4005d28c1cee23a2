//! The tensor library and its devices, in builds with the feature `tensors`; in others, one refusal.

#[cfg(not(feature = "tensors"))]
pub use self::absent::{BURN_VERSION, Device};
#[cfg(feature = "tensors")]
pub use self::present::{BURN_VERSION, Device};

/// A line of `ckn doctor`: a device, and whether it computes correctly.
pub struct Examined {
    pub choice: String,
    pub description: String,
    pub passed: bool,
    pub seconds: f64,
    pub detail: String,
}

/// Whether a name means the CPU, where no tensors are needed.
pub fn is_cpu(device: &str) -> bool {
    matches!(device, "auto" | "cpu")
}

#[cfg(feature = "tensors")]
mod present {
    use std::time::Instant;

    #[cfg(feature = "wgpu")]
    use ckn::burn::Resident;
    use ckn::burn::{AvailableDevice, DeviceChoice, SelfTest, available_devices, self_test};
    #[cfg(feature = "wgpu")]
    use ckn::core::TokenView;
    use ckn::core::network::CheckedConfig;
    use ckn::model::Network;
    #[cfg(feature = "wgpu")]
    use ckn::train::DeviceEngine;
    use ckn::train::{
        CheckedTrainConfig, DeepBindEngine, Error, Fitted, Keeper, Observer, ReferenceEngine, Trainer, TrainerState,
        TrainingData,
    };

    use super::Examined;

    /// The release of burn that computes.
    pub const BURN_VERSION: Option<&str> = Some(ckn::burn::BURN_VERSION);

    /// A device that is there.
    pub struct Device(Box<AvailableDevice>);

    /// Whether a device computes as the host does, how far it is from it, and what it allows.
    fn examine(device: &AvailableDevice) -> Result<(bool, String), ckn::burn::Error> {
        let errors = |test: &SelfTest| format!("value {:.1e}, gradient {:.1e}", test.value_error, test.gradient_error);
        let tensors = self_test(&device.device)?;
        #[cfg(feature = "wgpu")]
        if let DeviceChoice::Gpu(_) = device.choice {
            let (kernels, limits) = (Resident::self_test(&device.device)?, Resident::limits(&device.device)?);
            let passed = tensors.passed() && kernels.passed();
            return Ok((passed, format!("tensors: {}; kernels: {}; {limits}", errors(&tensors), errors(&kernels))));
        }
        Ok((tensors.passed(), errors(&tensors)))
    }

    impl Device {
        /// The device of a name, wanted by an option.
        pub fn find(name: &str, _wanted_by: &str) -> anyhow::Result<Self> {
            Ok(Self(Box::new(name.parse::<DeviceChoice>()?.find()?)))
        }

        /// What it is, in words.
        pub fn description(&self) -> String {
            self.0.description.clone()
        }

        /// What computes a network after DeepBind.
        pub fn deepbind(&self) -> DeepBindEngine {
            DeepBindEngine::Tensors(self.0.device.clone())
        }

        /// Sequences on the device.
        #[cfg(feature = "wgpu")]
        pub fn resident(&self, view: TokenView<'_>, network: &Network) -> Result<Resident, ckn::burn::Error> {
            Resident::new(&self.0.device, view, network)
        }

        /// Tensors on the device.
        #[cfg(feature = "wgpu")]
        pub fn tensors<'v>(&self, view: TokenView<'v>, network: &Network) -> Result<ReferenceEngine<'v>, Error> {
            ReferenceEngine::new(view, network, &self.0.device)
        }

        /// Whether the device has kernels for a network, or why not.
        pub fn has_kernels(&self, network: Option<&CheckedConfig>) -> Result<(), String> {
            if network.is_none() {
                return Err("the baseline is computed by tensors".to_owned());
            }
            #[cfg(feature = "wgpu")]
            if let (DeviceChoice::Gpu(_), Some(network)) = (self.0.choice, network) {
                return Resident::check(network).map_err(|error| error.to_string());
            }
            Err(format!("{} is computed by tensors: kernels are for graphics cards", self.0.choice))
        }

        /// Trains a network, by kernels if it has some ([`Self::has_kernels`]), else by tensors.
        pub fn fit(
            &self,
            kernels: bool,
            config: CheckedTrainConfig,
            data: TrainingData<'_>,
            network: Network,
            state: Option<TrainerState>,
            observer: &mut dyn Observer,
            keeper: &mut dyn Keeper,
        ) -> Result<Fitted, Error> {
            #[cfg(feature = "wgpu")]
            if kernels {
                let mut engine = DeviceEngine::new(data.view, &network, &self.0.device)?;
                return Trainer::begin(config, &mut engine, data, network, state, observer)?
                    .run_and_keep(observer, keeper);
            }
            debug_assert!(!kernels, "a build without graphics cards has no kernels");
            let mut engine = ReferenceEngine::new(data.view, &network, &self.0.device)?;
            Trainer::begin(config, &mut engine, data, network, state, observer)?.run_and_keep(observer, keeper)
        }

        /// Runs a small layer on every device.
        pub fn examine_all() -> anyhow::Result<impl Iterator<Item = Examined>> {
            Ok(available_devices().into_iter().map(|device| {
                let start = Instant::now();
                let examined = examine(&device);
                let failed = |error: ckn::burn::Error| (false, error.to_string().replace(['\t', '\n'], " "));
                let (passed, detail) = examined.unwrap_or_else(failed);
                let seconds = start.elapsed().as_secs_f64();
                let choice = device.choice.to_string();
                Examined { choice, description: device.description, passed, seconds, detail }
            }))
        }
    }
}

#[cfg(not(feature = "tensors"))]
mod absent {
    use std::convert::Infallible;

    use ckn::core::network::CheckedConfig;
    use ckn::model::Network;
    use ckn::train::{CheckedTrainConfig, DeepBindEngine, Error, Fitted, Keeper, Observer, TrainerState, TrainingData};

    use super::Examined;
    use crate::exit::NoTensors;

    /// No burn computes.
    pub const BURN_VERSION: Option<&str> = None;

    /// A device, of which there is none.
    pub struct Device(Infallible);

    impl Device {
        /// Refuses the option that wants a device.
        pub fn find(_name: &str, wanted_by: &str) -> anyhow::Result<Self> {
            Err(NoTensors { what: wanted_by.to_owned() }.into())
        }

        pub fn description(&self) -> String {
            match self.0 {}
        }

        pub fn deepbind(&self) -> DeepBindEngine {
            match self.0 {}
        }

        pub fn has_kernels(&self, _: Option<&CheckedConfig>) -> Result<(), String> {
            match self.0 {}
        }

        pub fn fit(
            &self,
            _: bool,
            _: CheckedTrainConfig,
            _: TrainingData<'_>,
            _: Network,
            _: Option<TrainerState>,
            _: &mut dyn Observer,
            _: &mut dyn Keeper,
        ) -> Result<Fitted, Error> {
            match self.0 {}
        }

        pub fn examine_all() -> anyhow::Result<impl Iterator<Item = Examined>> {
            Err::<std::iter::Empty<Examined>, _>(NoTensors { what: "ckn doctor".to_owned() }.into())
        }
    }
}
