use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use ckn::bio::io::Shard;
use clap::Args;
use serde_json::Value;

use super::given::effects;
use super::scan::record::{ScanRecord, Scanned, ShardOf, hash_of_file, save};
use crate::exit::{self, Input};
use crate::output::{check_apart, check_free, write_results};
use crate::run_record::{command_line, path_beside};

/// Missing shards that a message names.
const NAMED: usize = 5;

/// Join the shards of a scan into the hits of the whole
#[derive(Debug, Args)]
#[command(after_help = "\
Writes what `ckn scan` writes without --shard, byte for byte. Each file needs its record beside it, HITS.run.json, by which it is \
checked before anything is written: that every shard is there once, that all were scanned with one model for one threshold over \
records of the same names and lengths, by one version of ckn, and that no file was cut or changed since. The order of the files does not matter.

Example:
  for i in 1 2 3 4; do ckn scan model.ckn genome.fa --threshold 3 --shard $i/4 --out hits.$i.bed; done
  ckn join hits.*.bed --out hits.bed")]
pub struct Join {
    /// Files that `ckn scan --shard I/N --out HITS` wrote, all N of them
    #[arg(required = true, value_name = "HITS")]
    shards: Vec<PathBuf>,
    /// File to write, beside which its record is written; standard output by default
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long)]
    force: bool,
}

effects!(for Join: shards, out, force);

/// A file of hits, and its record.
struct Part<'a> {
    path: &'a Path,
    record: ScanRecord,
    shard: ShardOf,
}

impl Join {
    pub fn run(self) -> anyhow::Result<u8> {
        if let Some(out) = &self.out {
            check_free(out, self.force)?;
            check_free(&path_beside(out), true)?;
            let records: Vec<PathBuf> = self.shards.iter().map(|hits| path_beside(hits)).collect();
            let read = || self.shards.iter().chain(&records).map(PathBuf::as_path);
            check_apart(out, read())?;
            check_apart(&path_beside(out), read())?;
        }
        let parts = self.parts()?;
        for part in parts.values() {
            if part.record.hits.is_none() || hash_of_file(part.path)? != part.record.hits {
                let (path, record) = (part.path.display(), path_beside(part.path));
                let message = format!("{path} is not the file that {} was written of: scan it again", record.display());
                return Err(Input(message).into());
            }
        }
        write_results(self.out.as_deref(), self.force, |out| {
            for part in parts.values() {
                let file = File::open(part.path);
                let mut file =
                    file.map_err(|cause| Input(format!("{} cannot be read: {cause}", part.path.display())))?;
                io::copy(&mut file, out)?;
            }
            Ok(())
        })?;
        if let (Some(out), Some(first)) = (&self.out, parts.values().next()) {
            // Records may lie.
            let of_all = |number: fn(&ScanRecord) -> u64| {
                parts.values().fold(0, |sum: u64, part| sum.saturating_add(number(&part.record)))
            };
            let record = ScanRecord {
                command: command_line(),
                threads: parts.values().map(|part| part.record.threads).max().unwrap_or_default(),
                seconds: parts.values().map(|part| part.record.seconds).sum(),
                shard: None,
                windows: of_all(|record| record.windows),
                lines: of_all(|record| record.lines),
                hits: hash_of_file(out)?,
                ..first.record.clone()
            };
            save(&record, out)?;
        }
        Ok(exit::DONE)
    }

    /// The parts by their numbers: all, and each once.
    fn parts(&self) -> anyhow::Result<BTreeMap<u64, Part<'_>>> {
        let mut parts = BTreeMap::<u64, Part<'_>>::new();
        for path in &self.shards {
            let record = ScanRecord::load(path)?;
            let Some(shard) = record.shard else {
                return Err(Input(format!("{} is no shard, but a whole scan: drop it", path.display())).into());
            };
            if Shard::new(shard.number, shard.count).is_none() {
                let (path, ShardOf { number, count }) = (path_beside(path), shard);
                let message = format!("{} is damaged: a shard {number} of {count} cannot be", path.display());
                return Err(Input(message).into());
            }
            let part = Part { path, record, shard };
            if let Some(first) = parts.values().next() {
                check_alike(first, &part)?;
            }
            if let Some(other) = parts.insert(shard.number, part) {
                let (one, two) = (other.path.display(), path.display());
                let message = format!("{one} and {two} are both shard {} of {}: drop one", shard.number, shard.count);
                return Err(Input(message).into());
            }
        }
        let count = parts.values().next().map_or(0, |part| part.shard.count);
        let missing = count.saturating_sub(parts.len() as u64);
        if missing > 0 {
            let named = (1..=count).filter(|number| !parts.contains_key(number)).take(NAMED);
            let mut numbers = named.map(|number| number.to_string()).collect::<Vec<_>>().join(", ");
            if missing > NAMED as u64 {
                numbers.push_str(&format!(" and {} more", missing - NAMED as u64));
            }
            return Err(Input(format!("of {count} shards there is no {numbers}: scan what is missing")).into());
        }
        Ok(parts)
    }
}

/// Checks that two shards are of one scan.
fn check_alike(one: &Part<'_>, two: &Part<'_>) -> anyhow::Result<()> {
    let fields = |scan: &Scanned| serde_json::to_value(scan);
    let (first, second) = (fields(&one.record.scan)?, fields(&two.record.scan)?);
    let compared = first.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value));
    let differing =
        compared.map(|(name, value)| (name, value.to_string(), second.get(name).unwrap_or(&Value::Null).to_string()));
    let counts = ("number of shards", one.shard.count.to_string(), two.shard.count.to_string());
    if let Some((name, first, second)) =
        std::iter::once(counts).chain(differing).find(|(_, first, second)| first != second)
    {
        let (one, two) = (one.path.display(), two.path.display());
        let message = format!("{two} is of another scan than {one}: their {name} is {second} and {first}");
        return Err(Input(message).into());
    }
    Ok(())
}
