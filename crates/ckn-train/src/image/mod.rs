//! Learning from images: layers one after the other without labels, a linear machine on their embeddings, and, where asked for,
//! all anchors together with labels.
//!
//! [`train_images`] follows Mairal et al. 2014: filters of each layer from sampled patches, embeddings centred and scaled, a
//! support vector machine whose `C` is chosen on images held out. With [`SupervisedConfig`] it goes on as Mairal 2016: the
//! machine fitted exactly once an epoch, and in between one pass of a gradient method over the anchors of all layers.

mod architectures;
mod augmentation;
mod config;
mod cost;
mod descent;
mod event;
mod supervised;
mod trainer;
mod unsupervised;

pub use architectures::{ARCHITECTURES, Architecture, architecture};
pub use augmentation::Augmentation;
pub use config::{
    BranchRecipe, EncodingRecipe, ImageRecipe, ImageTrainConfig, LayerRecipe, Optimiser, SupervisedConfig,
};
pub use cost::CostTrial;
pub use event::{ImageEpoch, ImageEvent};
pub use trainer::{FittedImages, ImageData, train_images};
pub use unsupervised::train_layers;
