//! What a trainer tells while it works.

use std::ops::ControlFlow;

use ckn_core::solver::Termination;
use serde::{Deserialize, Serialize};

use crate::StopReason;

/// One epoch: the head fitted for the anchors of its beginning, and what it is worth.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EpochRecord {
    /// Passes over the data that these anchors have seen: 0 is the k-means start.
    pub epoch: usize,
    /// Mean loss on the training part, of all tasks alike; of squared losses the mean squared error.
    pub training_loss: f64,
    /// Mean loss on the validation part, likewise.
    pub validation_loss: f64,
    /// AUROC on the validation part, where labels are two classes: its mean over tasks.
    pub validation_auroc: Option<f64>,
    /// AUROC of each task, if there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub task_aurocs: Vec<Option<f64>>,
    /// Bandwidths of the layers, where they are learnt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sigmas: Vec<f64>,
    /// Learning rate of the pass that follows.
    pub learning_rate: f64,
    /// Steps of the head's solver; 0 where the head moves with the rest.
    pub head_iterations: usize,
    /// Why the head's solver stopped; `None` where the head moves with the rest.
    pub head_termination: Option<Termination>,
    /// Whether this is the best epoch so far.
    pub best: bool,
}

/// An event of a training.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Training begins.
    Started {
        /// Name of the engine and its device.
        engine: &'a str,
        /// Records of the training part.
        training: usize,
        /// Records of the validation part.
        validation: usize,
        /// Epochs at most.
        epochs: usize,
    },
    /// A layer's anchors were placed by k-means.
    Anchors {
        /// The layer, counted from 1.
        layer: usize,
        /// Patches that k-means saw.
        patches: usize,
        /// Iterations of k-means.
        iterations: usize,
        /// Mean cosine of patches and their centres.
        cosine: f64,
    },
    /// Head fitted and validated.
    Epoch(&'a EpochRecord),
    /// A minibatch of an epoch is done.
    Batch {
        /// Records done in this epoch.
        done: usize,
        /// Records of an epoch.
        of: usize,
    },
    /// A trial of a calibration is done.
    Calibration {
        /// The trial, counted from 1.
        trial: usize,
        /// Trials in all.
        of: usize,
        /// Mean loss on the folds left out.
        loss: f64,
        /// Lowest such loss so far.
        best: f64,
    },
    /// A trial of a search is done.
    Trial {
        /// What it was worth.
        trial: &'a crate::auto::AutoTrial,
        /// Trials in all.
        of: usize,
        /// Highest AUROC so far.
        best: f64,
        /// Seconds of the budget that are left, if there is one.
        left: Option<f64>,
    },
    /// A penalty of a machine was judged.
    Penalty {
        /// What it was worth.
        trial: &'a crate::PenaltyTrial,
        /// Penalties in all.
        of: usize,
    },
    /// Something inside of a trial is done: an occasion to stop.
    Working,
    /// A step of a training on images; `Break` ends its passes with labels at the best one so far, and all else without a
    /// result.
    Image(crate::image::ImageEvent<'a>),
    /// Training ended.
    Finished(StopReason),
}

/// Watches a training; progress bars and logs are observers, as is any closure that takes an event.
///
/// # Example
/// ```
/// use std::ops::ControlFlow;
/// use ckn_train::{Event, Observer, StopReason};
///
/// let mut epochs = 0;
/// let mut watch = |event: Event<'_>| {
///     if let Event::Epoch(record) = event {
///         epochs = record.epoch;
///     }
///     // Not more than 20 epochs, whatever the settings say.
///     if epochs < 20 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
/// };
/// assert!(watch.observe(Event::Finished(StopReason::EarlyStop)).is_continue());
/// ```
pub trait Observer {
    /// Takes an event; `Break` ends the training with the best epoch so far.
    fn observe(&mut self, event: Event<'_>) -> ControlFlow<()>;
}

/// Watches nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ignore;

impl Observer for Ignore {
    fn observe(&mut self, _event: Event<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

impl<F: FnMut(Event<'_>) -> ControlFlow<()>> Observer for F {
    fn observe(&mut self, event: Event<'_>) -> ControlFlow<()> {
        self(event)
    }
}
