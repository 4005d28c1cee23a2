//! What a pair of windows is worth, by its mismatches.

use serde::{Deserialize, Serialize};

use super::estimated;
use crate::Error;

/// The function `h(m)` of the number of mismatches `m` of two windows of `l` letters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// The inner product of the counts of all words of `l` letters, as estimated from those of gapped k-mers: the kernels
    /// `gkm_estfull` and `gkm_esttrunc` of LS-GKM, for four letters and words of up to 12.
    ///
    /// The estimate filters the counts by `g(m) = 4^(−l) Σ_{w ≤ k} K_w(m)`, and `h` belongs to the square of that filter.
    ///
    /// # Source
    /// Ghandi, Lee, Mohammad-Noori and Beer 2014, of whose `g(m)` this is a shorter form; Lee 2016 for the truncation.
    EstimatedWords {
        /// Letters `k` of a gapped k-mer.
        informative: usize,
        /// Pairs of more mismatches count nothing; `l` drops none.
        mismatches: usize,
        /// Whether the filter is zero from its first value on that is not above zero: no word's count is estimated below zero.
        truncated: bool,
    },
}

impl Profile {
    /// `h(0), …, h(l)`, scaled so that `h(0) = 1`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a width of zero, a bandwidth that is not above 0, more informative letters than the width, or
    /// estimated words of more than 12 letters.
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
                check_informative(informative, width)?;
                let all = binomial(width, informative);
                let value = |m: usize| if m > mismatches { 0.0 } else { binomial(width - m, informative) / all };
                Ok((0..=width).map(value).collect())
            }
            Self::EstimatedWords { informative, mismatches, truncated } => {
                check_informative(informative, width)?;
                let mut values = estimated::values(width, informative, mismatches, truncated)?;
                let own = values[0];
                values.iter_mut().for_each(|value| *value /= own);
                Ok(values)
            }
        }
    }
}

fn check_informative(informative: usize, width: usize) -> Result<(), Error> {
    if (1..=width).contains(&informative) {
        return Ok(());
    }
    let (name, got) = ("informative letters", informative as f64);
    Err(Error::Parameter { name, got, expected: "between 1 and the width" })
}

/// `C(n, k)`; zero for `k > n`.
pub(crate) fn binomial(n: usize, k: usize) -> f64 {
    if k > n { 0.0 } else { (0..k).fold(1.0, |product, i| product * (n - i) as f64 / (i + 1) as f64).round() }
}
