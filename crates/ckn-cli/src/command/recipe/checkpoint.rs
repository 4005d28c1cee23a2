//! Checkpoints: the state of a training in a file beside its model, for a training that goes on from it.
//!
//! ```text
//! 16 bytes   CKN CHECKPOINT 1
//! 32 bytes   SHA-256 of what follows
//! 32 bytes   SHA-256 of the data and the settings
//! CBOR       the state
//! ```

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ckn::bio::LabelledSequences;
use ckn::train::{Error, Keeper, TrainerState};
use clap::Args;
use sha2::{Digest, Sha256};

use crate::command::given::{Given, effects};
use crate::exit::{Input, Usage};
use crate::output::write_results;
use crate::talk::say;

const MAGIC: &[u8; 16] = b"CKN CHECKPOINT 1";
const HASH: usize = 32;
/// Longest file that is read, in bytes.
const LONGEST: u64 = 4 << 30;

/// Whether and when checkpoints are written, and read.
#[derive(Debug, Clone, Args)]
pub struct CheckpointArguments {
    /// Seconds between two checkpoints of a network's training (MODEL.checkpoint); 0 for none. It goes once the model is there
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0, value_parser = seconds)]
    checkpoint: f64,
    /// Go on from MODEL.checkpoint, which an interrupted or killed training left; from the beginning if there is none. The model is
    /// the same as without the break
    #[arg(long)]
    resume: bool,
}

impl CheckpointArguments {
    /// Says when each option has an effect.
    pub fn check(&self, given: &Given, idle: Option<&str>) -> Result<(), Usage> {
        effects!(given, self; ; checkpoint, resume => idle)
    }

    /// Whether a training goes on that began before, and may replace what it left.
    pub fn goes_on(&self, model: &Path) -> bool {
        self.resume && path_beside(model).is_file()
    }

    /// The checkpoints of a model.
    pub fn of(&self, model: &Path) -> Checkpoint {
        let every = (self.checkpoint > 0.0).then(|| Duration::from_secs_f64(self.checkpoint));
        Checkpoint { path: path_beside(model), every, resume: self.resume, last: Instant::now(), mark: [0; HASH] }
    }

    /// Refuses to begin anew over a checkpoint without being told so.
    pub fn check_free(&self, model: &Path, overwrite: bool) -> Result<(), Usage> {
        let path = path_beside(model);
        if self.resume || overwrite || fs::symlink_metadata(&path).is_err() {
            return Ok(());
        }
        let name = path.display();
        Err(Usage(format!(
            "{name} is left of a training that did not end: go on with --resume, or begin anew with --force"
        )))
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    let within = text.parse().ok().filter(|seconds| (0.0..=1e6).contains(seconds));
    within.ok_or_else(|| "a number of seconds is from 0 to 1,000,000".to_owned())
}

/// Name of the checkpoint beside a model.
pub fn path_beside(model: &Path) -> PathBuf {
    let mut name = OsString::from(model);
    name.push(".checkpoint");
    name.into()
}

/// The checkpoints of one training.
#[derive(Debug)]
pub struct Checkpoint {
    path: PathBuf,
    /// None if none are kept.
    every: Option<Duration>,
    resume: bool,
    last: Instant,
    /// What it belongs to.
    mark: [u8; HASH],
}

impl Checkpoint {
    /// Neither kept nor read.
    pub fn none() -> Self {
        Self { path: PathBuf::new(), every: None, resume: false, last: Instant::now(), mark: [0; HASH] }
    }

    /// The state to go on from, if there is one and it is asked for. Says of every state from now on that it belongs to these data and
    /// settings.
    pub fn begin(
        &mut self,
        data: &LabelledSequences,
        settings: &str,
        quiet: bool,
    ) -> anyhow::Result<Option<TrainerState>> {
        if self.every.is_none() && !self.resume {
            return Ok(None);
        }
        self.mark = mark_of(data, settings);
        self.last = Instant::now();
        if !self.resume {
            return Ok(None);
        }
        let name = self.path.display();
        let Ok(status) = fs::metadata(&self.path) else {
            say(format_args!("there is no {name}: from the beginning"));
            return Ok(None);
        };
        let unusable = |reason: &str| Input(format!("{name} {reason}: begin anew with --force, without --resume"));
        if !status.is_file() || status.len() > LONGEST {
            return Err(unusable("is no checkpoint").into());
        }
        let mut bytes = Vec::new();
        let read = File::open(&self.path).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes));
        read.map_err(|cause| Input(format!("{name} cannot be read: {cause}")))?;
        let rest = bytes.strip_prefix(MAGIC).and_then(<[u8]>::split_first_chunk::<HASH>);
        let Some((hash, rest)) = rest else { return Err(unusable("is no checkpoint of this version").into()) };
        if Sha256::digest(rest).as_slice() != hash {
            return Err(unusable("is damaged").into());
        }
        let Some((mark, state)) = rest.split_first_chunk::<HASH>() else { return Err(unusable("is damaged").into()) };
        if *mark != self.mark {
            return Err(unusable("is of other data or settings").into());
        }
        let state: TrainerState = ciborium::from_reader(state).map_err(|_| unusable("is damaged"))?;
        if !quiet {
            let done = state.epochs().last().map_or(0, |epoch| epoch.epoch);
            say(format_args!("going on after epoch {done}, from {name}"));
        }
        Ok(Some(state))
    }

    /// Removes the file: the model is there.
    pub fn remove(&self) {
        if self.every.is_some() || self.resume {
            let _ = fs::remove_file(&self.path);
        }
    }

    /// How to go on, if there is something to go on from.
    pub fn remedy(&self) -> Option<String> {
        let name = self.path.display();
        self.path.is_file().then(|| format!("the training can go on: the same command with --resume reads {name}"))
    }
}

impl Keeper for Checkpoint {
    fn keeps(&self) -> bool {
        self.every.is_some()
    }

    fn is_due(&self) -> bool {
        self.every.is_some_and(|every| self.last.elapsed() >= every)
    }

    fn keep(&mut self, state: &TrainerState) -> Result<(), Error> {
        let failed = |reason: String| Error::Keep { reason };
        let mut body = self.mark.to_vec();
        ciborium::into_writer(state, &mut body).map_err(|cause| failed(cause.to_string()))?;
        let hash = Sha256::digest(&body);
        let written = write_results(Some(&self.path), true, |out| {
            out.write_all(MAGIC)?;
            out.write_all(&hash)?;
            Ok(out.write_all(&body)?)
        });
        // A full disk now is no reason to lose a training that may find space at its end.
        if let Err(error) = written {
            say(format_args!("no checkpoint: {error:#}"));
        }
        self.last = Instant::now();
        Ok(())
    }
}

/// What tells data and settings from others.
fn mark_of(data: &LabelledSequences, settings: &str) -> [u8; HASH] {
    let mut hash = Sha256::new();
    hash.update(settings);
    hash.update([0]);
    hash.update(data.sequences().tokens());
    data.sequences().offsets().iter().for_each(|offset| hash.update((*offset as u64).to_le_bytes()));
    data.labels().iter().for_each(|label| hash.update(label.to_bits().to_le_bytes()));
    hash.finalize().into()
}
