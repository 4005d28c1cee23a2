//! The kernel of two whole sequences that a machine is made of.

use ckn_core::mismatch::{
    MAX_WORD, Profile, check_bandwidth, own_kernels, own_placed_kernels, own_weighted_kernels, window_starts,
};
use ckn_core::{TokenView, check_size};
use serde::{Deserialize, Serialize};

use super::CentreWeight;
use crate::Error;

/// The kernel of two sequences: a profile of the mismatches of their windows, divided by `√(K(x, x) K(x', x'))` or not.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SequenceKernel {
    /// Letters of a window.
    pub width: usize,
    /// What two windows are worth.
    pub profile: Profile,
    /// Whether sequences have unit norm.
    pub normalised: bool,
    /// Weights of windows, of which a pair is worth the product; all windows weigh the same if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub centre: Option<CentreWeight>,
    /// `γ` of `exp(γ (K − 1))` on top of the normalised kernel `K`: the Gaussian kernel of sequences as unit vectors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gamma: Option<f64>,
    /// Bandwidth `β`, in letters, of places: a pair of windows counts `exp(−d²/(2β²))`, `d` the distance of their places, each counted
    /// from the middle of its sequence; where a window stands is the same to a kernel without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub places: Option<f64>,
}

/// Letters of the longest words of which there is a table for every place.
const MAX_PLACED_WORD: usize = 8;

impl SequenceKernel {
    /// A kernel all of whose windows weigh the same.
    pub fn new(width: usize, profile: Profile, normalised: bool) -> Self {
        Self { width, profile, normalised, centre: None, gamma: None, places: None }
    }

    /// Validates every number, for an alphabet of so many letters; `index` is the place of the kernel in its machine.
    pub(super) fn check(&self, index: usize, letters: usize) -> Result<(), Error> {
        check_size("width", index, self.width, 63)?;
        self.profile.values(self.width)?;
        let refused = |name, got, expected| Err(ckn_core::Error::Parameter { name, got, expected }.into());
        if let Some(centre) = self.centre {
            centre.check()?;
            if !self.has_word_table(letters) {
                let expected = "at most 12, of an alphabet of four letters, where windows have weights";
                return refused("width", self.width as f64, expected);
            }
        }
        if let Some(places) = self.places {
            check_bandwidth(places)?;
            if self.centre.is_some() || self.gamma.is_some() {
                return refused(
                    "bandwidth of places",
                    places,
                    "left out where windows have weights, or gamma is given",
                );
            }
        }
        match self.gamma {
            Some(gamma) if !(gamma > 0.0 && gamma.is_finite()) => refused("gamma", gamma, "above 0"),
            Some(gamma) if !self.normalised => refused("gamma", gamma, "left out where sequences have not unit norm"),
            _ => Ok(()),
        }
    }

    /// What a sequence's values are divided by, one number each; zero for a sequence without a window of known letters,
    /// whose kernel is zero.
    ///
    /// # Errors
    /// Those of [`own_kernels`].
    pub fn scales(&self, view: TokenView<'_>, both_strands: bool) -> Result<Vec<f64>, Error> {
        let (width, profile) = (self.width, &self.profile);
        let mut own = match (self.centre, self.places) {
            (None, None) => own_kernels(view, width, both_strands, profile)?,
            (None, Some(places)) => own_placed_kernels(view, width, both_strands, profile, places)?,
            (Some(centre), _) => {
                let weight = |start, letters| centre.of(start, width, letters);
                own_weighted_kernels(view, width, both_strands, profile, weight)?
            }
        };
        let scale = |own: f64| match (own > 0.0, self.normalised) {
            (false, _) => 0.0,
            (true, true) => 1.0 / own.sqrt(),
            (true, false) => 1.0,
        };
        own.iter_mut().for_each(|value| *value = scale(*value));
        Ok(own)
    }

    /// Whether sums over support sequences go through a table of all words, or one for every place.
    pub fn has_word_table(&self, letters: usize) -> bool {
        letters == 4 && self.width <= if self.places.is_some() { MAX_PLACED_WORD } else { MAX_WORD }
    }

    /// Whether a score is a scale of its sequence times the sum over its windows of one table of all words: whether there is such
    /// a table, and neither weights of windows, nor places, nor an exponential on top.
    pub fn is_window_sum(&self, letters: usize) -> bool {
        self.has_word_table(letters) && self.centre.is_none() && self.places.is_none() && self.gamma.is_none()
    }

    /// Weights of the windows of known letters of a sequence; none if all weigh the same.
    pub(super) fn weights(&self, view: TokenView<'_>, record: usize) -> Option<Vec<f64>> {
        let (centre, letters) = (self.centre?, view.sequence(record).len());
        Some(window_starts(view, record, self.width).map(|start| centre.of(start, self.width, letters)).collect())
    }
}
