//! Losses of one score and one label: their values and derivatives, in `f64`.
//!
//! | loss | `L(y, f)` | labels |
//! |---|---|---|
//! | [`Loss::Logistic`] | `log(1 + exp(−t f))`, `t = ±1` | 0 or 1 |
//! | [`Loss::SquaredHinge`] | `½ max(0, 1 − t f)²`, `t = ±1` | 0 or 1 |
//! | [`Loss::Squared`] | `½ (f − y)²` | real |
//! | [`Loss::Multinomial`] | `log Σ_c exp(f_c) − f_y` | 0, 1, …, classes − 1 |
//!
//! Natural logarithms. No value overflows for scores up to 10¹⁵⁰, the logistic ones for any finite score.

mod row;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::Error;

/// The loss of a supervised model (Chen, Jacob and Mairal 2019, section 2.2).
///
/// A binary loss takes a label above ½ as positive (`t = 1`), any other as negative (`t = −1`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Loss {
    /// `log(1 + exp(−t f))`.
    Logistic,
    /// `½ max(0, 1 − t f)²`, with the half of CKN-Pytorch-image; liblinear and scikit-learn leave it out.
    SquaredHinge,
    /// `½ (f − y)²`, with the half; scikit-learn's mean squared error leaves it out.
    Squared,
    /// `log Σ_c exp(f_c) − f_y`: softmax cross-entropy.
    Multinomial,
}

impl Loss {
    /// Every loss, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Logistic, Self::SquaredHinge, Self::Squared, Self::Multinomial];

    /// `L(y, f)` of one score.
    ///
    /// The multinomial loss of a single score is that of the two classes with scores `(0, f)`, which is the logistic one.
    pub fn value(&self, score: f64, label: f64) -> f64 {
        match self {
            Self::Logistic | Self::Multinomial => softplus(-sign(label) * score),
            Self::SquaredHinge => {
                let gap = hinge(sign(label) * score);
                0.5 * gap * gap
            }
            Self::Squared => 0.5 * (score - label) * (score - label),
        }
    }

    /// `∂L/∂f` of one score.
    ///
    /// The multinomial loss of a single score is that of the two classes with scores `(0, f)`, as in [`Loss::value`].
    pub fn derivative(&self, score: f64, label: f64) -> f64 {
        let sign = sign(label);
        match self {
            Self::Logistic | Self::Multinomial => -sign * sigmoid(-sign * score),
            Self::SquaredHinge => -sign * hinge(sign * score),
            Self::Squared => score - label,
        }
    }

    /// `∂²L/∂f²` of one score; of the squared hinge, whose derivative has a kink, the value on the active side.
    pub fn curvature(&self, score: f64, label: f64) -> f64 {
        match self {
            Self::Logistic | Self::Multinomial => {
                let probability = sigmoid(score);
                probability * (1.0 - probability)
            }
            Self::SquaredHinge => f64::from(sign(label) * score < 1.0),
            Self::Squared => 1.0,
        }
    }

    /// Whether labels are classes rather than real numbers.
    pub fn is_classification(&self) -> bool {
        !matches!(self, Self::Squared)
    }

    /// Checks that a label belongs to the loss; `classes` matters to the multinomial loss only.
    ///
    /// # Errors
    /// [`Error::Parameter`] if a binary label is neither 0 nor 1, a multinomial label is not a whole number below
    /// `classes`, or a real label is not finite.
    pub fn check_label(&self, label: f64, classes: usize) -> Result<(), Error> {
        let (fits, expected) = match self {
            Self::Logistic | Self::SquaredHinge => (label == 0.0 || label == 1.0, "0 or 1"),
            Self::Squared => (label.is_finite(), "a finite number"),
            Self::Multinomial => {
                let whole = label.fract() == 0.0 && label >= 0.0 && label < classes as f64;
                (whole, "a whole number from 0 to the number of classes less one")
            }
        };
        if fits { Ok(()) } else { Err(Error::Label { got: label, expected }) }
    }
}

/// `1/(1 + exp(−f))`: the probability of the positive class under the logistic loss, without overflow.
///
/// ```
/// use ckn_core::loss::sigmoid;
/// assert_eq!((sigmoid(0.0), sigmoid(-800.0)), (0.5, 0.0));
/// ```
pub fn sigmoid(score: f64) -> f64 {
    if score >= 0.0 {
        1.0 / (1.0 + (-score).exp())
    } else {
        let odds = score.exp();
        odds / (1.0 + odds)
    }
}

/// `log(1 + exp(f))` without overflow.
pub(crate) fn softplus(score: f64) -> f64 {
    score.max(0.0) + (-score.abs()).exp().ln_1p() + not_a_number(score)
}

/// `max(0, 1 − m)`, NaN for NaN.
fn hinge(margin: f64) -> f64 {
    (1.0 - margin).max(0.0) + not_a_number(margin)
}

/// NaN for NaN, else 0: `f64::max` alone would turn a diverged score into a perfect one.
fn not_a_number(value: f64) -> f64 {
    if value.is_nan() { value } else { 0.0 }
}

/// `±1` of a binary label, NaN for a NaN label.
fn sign(label: f64) -> f64 {
    match label {
        _ if label.is_nan() => label,
        _ if label > 0.5 => 1.0,
        _ => -1.0,
    }
}
