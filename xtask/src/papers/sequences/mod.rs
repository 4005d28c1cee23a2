//! Rows of *Predicting transcription factor binding sites with convolutional kernel networks* (Chen, Jacob and Mairal).

pub(super) mod claims;
pub(super) mod figures;

use crate::compare::experiments::{Comparison, Mode};
use crate::compare::network::Pooling;
use crate::compare::plan::Plan;

/// A comparison in average pooling, DeepBind-style networks without calibrations.
const fn plan(comparison: Comparison, mode: Mode, seeds: u64) -> Plan {
    Plan { comparison, mode, pooling: Pooling::Mean, calibrations: 0, seeds }
}

/// The same with calibrations.
const fn calibrated(mode: Mode, calibrations: u64, seeds: u64) -> Plan {
    Plan { comparison: Comparison::Deepbind, mode, pooling: Pooling::Mean, calibrations, seeds }
}

/// The same in max pooling.
const fn max(plan: Plan) -> Plan {
    Plan { pooling: Pooling::Max, ..plan }
}
