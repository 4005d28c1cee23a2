//! A trained convolutional kernel network as plain parameters, its file, and prediction on slices.
//!
//! Compiles in seconds and runs anywhere: no tensor library. [`Network`] is the map from sequences to embeddings,
//! [`LinearHead`] the map from embeddings to scores, [`Model`] both, with what is needed to use them from a file.
//! [`KernelMachine`] scores by the exact kernel of whole sequences, [`Ensemble`] by the scores of several models.
//! [`image::ImageModel`] is a model of images.
//! [`DeepBind`] is the convolutional network that kernel networks are measured against, [`AnyModel`] a file of any kind.

mod any;
mod config;
mod deepbind;
mod encoder;
mod ensemble;
mod error;
mod file;
mod head;
pub mod image;
mod machine;
mod model;
mod network;
mod scan;
mod scores;

pub use any::AnyModel;
pub use config::{CheckedConfig, LayerConfig, NetworkConfig};
pub use deepbind::{CheckedDeepBindConfig, DeepBind, DeepBindConfig, DeepBindModel};
pub use encoder::Encoder;
pub use ensemble::{Ensemble, EnsembleConfig};
pub use error::{Error, kind_of_vision};
pub use file::{FORMAT_VERSION, MAX_OUTPUT_NAME, MAX_OUTPUTS};
pub use head::LinearHead;
pub use machine::{KernelMachine, KernelMachineConfig, MachineModel, SequenceKernel};
pub use model::{HeldOutAnchors, Lengths, Model, ModelCard};
pub use network::{Layer, Network};
pub use scan::{ScannedStrands, Scanner, WindowScores};
