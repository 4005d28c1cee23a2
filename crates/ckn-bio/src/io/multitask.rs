//! Tables of labels for several tasks.
//!
//! ```text
//! wide      id      sequence  group  label:CTCF  label:YY1      one column `label:TASK` for each task
//!           peak_1  ACGT      chr1   1           NA             empty, NA or . is a label that is not known
//!
//! long      id      sequence  group  task  label                one row for each label
//!           peak_1  ACGT      chr1   CTCF  1
//! ```
//!
//! Columns `id` (or `name`, `EventID`) and `group` may be left out; others are ignored. Rows of a long table belong to the
//! same sequence if they have the same name, or, without names, the same letters. A table with a column `label:TASK` is
//! wide. Tab, comma or semicolon separate cells; names of columns are compared without regard to case, those of tasks with.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use crate::alphabet::Alphabet;
use crate::encoded::EncodedSequences;
use crate::error::{Error, TaskError};
use crate::io::columns::{Columns, Found, optional};
use crate::io::delimited::parse_label;
use crate::io::record::Record;
use crate::io::rows::Rows;
use crate::io::source::open;
use crate::labelled::LabelledSequences;
use crate::place::{is_name, shown};

/// The most labels of a table, counting those not known (2 GiB of memory). A long table of few bytes can ask for many.
pub const MAX_LABELS: usize = 1 << 28;

const PREFIX: &str = "label:";

/// Reads a table of labels for several tasks, wide or long; see [the module](self) for both.
///
/// Tasks come in the order of their columns, or of their first row.
///
/// ```
/// use ckn_bio::{Alphabet, io};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("tasks.tsv");
/// std::fs::write(&path, "sequence\tlabel:ETS\tlabel:EBOX\nACGT\t1\t0\nTTGA\t\t1\n")?;
/// let data = io::read_multitask(&path, Alphabet::Dna)?;
/// // What is not known is not a number.
/// assert!(data.tasks() == ["ETS", "EBOX"] && data.labels()[2].is_nan());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`TaskError::NoTasks`] for a table of neither form; [`TaskError::TaskLabel`], [`TaskError::TaskName`], [`TaskError::DuplicateTask`],
/// [`TaskError::SecondLabel`], [`TaskError::RowsDisagree`], [`Error::GroupName`], [`TaskError::TaskWithoutLabels`],
/// [`TaskError::TooManyLabels`]; those of [`open`] and of [`delimited::Reader`](crate::io::delimited::Reader).
pub fn read_multitask(path: impl AsRef<Path>, alphabet: Alphabet) -> Result<LabelledSequences, Error> {
    let rows = Rows::new(open(path)?)?;
    let columns = Columns::default().labels::<&str>([]);
    if !columns.any_sequence(rows.names()) {
        return Err(rows.unknown_format());
    }
    let common = columns.find(rows.names(), rows.header())?;
    let group = optional(&["group"], rows.names(), rows.header())?;
    let table = Table { rows, common, group, sequences: EncodedSequences::new(alphabet), groups: Vec::new() };
    let wide = table.wide_columns()?;
    if !wide.is_empty() {
        return table.read_wide(&wide);
    }
    let task = optional(&["task"], table.rows.names(), table.rows.header())?;
    let label = optional(&["label"], table.rows.names(), table.rows.header())?;
    match (task, label) {
        (Some(task), Some(label)) => table.read_long(task, label),
        _ => {
            let names = table.rows.names().iter().take(12).map(|name| format!("`{}`", shown(name.as_bytes())));
            let found = names.collect::<Vec<_>>().join(", ");
            Err(Error::Task(TaskError::NoTasks { at: Box::new(table.rows.header().clone()), found }))
        }
    }
}

/// A table on its way in.
struct Table {
    rows: Rows,
    common: Found,
    group: Option<usize>,
    sequences: EncodedSequences,
    groups: Vec<String>,
}

impl Table {
    /// Columns `label:TASK`, with the names of the tasks.
    fn wide_columns(&self) -> Result<Vec<(usize, String)>, Error> {
        let header = || Box::new(self.rows.header().clone());
        let mut tasks: Vec<(usize, String)> = Vec::new();
        for (column, name) in self.rows.names().iter().enumerate() {
            let Some((prefix, task)) = name.split_at_checked(PREFIX.len()) else { continue };
            if !prefix.eq_ignore_ascii_case(PREFIX) {
                continue;
            }
            let task = task.trim();
            if !is_name(task) {
                return Err(Error::Task(TaskError::TaskName(header())));
            }
            tasks.push((column, task.to_owned()));
        }
        let mut seen = std::collections::HashSet::new();
        match tasks.iter().find(|(_, task)| !seen.insert(task.as_str())) {
            Some((_, task)) => Err(Error::Task(TaskError::DuplicateTask { at: header(), task: task.clone() })),
            None => Ok(tasks),
        }
    }

    /// Passes to the next row and takes its name and letters.
    fn next_record(&mut self, record: &mut Record) -> Result<bool, Error> {
        if !self.rows.next_row(record)? {
            return Ok(false);
        }
        let file = self.rows.file();
        if let Some(column) = self.common.id {
            record.set_id(file, self.rows.cell(column))?;
        }
        record.set_letters(file, self.sequences.alphabet(), self.rows.cell(self.common.sequence))?;
        Ok(true)
    }

    /// The label of a cell, NaN if it is not known.
    fn label(&self, record: &Record, column: usize) -> Result<f64, Error> {
        let cell = self.rows.cell(column);
        if matches!(cell, b"" | b"." | b"NA") {
            return Ok(f64::NAN);
        }
        parse_label(cell).ok_or_else(|| {
            Error::Task(TaskError::TaskLabel {
                at: record.place(self.rows.file()),
                column: shown(self.rows.names()[column].as_bytes()),
                got: shown(cell),
            })
        })
    }

    fn group_of(&self, record: &Record) -> Result<Option<&str>, Error> {
        let Some(column) = self.group else { return Ok(None) };
        match std::str::from_utf8(self.rows.cell(column)) {
            Ok(group) if is_name(group) => Ok(Some(group)),
            _ => Err(Error::GroupName(record.place(self.rows.file()))),
        }
    }

    /// Adds a sequence of the current row.
    fn add(&mut self, record: &mut Record) -> Result<(), Error> {
        if let Some(group) = self.group_of(record)?.map(str::to_owned) {
            self.groups.push(group);
        }
        if record.id.is_empty() {
            record.id = format!("sequence_{}", self.sequences.len() + 1);
        }
        self.rows.hold(record.footprint())?;
        record.move_into(self.rows.file(), &mut self.sequences);
        Ok(())
    }

    fn read_wide(mut self, tasks: &[(usize, String)]) -> Result<LabelledSequences, Error> {
        let (mut labels, mut record) = (Vec::new(), Record::default());
        while self.next_record(&mut record)? {
            self.check_size(&record, labels.len() + tasks.len())?;
            for (column, _) in tasks {
                labels.push(self.label(&record, *column)?);
            }
            self.add(&mut record)?;
        }
        self.finish(tasks.iter().map(|(_, task)| task.clone()).collect(), labels)
    }

    fn read_long(mut self, task_column: usize, label_column: usize) -> Result<LabelledSequences, Error> {
        let mut records: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut tasks: HashMap<String, usize> = HashMap::new();
        let mut known: HashMap<(usize, usize), f64> = HashMap::new();
        let mut record = Record::default();
        while self.next_record(&mut record)? {
            let place = record.place(self.rows.file());
            let label = self.label(&record, label_column)?;
            let task = match std::str::from_utf8(self.rows.cell(task_column)) {
                Ok(task) if is_name(task) => task.to_owned(),
                _ => return Err(Error::Task(TaskError::TaskName(place))),
            };
            let key = if record.id.is_empty() { record.tokens.clone() } else { record.id.clone().into_bytes() };
            let row = match records.get(&key) {
                Some(&row) => {
                    self.check_agreement(row, &record)?;
                    row
                }
                None => {
                    records.insert(key, self.sequences.len());
                    self.add(&mut record)?;
                    self.sequences.len() - 1
                }
            };
            let next = tasks.len();
            let column = *tasks.entry(task.clone()).or_insert(next);
            self.check_size(&record, self.sequences.len().saturating_mul(tasks.len()))?;
            if known.insert((row, column), label).is_some() {
                return Err(Error::Task(TaskError::SecondLabel { at: place, task }));
            }
        }
        let mut labels = vec![f64::NAN; self.sequences.len() * tasks.len()];
        for ((row, column), label) in known {
            labels[row * tasks.len() + column] = label;
        }
        let mut names: Vec<(String, usize)> = tasks.into_iter().collect();
        names.sort_unstable_by_key(|(_, column)| *column);
        self.finish(names.into_iter().map(|(task, _)| task).collect(), labels)
    }

    /// Checks that a row says of a known sequence what the first one said.
    fn check_agreement(&self, row: usize, record: &Record) -> Result<(), Error> {
        let at = || record.place(self.rows.file());
        if self.sequences.sequence(row) != record.tokens {
            return Err(Error::Task(TaskError::RowsDisagree { at: at(), what: "sequence" }));
        }
        match self.group_of(record)? {
            Some(group) if self.groups.get(row).is_some_and(|first| first != group) => {
                Err(Error::Task(TaskError::RowsDisagree { at: at(), what: "group" }))
            }
            _ => Ok(()),
        }
    }

    fn check_size(&self, record: &Record, labels: usize) -> Result<(), Error> {
        if labels > MAX_LABELS {
            return Err(Error::Task(TaskError::TooManyLabels {
                at: record.place(self.rows.file()),
                limit: MAX_LABELS,
            }));
        }
        Ok(())
    }

    fn finish(self, tasks: Vec<String>, labels: Vec<f64>) -> Result<LabelledSequences, Error> {
        let file = Arc::clone(self.rows.file());
        if self.sequences.is_empty() {
            return Err(Error::NoRows(file));
        }
        let data = LabelledSequences::of_tasks(self.sequences, tasks, labels)?;
        if self.group.is_some() { data.with_groups(self.groups) } else { Ok(data) }
    }
}
