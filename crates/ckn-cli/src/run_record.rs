//! What varies from run to run, beside the model.

mod sketch;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use ckn::train::auto::AutoTrial;
use ckn::train::{EpochRecord, GridTrial, PenaltyTrial, StopReason, Trial};
use serde::Serialize;

use crate::output::write_results;
use crate::{program, tensors};

pub use self::sketch::{RecordedSketch, sketch_beside};

/// The record of a training: `MODEL.run.json`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RunRecord<'a> {
    /// SHA-256 of the file of the model that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    pub versions: Versions,
    pub host: Host,
    pub command: Vec<String>,
    pub engine: &'a str,
    pub device: &'a str,
    pub threads: usize,
    pub seed: u64,
    pub seconds: Seconds,
    /// SHA-256 of each file, by its role.
    pub data: BTreeMap<String, String>,
    /// Sequences.
    pub records: usize,
    /// Positive sequences, where there are two classes of one task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub positives: Option<usize>,
    pub unknown_letters: usize,
    /// Configuration of the model; none of an average of several, whose file has those of its members.
    #[cfg_attr(test, schemars(with = "Option<crate::description::Architecture>"))]
    pub network: serde_json::Value,
    /// Settings of the training, as the trainer of the kind of model writes them.
    pub training: serde_json::Value,
    /// Trials of a calibration.
    #[serde(skip_serializing_if = "<[Trial]>::is_empty")]
    pub calibration: &'a [Trial],
    /// Penalties of a machine that were judged.
    #[serde(skip_serializing_if = "<[PenaltyTrial]>::is_empty")]
    pub penalties: &'a [PenaltyTrial],
    /// Networks of other widths and bandwidths, and what their validation losses were.
    #[serde(skip_serializing_if = "<[GridTrial]>::is_empty")]
    pub grid: &'a [GridTrial],
    /// Candidates that were tried to choose the model.
    #[serde(skip_serializing_if = "<[AutoTrial]>::is_empty")]
    pub trials: &'a [AutoTrial],
    pub stopped: StopReason,
    pub best_epoch: usize,
    pub epochs: &'a [EpochRecord],
    /// Since the training began, at each epoch.
    pub epoch_seconds: &'a [f64],
    /// What makes one doubt the data.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub warnings: &'a [String],
    /// What the sequences are known again by.
    pub sketch: RecordedSketch,
}

/// What computed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Versions {
    ckn: &'static str,
    /// None in a build without tensors.
    #[serde(skip_serializing_if = "Option::is_none")]
    burn: Option<&'static str>,
}

/// Where it was computed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Host {
    operating_system: &'static str,
    architecture: &'static str,
    cores: Option<usize>,
}

/// How long each stage took.
#[derive(Debug, Clone, Copy, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Seconds {
    pub reading: f64,
    pub training: f64,
    pub scoring: f64,
}

impl Seconds {
    /// All stages together.
    pub fn total(&self) -> f64 {
        self.reading + self.training + self.scoring
    }
}

impl Versions {
    pub fn of_this_program() -> Self {
        Self { ckn: env!("CARGO_PKG_VERSION"), burn: tensors::BURN_VERSION }
    }
}

impl Host {
    pub fn of_this_run() -> Self {
        Self {
            operating_system: std::env::consts::OS,
            architecture: std::env::consts::ARCH,
            cores: std::thread::available_parallelism().ok().map(usize::from),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}, cores ", self.operating_system, self.architecture)?;
        match self.cores {
            Some(cores) => cores.fmt(out),
            None => out.write_str("unknown"),
        }
    }
}

/// The words of the command line.
pub fn command_line() -> Vec<String> {
    program::words().iter().map(|word| word.to_string_lossy().into_owned()).collect()
}

/// Name of the record that lies beside a model.
pub fn path_beside(model: &Path) -> PathBuf {
    let mut name = model.as_os_str().to_owned();
    name.push(".run.json");
    name.into()
}

impl RunRecord<'_> {
    /// Writes the record beside the model it belongs to.
    pub fn save(&self, model: &Path, overwrite: bool) -> anyhow::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        write_results(Some(&path_beside(model)), overwrite, |out| Ok(out.write_all(&text)?))
    }
}
