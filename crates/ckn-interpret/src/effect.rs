//! What a change does to a score.

/// Scores before and after a change of a sequence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// Score of the sequence as it was.
    pub before: f64,
    /// Score of the changed sequence.
    pub after: f64,
}

impl Effect {
    /// `after − before`: with the logistic loss, a difference of log-odds.
    pub fn difference(self) -> f64 {
        self.after - self.before
    }
}
