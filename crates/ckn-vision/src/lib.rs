//! Images without tensors: file formats, gradient maps, whitening, pictures of filters.
//!
//! Images come from files such as these:
//!
//! ```text
//! IDX          train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz     MNIST and its successors; plain or gz
//! CIFAR        data_batch_1.bin … test_batch.bin; train.bin                  labels are in the same files
//! STL-10       train_X.bin and train_y.bin
//! pictures     train/cat/0001.png  train/dog/7.jpg …                         a folder for each class
//! ```
//!
//! Pictures need the feature `pictures`, one of the default features; without it, PNG and JPEG are neither read nor written.
//!
//! They become [`Images`]: flat bytes `[images, height, width, channels]`, which turn into numbers between 0 and 1 one image at
//! a time, so that memory grows with the bytes. What a network reads are maps of `f32`, channels last.
//!
//! ```
//! use ckn_vision::{Differences, Images, gradient_map};
//!
//! // One image of two rows and three columns, dark on the left, light on the right.
//! let images = Images::new(vec![0, 51, 255, 0, 51, 255], 2, 3, 1)?;
//! let mut pixels = vec![0.0; images.image_len()];
//! images.write_pixels(0, &mut pixels)?;
//!
//! let mut gradient = vec![0.0; 2 * 3 * 2];
//! gradient_map(&pixels, [2, 3, 1], Differences::Forward, &mut gradient)?;
//! assert_eq!(gradient[..6], [0.2, 0.0, 0.8, 0.0, 0.0, 0.0]);
//! # Ok::<(), ckn_vision::Error>(())
//! ```
//!
//! Every error says what is wrong, in which file, and what to do about it.

mod error;
mod gabor;
mod gradient;
mod images;
pub mod io;
mod labels;
mod patches;
mod picture;
mod shape;
mod whitening;

pub use error::{Error, FolderProblem};
pub use gabor::{GaborFit, gabor_fit};
pub use gradient::{Differences, gradient_map};
pub use images::Images;
pub use labels::{LabelledImages, Labels};
pub use patches::{centre_patches, sample_patches};
pub use picture::{filter_grid_png, filter_grid_svg};
pub use whitening::{LocalWhitening, PatchWhitening, Whitener};
