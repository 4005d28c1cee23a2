//! What a training on images tells.

use serde::Serialize;

use super::CostTrial;

/// One pass of the training with labels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImageEpoch {
    /// Passes that these anchors have seen: 0 is the start.
    pub epoch: usize,
    /// Mean objective of the machine on the training part.
    pub training_objective: f64,
    /// Error on the images held out, in per cent.
    pub held_out_error: f64,
    /// Learning rate of the pass that follows.
    pub learning_rate: f64,
    /// Whether the anchors were put back, as the objective rose.
    pub restored: bool,
    /// Whether the error is the lowest so far.
    pub best: bool,
}

/// An event of a training on images.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum ImageEvent<'a> {
    /// Filters of a layer are learned.
    Layer {
        /// The branch, counted from 1.
        branch: usize,
        /// The layer, counted from 1.
        layer: usize,
        /// Patches that were seen.
        patches: usize,
        /// Bandwidth, if the kernel has one.
        sigma: Option<f64>,
        /// Mean squared error of an expansion, at its start and at its end.
        errors: Option<(f64, f64)>,
    },
    /// Images are embedded.
    Embedded {
        /// Images done; 0 at the beginning.
        done: usize,
        /// Images in all.
        of: usize,
    },
    /// A penalty was tried on images held out.
    Cost(&'a CostTrial),
    /// A pass over minibatches goes on.
    Batch {
        /// The pass, counted from 1.
        epoch: usize,
        /// Images done; 0 at the beginning.
        done: usize,
        /// Images of the pass.
        of: usize,
    },
    /// The machine is fitted and tried.
    Epoch(&'a ImageEpoch),
    /// The machine is fitted on all images.
    Fitted {
        /// Its penalty.
        cost: f64,
        /// Whether its solver converged.
        converged: bool,
    },
}

impl<'a> From<ImageEvent<'a>> for crate::Event<'a> {
    fn from(event: ImageEvent<'a>) -> Self {
        Self::Image(event)
    }
}
