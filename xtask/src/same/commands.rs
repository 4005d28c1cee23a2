//! The commands that are compared, as `commands.txt` lists them.

use std::collections::BTreeSet;
use std::fmt;

use anyhow::{Context, bail};

const LIST: &str = include_str!("commands.txt");

/// Words of the list that stand for others.
const SHORTHANDS: [(&str, &str); 4] = [
    ("@two", "--pos data/bound.fa --neg data/unbound.fa"),
    ("@few", "--pos data/few_bound.fa --neg data/few_unbound.fa"),
    ("@test", "--pos data/test_bound.fa --neg data/test_unbound.fa"),
    ("@quick", "--epochs 3 --filters 8 --width 10 --out model.ckn"),
];

/// One command: it runs in a folder of its own, `RUN/PROGRAM/NAME`.
#[derive(Debug, Clone)]
pub(super) struct Command {
    pub(super) name: String,
    pub(super) arguments: Vec<String>,
    pub(super) standard_input: Option<String>,
    /// Whether it reads what other commands wrote.
    pub(super) reads_models: bool,
}

impl fmt::Display for Command {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
    }
}

/// All of them, or those that have one of the texts in their name, and the commands whose files they read.
pub(super) fn commands(only: &[String]) -> anyhow::Result<Vec<Command>> {
    let lines: Vec<(&str, &str)> = LIST
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once(':').with_context(|| format!("`{line}` has no name")))
        .collect::<anyhow::Result<_>>()?;
    let mut wanted: BTreeSet<&str> = lines.iter().map(|&(name, _)| name).collect();
    if !only.is_empty() {
        wanted.retain(|name| only.iter().any(|text| name.contains(text.as_str())));
        let chosen = lines.iter().filter(|(name, _)| wanted.contains(name));
        let read: Vec<&str> = chosen.flat_map(|(_, line)| models(line)).collect();
        wanted.extend(read);
    }
    let commands: Vec<Command> = lines.iter().filter(|(name, _)| wanted.contains(name)).map(command).collect();
    if commands.is_empty() {
        bail!("no command has {only:?} in its name");
    }
    Ok(commands)
}

/// Names of the commands whose files a line reads.
fn models(line: &str) -> impl Iterator<Item = &str> {
    line.split_whitespace().filter_map(|word| word.strip_prefix("models/")?.split('/').next())
}

fn command(&(name, line): &(&str, &str)) -> Command {
    let (line, standard_input) = match line.split_once(" < ") {
        Some((line, file)) => (line, Some(placed(file))),
        None => (line, None),
    };
    let long = |word| SHORTHANDS.iter().find(|(short, _)| *short == word).map_or(word, |(_, long)| *long);
    let words = line.split_whitespace().flat_map(|word| long(word).split_whitespace());
    Command {
        name: name.to_owned(),
        arguments: words.map(placed).collect(),
        standard_input,
        reads_models: models(line).next().is_some(),
    }
}

/// A word as the folder of a command must write it.
fn placed(word: &str) -> String {
    word.replace("data/", "../../data/").replace("models/", "../../before/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_used_once_and_only_first_commands_write_what_others_read() {
        let commands = commands(&[]).unwrap();
        let names: BTreeSet<&str> = commands.iter().map(|command| command.name.as_str()).collect();
        assert_eq!(names.len(), commands.len());
        for model in LIST.lines().filter(|line| !line.starts_with('#')).flat_map(models) {
            let made = commands.iter().find(|command| command.name == model);
            assert!(made.is_some_and(|made| !made.reads_models), "{model}");
        }
    }
}
