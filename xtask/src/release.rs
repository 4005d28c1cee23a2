//! The release build of the program.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::process::{run, workspace};

/// Builds the program in the build folder of this one, and returns its path.
pub(crate) fn build() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("cannot find the build folder")?;
    let Some(folder) = own.parent().and_then(Path::parent) else { bail!("{} is in no build folder", own.display()) };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "--package", "ckn-cli", "--target-dir"]).arg(folder);
    run(command.current_dir(workspace()))?;
    Ok(folder.join("release").join(format!("ckn{}", std::env::consts::EXE_SUFFIX)))
}
