//! What varies from run to run of a training on images.

use std::collections::BTreeMap;
use std::path::Path;

use ckn::train::image::{CostTrial, ImageEpoch};
use serde::Serialize;

use crate::output::write_results;
use crate::run_record::{Host, Versions, command_line};

/// The record of a training on images: `MODEL.run.json`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ImageRecord<'a> {
    versions: Versions,
    host: Host,
    command: Vec<String>,
    threads: usize,
    seed: u64,
    reading_seconds: f64,
    training_seconds: f64,
    /// SHA-256 of each file, by its role.
    data: BTreeMap<String, String>,
    /// Settings of the training, and the network before it.
    training: serde_json::Value,
    trials: &'a [CostTrial],
    epochs: &'a [ImageEpoch],
}

impl<'a> ImageRecord<'a> {
    pub fn new(
        seed: u64,
        (reading_seconds, training_seconds): (f64, f64),
        data: BTreeMap<String, String>,
        training: serde_json::Value,
        trials: &'a [CostTrial],
        epochs: &'a [ImageEpoch],
    ) -> Self {
        Self {
            versions: Versions::of_this_program(),
            host: Host::of_this_run(),
            command: command_line(),
            threads: rayon::current_num_threads(),
            seed,
            reading_seconds,
            training_seconds,
            data,
            training,
            trials,
            epochs,
        }
    }

    pub fn save(&self, path: &Path, overwrite: bool) -> anyhow::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        write_results(Some(path), overwrite, |out| Ok(out.write_all(&text)?))
    }
}
