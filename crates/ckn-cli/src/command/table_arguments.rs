//! What the commands that write one table share.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::given::{Given, effects};
use crate::exit::Usage;
use crate::output::{check_apart, check_free, write_results};

/// Where a table goes, and how it is computed.
#[derive(Debug, Args)]
pub struct TableArguments {
    /// File to write instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long)]
    force: bool,
    /// Threads; all cores by default, and the result does not depend on it
    #[arg(long, value_parser = super::parse_threads)]
    threads: Option<usize>,
    /// No messages on standard error
    #[arg(long, short)]
    pub quiet: bool,
}

impl TableArguments {
    /// Says that each option has an effect.
    pub fn check_effects(&self, given: &Given) -> Result<(), Usage> {
        effects!(given, self; out, force, threads, quiet)
    }

    /// Sets the threads, and checks, before any work, that the table can be written and is none of the files that are read.
    pub fn prepare<'a>(&self, read: impl IntoIterator<Item = &'a Path>) -> anyhow::Result<()> {
        super::set_threads(self.threads)?;
        let Some(out) = &self.out else { return Ok(()) };
        check_free(out, self.force)?;
        check_apart(out, read)
    }

    /// The file, if one is written.
    pub fn out(&self) -> Option<&Path> {
        self.out.as_deref()
    }

    /// Writes another file beside the table, whole or not at all.
    pub fn write_beside(
        &self,
        path: &Path,
        file: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        write_results(Some(path), self.force, file)
    }

    /// Checks, before any work, that another file can be written beside the table.
    pub fn prepare_beside(&self, path: &Path) -> anyhow::Result<()> {
        check_free(path, self.force)
    }

    /// Writes the table, whole or not at all.
    pub fn write(&self, table: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>) -> anyhow::Result<()> {
        write_results(self.out.as_deref(), self.force, table)
    }
}
