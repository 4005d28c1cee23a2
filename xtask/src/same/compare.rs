//! One command by one program, and the first place where two programs differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;
use std::process::{self, Stdio};

use anyhow::Context;

use super::commands::Command;
use super::masks::masked;

/// Letters shown of a line that differs, on either side of the place.
const SHOWN: usize = 60;

/// All that a command left: its exit code, `stdout`, `stderr` and every file by its name.
#[derive(Debug)]
pub(super) struct Outcome {
    exit: String,
    outputs: BTreeMap<String, Vec<u8>>,
}

/// Runs a command in a new folder.
pub(super) fn outcome(program: &Path, command: &Command, folder: &Path) -> anyhow::Result<Outcome> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let standard_input = match &command.standard_input {
        Some(file) => Stdio::from(File::open(folder.join(file)).with_context(|| format!("cannot open {file}"))?),
        None => Stdio::null(),
    };
    let output = process::Command::new(program)
        .args(&command.arguments)
        .current_dir(folder)
        .stdin(standard_input)
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .output()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let mut outputs = BTreeMap::new();
    read(folder, "", &mut outputs)?;
    outputs.insert("stdout".to_owned(), output.stdout);
    outputs.insert("stderr".to_owned(), output.stderr);
    outputs.values_mut().for_each(|bytes| without_folder(bytes, folder));
    Ok(Outcome { exit: output.status.to_string(), outputs })
}

/// Every file below a folder.
fn read(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            read(&path, &format!("{name}/"), files)?;
        } else {
            files.insert(name, fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?);
        }
    }
    Ok(())
}

/// Calls the folder of the command FOLDER in text: it is another for each program.
fn without_folder(bytes: &mut Vec<u8>, folder: &Path) {
    let folder = folder.to_string_lossy();
    if let Ok(text) = std::str::from_utf8(bytes)
        && text.contains(&*folder)
    {
        *bytes = text.replace(&*folder, "FOLDER").into_bytes();
    }
}

impl Outcome {
    /// Exit code and number of files.
    pub(super) fn summary(&self) -> String {
        format!("{}, {} files", self.exit, self.outputs.len() - 2)
    }

    /// Everything in which another outcome differs, one line each.
    pub(super) fn differences(&self, other: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        if self.exit != other.exit {
            differences.push(format!("exit: {} | {}", self.exit, other.exit));
        }
        let names: BTreeSet<&String> = self.outputs.keys().chain(other.outputs.keys()).collect();
        for name in names {
            match (self.outputs.get(name), other.outputs.get(name)) {
                (Some(before), Some(after)) => {
                    let place = difference(&masked(name, before), &masked(name, after));
                    differences.extend(place.map(|place| format!("{name}: {place}")));
                }
                (Some(_), None) => differences.push(format!("{name}: only before")),
                _ => differences.push(format!("{name}: only after")),
            }
        }
        differences
    }
}

/// The first line, or byte of what is no text, in which two outputs differ.
fn difference(before: &[u8], after: &[u8]) -> Option<String> {
    if before == after {
        return None;
    }
    let place = before.iter().zip(after).position(|(before, after)| before != after);
    let place = place.unwrap_or(before.len().min(after.len()));
    let line = 1 + before[..place].iter().filter(|&&byte| byte == b'\n').count();
    let sizes = format!("({} and {} bytes)", before.len(), after.len());
    Some(match [before, after].iter().all(|bytes| std::str::from_utf8(bytes).is_ok()) {
        true => format!("line {line}: `{}` | `{}` {sizes}", around(before, place), around(after, place)),
        false => format!("byte {place} {sizes}"),
    })
}

/// The part of a line around a place, as text.
fn around(bytes: &[u8], place: usize) -> String {
    let is_end = |byte: &u8| *byte == b'\n';
    let start = bytes[..place].iter().rposition(is_end).map_or(0, |end| end + 1).max(place.saturating_sub(SHOWN));
    let end = bytes[place..].iter().position(is_end).map_or(bytes.len(), |end| place + end).min(place + SHOWN);
    String::from_utf8_lossy(&bytes[start..end]).escape_debug().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_named() {
        assert_eq!(difference(b"a\nb\n", b"a\nb\n"), None);
        let named = difference(b"a\nleft one\n", b"a\nleft two\nc").unwrap();
        assert_eq!(named, "line 2: `left one` | `left two` (11 and 12 bytes)");
        assert!(difference(b"\xff\x00", b"\xff\x01").unwrap().starts_with("byte 1 "));
        assert_eq!(difference(b"a", b"a\nb").unwrap(), "line 1: `a` | `a` (1 and 3 bytes)");
    }
}
