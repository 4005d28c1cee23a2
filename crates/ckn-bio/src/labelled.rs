//! Sequences with labels.

use std::collections::HashSet;

use ckn_core::loss::Loss;

use crate::encoded::EncodedSequences;
use crate::error::{Error, TaskError};
use crate::place::Place;
use crate::place::is_name;

/// Sequences and their labels: of one task, or of several, where NaN is a label that is not known.
///
/// A label is a class (1 bound, 0 not, or the number of one of several) or a measurement. Labels are row-major,
/// `[records, tasks]`. Every task of several has a name of its own and at least one known label; whether it has both classes is
/// for its user to say.
///
/// ```
/// use ckn_bio::{Alphabet, EncodedSequences, LabelledSequences};
///
/// let mut sequences = EncodedSequences::new(Alphabet::Dna);
/// sequences.push("peak_1", b"ACGT")?;
/// sequences.push("peak_2", b"TTGA")?;
/// let one = LabelledSequences::new(sequences.clone(), vec![1.0, 0.0])?;
/// assert_eq!((one.task_count(), one.labels()), (1, &[1.0, 0.0][..]));
///
/// let tasks = vec!["CTCF".to_owned(), "YY1".to_owned()];
/// let several = LabelledSequences::of_tasks(sequences, tasks, vec![1.0, f64::NAN, 0.0, 1.0])?;
/// assert_eq!(several.labels_of(0).collect::<Vec<_>>(), [Some(1.0), None]);
/// assert_eq!(several.known_labels(1).collect::<Vec<_>>(), [1.0]);
/// # Ok::<(), ckn_bio::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledSequences {
    sequences: EncodedSequences,
    labels: Vec<f64>,
    tasks: Vec<String>,
    classes: Vec<String>,
    groups: Option<Vec<String>>,
    families: Vec<usize>,
    shortest: usize,
    padded: bool,
}

impl LabelledSequences {
    /// Joins sequences and labels of the same order: one task.
    ///
    /// # Errors
    /// [`Error::LabelCount`] if there are more of one than of the other; [`Error::Label`] for NaN or an infinite label.
    pub fn new(sequences: EncodedSequences, labels: Vec<f64>) -> Result<Self, Error> {
        if sequences.len() != labels.len() {
            return Err(Error::LabelCount { sequences: sequences.len(), labels: labels.len() });
        }
        if let Some(record) = labels.iter().position(|label| !label.is_finite()) {
            let at = Box::new(sequences.place(record));
            return Err(Error::Label { at, column: "label".to_owned(), got: labels[record].to_string() });
        }
        Ok(Self::joined(sequences, labels, Vec::new()))
    }

    /// Joins sequences, the numbers of their classes, and the names of these: one task.
    ///
    /// # Errors
    /// Those of [`Self::new`]; [`Error::Label`] for a label that is no number of a class.
    pub fn of_classes(sequences: EncodedSequences, labels: Vec<f64>, classes: Vec<String>) -> Result<Self, Error> {
        let is_class = |label: f64| label >= 0.0 && label.fract() == 0.0 && label < classes.len() as f64;
        let joined = Self::new(sequences, labels)?;
        if let Some(record) = joined.labels.iter().position(|&label| !is_class(label)) {
            let (at, got) = (Box::new(joined.sequences.place(record)), joined.labels[record].to_string());
            return Err(Error::Label { at, column: "label".to_owned(), got });
        }
        Ok(Self { classes, ..joined })
    }

    /// The same, classes numbered in another order, by their names; as they are where they have none.
    ///
    /// # Errors
    /// [`TaskError::UnknownClass`] for a class that is not among the names.
    pub fn in_classes(mut self, names: &[String]) -> Result<Self, Error> {
        if self.classes.is_empty() {
            return Ok(self);
        }
        for record in 0..self.labels.len() {
            let name = &self.classes[self.labels[record] as usize];
            let Some(class) = names.iter().position(|known| known == name) else {
                let at = Box::new(self.sequences.place(record));
                return Err(TaskError::UnknownClass { at, name: name.clone(), known: names.to_vec() }.into());
            };
            self.labels[record] = class as f64;
        }
        self.classes = names.to_vec();
        Ok(self)
    }

    /// Joins sequences, names of tasks, and labels `[records, tasks]`, row-major, NaN where a label is not known.
    ///
    /// # Errors
    /// [`TaskError::TaskName`], [`TaskError::DuplicateTask`]; [`TaskError::TaskLabelCount`] if the labels are not one per
    /// sequence and task, or there is no task; [`TaskError::TaskLabel`] for an infinite label;
    /// [`TaskError::TaskWithoutLabels`] if no label of a task is known.
    pub fn of_tasks(sequences: EncodedSequences, tasks: Vec<String>, labels: Vec<f64>) -> Result<Self, Error> {
        if tasks.is_empty() || sequences.len().checked_mul(tasks.len()) != Some(labels.len()) {
            let (sequences, tasks, labels) = (sequences.len(), tasks.len(), labels.len());
            return Err(TaskError::TaskLabelCount { sequences, tasks, labels }.into());
        }
        // The file, if it is known.
        let file = if sequences.is_empty() { None } else { sequences.place(0).file };
        let at = Box::new(Place { file, ..Place::default() });
        let mut seen = HashSet::with_capacity(tasks.len());
        for task in &tasks {
            if !is_name(task) {
                return Err(TaskError::TaskName(at).into());
            }
            if !seen.insert(task.as_str()) {
                return Err(TaskError::DuplicateTask { at, task: task.clone() }.into());
            }
        }
        if let Some(index) = labels.iter().position(|label| label.is_infinite()) {
            let (record, task) = (index / tasks.len(), index % tasks.len());
            let (at, column) = (Box::new(sequences.place(record)), tasks[task].clone());
            return Err(TaskError::TaskLabel { at, column, got: labels[index].to_string() }.into());
        }
        let unknown = |task: usize| labels.iter().skip(task).step_by(tasks.len()).all(|label| label.is_nan());
        if let Some(task) = (0..tasks.len()).find(|&task| unknown(task)) {
            return Err(TaskError::TaskWithoutLabels { at, task: tasks[task].clone() }.into());
        }
        Ok(Self::joined(sequences, labels, tasks))
    }

    fn joined(sequences: EncodedSequences, labels: Vec<f64>, tasks: Vec<String>) -> Self {
        let shortest = sequences.iter().map(<[u8]>::len).min().unwrap_or(0);
        let families = (0..sequences.len()).collect();
        Self { sequences, labels, tasks, classes: Vec::new(), groups: None, families, shortest, padded: false }
    }

    /// Positives with label 1, followed by negatives with label 0.
    ///
    /// # Errors
    /// [`Error::MixedAlphabets`].
    pub fn from_classes(positives: &EncodedSequences, negatives: &EncodedSequences) -> Result<Self, Error> {
        let mut sequences = positives.clone();
        sequences.extend(negatives)?;
        let mut labels = vec![1.0; positives.len()];
        labels.resize(sequences.len(), 0.0);
        Ok(Self::joined(sequences, labels, Vec::new()))
    }

    /// The same positives followed by shuffles of them as negatives: as many of each, in the order of their originals, whose
    /// group and family they share.
    ///
    /// # Errors
    /// [`Error::MixedAlphabets`].
    pub fn with_shuffles(&self, shuffles: &EncodedSequences) -> Result<Self, Error> {
        let (originals, mut all) = (self.len(), Self::from_classes(&self.sequences, shuffles)?);
        let each = (shuffles.len() / originals.max(1)).max(1);
        let original = |record: usize| if record < originals { record } else { (record - originals) / each };
        all.families = (0..all.len()).map(original).collect();
        all.groups = self
            .groups
            .as_ref()
            .map(|groups| all.families.iter().filter_map(|&original| groups.get(original).cloned()).collect());
        Ok(all)
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

    /// The same, those shorter than `shortest` letters lengthened by unknown letters at their end.
    #[must_use]
    pub fn padded(mut self, shortest: usize) -> Self {
        if self.sequences.iter().any(|tokens| tokens.len() < shortest) {
            self.sequences = self.sequences.padded(shortest);
        }
        self.padded = true;
        self
    }

    /// Number of sequences.
    pub fn len(&self) -> usize {
        self.sequences.len()
    }

    /// Whether there is no sequence.
    pub fn is_empty(&self) -> bool {
        self.sequences.is_empty()
    }

    /// The sequences.
    pub fn sequences(&self) -> &EncodedSequences {
        &self.sequences
    }

    /// All labels, `[records, tasks]` row-major; NaN where a label is not known.
    pub fn labels(&self) -> &[f64] {
        &self.labels
    }

    /// Names of the tasks; none if there is one only.
    pub fn tasks(&self) -> &[String] {
        &self.tasks
    }

    /// Names of the classes that labels are the numbers of; none where labels are numbers themselves.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// Number of tasks.
    pub fn task_count(&self) -> usize {
        self.tasks.len().max(1)
    }

    /// The labels of one sequence, by task; nothing for a record that does not exist.
    pub fn labels_of(&self, record: usize) -> impl Iterator<Item = Option<f64>> {
        let row = self.labels.chunks(self.task_count()).nth(record).unwrap_or_default();
        row.iter().map(|&label| (!label.is_nan()).then_some(label))
    }

    /// Known labels of a task, in the order of their sequences.
    pub fn known_labels(&self, task: usize) -> impl Iterator<Item = f64> {
        self.labels.iter().skip(task).step_by(self.task_count()).copied().filter(|label| !label.is_nan())
    }

    /// The group of each sequence, if groups are known.
    pub fn groups(&self) -> Option<&[String]> {
        self.groups.as_deref()
    }

    /// Sequences of one number belong together: a positive and its shuffles, `[records]`.
    pub fn families(&self) -> &[usize] {
        &self.families
    }

    /// Whether some sequences belong together.
    pub fn has_families(&self) -> bool {
        self.families.iter().enumerate().any(|(record, &family)| record != family)
    }

    /// Letters of the shortest sequence of all that these were selected from, before any was lengthened; 0 if there is none.
    pub fn shortest(&self) -> usize {
        self.shortest
    }

    /// Whether sequences that are too short were lengthened ([`Self::padded`]).
    pub fn is_padded(&self) -> bool {
        self.padded
    }

    /// A number for each record that is the same for records that have the same label of the same task: the label itself
    /// where there is one task.
    pub fn strata(&self) -> Vec<f64> {
        let stratum = |labels: &[f64]| match labels {
            [label] => *label,
            _ => {
                let first = labels.iter().enumerate().find(|(_, label)| !label.is_nan());
                first.map_or(-1.0, |(task, label)| 2.0 * task as f64 + label)
            }
        };
        self.labels.chunks_exact(self.task_count()).map(stratum).collect()
    }

    /// Number of positives, where a loss has two classes and there is one task.
    pub fn positives(&self, loss: Loss) -> Option<usize> {
        let two_classes = matches!(loss, Loss::Logistic | Loss::SquaredHinge) && self.tasks.is_empty();
        two_classes.then(|| self.known_labels(0).filter(|&label| label > 0.5).count())
    }

    /// The sequences and labels of the given 0-based indices, in their order.
    ///
    /// # Errors
    /// [`Error::NoSuchRecord`].
    pub fn select(&self, records: &[usize]) -> Result<Self, Error> {
        let (sequences, tasks) = (self.sequences.select(records)?, self.task_count());
        let groups = self.groups.as_ref();
        Ok(Self {
            sequences,
            labels: records.iter().flat_map(|record| &self.labels[record * tasks..][..tasks]).copied().collect(),
            tasks: self.tasks.clone(),
            classes: self.classes.clone(),
            groups: groups.map(|groups| records.iter().map(|&record| groups[record].clone()).collect()),
            families: records.iter().map(|&record| self.families[record]).collect(),
            ..*self
        })
    }

    /// Sequences whose label for an output of a model is known, as two classes: those of its task, or one class of several
    /// against the others. `None` of measurements.
    ///
    /// # Errors
    /// [`Error::NoSuchRecord`], which is our fault.
    pub fn of_output(&self, output: usize, loss: Loss) -> Result<Option<Self>, Error> {
        let is_positive = |label: f64| match loss {
            Loss::Multinomial => label == output as f64,
            _ => label > 0.5,
        };
        if loss == Loss::Squared {
            return Ok(None);
        }
        let task = if loss == Loss::Multinomial { 0 } else { output };
        let label = |record: usize| self.labels[record * self.task_count() + task];
        let known: Vec<usize> = (0..self.len()).filter(|&record| !label(record).is_nan()).collect();
        let labels = known.iter().map(|&record| f64::from(is_positive(label(record)))).collect();
        Ok(Some(Self::new(self.sequences.select(&known)?, labels)?))
    }
}
