//! How positions and strands become one embedding, and what a layer does at the borders of a sequence.

mod generalised_max;

use serde::{Deserialize, Serialize};

pub use generalised_max::{GMP_RIDGE, GeneralisedMax};

/// Global pooling over the positions of one sequence (never over the padding of a batch).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Pooling {
    /// `(1/T) Σ_t ψ(z_t)`.
    Mean,
    /// `max_t ψ(z_t)`, each coordinate on its own.
    Max,
    /// `Σ_t ψ(z_t)`.
    Sum,
    /// Generalised max pooling, `(1/T) (ΨᵀΨ + λI)⁻¹ Σ_t ψ(z_t)`: a mean that counts repeated patches less
    /// ([`GeneralisedMax`]).
    Gmp,
}

impl Pooling {
    /// How windows are pooled one by one, without the whole map of a sequence; `None` where the map is needed.
    pub fn by_windows(self) -> Option<WindowPooling> {
        match self {
            Self::Mean | Self::Sum => Some(WindowPooling::Sums),
            Self::Max => Some(WindowPooling::Maxima),
            Self::Gmp => None,
        }
    }

    /// Weight of one of a sequence's windows in a pooled sum.
    pub fn share(self, windows: usize) -> f64 {
        self.share_of(1, windows)
    }

    /// Weight of the pooled value of some of a sequence's windows in that of all.
    pub fn share_of(self, some: usize, windows: usize) -> f64 {
        match self {
            Self::Mean => some as f64 / windows as f64,
            Self::Max | Self::Sum | Self::Gmp => 1.0,
        }
    }
}

/// How windows are pooled one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowPooling {
    /// `share · Σ_t ψ(z_t)` ([`Pooling::share`]), which commutes with the inverse root.
    Sums,
    /// `max_t ψ(z_t)`, each coordinate on its own.
    Maxima,
}

/// Which strands of a nucleotide sequence are seen (CKN-seq, section 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Strands {
    /// The sequence as given.
    Forward,
    /// The head takes the larger score of the sequence and of its reverse complement.
    Max,
    /// The mean of the scores of both strands.
    Mean,
}

impl Strands {
    /// Number of strands that are embedded: 1 or 2.
    pub fn count(self) -> usize {
        match self {
            Self::Forward => 1,
            Self::Max | Self::Mean => 2,
        }
    }

    /// The score of a sequence from those of the strands that are embedded; `None` without any.
    ///
    /// # Shapes
    /// scores `[strands]`: forward, then reverse.
    pub fn join(self, scores: impl IntoIterator<Item = f64>) -> Option<f64> {
        let mut scores = scores.into_iter();
        let forward = scores.next()?;
        Some(match self {
            Self::Forward => forward,
            Self::Max => scores.next().map_or(forward, |reverse| forward.max(reverse)),
            Self::Mean => scores.next().map_or(forward, |reverse| 0.5 * (forward + reverse)),
        })
    }

    /// The gradient of [`Self::join`] by the score of each strand; the forward one of two equal maxima.
    pub fn shares(self, forward: f64, reverse: f64) -> [f64; 2] {
        match self {
            Self::Forward => [1.0, 0.0],
            Self::Max => {
                if reverse > forward {
                    [0.0, 1.0]
                } else {
                    [1.0, 0.0]
                }
            }
            Self::Mean => [0.5, 0.5],
        }
    }
}

/// Where windows lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Border {
    /// Inside the sequence: `length - width + 1` windows.
    Valid,
    /// One window per letter, `(width - 1) / 2` zero positions before the sequence and `width / 2` after it.
    Same,
}

impl Border {
    /// Number of windows of a sequence of `length` positions.
    pub fn windows(self, length: usize, width: usize) -> usize {
        match self {
            Self::Valid => (length + 1).saturating_sub(width),
            Self::Same => length,
        }
    }

    /// Zero positions before the sequence.
    pub fn before(self, width: usize) -> usize {
        match self {
            Self::Valid => 0,
            Self::Same => (width - 1) / 2,
        }
    }

    /// Zero positions after the sequence.
    pub fn after(self, width: usize) -> usize {
        match self {
            Self::Valid => 0,
            Self::Same => width / 2,
        }
    }
}

/// Gaussian weights of local pooling with subsampling `s`: `2s − 1` weights of sum 1, standard deviation
/// `(2s − 2)/(2√2)` (CKN-seq, section 2.2). Position `t` of the output is the weighted sum of inputs
/// `s·t − (s − 1) ..= s·t + (s − 1)`, zero outside the map.
///
/// ```
/// use ckn_core::pooling::gaussian_filter;
/// let weights = gaussian_filter(2);
/// assert_eq!(weights.len(), 3);
/// assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12 && weights[0] == weights[2]);
/// ```
pub fn gaussian_filter(subsampling: usize) -> Vec<f64> {
    let reach = subsampling as i64 - 1;
    if reach <= 0 {
        return vec![1.0];
    }
    let deviation = (2 * reach) as f64 / (2.0 * 2f64.sqrt());
    let raw: Vec<f64> = (-reach..=reach).map(|x| (-((x * x) as f64) / (2.0 * deviation * deviation)).exp()).collect();
    let total: f64 = raw.iter().sum();
    raw.into_iter().map(|weight| weight / total).collect()
}

/// Length of a map after local pooling with subsampling `s`: `⌊(length − 1)/s⌋ + 1`.
///
/// ```
/// use ckn_core::pooling::subsampled_length;
/// assert_eq!((subsampled_length(10, 1), subsampled_length(10, 3)), (10, 4));
/// ```
pub fn subsampled_length(length: usize, subsampling: usize) -> usize {
    if length == 0 { 0 } else { (length - 1) / subsampling + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaussian_filter_is_normalised_and_symmetric() {
        assert_eq!(gaussian_filter(1), vec![1.0]);
        let filter = gaussian_filter(2);
        // exp(-1 / (2 · (1/√2)²)) = e⁻¹ beside the centre.
        let e = (-1.0f64).exp();
        for (got, want) in filter.iter().zip([e, 1.0, e]) {
            assert!((got - want / (1.0 + 2.0 * e)).abs() < 1e-15);
        }
        assert_eq!(subsampled_length(7, 2), 4);
    }

    #[test]
    fn same_border_keeps_the_length_for_even_and_odd_widths() {
        for width in 1..9 {
            assert_eq!(10 + Border::Same.before(width) + Border::Same.after(width) + 1 - width, 10);
        }
        assert_eq!(Border::Valid.windows(3, 4), 0);
    }
}
