//! Scores of sequences whose labels are known, and where they come from.

use std::path::Path;

use ckn::bio::LabelledSequences;
use ckn::core::loss::Loss;
use ckn::model::{Lengths, Model};

use super::Name;
use crate::command::predict::scores;
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
    /// They were simulated as the training sequences were.
    Simulated,
}

/// Labelled sequences, and what the model says of them.
pub struct Tested {
    pub origin: Origin,
    pub files: Vec<File>,
    /// What there is to say about how they were read.
    pub notes: Vec<Name>,
    pub sequences: usize,
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
    /// `[sequences]`
    pub labels: Vec<f64>,
    /// Scores a sequence: 1, or one a class.
    pub outputs: usize,
    /// `[sequences, outputs]`
    pub scores: Vec<f64>,
}

impl Tested {
    /// Scores the sequences: each task by the output of its place, or one task by the output asked for.
    pub fn new(model: &Model, data: &LabelledSequences, output: Option<usize>, origin: Origin) -> anyhow::Result<Self> {
        let (card, all) = (model.card(), scores(model, data.sequences())?);
        let (outputs, tasks) = (card.outputs.len().max(1), data.task_count());
        let of_task = |task: usize| {
            let name = data.tasks().get(task).or_else(|| output.and_then(|output| card.outputs.get(output)));
            let labels = data.labels().iter().skip(task).step_by(tasks);
            if card.loss == Loss::Multinomial {
                return Task { name: None, labels: labels.copied().collect(), outputs, scores: all.clone() };
            }
            let scores = all.iter().skip(output.unwrap_or(task)).step_by(outputs);
            let (labels, scores) = labels.zip(scores).filter(|(label, _)| !label.is_nan()).unzip();
            Task { name: name.map(Name::new), labels, outputs: 1, scores }
        };
        Ok(Self {
            origin,
            files: Vec::new(),
            notes: Vec::new(),
            sequences: data.sequences().len(),
            lengths: Lengths::of(data.sequences().view()),
            tasks: (0..tasks).map(of_task).collect(),
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
