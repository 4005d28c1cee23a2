use std::path::PathBuf;

use ckn::model::HeadlessNetwork;
use clap::Args;
use serde_json::Value;

use super::given::effects;
use crate::description::DescribedFile;
use crate::exit;
use crate::input::load_model;
use crate::output::write_results;

/// Fields at the head of the table.
const FIRST: [&str; 9] =
    ["kind", "format_version", "alphabet", "letters", "outputs", "loss", "measured", "lengths", "shortest_sequence"];

/// Show what a model is, what it was trained on, and how good it was
#[derive(Debug, Args)]
#[command(after_help = "\
Prints a table with the columns field and value: the kind of the model and the version of its file, its alphabet and outputs, its \
architecture, the training sequences (lengths, SHA-256 of the files), the settings of the training, what was measured on held-out \
sequences, and how well single anchor points told these apart. Members of an ensemble are shown in the same way, and so are anchor
points without a head (ckn train --unlabelled).

Examples:
  ckn info model.ckn
  ckn info model.ckn --json > model.json")]
pub struct Info {
    /// The model, as `ckn train` wrote it
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// JSON instead of a table
    #[arg(long)]
    json: bool,
    /// File to write instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long)]
    force: bool,
}

effects!(for Info: model, json, out, force);

impl Info {
    pub fn run(self) -> anyhow::Result<u8> {
        if let Some(out) = &self.out {
            crate::output::check_free(out, self.force)?;
            crate::output::check_apart(out, [self.model.as_path()])?;
        }
        let described = if HeadlessNetwork::is_there(&self.model) {
            DescribedFile::of_headless(&HeadlessNetwork::load(&self.model)?)
        } else {
            DescribedFile::of(&load_model(&self.model, [])?)
        };
        let described = serde_json::to_value(described)?;
        write_results(self.out.as_deref(), self.force, |out| {
            if self.json {
                return Ok(writeln!(out, "{described:#}")?);
            }
            writeln!(out, "field\tvalue")?;
            let mut rows = Vec::new();
            // What people look for first comes first.
            for field in FIRST {
                if let Some(value) = described.get(field) {
                    flatten(field, value, &mut rows);
                }
            }
            let others =
                described.as_object().into_iter().flatten().filter(|(field, _)| !FIRST.contains(&field.as_str()));
            others.for_each(|(field, value)| flatten(field, value, &mut rows));
            rows.iter().try_for_each(|(field, value)| writeln!(out, "{field}\t{value}"))?;
            Ok(())
        })?;
        Ok(exit::DONE)
    }
}

/// One row for each value: names of nested fields are joined by points, members of lists are numbered from 1, and lists of plain
/// values are one row.
fn flatten(name: &str, value: &Value, rows: &mut Vec<(String, String)>) {
    let inside = |field: &str| if name.is_empty() { field.to_owned() } else { format!("{name}.{field}") };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(field, value)| flatten(&inside(field), value, rows)),
        Value::Array(values) if values.iter().any(|value| value.is_object() || value.is_array()) => {
            (1..).zip(values).for_each(|(number, value)| flatten(&inside(&number.to_string()), value, rows));
        }
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(plain).collect();
            rows.push((name.to_owned(), values.join(", ")));
        }
        _ => rows.push((name.to_owned(), plain(value))),
    }
}

/// A value in words, fit for one cell.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => "NA".to_owned(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        // Text of a file may hold anything.
        Value::String(text) => text.chars().flat_map(char::escape_debug).collect(),
        other => other.to_string(),
    }
}
