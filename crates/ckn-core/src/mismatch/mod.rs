//! Exact kernels between whole sequences that see how many letters two windows share.
//!
//! On windows of known letters every dot-product kernel is a function of the number of mismatches `m`, since
//! `⟨z, z'⟩/l = 1 − m/l`: the exponential kernel is `exp(−m/(l σ²))`, the gapped k-mer kernel `C(l − m, k)`. The kernel of
//! two sequences under mean pooling is the sum over their pairs of windows,
//!
//! `K(x, x') = Σ_{s,t} h(mismatches(x_s, x'_t))`,
//!
//! so that a count of the pairs by their mismatches gives `K` for every `h` at once: [`gram`] and [`cross`] count, 512
//! sequences at a time, one a bit. Windows that hold an unknown letter are left out.

mod count;
mod estimated;
mod gram;
mod letter_shares;
mod own;
mod packed;
mod placed;
mod planes;
mod profile;
mod sliding_pairs;
mod spectrum;
#[cfg(test)]
mod tests;
mod walsh;
mod weighted;

pub use gram::{Grams, cross, gram};
pub use letter_shares::{LetterRule, LetterShares};
pub use own::own_kernels;
pub use packed::{MismatchCounts, PackedWords};
pub use placed::{PlacedOperator, PlacedWords, check_bandwidth, cross_placed, own_placed_kernels};
pub use profile::Profile;
pub use spectrum::{MAX_WORD, WordOperator, Words, reverse_complement};
pub use weighted::{own_weighted_kernels, window_starts};

/// Sequences that are compared at once.
pub(crate) const LANES: usize = 512;

/// One bit of each of [`LANES`] sequences.
pub(crate) type Word = [u64; LANES / 64];

/// No bit set.
pub(crate) const ZERO: Word = [0; LANES / 64];
