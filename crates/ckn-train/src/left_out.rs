//! Scores by models that had not seen what they score.

/// Scores of sequences by models of a cross-validation that were trained without them.
///
/// They are those of the candidate, the penalty or the average that was chosen, and chosen by them: other sequences may be scored slightly
/// worse.
#[derive(Debug, Clone, PartialEq)]
pub struct LeftOut {
    /// The sequences, by their places in the training data, ascending.
    pub records: Vec<usize>,
    /// `[records, outputs]`
    pub scores: Vec<f64>,
}
