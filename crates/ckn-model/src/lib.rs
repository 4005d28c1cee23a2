//! A trained convolutional kernel network as plain parameters, its file, and prediction on slices.
//!
//! Compiles in seconds and runs anywhere: no tensor library. A [`Model`] is a [`Body`], which scores sequences, and a
//! [`ModelCard`], which says what it is for and where it comes from; one file holds both. Bodies are networks with their heads
//! ([`HeadedNetwork`]), machines on exact kernels of whole sequences ([`KernelMachine`]), several models as one ([`Ensemble`]),
//! and the convolutional network that kernel networks are measured against ([`DeepBind`]). Each kind states its configuration,
//! its tensors and its scores in its own file. A network that was fitted
//! without labels is an [`HeadlessNetwork`], and no model. [`image::ImageModel`] is a model of images, in a file of the same format.

mod body;
mod card;
mod deepbind;
mod ensemble;
mod error;
mod file;
mod headed;
mod headless;
pub mod image;
mod machine;
mod model;
mod network;
mod scan;
mod whole_file;

pub use body::Body;
pub use card::{HeldOutAnchors, Lengths, ModelCard};
pub use ckn_core::head::LinearHead;
pub use ckn_core::network::{CheckedConfig, LayerConfig, NetworkConfig};
pub use deepbind::{CheckedDeepBindConfig, DeepBind, DeepBindConfig};
pub use ensemble::{Ensemble, EnsembleConfig};
pub use error::{Error, kind_of_vision};
pub use file::{FORMAT_VERSION, MAX_OUTPUT_NAME, MAX_OUTPUTS, check_output_names};
pub use headed::{HeadedNetwork, NetworkView};
pub use headless::{HeadlessCard, HeadlessNetwork};
pub use machine::{CentreWeight, KernelMachine, KernelMachineConfig, SequenceKernel, WordTable, WordTables};
pub use model::Model;
pub use network::{Layer, Network};
pub use scan::{ScannedStrands, Scanner, WindowScores};
pub use whole_file::{WholeFile, folder_of, lock_folder, sweep_leftovers};
