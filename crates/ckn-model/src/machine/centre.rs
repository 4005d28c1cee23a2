//! Weights of windows by their distance from the middle of a sequence.

use serde::{Deserialize, Serialize};

use crate::Error;

/// Weights of windows that fall with their distance `D` from the middle: `min(M, ⌊M 2^(−D/H) + 1⌋)`.
///
/// `D` is the distance, in letters, of the middle of a window from the middle of its sequence, so that both strands agree; it may be
/// half a letter.
///
/// # Source
/// LS-GKM's kernels `wgkm` and `wgkmrbf` (Lee 2016), whose documentation has this formula and not the exact place that `D` is
/// counted from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CentreWeight {
    /// Weight `M` in the middle.
    pub maximum: f64,
    /// Distance `H` at which the weight is half of that.
    pub half_life: f64,
}

impl CentreWeight {
    /// The weight of the window of `width` letters that starts at `start` of a sequence of `letters`.
    pub fn of(&self, start: usize, width: usize, letters: usize) -> f64 {
        let distance = (2 * start + width).abs_diff(letters) as f64 / 2.0;
        (self.maximum * (-distance / self.half_life).exp2() + 1.0).floor().min(self.maximum)
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let among = |name, got: f64, expected, is| {
            if is { Ok(()) } else { Err(Error::Core(ckn_core::Error::Parameter { name, got, expected })) }
        };
        // LS-GKM keeps weights in a byte.
        among("weight of the middle", self.maximum, "between 1 and 255", (1.0..=255.0).contains(&self.maximum))?;
        let fits = self.half_life > 0.0 && self.half_life.is_finite();
        among("half-life of the weights", self.half_life, "above 0", fits)
    }
}
