//! Images and labels from files: IDX, CIFAR, STL-10, folders of pictures, tables of labels.

mod cifar;
mod file_bytes;
mod folder;
mod idx;
mod label_text;
#[cfg_attr(not(feature = "pictures"), path = "io/no_picture.rs")]
mod picture;
mod planes;
mod reader;
mod stl;

pub use cifar::{Cifar10, Cifar100Labels, read_cifar10, read_cifar10_folder, read_cifar100};
pub use folder::{read_class_folders, read_pictures};
pub use idx::{read_idx_images, read_idx_labels};
pub use reader::{read_images, read_labelled, read_labels};
pub use stl::{read_stl10_images, read_stl10_labels};
