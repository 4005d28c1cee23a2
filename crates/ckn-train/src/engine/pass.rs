//! A pass over minibatches, for engines that make all of it.

use ckn_core::loss::Loss;
use ckn_model::LinearHead;

use crate::targets::Targets;

/// What anchors are moved by while the heads stand still.
#[derive(Debug, Clone, Copy)]
pub struct Pass<'a> {
    /// The records of the training part, minibatch after minibatch.
    pub order: &'a [usize],
    /// Records of a minibatch.
    pub batch: usize,
    /// One head an output.
    pub heads: &'a [LinearHead],
    /// Learning rate of Adam.
    pub learning_rate: f64,
    pub(crate) targets: &'a Targets<'a>,
    /// What a label of each task counts.
    pub(crate) shares: &'a [f64],
}

impl Pass<'_> {
    /// Loss of a score and a label.
    pub fn loss(&self) -> Loss {
        self.targets.loss()
    }

    /// Labels in the order of the records, and what the loss of each counts; both 0 where a label is missing.
    ///
    /// # Shapes
    /// each `[records, tasks]`.
    pub fn labels(&self) -> (Vec<f32>, Vec<f32>) {
        let tasks = self.targets.tasks();
        let each = self.order.iter().flat_map(|&record| (0..tasks).map(move |task| (record, task)));
        each.map(|(record, task)| match self.targets.label(record, task) {
            Some(label) => (label as f32, (self.shares[task] * self.targets.weight(task, label)) as f32),
            None => (0.0, 0.0),
        })
        .unzip()
    }
}
