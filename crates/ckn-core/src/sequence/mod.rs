//! The first layer on sequences, computed exactly from k-mer tables: no convolution, no exponential per position.
//!
//! A patch of known letters is `l` one-hot columns, so `⟨z_i, x⟩ = Σ_j Z_i[x_j, j]` and `‖x‖ = √l`. Cut into blocks of
//! `k` letters, the exponential kernel becomes a product of table rows:
//!
//! `κ(⟨z_i, x⟩/√l) = Π_b E_b[kmer_b(x), i]`
//!
//! Every entry of a table is divided by the largest of its positions, so that all factors are at most one and no
//! bandwidth can overflow; the product of what was divided out, `κ` of the best possible patch, multiplies once per
//! sequence. Other kernels add rows of cosines and apply `κ` once per position. Windows that hold an unknown letter or
//! hang over a border are computed directly.
//!
//! [`KmerIndex`] codes a set of sequences once; [`AnchorTables`] hold the anchors of one strand; [`SequenceLayer`]
//! joins them with pooling, strands and the inverse root.

mod blocks;
mod direct;
mod forward;
mod gapped;
mod gradient;
mod index;
mod layer;
mod map_gradient;
mod peaks;
mod pull_back;
mod sliding;
mod strand;
mod sweep;
mod tables;

pub use forward::Forward;
pub use gradient::GradientTables;
pub use index::KmerIndex;
pub use layer::SequenceLayer;
pub use pull_back::PullBackBuffers;
pub use sliding::{SlidingScratch, slide_sums};
pub use tables::{AnchorTables, Orientation};

pub(crate) use gapped::GappedAnchors;
pub(crate) use gradient::AnchorGradient;
pub(crate) use layer::same;

pub(crate) use crate::rows::{LANES, Row};
