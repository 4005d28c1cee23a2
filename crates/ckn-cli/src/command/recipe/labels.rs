//! What labels are, where nobody says.

use ckn::bio::LabelledSequences;
use ckn::core::loss::Loss;

use crate::exit::Input;

/// The loss that goes with labels: of two classes where all are 0 or 1, of measurements where some are no whole numbers.
pub(super) fn loss_of(data: &LabelledSequences) -> Result<Loss, Input> {
    let known = || data.labels().iter().copied().filter(|label| !label.is_nan());
    if known().all(|label| label == 0.0 || label == 1.0) {
        return Ok(Loss::Logistic);
    }
    if known().any(|label| label.fract() != 0.0) {
        return Ok(Loss::Squared);
    }
    let record = data.labels().iter().position(|&label| !label.is_nan() && label != 0.0 && label != 1.0).unwrap_or(0);
    let (place, label) = (data.sequences().place(record / data.task_count()), data.labels()[record]);
    let several = if data.tasks().is_empty() { ", for several classes numbered from 0 --loss multinomial" } else { "" };
    Err(Input(format!(
        "{place} has the label {label}: labels of two classes are 0 and 1; for measurements, use --loss squared{several}"
    )))
}

/// Whether nine of ten sequences or more have as many letters.
pub(super) fn is_aligned(data: &LabelledSequences) -> bool {
    let typical = typical_length(data);
    let as_long = data.sequences().iter().filter(|tokens| tokens.len() == typical).count();
    10 * as_long >= 9 * data.len()
}

/// Letters that half of the sequences have at least.
pub(super) fn typical_length(data: &LabelledSequences) -> usize {
    let mut lengths: Vec<usize> = data.sequences().iter().map(<[u8]>::len).collect();
    lengths.sort_unstable();
    lengths.get(lengths.len() / 2).copied().unwrap_or(1)
}
