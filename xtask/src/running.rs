//! Options of chores that run the program many times.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::bail;
use clap::Args;

use crate::process::workspace;
use crate::release;

/// How the program is run.
#[derive(Debug, Args)]
pub(crate) struct Running {
    /// Trainings at a time; each gets its share of the cores. Default: one for each core
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(crate) installed: Installed,
}

/// The program, and the data that it is run on.
#[derive(Debug, Args)]
pub(crate) struct Installed {
    /// Folder of the data sets, such as encode_splits. Default: the environment variable CKN_DATA, else ../shared/data
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// The program to run. Default: the release build of this workspace, made now
    #[arg(long, value_name = "FILE")]
    ckn: Option<PathBuf>,
}

impl Running {
    /// Trainings at a time, and the threads of each.
    pub(crate) fn shares(&self) -> (usize, usize) {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let at_a_time = self.jobs.map_or(cores, NonZeroUsize::get);
        (at_a_time, (cores / at_a_time).max(1))
    }
}

impl Installed {
    /// The program, built if none was given.
    pub(crate) fn program(&self) -> anyhow::Result<PathBuf> {
        match &self.ckn {
            Some(path) => Ok(path.clone()),
            None => release::build(),
        }
    }

    /// The folder of the data sets.
    pub(crate) fn data(&self) -> anyhow::Result<PathBuf> {
        let from_environment = || std::env::var_os("CKN_DATA").map(PathBuf::from);
        let data = self.data.clone().or_else(from_environment);
        let folder = data.unwrap_or_else(|| workspace().join("../shared/data"));
        if !folder.is_dir() {
            bail!("{} does not exist: set CKN_DATA to the folder of the data sets", folder.display());
        }
        Ok(folder)
    }

    /// The folder of the splits.
    pub(crate) fn splits(&self) -> anyhow::Result<PathBuf> {
        let folder = self.data()?.join("encode_splits");
        if !folder.is_dir() {
            bail!(
                "{} does not exist: set CKN_DATA to the folder that holds encode_splits (docs/accuracy.md says what belongs in it)",
                folder.display()
            );
        }
        Ok(folder)
    }
}
