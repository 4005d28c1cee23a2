//! The mathematics of convolutional kernel networks on plain slices: no tensors, no input or output.
//!
//! A layer maps every patch `z` of its input to `ψ(z) = ‖z‖ κ(ZᵀZ)^(-1/2) κ(Zᵀz/‖z‖)` (Chen, Jacob and Mairal 2019,
//! CKN-seq, section 2.2), then pools over positions.
//!
//! | symbol | name in the code | meaning |
//! |---|---|---|
//! | `Z` | `anchors` | anchor points (the papers also say filters), each of unit norm, `[filters, channels, width]` |
//! | `p` | `filters` | number of anchor points |
//! | `l` | `width` | patch width in letters (bp) or positions of a map |
//! | `κ` | [`kernel::DotProductKernel`] | kernel of the cosine `u` of two patches |
//! | `σ`, `α` | `sigma`, `alpha` | bandwidth; `α = 1/σ²` is derived |
//! | `A` | Gram matrix | `κ(ZᵀZ)`, `[filters, filters]` |
//! | `R` | [`whitening::InverseRoot`] | `A^(-1/2)`, regularised |
//! | `ε` | `epsilon` | regularisation of the inverse root |
//! | `ψ` | embedding | what a head sees |
//!
//! Data-sized work runs in `f32` (or `f64`, every routine is generic over [`Scalar`]); `p × p` algebra and the convex
//! solver run in `f64`. Matrices are row-major slices.

pub mod detectors;
mod error;
pub mod head;
pub mod image;
pub mod kernel;
pub mod kmeans;
mod letters;
pub mod loss;
pub mod machine;
mod map;
mod memory;
pub mod metrics;
pub mod mismatch;
pub mod network;
pub mod pooling;
mod rows;
mod scalar;
pub mod seed;
pub mod sequence;
pub mod solver;
pub mod stack;
pub mod svm;
pub mod tokens;
mod vectors;
pub mod whitening;

pub use error::{Error, ErrorKind, check_size};
pub use letters::LetterSpace;
pub use memory::{Mebibytes, memory_limit, require_memory, set_memory_limit};
pub use scalar::Scalar;
pub use tokens::{LetterTable, TokenView};
