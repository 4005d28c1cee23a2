//! Convolutional kernel networks for biological sequences and images: the crate that programs depend on.
//!
//! Sequences come from [`bio`], networks and models from [`model`], training from [`train`], motifs from [`interpret`];
//! images from [`vision`]; [`core`] has the mathematics. [`prelude`] holds what most programs need.
//!
//! With the feature `tensors`, which the default features bring along, `burn` has the layers as burn modules, and networks are
//! trained on any device; with `default-features = false` everything else is there, and no tensor library is compiled.

pub use ckn_bio as bio;
#[cfg(feature = "tensors")]
pub use ckn_burn as burn;
pub use ckn_core as core;
pub use ckn_interpret as interpret;
pub use ckn_model as model;
pub use ckn_train as train;
pub use ckn_vision as vision;

/// What most programs need.
pub mod prelude {
    pub use ckn_bio::{Alphabet, EncodedSequences, LabelledSequences};
    pub use ckn_core::TokenView;
    pub use ckn_core::kernel::DotProductKernel;
    pub use ckn_core::loss::Loss;
    pub use ckn_core::metrics::auroc;
    pub use ckn_core::pooling::{Border, Pooling, Strands};
    pub use ckn_core::seed::Seed;
    pub use ckn_core::whitening::Regularisation;
    pub use ckn_model::{LayerConfig, Lengths, LinearHead, Model, ModelCard, Network, NetworkConfig};
    #[cfg(feature = "tensors")]
    pub use ckn_train::ReferenceEngine;
    pub use ckn_train::{Engine, Ignore, Observer, Provenance, SliceEngine, TrainConfig, Trainer, TrainingData};
}
