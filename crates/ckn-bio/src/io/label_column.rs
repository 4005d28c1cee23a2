//! A column of labels: numbers, or the names of classes.

use std::collections::HashMap;
use std::sync::Arc;

use crate::classes::ClassNames;
use crate::encoded::EncodedSequences;
use crate::error::{Error, TaskError};
use crate::io::delimited::parse_label;
use crate::labelled::LabelledSequences;
use crate::place::{Place, is_name, shown};

/// Labels on their way in.
pub(crate) struct LabelColumn {
    name: String,
    numbers: Vec<f64>,
    /// Of each row, where rows hold names.
    chosen: Vec<usize>,
    seen: HashMap<Arc<str>, usize>,
    names: Vec<Arc<str>>,
}

impl LabelColumn {
    /// An empty column of a name.
    pub(crate) fn new(name: &str) -> Self {
        let name = name.to_owned();
        Self { name, numbers: Vec::new(), chosen: Vec::new(), seen: HashMap::new(), names: Vec::new() }
    }

    /// Takes the cell of the next row.
    pub(crate) fn add(&mut self, cell: &[u8], at: impl FnOnce() -> Box<Place>) -> Result<(), Error> {
        let number = parse_label(cell);
        match (number, self.names.first()) {
            (Some(_), Some(first)) => {
                let (column, got, first) = (shown(self.name.as_bytes()), shown(cell), shown(first.as_bytes()));
                return Err(TaskError::MixedLabels { at: at(), column, got, first }.into());
            }
            (Some(number), None) => {
                self.numbers.push(number);
                return Ok(());
            }
            (None, _) => {}
        }
        let name = std::str::from_utf8(cell).ok().filter(|name| self.numbers.is_empty() && is_class(name));
        let Some(name) = name else {
            let (column, got) = (shown(self.name.as_bytes()), shown(cell));
            return Err(Error::Label { at: at(), column, got });
        };
        let class = match self.seen.get(name) {
            Some(&class) => class,
            None => {
                let (name, class): (Arc<str>, _) = (Arc::from(name), self.names.len());
                self.names.push(Arc::clone(&name));
                self.seen.insert(name, class);
                class
            }
        };
        self.chosen.push(class);
        Ok(())
    }

    /// Joins the labels to their sequences.
    pub(crate) fn join(self, sequences: EncodedSequences) -> Result<LabelledSequences, Error> {
        if self.names.is_empty() {
            return LabelledSequences::new(sequences, self.numbers);
        }
        let classes = ClassNames::of(self.names.iter().map(|name| name.to_string()));
        let number: HashMap<&str, usize> =
            classes.names().iter().enumerate().map(|(class, name)| (name.as_str(), class)).collect();
        let number_of: Vec<f64> =
            self.names.iter().map(|name| number.get(&**name).copied().unwrap_or_default() as f64).collect();
        let labels = self.chosen.iter().map(|&class| number_of[class]).collect();
        LabelledSequences::of_classes(sequences, labels, classes.names().to_vec())
    }
}

/// Whether a cell names a class: neither a value that is missing, nor a number that cannot be read as one.
fn is_class(cell: &str) -> bool {
    let missing = matches!(cell, "" | "." | "?" | "NA" | "N/A" | "na" | "n/a" | "null" | "NULL");
    let number = cell.parse::<f64>().is_ok() || cell.replacen(',', ".", 1).parse::<f64>().is_ok();
    is_name(cell) && !missing && !number
}
