//! What a training leaves.

use ckn_core::solver::Termination;
use ckn_model::{LinearHead, Network};
use serde::Serialize;

use crate::EpochRecord;

/// Why a training stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum StopReason {
    /// All epochs are done.
    Epochs,
    /// The validation loss did not fall for the epochs of `early_stop`.
    EarlyStop,
    /// The observer asked to stop.
    Interrupted,
}

/// What a training found: one consistent pair of anchors and head.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// The network of the best epoch.
    pub network: Network,
    /// Its heads: one a task, or one a class.
    pub heads: Vec<LinearHead>,
    /// Every epoch, the k-means start first.
    pub epochs: Vec<EpochRecord>,
    /// The epoch that is kept: an index of `epochs`.
    pub best: usize,
    /// Why the training stopped.
    pub reason: StopReason,
    /// Why the solver of the kept head stopped.
    pub head_termination: Termination,
    /// Penalty of the heads.
    pub l2: f64,
    /// Records held out to choose the epoch, ascending: the anchors were not trained on them.
    pub validation: Vec<usize>,
}
