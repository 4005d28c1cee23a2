//! The table of experiments: one row a training and its test.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use clap::{ArgAction, Command};

use crate::exit::Input;

/// Columns that are not options of a command.
const NAME: &str = "name";
/// What columns of `ckn evaluate` begin with.
const TEST: &str = "test-";
/// Options that have no place in a sweep, beside those of [`OUTPUT`].
const OWN: [&str; 3] = ["help", "test-threads", "test-help"];
/// What options are listed under that say what is written, and where. A manifest may come from anywhere: it names no file to write.
const OUTPUT: &str = "Output";

/// One experiment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub name: String,
    /// The cells that are not empty, by column.
    pub cells: BTreeMap<String, String>,
}

/// What becomes of a column's cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Value,
    Flag,
}

impl Row {
    /// Words of `ckn train`.
    pub fn training(&self, train: &Command) -> Vec<String> {
        self.words(train, |column| (!column.starts_with(TEST)).then_some(column))
    }

    /// Words of `ckn evaluate`; none where there is no test.
    pub fn test(&self, evaluate: &Command) -> Vec<String> {
        self.words(evaluate, |column| column.strip_prefix(TEST))
    }

    fn words<'a>(&'a self, command: &Command, option: impl Fn(&'a str) -> Option<&'a str>) -> Vec<String> {
        let mut words = Vec::new();
        for (column, cell) in &self.cells {
            let Some(option) = option(column) else { continue };
            match (kind(command, option), cell.as_str()) {
                (Some(Kind::Flag), "yes") => words.push(format!("--{option}")),
                (Some(Kind::Value), cell) => words.push(format!("--{option}={cell}")),
                _ => {}
            }
        }
        words
    }
}

/// What an option of a command takes.
fn kind(command: &Command, option: &str) -> Option<Kind> {
    let found = command.get_arguments().find(|argument| argument.get_long() == Some(option))?;
    if found.get_help_heading() == Some(OUTPUT) {
        return None;
    }
    match found.get_action() {
        ArgAction::SetTrue => Some(Kind::Flag),
        ArgAction::Set | ArgAction::Append => Some(Kind::Value),
        _ => None,
    }
}

/// Reads a manifest, and checks every name, column and flag before anything runs.
pub fn read(text: &str, path: &Path, train: &Command, evaluate: &Command) -> anyhow::Result<Vec<Row>> {
    let path = path.display();
    let refuse = |message: String| Err(Input(message).into());
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let Some((_, header)) = lines.next() else {
        return refuse(format!("{path} is empty: give a table with a header, one row an experiment"));
    };
    let columns: Vec<&str> = header.split('\t').map(str::trim).collect();
    let mut seen = BTreeSet::new();
    for column in &columns {
        let known = match column.strip_prefix(TEST) {
            _ if *column == NAME => true,
            _ if OWN.contains(column) => false,
            Some(option) => kind(evaluate, option).is_some(),
            None => kind(train, column).is_some(),
        };
        if !known {
            return refuse(format!(
                "{path}: the column `{}` is neither `name`, nor an option of `ckn train` without its dashes, nor `test-` and \
                 an option of `ckn evaluate`; options of what is written are the sweep's own",
                column.escape_debug()
            ));
        }
        if !seen.insert(*column) {
            return refuse(format!("{path} has the column `{column}` twice"));
        }
    }
    let Some(name_at) = columns.iter().position(|column| *column == NAME) else {
        return refuse(format!("{path} has no column `name`: give each row a name of its own"));
    };
    let mut rows: Vec<Row> = Vec::new();
    let mut names = BTreeSet::new();
    for (index, line) in lines {
        let place = format!("{path}, line {}", index + 1);
        let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
        if cells.len() > columns.len() {
            return refuse(format!("{place} has {} cells, the header {}", cells.len(), columns.len()));
        }
        let name = cells.get(name_at).copied().unwrap_or_default();
        let fit = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
        if name.is_empty() || name.starts_with('.') || !name.chars().all(fit) {
            return refuse(format!(
                "{place}: the name `{}` would be no good file name: use letters, digits, dots, dashes and underscores",
                name.escape_debug()
            ));
        }
        if !names.insert(name.to_owned()) {
            return refuse(format!("{place}: there is a row named `{name}` already"));
        }
        let mut row = Row { name: name.to_owned(), cells: BTreeMap::new() };
        for (column, cell) in columns.iter().zip(&cells).filter(|(column, cell)| **column != NAME && !cell.is_empty()) {
            let flag = match column.strip_prefix(TEST) {
                Some(option) => kind(evaluate, option) == Some(Kind::Flag),
                None => kind(train, column) == Some(Kind::Flag),
            };
            if *cell == "-" {
                return refuse(format!("{place}: `{column}` is -, and rows have no standard input: give a file"));
            }
            if flag && !["yes", "no"].contains(cell) {
                return refuse(format!("{place}: `{column}` is {}, and takes yes or no", cell.escape_debug()));
            }
            row.cells.insert((*column).to_owned(), (*cell).to_owned());
        }
        rows.push(row);
    }
    if rows.is_empty() {
        return refuse(format!("{path} has a header and no rows: give one row an experiment"));
    }
    Ok(rows)
}
