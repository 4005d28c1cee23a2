//! Sequences with a label for each of several tasks, where some labels are not known.

use std::collections::HashSet;

use crate::encoded::EncodedSequences;
use crate::error::{Error, TaskError};
use crate::place::{Place, is_name};

/// Sequences and their labels for several tasks; NaN is a label that is not known.
///
/// Labels are row-major, `[records, tasks]`. Every task has a name of its own and at least one known label; whether it has
/// both classes is for its user to say.
///
/// ```
/// use ckn_bio::{Alphabet, EncodedSequences, MultitaskSequences};
///
/// let mut sequences = EncodedSequences::new(Alphabet::Dna);
/// sequences.push("peak_1", b"ACGT")?;
/// sequences.push("peak_2", b"TTGA")?;
/// let tasks = vec!["CTCF".to_owned(), "YY1".to_owned()];
/// let data = MultitaskSequences::new(sequences, tasks, vec![1.0, f64::NAN, 0.0, 1.0])?;
/// assert_eq!(data.labels_of(0).collect::<Vec<_>>(), [Some(1.0), None]);
/// # Ok::<(), ckn_bio::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct MultitaskSequences {
    sequences: EncodedSequences,
    tasks: Vec<String>,
    labels: Vec<f64>,
    groups: Option<Vec<String>>,
}

impl MultitaskSequences {
    /// Joins sequences, names of tasks, and labels `[records, tasks]`, row-major, NaN where a label is not known.
    ///
    /// # Errors
    /// [`TaskError::TaskName`], [`TaskError::DuplicateTask`]; [`TaskError::TaskLabelCount`] if the labels are not one per sequence and
    /// task, or there is no task; [`TaskError::TaskLabel`] for an infinite label; [`TaskError::TaskWithoutLabels`] if no label of a
    /// task is known.
    pub fn new(sequences: EncodedSequences, tasks: Vec<String>, labels: Vec<f64>) -> Result<Self, Error> {
        if tasks.is_empty() || sequences.len().checked_mul(tasks.len()) != Some(labels.len()) {
            let (sequences, tasks, labels) = (sequences.len(), tasks.len(), labels.len());
            return Err(Error::Task(TaskError::TaskLabelCount { sequences, tasks, labels }));
        }
        // The file, if it is known.
        let file = if sequences.is_empty() { None } else { sequences.place(0).file };
        let at = Box::new(Place { file, ..Place::default() });
        let mut seen = HashSet::with_capacity(tasks.len());
        for task in &tasks {
            if !is_name(task) {
                return Err(Error::Task(TaskError::TaskName(at)));
            }
            if !seen.insert(task.as_str()) {
                return Err(Error::Task(TaskError::DuplicateTask { at, task: task.clone() }));
            }
        }
        if let Some(index) = labels.iter().position(|label| label.is_infinite()) {
            let (record, task) = (index / tasks.len(), index % tasks.len());
            let at = Box::new(sequences.place(record));
            return Err(Error::Task(TaskError::TaskLabel {
                at,
                column: tasks[task].clone(),
                got: labels[index].to_string(),
            }));
        }
        let unknown = |task: usize| labels.iter().skip(task).step_by(tasks.len()).all(|label| label.is_nan());
        if let Some(task) = (0..tasks.len()).find(|&task| unknown(task)) {
            return Err(Error::Task(TaskError::TaskWithoutLabels { at, task: tasks[task].clone() }));
        }
        Ok(Self { sequences, tasks, labels, groups: None })
    }

    /// Adds the group of each sequence: what must not be divided between training and test.
    ///
    /// # Errors
    /// [`Error::GroupCount`]; [`Error::GroupName`] for a name that is empty or holds control characters.
    pub fn with_groups(mut self, groups: Vec<String>) -> Result<Self, Error> {
        if groups.len() != self.len() {
            return Err(Error::GroupCount { sequences: self.len(), groups: groups.len() });
        }
        if let Some(record) = groups.iter().position(|group| !is_name(group)) {
            return Err(Error::GroupName(Box::new(self.sequences.place(record))));
        }
        self.groups = Some(groups);
        Ok(self)
    }

    /// Number of sequences.
    pub fn len(&self) -> usize {
        self.sequences.len()
    }

    /// Whether there is no sequence; never so, since every task has a label.
    pub fn is_empty(&self) -> bool {
        self.sequences.is_empty()
    }

    /// The sequences.
    pub fn sequences(&self) -> &EncodedSequences {
        &self.sequences
    }

    /// Names of the tasks.
    pub fn tasks(&self) -> &[String] {
        &self.tasks
    }

    /// All labels, `[records, tasks]` row-major; NaN where a label is not known.
    pub fn labels(&self) -> &[f64] {
        &self.labels
    }

    /// The labels of one sequence, by task; nothing for a record that does not exist.
    pub fn labels_of(&self, record: usize) -> impl Iterator<Item = Option<f64>> {
        let row = self.labels.chunks(self.tasks.len()).nth(record).unwrap_or_default();
        row.iter().map(|&label| (!label.is_nan()).then_some(label))
    }

    /// The group of each sequence, if groups are known.
    pub fn groups(&self) -> Option<&[String]> {
        self.groups.as_deref()
    }
}
