//! Training of convolutional kernel networks: anchors and head in turn, over exchangeable engines.
//!
//! [`Trainer`] alternates (docs/method.md): with the anchors fixed, the head is a convex problem on embeddings; with the head
//! fixed, one pass of Adam over minibatches moves the anchors on their spheres. It asks an [`Engine`] two questions only:
//! *embed these sequences* and *pull this gradient back to the anchors*. [`SliceEngine`] answers from k-mer tables (any
//! depth, CPU); with the feature `tensors`, `ReferenceEngine` answers through the layers of `ckn_burn` (any depth, any device);
//! with `wgpu`, `DeviceEngine` makes whole passes on a graphics card (one layer).
//!
//! [`train_deepbind`] trains the network that kernel networks are measured against.
//!
//! [`train_exact`] fits a machine on an exact kernel of whole sequences.
//!
//! [`image`] learns from images.
//!
//! [`auto`] chooses among networks and machines on exact kernels by cross-validation inside the training data.
//!
//! The trainer owns no input or output: it reports to an [`Observer`] and returns a [`Fitted`] network and head.

mod adam;
mod anchors;
pub mod auto;
mod config;
mod cross_validation;
mod deepbind;
pub mod engine;
mod error;
mod exact;
mod fitted;
mod grid;
mod heads;
pub mod image;
mod judged;
mod kernel_matrix;
mod left_out;
mod observer;
mod plateau;
mod provenance;
mod split;
mod taken;
mod targets;
mod trainer;

pub use adam::Adam;
pub use anchors::fit_without_labels;
pub use config::{CheckedTrainConfig, Selection, Start, TrainConfig};
pub use cross_validation::{Fold, cross_validate, deal_groups};
pub use deepbind::{CheckedDeepBindSettings, DeepBindEngine, DeepBindSettings, FittedDeepBind, Trial, train_deepbind};
#[cfg(feature = "wgpu")]
pub use engine::DeviceEngine;
#[cfg(feature = "tensors")]
pub use engine::ReferenceEngine;
pub use engine::{Engine, Gradient, Pass, SliceEngine};
pub use error::Error;
pub use exact::{ExactSettings, FittedExact, Penalty, PenaltyTrial, default_kernel, train_exact};
pub use fitted::{Fitted, StopReason};
pub use grid::{GridTrial, train_best};
pub use left_out::LeftOut;
pub use observer::{EpochRecord, Event, Ignore, Observer};
pub use provenance::Provenance;
pub use split::{Split, split_validation};
pub use targets::ClassWeight;
pub use trainer::{Keeper, Trainer, TrainerState};

/// Sequences as tokens and a label for each.
#[derive(Debug, Clone, Copy)]
pub struct TrainingData<'a> {
    /// The sequences.
    pub view: ckn_core::TokenView<'a>,
    /// Labels, `[sequences, tasks]`; with several tasks, NaN for those that are missing.
    pub labels: &'a [f64],
    /// Number of tasks: 1 or more.
    pub tasks: usize,
}

impl<'a> TrainingData<'a> {
    /// Sequences of one task: one label each.
    pub fn of_one_task(view: ckn_core::TokenView<'a>, labels: &'a [f64]) -> Self {
        Self { view, labels, tasks: 1 }
    }
}
