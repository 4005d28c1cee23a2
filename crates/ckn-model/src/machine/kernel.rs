//! The kernel of two whole sequences that a machine is made of.

use ckn_core::TokenView;
use ckn_core::mismatch::{MAX_WORD, Profile, own_kernels};
use serde::{Deserialize, Serialize};

use crate::Error;

/// The kernel of two sequences: a profile of the mismatches of their windows, divided by `√(K(x, x) K(x', x'))` or not.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SequenceKernel {
    /// Letters of a window.
    pub width: usize,
    /// What two windows are worth.
    pub profile: Profile,
    /// Whether sequences have unit norm.
    pub normalised: bool,
}

impl SequenceKernel {
    /// What a sequence's values are divided by, one number each; zero for a sequence without a window of known letters,
    /// whose kernel is zero.
    ///
    /// # Errors
    /// Those of [`own_kernels`].
    pub fn scales(&self, view: TokenView<'_>, both_strands: bool) -> Result<Vec<f64>, Error> {
        let mut own = own_kernels(view, self.width, both_strands, &self.profile)?;
        let scale = |own: f64| match (own > 0.0, self.normalised) {
            (false, _) => 0.0,
            (true, true) => 1.0 / own.sqrt(),
            (true, false) => 1.0,
        };
        own.iter_mut().for_each(|value| *value = scale(*value));
        Ok(own)
    }

    /// Whether sums over support sequences go through a table of all words.
    pub fn has_word_table(&self, letters: usize) -> bool {
        letters == 4 && self.width <= MAX_WORD
    }
}
