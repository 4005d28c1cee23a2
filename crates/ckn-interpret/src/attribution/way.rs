//! Which rule says what a letter contributes.

/// A rule by which a score is put down to letters.
///
/// The first three need a score that is a sum over windows, as networks of one layer with mean, sum or max pooling have it; with
/// the baseline, their contributions sum to the score. The last two ask for scores of changed sequences, which every model has;
/// their contributions sum to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AttributionWay {
    /// Letters share what an anchor point adds by how well they match it. It finds *where* sites are best: every letter of a
    /// site counts, whether another one would do as well or not; with mean or sum pooling, letters of the background count as well,
    /// and it is worse there than [`Self::Shapley`]. The baseline is the score of unknown letters.
    ///
    /// Source: the rule of M. Ghandi et al. (PLoS Computational Biology 2014) and of gkmexplain (A. Shrikumar, E. Prakash and A.
    /// Kundaje, Bioinformatics 2019), for anchor points in place of support vectors.
    Matches,
    /// Shapley values of the letters of each window against letters drawn at random: what a letter adds to the mean over all
    /// letters, on average over the orders in which letters become known. It says best *which* letters matter; a letter in
    /// a site that is worse than others there counts against it. The baseline is that of random letters. For the exponential
    /// kernel only.
    ///
    /// Source: G. Owen, Multilinear extensions of games, Management Science 18 (1972).
    Shapley,
    /// Integrated gradients of each window on the straight way from unknown letters; of max pooling, of the best window of each
    /// coordinate. Half-known letters lie where no sequence of the training lies, and there large weights of opposite
    /// sign do not cancel as they do on sequences: places are right, signs are not. It is here for comparison.
    ///
    /// Source: M. Sundararajan, A. Taly and Q. Yan, Axiomatic attribution for deep networks, ICML 2017.
    Gradient,
    /// What the score loses, on average, if another letter stands there.
    Substitution,
    /// What the score loses if the letter is unknown.
    Occlusion,
}

impl AttributionWay {
    /// Whether it needs a score that is a sum over windows.
    pub fn needs_windows(self) -> bool {
        matches!(self, Self::Matches | Self::Shapley | Self::Gradient)
    }

    /// Its name in words, as messages have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Matches => "matching letters",
            Self::Shapley => "Shapley values",
            Self::Gradient => "integrated gradients",
            Self::Substitution => "substitution",
            Self::Occlusion => "occlusion",
        }
    }
}
