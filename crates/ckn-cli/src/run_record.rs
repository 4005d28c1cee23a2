//! What varies from run to run, beside the model.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ckn::train::EpochRecord;
use serde::Serialize;

use crate::output::write_results;

/// The record of a training: `MODEL.run.json`.
#[derive(Debug, Serialize)]
pub struct RunRecord<'a> {
    pub version: &'static str,
    pub command: Vec<String>,
    pub engine: &'a str,
    pub threads: usize,
    pub seconds: f64,
    pub data: BTreeMap<String, String>,
    pub records: usize,
    pub unknown_letters: usize,
    pub network: serde_json::Value,
    pub training: serde_json::Value,
    pub stopped: ckn::train::StopReason,
    pub best_epoch: usize,
    pub epochs: &'a [EpochRecord],
    pub epoch_seconds: &'a [f64],
}

/// Name of the record that lies beside a model.
pub fn path_beside(model: &Path) -> PathBuf {
    let mut name = model.as_os_str().to_owned();
    name.push(".run.json");
    name.into()
}

impl RunRecord<'_> {
    /// Writes the record beside the model it belongs to, replacing that of an earlier run.
    pub fn save(&self, model: &Path) -> anyhow::Result<()> {
        write_results(Some(&path_beside(model)), true, |out| {
            serde_json::to_writer_pretty(&mut *out, self)?;
            Ok(writeln!(out)?)
        })
    }
}
