//! Sequences with one number each.

use crate::encoded::EncodedSequences;
use crate::error::Error;

/// Sequences and one finite label each: a class (1 bound, 0 not) or a measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledSequences {
    sequences: EncodedSequences,
    labels: Vec<f64>,
}

impl LabelledSequences {
    /// Joins sequences and labels of the same order.
    ///
    /// # Errors
    /// [`Error::LabelCount`] if there are more of one than of the other; [`Error::Label`] for NaN or an infinite label.
    pub fn new(sequences: EncodedSequences, labels: Vec<f64>) -> Result<Self, Error> {
        if sequences.len() != labels.len() {
            return Err(Error::LabelCount { sequences: sequences.len(), labels: labels.len() });
        }
        if let Some(record) = labels.iter().position(|label| !label.is_finite()) {
            let at = Box::new(sequences.place(record));
            return Err(Error::Label { at, column: "label".to_owned(), got: labels[record].to_string() });
        }
        Ok(Self { sequences, labels })
    }

    /// Positives with label 1, followed by negatives with label 0.
    ///
    /// # Errors
    /// [`Error::MixedAlphabets`].
    pub fn from_classes(positives: &EncodedSequences, negatives: &EncodedSequences) -> Result<Self, Error> {
        let mut sequences = positives.clone();
        sequences.extend(negatives)?;
        let mut labels = vec![1.0; positives.len()];
        labels.resize(sequences.len(), 0.0);
        Ok(Self { sequences, labels })
    }

    /// Number of sequences.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no sequence.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The sequences.
    pub fn sequences(&self) -> &EncodedSequences {
        &self.sequences
    }

    /// The label of each sequence.
    pub fn labels(&self) -> &[f64] {
        &self.labels
    }

    /// The sequences and labels of the given 0-based indices, in their order.
    ///
    /// # Errors
    /// [`Error::NoSuchRecord`].
    pub fn select(&self, records: &[usize]) -> Result<Self, Error> {
        let sequences = self.sequences.select(records)?;
        let labels = records.iter().filter_map(|&record| self.labels.get(record).copied()).collect();
        Ok(Self { sequences, labels })
    }

    /// The sequences and the labels, apart.
    pub fn into_parts(self) -> (EncodedSequences, Vec<f64>) {
        (self.sequences, self.labels)
    }
}
