//! What is measured.

use super::roofline;
use super::subject::Subject;

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Roofline,
    Encode,
    Backward,
    Epoch,
    Head,
    KMeans,
    Training,
    Scan,
}

/// What one run of a stage did; `None` for what it is not about.
#[derive(Debug, Clone, Default)]
pub struct Work {
    pub task: String,
    pub sequences: Option<f64>,
    pub letters: Option<f64>,
    /// Bytes of table rows that were read or written.
    pub bytes: Option<f64>,
}

impl Stage {
    pub const ALL: [Self; 8] = [
        Self::Roofline,
        Self::Encode,
        Self::Backward,
        Self::Epoch,
        Self::Head,
        Self::KMeans,
        Self::Training,
        Self::Scan,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Roofline => "roofline",
            Self::Encode => "encode",
            Self::Backward => "backward",
            Self::Epoch => "epoch",
            Self::Head => "head",
            Self::KMeans => "k-means",
            Self::Training => "training",
            Self::Scan => "scan",
        }
    }

    /// Runs the stage: seconds of one run, and what it did.
    pub fn measure(self, subject: &mut Subject<'_>) -> anyhow::Result<(f64, Work)> {
        match self {
            Self::Roofline => roofline::measure(),
            Self::Encode => subject.encode(),
            Self::Backward => subject.backward(),
            Self::Epoch => subject.epoch(),
            Self::Head => subject.head(),
            Self::KMeans => subject.k_means(),
            Self::Training => subject.training(),
            Self::Scan => subject.scan(),
        }
    }
}
