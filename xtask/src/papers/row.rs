//! A row: something that a paper says, and how it is looked at here.

use std::fmt;

use super::motifs::Way;
use super::reading::Reading;
use crate::compare::plan::Plan;

/// A table, figure or claim of a paper.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// Where it stands, and what it shows.
    pub(crate) shows: &'static str,
    /// The paper's number or statement.
    pub(crate) paper: &'static str,
    pub(crate) how: How,
    pub(crate) outcome: Outcome,
    /// How ours differs, and why as far as known.
    pub(crate) remark: &'static str,
}

impl Row {
    /// Whether it is a figure of a paper, and not a table or a claim.
    pub(crate) fn is_figure(&self) -> bool {
        self.name.contains("figure-")
    }
}

/// How a row is looked at.
#[derive(Debug)]
pub(crate) enum How {
    /// By trainings and their test AUROCs, or seconds.
    Trained(&'static [Plan], Reading),
    /// By trainings of a sweep, and the side that validation chooses.
    Chosen(&'static [Plan]),
    /// By the motifs of sides of a comparison: each side's number, and the way.
    Motifs(Plan, &'static [(usize, Way)]),
    /// By test errors on draws of training images of MNIST: numbers of images, and the paper's errors.
    Digits { network: &'static str, sizes: &'static [(usize, f64)], draws: u64 },
    /// By the responses of filters at these bandwidths.
    Curves(&'static [f64]),
    /// By a command that is no part of this chore: what it was seen to print.
    Known { command: &'static str, ours: &'static str },
}

/// Whether the paper's statement is seen here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// What the paper says is seen.
    Repeated,
    /// Some of it is.
    InPart,
    /// It is looked for, and not seen.
    NotRepeated,
    /// It is not looked for.
    NotTested,
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Repeated => "repeated",
            Self::InPart => "in part",
            Self::NotRepeated => "not repeated",
            Self::NotTested => "not tested",
        })
    }
}
