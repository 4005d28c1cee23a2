//! How good scores are: ranking, classification and correlation metrics that say when they are undefined.
//!
//! Definitions are those of scikit-learn and SciPy. A label above ½ is positive, as in [`crate::loss`].
//!
//! Two models on the same samples are compared by [`delong`] and [`auroc_difference_interval`], two models on several data
//! sets by [`signed_rank`], the scores of two classes by [`rank_sum`]. [`measures`] are the metrics that suit a loss,
//! [`Curves`] and [`reliability`] what a plot of them shows, [`Confusion`] which of several classes are
//! taken for which.
//!
//! ```
//! use ckn_core::metrics::{Metric, Reason, auroc};
//!
//! // Same as sklearn.metrics.roc_auc_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).
//! assert_eq!(auroc(&[0.1, 0.4, 0.35, 0.8], &[0.0, 0.0, 1.0, 1.0]), Metric::Value(0.75));
//! let undefined = auroc(&[0.1, 0.4], &[1.0, 1.0]);
//! assert_eq!(undefined, Metric::Undefined(Reason::OneClass));
//! assert_eq!(format!("{undefined:.3}"), "NA");
//! ```

mod bootstrap;
mod classification;
mod confusion;
mod correlation;
mod curves;
mod delong;
#[cfg(test)]
mod interval_tests;
mod measures;
mod normal;
#[cfg(test)]
mod paired_tests;
mod rank_sum;
mod ranking;
mod reliability;
mod signed_rank;
#[cfg(test)]
mod tests;

use std::fmt::{Display, Formatter, Result as FormatResult};

use serde::Serialize;

pub(crate) use bootstrap::quantile;
pub use bootstrap::{Bootstrap, auprc_interval, auroc_difference_interval, metric_interval};
pub use classification::{accuracy, accuracy_rows, log_loss, log_loss_rows, matthews};
pub use confusion::Confusion;
pub use correlation::{pearson, pearson_interval, spearman, spearman_interval};
pub use curves::Curves;
pub use delong::{PairedAuroc, auroc_interval, delong};
pub use measures::{mean_squared_error, measure_names, measures};
pub use rank_sum::{RankSum, rank_sum};
pub use ranking::{auprc, auroc, auroc_rows, odds_rows};
pub use reliability::{ReliabilityBin, reliability, wilson_interval};
pub use signed_rank::{Alternative, SignedRank, signed_rank};

use crate::Scalar;

/// A metric, or why there is none.
///
/// Displayed as the number (precision and width are honoured) or `NA`; serialised as the number or null.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(into = "Option<f64>")]
pub enum Metric {
    /// The finite value.
    Value(f64),
    /// The data do not define the metric.
    Undefined(Reason),
}

/// Why a metric is undefined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// There are no samples.
    Empty,
    /// All labels are of one class.
    OneClass,
    /// One of the two inputs does not vary.
    Constant,
    /// A score, a label or the result is NaN or infinite.
    NotFinite,
    /// The numbers of scores and labels do not fit each other.
    Lengths,
    /// A label is not a class that has a score.
    Label,
    /// There are too few samples to estimate a variance.
    TooFew,
    /// The variance of a difference is estimated as zero.
    NoVariance,
    /// All differences are zero.
    NoDifference,
    /// The scores of the loss are no log-odds.
    NotLogOdds,
}

impl Metric {
    /// The value, `None` if undefined.
    pub fn value(self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(value),
            Self::Undefined(_) => None,
        }
    }

    /// Why the metric is undefined, `None` if it has a value.
    pub fn reason(self) -> Option<Reason> {
        match self {
            Self::Value(_) => None,
            Self::Undefined(reason) => Some(reason),
        }
    }

    fn of(value: f64) -> Self {
        if value.is_finite() { Self::Value(value) } else { Self::Undefined(Reason::NotFinite) }
    }
}

impl From<Metric> for Option<f64> {
    fn from(metric: Metric) -> Self {
        metric.value()
    }
}

impl From<Result<f64, Reason>> for Metric {
    fn from(result: Result<f64, Reason>) -> Self {
        result.map_or_else(Self::Undefined, Self::of)
    }
}

impl Display for Metric {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> FormatResult {
        match self {
            Self::Value(value) => Display::fmt(value, formatter),
            // A precision would cut a string short, so only the width is taken over.
            Self::Undefined(_) => match formatter.width() {
                Some(width) => write!(formatter, "{:>width$}", "NA"),
                None => formatter.write_str("NA"),
            },
        }
    }
}

impl Display for Reason {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> FormatResult {
        formatter.write_str(match self {
            Self::Empty => "there are no samples",
            Self::OneClass => "all labels are of one class",
            Self::Constant => "one input is constant",
            Self::NotFinite => "a value is NaN or infinite",
            Self::Lengths => "the numbers of scores and labels differ",
            Self::Label => "a label is not one of the classes",
            Self::TooFew => "there are too few samples to estimate a variance",
            Self::NoVariance => "the variance of the difference is estimated as zero",
            Self::NoDifference => "all differences are zero",
            Self::NotLogOdds => "the scores are no log-odds",
        })
    }
}

/// Checks what every metric asks of its input: as many scores as labels, at least one, all finite.
fn check<S: Scalar, L: Scalar>(scores: &[S], labels: &[L]) -> Result<(), Reason> {
    if scores.len() != labels.len() {
        return Err(Reason::Lengths);
    }
    check_values(scores)?;
    check_values(labels)
}

fn check_values<S: Scalar>(values: &[S]) -> Result<(), Reason> {
    if values.is_empty() {
        return Err(Reason::Empty);
    }
    if values.iter().all(|value| value.is_finite()) { Ok(()) } else { Err(Reason::NotFinite) }
}

/// Whether a binary label is positive.
fn is_positive<L: Scalar>(label: L) -> bool {
    label.wide() > 0.5
}
