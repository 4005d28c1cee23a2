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

    /// `ln(1 + e^after) − ln(1 + e^before)`, of scores that are log-odds: how much less probable it becomes that the sequence is
    /// negative, in nats. A difference between two scores that are both far below zero, which the probability does not
    /// see, counts little; one between scores above zero counts as it is.
    pub fn of_log_odds(self) -> f64 {
        softplus(self.after) - softplus(self.before)
    }
}

/// `ln(1 + e^x)`.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::Effect;

    #[test]
    fn an_effect_on_log_odds_is_the_change_of_the_logarithm_of_the_other_probability() {
        let negative = |score: f64| 1.0 / (1.0 + score.exp());
        for (before, after) in [(0.3, -2.0), (-7.0, -3.0), (5.0, 9.0)] {
            let want = negative(before).ln() - negative(after).ln();
            assert!((Effect { before, after }.of_log_odds() - want).abs() < 1e-9, "{before} {after}");
        }
        let far = Effect { before: -900.0, after: 900.0 };
        assert_eq!(far.of_log_odds(), 900.0);
    }
}
