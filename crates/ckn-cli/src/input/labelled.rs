//! Labelled sequences that a trained model is read with, or judged by.

use std::path::Path;

use ckn::bio::{Alphabet, LabelledSequences};
use clap::Args;

use super::{Loaded, Mode, NegativesArguments, Source, Unasked};
use crate::command::given::{Given, effects};
use crate::exit::Usage;

/// Where sequences come from that a command can do without.
#[derive(Debug, Args)]
pub struct LabelledArguments {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    negatives: NegativesArguments,
    /// Accept several sequences of the same name in a file
    #[arg(long)]
    allow_duplicates: bool,
}

impl LabelledArguments {
    /// Whether there are any.
    pub fn given(&self) -> bool {
        self.paths().next().is_some()
    }

    /// Refuses options without effect.
    pub fn check_effects(&self, given: &Given) -> Result<(), Usage> {
        let none = (!self.given()).then_some("has no effect without sequences: drop it, or give some");
        effects!(given, self; source, negatives; allow_duplicates => none)?;
        self.source.check_effects(given)?;
        self.negatives.check(given, Unasked::Shuffle, self.source.intervals.genome.is_some(), none)
    }

    /// The files.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.source.paths()
    }

    /// Reads them, checks what was read, and makes negatives where there are none.
    pub fn read(
        &self,
        alphabet: Alphabet,
        unasked: Unasked,
        seed: u64,
        check: impl FnOnce(LabelledSequences) -> anyhow::Result<LabelledSequences>,
    ) -> anyhow::Result<Loaded> {
        self.source.check()?;
        let loaded = self.source.read(alphabet, Mode::All, self.allow_duplicates)?;
        let loaded = Loaded { data: check(loaded.data)?, ..loaded };
        self.negatives.add(loaded, seed, unasked)
    }
}
