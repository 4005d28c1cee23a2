//! Which of several classes are taken for which.

use std::collections::BTreeMap;

use super::classification::{each_row, largest};
use super::{Metric, Reason};
use crate::Scalar;

/// How many samples of each class were taken for each: that of the highest score, of tied classes the first, as for
/// [`accuracy_rows`](super::accuracy_rows).
///
/// Equals scikit-learn's `confusion_matrix`, `recall_score` and `precision_score` with `average=None`, but that a share of nothing is
/// undefined.
///
/// ```
/// use ckn_core::metrics::Confusion;
///
/// let scores = [2.0, 0.0, 0.0, 3.0, 2.0, 1.0, 0.5, 1.0];
/// let confusion = Confusion::new(&scores, 2, &[0.0, 1.0, 1.0, 1.0])?;
/// assert_eq!((confusion.count(0, 0), confusion.count(1, 0), confusion.count(1, 1)), (1, 1, 2));
/// // Two of three of class 1 were found, and both that were taken for it are.
/// assert_eq!(confusion.recall(1).value(), Some(2.0 / 3.0));
/// assert_eq!(confusion.precision(1).value(), Some(1.0));
/// assert_eq!(confusion.confused(), [[1, 0]]);
/// # Ok::<(), ckn_core::metrics::Reason>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion {
    classes: usize,
    /// By the class and what it was taken for; zeros are left out.
    counts: BTreeMap<[usize; 2], usize>,
}

impl Confusion {
    /// Counts the samples.
    ///
    /// # Shapes
    /// scores `[samples, classes]`, labels `[samples]`, each a whole number below `classes`.
    ///
    /// # Errors
    /// The reason if empty, of lengths that do not fit, not finite, or with a label outside the classes.
    pub fn new<S: Scalar, L: Scalar>(scores: &[S], classes: usize, labels: &[L]) -> Result<Self, Reason> {
        let mut counts = BTreeMap::new();
        each_row(scores, classes, labels, |row, class| *counts.entry([class, largest(row)]).or_insert(0) += 1)?;
        Ok(Self { classes, counts })
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Samples of a class that were taken for another, or for what they are; 0 of classes that there are not.
    pub fn count(&self, class: usize, taken_for: usize) -> usize {
        self.counts.get(&[class, taken_for]).copied().unwrap_or(0)
    }

    /// Samples of a class.
    pub fn samples(&self, class: usize) -> usize {
        self.counts.iter().filter(|([of, _], _)| *of == class).map(|(_, count)| count).sum()
    }

    /// Samples that were taken for a class.
    pub fn taken(&self, class: usize) -> usize {
        self.counts.iter().filter(|([_, taken_for], _)| *taken_for == class).map(|(_, count)| count).sum()
    }

    /// Share of the samples of a class that were taken for it; undefined where it has none.
    pub fn recall(&self, class: usize) -> Metric {
        share(self.count(class, class), self.samples(class))
    }

    /// Share of the samples taken for a class that are of it; undefined where none was.
    pub fn precision(&self, class: usize) -> Metric {
        share(self.count(class, class), self.taken(class))
    }

    /// Pairs of a class and another that samples of it were taken for, most samples first, then in the order of the classes.
    pub fn confused(&self) -> Vec<[usize; 2]> {
        let mut pairs: Vec<[usize; 2]> = self.counts.keys().copied().filter(|[class, other]| class != other).collect();
        pairs.sort_by_key(|&[class, other]| std::cmp::Reverse(self.count(class, other)));
        pairs
    }
}

fn share(part: usize, of: usize) -> Metric {
    if of == 0 { Metric::Undefined(Reason::Empty) } else { Metric::Value(part as f64 / of as f64) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::accuracy_rows;

    /// Scores of three classes, the highest that of the class asked for.
    fn taken_for(classes: &[usize]) -> Vec<f64> {
        classes.iter().flat_map(|&class| (0..3).map(move |other| f64::from(u8::from(other == class)))).collect()
    }

    #[test]
    fn counts_stand_in_the_row_of_the_class_and_the_column_of_what_it_was_taken_for() {
        let labels = [0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0];
        let scores = taken_for(&[0, 1, 1, 1, 2, 0, 0, 0, 0]);
        let confusion = Confusion::new(&scores, 3, &labels).unwrap();
        let rows: Vec<Vec<usize>> = (0..3).map(|row| (0..3).map(|at| confusion.count(row, at)).collect()).collect();
        assert_eq!(rows, [[1, 2, 0], [0, 1, 1], [4, 0, 0]]);
        assert_eq!([0, 1, 2].map(|class| confusion.samples(class)), [3, 2, 4]);
        assert_eq!([0, 1, 2].map(|class| confusion.taken(class)), [5, 3, 1]);
        assert_eq!([0, 1, 2].map(|class| confusion.recall(class).value()), [Some(1.0 / 3.0), Some(0.5), Some(0.0)]);
        assert_eq!([0, 1, 2].map(|class| confusion.precision(class).value()), [Some(0.2), Some(1.0 / 3.0), Some(0.0)]);
        assert_eq!(confusion.confused(), [[2, 0], [0, 1], [1, 2]]);
        // The diagonal is the accuracy.
        let right: usize = (0..3).map(|class| confusion.count(class, class)).sum();
        assert_eq!(accuracy_rows(&scores, 3, &labels).value(), Some(right as f64 / 9.0));
        assert_eq!((confusion.count(3, 0), confusion.count(0, 3)), (0, 0));
    }

    #[test]
    fn ties_go_to_the_first_class_and_shares_of_nothing_are_undefined() {
        let confusion = Confusion::new(&[1.0, 1.0, 1.0], 3, &[1.0]).unwrap();
        assert_eq!(confusion.count(1, 0), 1);
        assert_eq!(confusion.recall(0).reason(), Some(Reason::Empty));
        assert_eq!(confusion.precision(2).reason(), Some(Reason::Empty));
    }

    #[test]
    fn what_does_not_fit_is_a_reason() {
        for (scores, labels, reason) in [
            (vec![], vec![], Reason::Empty),
            (vec![1.0; 5], vec![0.0; 2], Reason::Lengths),
            (vec![f64::NAN; 3], vec![0.0], Reason::NotFinite),
            (vec![1.0; 3], vec![3.0], Reason::Label),
            (vec![1.0; 3], vec![0.5], Reason::Label),
        ] {
            assert_eq!(Confusion::new(&scores, 3, &labels), Err(reason));
        }
    }
}
