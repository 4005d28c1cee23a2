//! Labelled sequences that a trained model is read with, or judged by.

use std::path::Path;

use ckn::bio::{Alphabet, LabelledSequences};
use clap::Args;

use super::{Loaded, Mode, NegativesArguments, Source, Unasked};
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
    /// Whether there are any; negatives without positives are refused.
    pub fn given(&self) -> anyhow::Result<bool> {
        let given = self.paths().next().is_some();
        if !given && self.negatives.is_asked() {
            return Err(Usage("negatives go with positives: give --pos, --seq, --tsv or --bed".into()).into());
        }
        Ok(given)
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
        check: impl FnOnce(&LabelledSequences) -> anyhow::Result<()>,
    ) -> anyhow::Result<Loaded> {
        self.source.check()?;
        self.negatives.check(unasked, self.source.intervals.genome.is_some())?;
        let loaded = self.source.read(alphabet, Mode::All, self.allow_duplicates)?;
        check(&loaded.data)?;
        self.negatives.add(loaded, seed, unasked)
    }
}
