//! Convolutional kernel networks for biological sequences and images: the crate that programs depend on.
//!
//! Sequences come from [`bio`], networks and models from [`model`], training from [`train`], motifs from [`interpret`];
//! images from [`vision`]; [`core`] has the mathematics and [`burn`] the layers as burn modules. [`prelude`] holds what most programs need.

pub use ckn_bio as bio;
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
    pub use ckn_model::{AnyModel, LayerConfig, Lengths, LinearHead, Model, ModelCard, Network, NetworkConfig};
    pub use ckn_train::{Engine, Ignore, Observer, ReferenceEngine, SliceEngine, TrainConfig, Trainer, TrainingData};
}
