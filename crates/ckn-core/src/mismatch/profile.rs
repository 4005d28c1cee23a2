//! What a pair of windows is worth, by its mismatches.

use serde::{Deserialize, Serialize};

use crate::Error;

/// The function `h(m)` of the number of mismatches `m` of two windows of `l` letters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Profile {
    /// `h(m) = exp(−m/(l σ²))`: the exponential kernel of one-hot patches, `κ(u)` at `u = 1 − m/l`.
    Exponential {
        /// Bandwidth `σ`.
        sigma: f64,
    },
    /// `h(m) = C(l − m, k)`: the number of gapped k-mers that the windows share (Ghandi et al. 2014, gkm-SVM).
    GappedKmer {
        /// Letters `k` that must agree.
        informative: usize,
        /// Pairs of more mismatches count nothing; `l − k` drops none.
        mismatches: usize,
    },
}

impl Profile {
    /// `h(0), …, h(l)`, scaled so that `h(0) = 1`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a width of zero, a bandwidth that is not above 0, or more informative letters than the width.
    pub fn values(&self, width: usize) -> Result<Vec<f64>, Error> {
        if width == 0 {
            return Err(Error::Parameter { name: "width", got: 0.0, expected: "at least 1" });
        }
        match *self {
            Self::Exponential { sigma } => {
                if !(sigma > 0.0 && sigma.is_finite()) {
                    return Err(Error::Parameter { name: "sigma", got: sigma, expected: "above 0" });
                }
                let step = -1.0 / (width as f64 * sigma * sigma);
                if !step.is_finite() {
                    return Err(Error::Parameter { name: "sigma", got: sigma, expected: "above 1e-150" });
                }
                Ok((0..=width).map(|mismatches| (step * mismatches as f64).exp()).collect())
            }
            Self::GappedKmer { informative, mismatches } => {
                if informative == 0 || informative > width {
                    let (name, got) = ("informative letters", informative as f64);
                    return Err(Error::Parameter { name, got, expected: "between 1 and the width" });
                }
                let all = binomial(width, informative);
                let value = |m: usize| if m > mismatches { 0.0 } else { binomial(width - m, informative) / all };
                Ok((0..=width).map(value).collect())
            }
        }
    }
}

/// `C(n, k)`; zero for `k > n`.
pub(crate) fn binomial(n: usize, k: usize) -> f64 {
    if k > n { 0.0 } else { (0..k).fold(1.0, |product, i| product * (n - i) as f64 / (i + 1) as f64).round() }
}
