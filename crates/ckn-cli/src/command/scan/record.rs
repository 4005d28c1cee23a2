//! The record of a scan by a model, by which shards know that they belong together.

use std::fs;
use std::path::{Path, PathBuf};

use ckn::bio::io::{GenomeRecord, RecordRange, Shard};
use ckn::model::ScannedStrands;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::lines::Format;
use crate::exit::Input;
use crate::input::{hash, hexadecimal};
use crate::output::write_results;
use crate::run_record::path_beside;
use crate::text_file::read_text;

/// The record of a scan: `HITS.run.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ScanRecord {
    pub command: Vec<String>,
    pub threads: usize,
    pub seconds: f64,
    /// Share of windows of shuffled sequence above the threshold, where it was found for one.
    pub fpr: Option<f64>,
    /// Root of the random streams of the share.
    pub seed: u64,
    #[serde(flatten)]
    pub scan: Scanned,
    /// Which part of the windows; all of them without it.
    pub shard: Option<ShardOf>,
    /// Windows that were scored.
    pub windows: u64,
    /// Lines that were written.
    pub lines: u64,
    /// SHA-256 of the file of the hits; none of a pipe.
    pub hits: Option<String>,
}

/// What was scanned for what: the same for all shards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Scanned {
    /// Version of ckn.
    pub version: String,
    /// SHA-256 of the file of the model; none of a pipe.
    pub model: Option<String>,
    /// The output whose scores count, of several.
    pub output: Option<String>,
    /// Whether the reverse complement is scanned, too, by a model that reads one strand.
    pub both_strands: bool,
    /// SHA-256 of names and lengths of all records of the genome, where a part of it was scanned.
    pub genome: Option<String>,
    /// The stretch of the genome; all of it without one.
    pub region: Option<String>,
    /// Letters of a window.
    pub window: usize,
    /// Score that a hit is above; none where it is infinite.
    pub threshold: Option<f64>,
    pub format: Format,
}

/// One of several equal parts of all windows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ShardOf {
    /// The part, counted from 1.
    pub number: u64,
    pub count: u64,
}

impl From<Shard> for ShardOf {
    fn from(shard: Shard) -> Self {
        Self { number: shard.number(), count: shard.count() }
    }
}

/// Whether both strands are scanned.
pub fn both(strands: ScannedStrands) -> bool {
    strands == ScannedStrands::Both
}

/// A region as it is typed.
pub fn region_text(region: &RecordRange) -> String {
    match &region.letters {
        letters if *letters == (0..u64::MAX) => region.id.clone(),
        letters => format!("{}:{}-{}", region.id, letters.start, letters.end),
    }
}

/// SHA-256 of names and lengths: the same of every form of a genome, without reading it.
pub fn hash_of_records(records: &[GenomeRecord]) -> String {
    let mut digest = Sha256::new();
    for GenomeRecord { id, length } in records {
        digest.update(format!("{id}\t{length}\n"));
    }
    hexadecimal(digest)
}

/// SHA-256 of a file; none of what is no file.
pub fn hash_of_file(path: &Path) -> anyhow::Result<Option<String>> {
    if !fs::metadata(path).is_ok_and(|status| status.is_file()) {
        return Ok(None);
    }
    Ok(Some(hash(path).map_err(|cause| Input(format!("{} cannot be read: {cause}", path.display())))?))
}

/// Writes the record of a scan beside the hits.
pub fn save(record: &impl Serialize, hits: &Path) -> anyhow::Result<()> {
    write_results(Some(&path_beside(hits)), true, |out| {
        serde_json::to_writer_pretty(&mut *out, record)?;
        Ok(writeln!(out)?)
    })
}

impl ScanRecord {
    /// Reads the record beside some hits.
    pub fn load(hits: &Path) -> anyhow::Result<Self> {
        let path: PathBuf = path_beside(hits);
        // A pipe would be waited for.
        if !fs::metadata(&path).is_ok_and(|status| status.is_file()) {
            let (hits, path) = (hits.display(), path.display());
            return Err(Input(format!("{hits} has no record {path} beside it: run its scan again, with --out")).into());
        }
        let record = serde_json::from_str(&read_text(&path)?);
        let refused = |cause| format!("{} is no record of a scan by a model: {cause}", path.display());
        Ok(record.map_err(|cause| Input(refused(cause)))?)
    }
}
