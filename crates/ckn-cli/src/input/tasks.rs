//! Several tasks: tables with missing labels, or data sets of their own.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use ckn::bio::io::{read_multitask, read_sequences};
use ckn::bio::shuffle::shuffled_negatives;
use ckn::bio::{Alphabet, EncodedSequences, LabelledSequences};
use ckn::core::loss::Loss;
use ckn::core::seed::Seed;
use ckn::model::{MAX_OUTPUT_NAME, MAX_OUTPUTS};
use clap::Args;

use super::check_names;
use super::same::check_differ;
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
    pub fn read(&self, alphabet: Alphabet, allow_duplicates: bool, seed: u64) -> anyhow::Result<LabelledSequences> {
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
            if let Some(negatives) = &task.negatives {
                check_differ(&task.positives, negatives)?;
            }
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
        Ok(LabelledSequences::of_tasks(sequences, names, labels)?)
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

/// Checks that every task of several can be learnt: labels of both classes, where there are two.
pub fn check_classes(data: &LabelledSequences, loss: Loss) -> anyhow::Result<()> {
    for (task, name) in data.tasks().iter().enumerate() {
        let positives = data.known_labels(task).filter(|&label| label > 0.5).count();
        let negatives = data.known_labels(task).count() - positives;
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
