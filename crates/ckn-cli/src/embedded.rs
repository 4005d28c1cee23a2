//! `ckn train` for a program that has sequences in memory and shows progress by itself, and what such a program shares with the command,
//! so that both do and say the same.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ckn::bio::LabelledSequences;
use ckn::model::Model;
use clap::{CommandFactory, FromArgMatches, Parser};

pub use crate::command::explained::{no_output, window_of};
pub use crate::command::predict::{alphabet_of, scores};
pub use crate::command::scan::{parse_length, parse_rate, parse_region};
pub use crate::command::variants::of_log_odds;
pub use crate::exit::{
    DEVICE, DONE, INPUT, INTERNAL, INTERRUPTED, Input, NOT_CONVERGED, USAGE, Usage, message, status,
};
pub use crate::input::{check_lengths, check_names, load_model};
pub use crate::memory::default_limit;
pub use crate::motif_reading::{output_of, read_known};
pub use crate::talk::Listener;

use crate::command::given::Given;
use crate::command::recipe::{Checkpoint, Recipe};
use crate::progress::Progress;
use crate::talk::heard_by;

/// The options of `ckn train` that say what is trained, on what, and how; none of where it goes.
#[derive(Debug, Parser)]
#[command(name = "ckn train", no_binary_name = true, disable_help_flag = true, allow_negative_numbers = true)]
struct Options {
    #[command(flatten)]
    recipe: Recipe,
}

/// A training whose options fit each other.
#[derive(Debug)]
pub struct Training {
    recipe: Recipe,
}

/// What a training leaves.
#[derive(Debug)]
pub struct Outcome {
    /// The model.
    pub model: Model,
    /// What makes one doubt the data.
    pub warnings: Vec<String>,
    /// The exit code of the command: [`DONE`], [`NOT_CONVERGED`] or [`INTERRUPTED`].
    pub status: u8,
}

impl Training {
    /// Reads options, written as for the command, and takes sequences in place of its files.
    ///
    /// # Errors
    /// [`Usage`] for an option that is not known, has a value that it cannot have, or has no effect beside the others.
    pub fn new(options: Vec<OsString>, memory: Option<LabelledSequences>) -> anyhow::Result<Self> {
        let refused = |error: clap::Error| Usage(reason(&error));
        let matches = Options::command().try_get_matches_from(options).map_err(refused)?;
        let Options { mut recipe } = Options::from_arg_matches(&matches).map_err(refused)?;
        if memory.is_some() && recipe.names_sequences() {
            return Err(Usage("sequences are given twice, in memory and by the name of a file: drop one".into()).into());
        }
        recipe.source.memory = memory;
        recipe.check(&Given::of(&matches), recipe.way())?;
        Ok(Self { recipe })
    }

    /// Trains, on the threads of the pool that it is called in, until a flag is set, which ends it with the best so far. The listener
    /// hears what the command says; of a quiet training nothing but what the command says in spite of `--quiet`.
    ///
    /// # Errors
    /// Those of the command, with its text ([`message`]) and its kind ([`status`]).
    pub fn run(self, interrupted: Arc<AtomicBool>, quiet: bool, listener: Listener) -> anyhow::Result<Outcome> {
        heard_by(listener, || self.follow(interrupted, quiet))
    }

    fn follow(mut self, interrupted: Arc<AtomicBool>, quiet: bool) -> anyhow::Result<Outcome> {
        self.recipe.quiet |= quiet;
        let mut plan = self.recipe.plan()?;
        let hashes = self.recipe.hashes()?;
        let (data, warnings) = self.recipe.read(&mut plan)?;
        // Read, they are in `data`.
        self.recipe.source.memory = None;
        let mut progress = Progress::stopped_by(interrupted, self.recipe.quiet);
        let trained = plan.fit(&data, hashes, &mut progress, &mut Checkpoint::none())?;
        Ok(Outcome { model: trained.model, warnings, status: trained.status })
    }
}

/// What the parser of options says, without what only a terminal has a use for.
fn reason(error: &clap::Error) -> String {
    let said = error.to_string();
    let said = said.split("\n\nUsage:").next().unwrap_or_default();
    said.trim_start_matches("error: ").split("\n\nFor more information").next().unwrap_or_default().trim().to_owned()
}

/// Does something whose panics are our fault and not the user's, and become errors of the kind [`INTERNAL`].
///
/// # Errors
/// Those of what is done, and what a panic says.
pub fn guarded<R>(then: impl FnOnce() -> anyhow::Result<R>) -> anyhow::Result<R> {
    catch_unwind(AssertUnwindSafe(then)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Err(anyhow::anyhow!("internal error: {}: please report it", said.unwrap_or("a panic without words")))
    })
}

#[cfg(test)]
mod tests {
    use ckn::bio::{Alphabet, EncodedSequences};

    use super::*;

    fn words(options: &[&str]) -> Vec<OsString> {
        options.iter().map(OsString::from).collect()
    }

    #[test]
    fn a_panic_is_an_error_of_our_own() {
        let error = guarded::<()>(|| panic!("number {}", 7)).unwrap_err();
        assert_eq!(status(&error), INTERNAL);
        assert_eq!(message(&error), "internal error: number 7: please report it");
    }

    #[test]
    fn only_files_of_sequences_are_in_the_way_of_sequences_in_memory() {
        let memory = || {
            let mut sequences = EncodedSequences::new(Alphabet::Dna);
            sequences.push("one", b"ACGTACGTACGT").unwrap();
            Some(LabelledSequences::new(sequences, vec![1.0]).unwrap())
        };
        assert!(Training::new(words(&["--anchors=filters.ckn"]), memory()).is_ok());
        let error = Training::new(words(&["--pos=bound.fa"]), memory()).unwrap_err();
        assert!(message(&error).contains("given twice"), "{}", message(&error));
    }

    #[test]
    fn options_are_refused_as_by_the_command() {
        for (options, says) in [
            (&["--nonsense=1"][..], "unexpected argument '--nonsense'"),
            (&["--effort=huge"], "invalid value 'huge'"),
            (&["--model=exact", "--filters=3"], "--filters belongs to networks"),
        ] {
            let error = Training::new(words(options), None).unwrap_err();
            assert_eq!(status(&error), USAGE);
            let message = message(&error);
            assert!(message.contains(says) && !message.contains("Usage:"), "{message}");
        }
    }
}
