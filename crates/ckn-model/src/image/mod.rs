//! Models of images: networks, the scaling of their embeddings, and linear machines.

mod config;
mod input;
mod kind;
mod model;

pub use config::{BranchConfig, ImageCard, ImageConfig, LearnedScaling};
pub use input::{InputMap, InputMaps, shape_of};
pub use model::{Branch, ImageModel};
