//! Networks on sequences: their configuration, and networks made ready to compute.
//!
//! [`NetworkConfig`] and [`LayerConfig`] say what a network is, [`Prepared`] holds tables, maps and inverse roots for given
//! anchor points and computes embeddings, gradients and scores. It alone decides how: one layer of contiguous patches that are pooled
//! one by one runs from k-mer tables ([`crate::sequence`]), any other network on maps ([`crate::stack`]).

mod config;
mod prepared;
mod scores;
mod sliding;
mod word_values;

pub use config::{CheckedConfig, LayerConfig, MAX_FILTERS, MAX_LAYERS, MAX_PARAMETERS, MAX_WIDTH, NetworkConfig};
pub use prepared::{Prepared, PullBackBuffers};
pub use scores::scores;
pub use sliding::{SlidingScores, SlidingScratch};

/// Gradient of a loss by a network's parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkGradient {
    /// By the anchors of each layer, `[filters, channels, width]`, not projected on the sphere's tangent.
    pub anchors: Vec<Vec<f64>>,
    /// By the bandwidth `σ` of each layer; zero for kernels without one.
    pub sigma: Vec<f64>,
}
