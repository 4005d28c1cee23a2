//! Scores of sequences whose labels are known, and where they come from.

use std::path::Path;

use ckn::bio::{EncodedSequences, LabelledSequences};
use ckn::core::loss::Loss;
use ckn::model::{Lengths, Model, ModelCard};
use ckn::train::LeftOut;

use super::Name;
use crate::command::predict::scores;
use crate::exit::Usage;
use crate::input::hashes;

/// How well the model may know the sequences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// They are given for this report.
    Given,
    /// Their file is one of those that the model was trained on.
    Known,
    /// They were held out from the training, which chose the epoch by them.
    Validation,
    /// The model was trained on them; their scores are those of models that were not.
    LeftOut,
    /// They were simulated as the training sequences were.
    Simulated,
}

impl Origin {
    /// Whether the model was trained on the sequences.
    pub fn is_known(self) -> bool {
        matches!(self, Self::Known | Self::LeftOut)
    }
}

/// Labelled sequences, and what the model says of them.
pub struct Tested {
    pub origin: Origin,
    pub files: Vec<File>,
    /// What there is to say about how they were read.
    pub notes: Vec<Name>,
    pub sequences: EncodedSequences,
    pub lengths: Option<Lengths>,
    pub tasks: Vec<Task>,
}

/// A file that was read.
pub struct File {
    pub name: Name,
    pub hash: Name,
}

/// The known labels of one task, and scores of the same sequences.
pub struct Task {
    pub name: Option<Name>,
    /// Names of the classes, of several.
    pub classes: Vec<Name>,
    /// The output that scores it, by its place; of several classes 0.
    pub place: usize,
    /// The sequences of a known label, by their places. `[sequences]`
    pub records: Vec<usize>,
    /// `[sequences]`
    pub labels: Vec<f64>,
    /// Scores a sequence: 1, or one a class.
    pub outputs: usize,
    /// `[sequences, outputs]`
    pub scores: Vec<f64>,
}

impl Tested {
    /// Scores the sequences: each task by the output of its name, or one task by the output asked for.
    pub fn new(model: &Model, data: &LabelledSequences, output: Option<usize>, origin: Origin) -> anyhow::Result<Self> {
        let all = scores(model, data.sequences())?;
        Self::of_scores(model.card(), data, output, &all, origin)
    }

    /// Sequences of the training, with the scores of models that had not seen them.
    pub fn left_out(model: &Model, data: &LabelledSequences, left_out: &LeftOut) -> anyhow::Result<Self> {
        let data = data.select(&left_out.records)?;
        Self::of_scores(model.card(), &data, None, &left_out.scores, Origin::LeftOut)
    }

    fn of_scores(
        card: &ModelCard,
        data: &LabelledSequences,
        output: Option<usize>,
        all: &[f64],
        origin: Origin,
    ) -> anyhow::Result<Self> {
        let (outputs, tasks) = (card.outputs.len().max(1), data.task_count());
        let of_task = |task: usize| -> anyhow::Result<Task> {
            let labels = data.labels().iter().skip(task).step_by(tasks).enumerate();
            let (records, labels): (Vec<usize>, Vec<f64>) =
                labels.filter(|(_, label)| !label.is_nan()).map(|(record, label)| (record, *label)).unzip();
            if card.loss == Loss::Multinomial {
                let classes = card.outputs.iter().map(Name::new).collect();
                return Ok(Task { name: None, classes, place: 0, records, labels, outputs, scores: all.to_vec() });
            }
            let name = data.tasks().get(task).or_else(|| output.and_then(|output| card.outputs.get(output)));
            let place = match (output, name) {
                (Some(output), _) => output,
                (None, Some(name)) => place_of(card, name)?,
                (None, None) => 0,
            };
            let scores = records.iter().filter_map(|record| all.get(record * outputs + place).copied()).collect();
            Ok(Task { name: name.map(Name::new), classes: Vec::new(), place, records, labels, outputs: 1, scores })
        };
        Ok(Self {
            origin,
            files: Vec::new(),
            notes: Vec::new(),
            sequences: data.sequences().clone(),
            lengths: Lengths::of(data.sequences().view()),
            tasks: (0..tasks).map(of_task).collect::<anyhow::Result<Vec<_>>>()?,
        })
    }

    /// Says which files the sequences were read from; the model may know them from its training.
    pub fn with_files<'a>(mut self, model: &Model, paths: impl Iterator<Item = &'a Path>) -> anyhow::Result<Self> {
        for (path, hash) in hashes(paths.map(|path| (path.display().to_string(), path)))? {
            if model.card().data.values().any(|known| *known == hash) {
                self.origin = Origin::Known;
            }
            self.files.push(File { name: Name::of_file(Path::new(&path)), hash: Name::new(hash) });
        }
        Ok(self)
    }
}

/// The output of a task of the data.
fn place_of(card: &ModelCard, task: &str) -> anyhow::Result<usize> {
    let place = card.outputs.iter().position(|output| output == task);
    place.ok_or_else(|| {
        let has =
            if card.outputs.is_empty() { "one output, without a name".to_owned() } else { card.outputs.join(", ") };
        Usage(format!("the model has no output {task}: it has {has}")).into()
    })
}
