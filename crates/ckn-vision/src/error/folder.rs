//! Folders that are no sets of images.

use thiserror::Error as ThisError;

/// How a folder fails to be a set of images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum FolderProblem {
    /// Nothing in it is an image.
    #[error("holds no PNG or JPEG files, no folders of them and no `data_batch_*.bin`: give a folder of images")]
    NoImages,
    /// A class folder without pictures.
    #[error("is a class folder without PNG or JPEG files: fill or remove it")]
    EmptyClass,
    /// A folder inside a class folder.
    #[error("is a folder inside a class folder: move its files up, or remove it")]
    Nested,
    /// A picture beside class folders.
    #[error("lies beside class folders: move it into one of them, or remove it")]
    Loose,
    /// A class folder whose name cannot be written down.
    #[error("is a class folder whose name is not UTF-8 or holds control characters: rename it")]
    Name,
    /// Pictures without class folders, where labels are needed.
    #[error(
        "holds pictures without class folders: move those of each class into a folder of its own, or give a label file"
    )]
    NoClasses,
}
