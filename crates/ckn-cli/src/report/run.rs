//! The record of a training, read back.

use std::fs;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;

use crate::run_record::RunRecord;

/// Bytes of the largest record that is read.
const LARGEST: u64 = 64 << 20;

/// What a report tells of a training; all that a record does not say is left out.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Run {
    pub versions: Versions,
    pub host: Host,
    pub command: Vec<String>,
    pub engine: Option<String>,
    pub device: Option<String>,
    pub threads: Option<u64>,
    pub seed: Option<u64>,
    pub seconds: Seconds,
    pub records: Option<usize>,
    pub positives: Option<usize>,
    pub unknown_letters: Option<usize>,
    pub stopped: Option<String>,
    pub best_epoch: Option<usize>,
    pub epochs: Vec<Epoch>,
}

/// What computed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Versions {
    pub ckn: Option<String>,
    pub burn: Option<String>,
}

/// Where it was computed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Host {
    pub operating_system: Option<String>,
    pub architecture: Option<String>,
    pub cores: Option<u64>,
}

/// How long each stage took.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Seconds {
    pub reading: Option<f64>,
    pub training: Option<f64>,
}

/// How good the network was at an epoch.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Epoch {
    pub epoch: usize,
    pub training_loss: Option<f64>,
    pub validation_loss: Option<f64>,
    pub validation_auroc: Option<f64>,
}

impl Run {
    /// The record in a file, and why there is none if it cannot be read; neither where there is no file.
    pub fn read(path: &Path) -> Result<Option<Self>, String> {
        let file = match fs::File::open(path) {
            Err(_) => return Ok(None),
            Ok(file) => file,
        };
        let name = path.display();
        let mut text = Vec::new();
        file.take(LARGEST + 1).read_to_end(&mut text).map_err(|cause| format!("{name} cannot be read: {cause}"))?;
        if text.len() as u64 > LARGEST {
            return Err(format!("{name} is too long for the record of a training"));
        }
        serde_json::from_slice(&text).map(Some).map_err(|cause| format!("{name} is no record of a training: {cause}"))
    }

    /// What would be read back of a record.
    pub fn of(record: &RunRecord<'_>) -> anyhow::Result<Self> {
        Ok(serde_json::from_value(serde_json::to_value(record)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_far_as_it_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.run.json");
        assert!(Run::read(&path).unwrap().is_none());
        fs::write(&path, r#"{"seed": 3, "epochs": [{"epoch": 1, "validation_loss": 0.5, "new": []}], "more": {}}"#)
            .unwrap();
        let run = Run::read(&path).unwrap().unwrap();
        assert_eq!((run.seed, run.records, run.epochs[0].validation_loss), (Some(3), None, Some(0.5)));
        fs::write(&path, "[").unwrap();
        assert!(Run::read(&path).unwrap_err().contains("no record"));
    }
}
