//! Several tasks: tables with missing labels, or data sets of their own.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use ckn::bio::io::{read_multitask, read_sequences};
use ckn::bio::shuffle::shuffled_negatives;
use ckn::bio::{Alphabet, EncodedSequences, LabelledSequences, MultitaskSequences};
use ckn::core::loss::Loss;
use ckn::core::seed::Seed;
use ckn::model::{MAX_OUTPUT_NAME, MAX_OUTPUTS};
use clap::Args;

use super::{Loaded, check_names};
use crate::command::given::{Given, effects};
use crate::exit::{Input, Usage};

/// Where sequences of several tasks come from.
#[derive(Debug, Clone, Args)]
pub struct TaskArguments {
    /// Table of several tasks: columns `sequence` and `label:NAME` for each task, or `sequence`, `task` and `label`; an empty
    /// cell, `NA` or `.` is a label that is not known
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seq", "pos", "neg", "tsv", "bed", "task"])]
    pub tasks: Option<PathBuf>,
    /// One of several data sets, each a task of its own: positive and negative sequences; without negatives, positives are
    /// shuffled. Say it once for every task
    #[arg(long, value_name = "NAME=POS[,NEG]", conflicts_with_all = ["seq", "pos", "neg", "tsv", "bed"])]
    pub task: Vec<TaskFiles>,
}

/// The files of one task.
#[derive(Debug, Clone)]
pub struct TaskFiles {
    name: String,
    positives: PathBuf,
    negatives: Option<PathBuf>,
}

impl FromStr for TaskFiles {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "write NAME=POSITIVES or NAME=POSITIVES,NEGATIVES".to_owned();
        let (name, files) = text.split_once('=').ok_or_else(expected)?;
        let mut files = files.split(',');
        match (name, files.next(), files.next(), files.next()) {
            ("", ..) | (_, None | Some(""), ..) | (_, _, Some(""), _) | (_, _, _, Some(_)) => Err(expected()),
            (_, Some(positives), negatives, None) => {
                Ok(Self { name: name.to_owned(), positives: positives.into(), negatives: negatives.map(PathBuf::from) })
            }
        }
    }
}

impl TaskArguments {
    /// Whether there are several tasks.
    pub fn given(&self) -> bool {
        self.tasks.is_some() || !self.task.is_empty()
    }

    /// Refuses them where there is a reason.
    pub fn check_effects(&self, given: &Given, idle: Option<&str>) -> Result<(), Usage> {
        effects!(given, self; ; tasks, task => idle)
    }

    /// The files, by their roles.
    pub fn files(&self) -> impl Iterator<Item = (String, &Path)> {
        let table = self.tasks.iter().map(|path| ("tasks".to_owned(), path.as_path()));
        table.chain(self.task.iter().flat_map(|task| {
            let negatives = task.negatives.iter().map(|path| (format!("neg:{}", task.name), path.as_path()));
            std::iter::once((format!("pos:{}", task.name), task.positives.as_path())).chain(negatives)
        }))
    }

    /// Reads the sequences and their labels.
    pub fn read(&self, alphabet: Alphabet, allow_duplicates: bool, seed: u64) -> anyhow::Result<MultitaskSequences> {
        if let Some(path) = &self.tasks {
            let data = read_multitask(path, alphabet)?;
            check_names(data.sequences(), allow_duplicates)?;
            check_names_of_tasks(data.tasks())?;
            return Ok(data);
        }
        if self.task.len() < 2 {
            return Err(
                Usage("--task names one of several data sets: give it at least twice, or use --pos".into()).into()
            );
        }
        let mut sequences = EncodedSequences::new(alphabet);
        let mut labels = Vec::new();
        for (number, task) in self.task.iter().enumerate() {
            let positives = read_sequences(&task.positives, alphabet)?;
            check_names(&positives, allow_duplicates)?;
            let negatives = match &task.negatives {
                Some(path) => {
                    let negatives = read_sequences(path, alphabet)?;
                    check_names(&negatives, allow_duplicates)?;
                    negatives
                }
                None => shuffled_negatives(&positives, 2, 1, Seed(seed))?,
            };
            for (class, label) in [(&positives, 1.0), (&negatives, 0.0)] {
                let mut row = vec![f64::NAN; self.task.len()];
                row[number] = label;
                (0..class.len()).for_each(|_| labels.extend_from_slice(&row));
                sequences.extend(class)?;
            }
        }
        let names: Vec<String> = self.task.iter().map(|task| task.name.clone()).collect();
        check_names_of_tasks(&names)?;
        Ok(MultitaskSequences::new(sequences, names, labels)?)
    }
}

/// Checks, before any training, that a model can hold tasks of these names.
fn check_names_of_tasks(names: &[String]) -> anyhow::Result<()> {
    if names.len() > MAX_OUTPUTS {
        let message =
            format!("there are {} tasks, at most {MAX_OUTPUTS} fit into a model: leave some out", names.len());
        return Err(Input(message).into());
    }
    if let Some(name) = names.iter().find(|name| name.len() > MAX_OUTPUT_NAME) {
        let (shown, bytes): (String, _) = (name.chars().take(40).flat_map(char::escape_debug).collect(), name.len());
        let message = format!(
            "the task `{shown}...` has a name of {bytes} bytes, at most {MAX_OUTPUT_NAME} fit into a model: shorten it"
        );
        return Err(Input(message).into());
    }
    Ok(())
}

/// Sequences to train on, whatever they came from.
#[derive(Debug)]
pub struct TrainingSet {
    pub sequences: EncodedSequences,
    /// `[sequences, tasks]`; NaN where a label is not known.
    pub labels: Vec<f64>,
    /// Names of the tasks; none if there is one only.
    pub tasks: Vec<String>,
    /// Whether sequences that are too short were lengthened.
    pub pad_short: bool,
    /// Sequences of one number belong together: a positive and its shuffles, `[sequences]`.
    pub groups: Vec<usize>,
    /// Letters of the shortest sequence of all that were read, selected or not.
    pub shortest: usize,
}

/// Letters of the shortest sequence; none if there is no sequence.
fn shortest(sequences: &EncodedSequences) -> usize {
    sequences.iter().map(<[u8]>::len).min().unwrap_or(0)
}

impl From<LabelledSequences> for TrainingSet {
    fn from(data: LabelledSequences) -> Self {
        let (sequences, labels) = data.into_parts();
        let groups = (0..sequences.len()).collect();
        let shortest = shortest(&sequences);
        Self { sequences, labels, tasks: Vec::new(), pad_short: false, groups, shortest }
    }
}

impl From<Loaded> for TrainingSet {
    fn from(loaded: Loaded) -> Self {
        let mut set = Self::from(loaded.data);
        if let Some(originals) = loaded.originals.filter(|&originals| originals > 0) {
            let each = (set.sequences.len() / originals).saturating_sub(1).max(1);
            for (record, group) in set.groups.iter_mut().enumerate().skip(originals) {
                *group = (record - originals) / each;
            }
        }
        set
    }
}

impl From<MultitaskSequences> for TrainingSet {
    fn from(data: MultitaskSequences) -> Self {
        let (labels, tasks) = (data.labels().to_vec(), data.tasks().to_vec());
        let groups = (0..data.sequences().len()).collect();
        let shortest = shortest(data.sequences());
        Self { sequences: data.sequences().clone(), labels, tasks, pad_short: false, groups, shortest }
    }
}

impl TrainingSet {
    /// Lengthens sequences that are too short, by unknown letters.
    pub fn pad(&mut self, shortest: usize) {
        if self.sequences.iter().any(|tokens| tokens.len() < shortest) {
            self.sequences = self.sequences.padded(shortest);
        }
        self.pad_short = true;
    }

    /// Some of the records, in the given order.
    pub fn select(&self, records: &[usize]) -> anyhow::Result<Self> {
        let tasks = self.task_count();
        Ok(Self {
            sequences: self.sequences.select(records)?,
            labels: records.iter().flat_map(|record| &self.labels[record * tasks..][..tasks]).copied().collect(),
            tasks: self.tasks.clone(),
            pad_short: self.pad_short,
            groups: records.iter().map(|&record| self.groups[record]).collect(),
            shortest: self.shortest,
        })
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

    /// Whether some sequences belong together.
    pub fn has_groups(&self) -> bool {
        self.groups.iter().enumerate().any(|(record, &group)| record != group)
    }

    /// Number of tasks.
    pub fn task_count(&self) -> usize {
        self.tasks.len().max(1)
    }

    /// Known labels of a task.
    pub fn labels_of(&self, task: usize) -> impl Iterator<Item = f64> {
        self.labels.iter().skip(task).step_by(self.task_count()).copied().filter(|label| !label.is_nan())
    }

    /// Number of positives, where there are two classes of one task.
    pub fn positives(&self, loss: Loss) -> Option<usize> {
        let two_classes = matches!(loss, Loss::Logistic | Loss::SquaredHinge) && self.tasks.is_empty();
        two_classes.then(|| self.labels_of(0).filter(|&label| label > 0.5).count())
    }

    /// Sequences whose label for an output is known, as two classes: those of its task, or one class of several against the
    /// others. `None` of measurements.
    pub fn of_output(&self, output: usize, loss: Loss) -> anyhow::Result<Option<LabelledSequences>> {
        let is_positive = |label: f64| match loss {
            Loss::Multinomial => label == output as f64,
            _ => label > 0.5,
        };
        if loss == Loss::Squared {
            return Ok(None);
        }
        let task = if loss == Loss::Multinomial { 0 } else { output };
        let label = |record: usize| self.labels[record * self.task_count() + task];
        let known: Vec<usize> = (0..self.sequences.len()).filter(|&record| !label(record).is_nan()).collect();
        let labels = known.iter().map(|&record| f64::from(is_positive(label(record)))).collect();
        Ok(Some(LabelledSequences::new(self.sequences.select(&known)?, labels)?))
    }

    /// Checks that a loss knows every label of several tasks; `remedy` ends the message.
    pub fn check_labels(&self, loss: Loss, remedy: &str) -> anyhow::Result<()> {
        for (task, name) in self.tasks.iter().enumerate() {
            if let Some(label) = self.labels_of(task).find(|&label| loss.check_label(label, 2).is_err()) {
                let message = format!("task {name} has the label {label}: labels of two classes are 0 and 1{remedy}");
                return Err(Input(message).into());
            }
        }
        Ok(())
    }

    /// Checks that every task can be learnt: labels of both classes, where there are two.
    pub fn check_classes(&self, loss: Loss) -> anyhow::Result<()> {
        for (task, name) in self.tasks.iter().enumerate() {
            let positives = self.labels_of(task).filter(|&label| label > 0.5).count();
            let negatives = self.labels_of(task).count() - positives;
            if loss.is_classification() && (positives < 2 || negatives < 2) {
                let message = format!(
                    "task {name} has {positives} positives and {negatives} negatives: training needs at least 2 of each: \
                     leave the task out, or label more sequences"
                );
                return Err(Input(message).into());
            }
        }
        Ok(())
    }
}
