//! Golden numbers: made by Python in `reference/`, read by the tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::process::{output, run, workspace};

/// Runs every `reference/*.py` and shows which golden files changed.
pub(crate) fn remake() -> anyhow::Result<()> {
    let root = workspace();
    let scripts = scripts(&root.join("reference"))?;
    let mut packages = BTreeSet::new();
    for script in &scripts {
        let text = fs::read_to_string(script).with_context(|| format!("cannot read {}", script.display()))?;
        packages.extend(pip_packages(&text).map(str::to_owned));
    }
    let install = format!("pip install {}", packages.into_iter().collect::<Vec<_>>().join(" "));
    println!("the scripts need: {install}");
    for script in &scripts {
        println!("\n=== {}", script.display());
        run(Command::new("python3").arg(script).current_dir(&root))
            .with_context(|| format!("{}: if a module is missing, `{install}`", script.display()))?;
    }
    let git = |arguments: &[&str]| {
        output(Command::new("git").args(arguments).args(["--", "reference/golden"]).current_dir(&root))
    };
    let changed = git(&["status", "--short"])?;
    if changed.is_empty() {
        println!("\nno golden number changed");
    } else {
        println!("\n{changed}{}", git(&["diff", "--stat"])?);
    }
    Ok(())
}

fn scripts(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut scripts = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "py") {
            scripts.push(path);
        }
    }
    if scripts.is_empty() {
        bail!("{} holds no Python script", folder.display());
    }
    scripts.sort();
    Ok(scripts)
}

/// Packages of the line `pip install …` that every script has in its docstring.
fn pip_packages(script: &str) -> impl Iterator<Item = &str> {
    script.lines().find_map(|line| line.trim().strip_prefix("pip install ")).into_iter().flat_map(str::split_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_says_what_it_needs() {
        for script in scripts(&workspace().join("reference")).unwrap() {
            let text = fs::read_to_string(&script).unwrap();
            assert!(pip_packages(&text).count() > 0, "{}: no line `pip install …`", script.display());
        }
    }
}
