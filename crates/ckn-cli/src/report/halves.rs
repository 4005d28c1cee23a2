//! Which sequences motifs are searched in, and which are evidence for them, of a label of any kind.

use ckn::bio::LabelledSequences;
use ckn::core::loss::Loss;
use ckn::core::seed::Seed;
use ckn::interpret::{Error, MotifSequences, MotifSource};
use ckn::model::Model;

/// What positives and negatives are that motifs are told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contrast {
    /// The two classes of the data.
    Labels,
    /// One class and all others.
    Rest,
    /// The thirds of the highest and of the lowest measurements.
    Thirds,
}

impl Contrast {
    /// What positives and negatives of one output are.
    pub fn of(loss: Loss) -> Self {
        match loss {
            Loss::Multinomial => Self::Rest,
            Loss::Squared => Self::Thirds,
            _ => Self::Labels,
        }
    }
}

/// Half of the sequences of each kind is searched, the other half is evidence; `None` where there are too few.
///
/// `task` is the place of the labels among those of the data, `output` that of the score: of classes the class.
pub fn split(
    model: &Model,
    data: &LabelledSequences,
    (task, output): (usize, usize),
    seed: Seed,
) -> anyhow::Result<Option<MotifSequences>> {
    let Some(data) = two_kinds(data, task, output, model.card().loss, None)? else { return Ok(None) };
    match MotifSequences::split(&data, MotifSource::of(model).width(), seed) {
        Err(Error::FewSequences { .. }) => Ok(None),
        halves => Ok(Some(halves?)),
    }
}

/// One set is searched, and another is evidence; `None` where either is too small.
pub fn apart(
    model: &Model,
    [searched, judged]: [&LabelledSequences; 2],
    (task, output): (usize, usize),
) -> anyhow::Result<Option<MotifSequences>> {
    let loss = model.card().loss;
    let ends = if loss == Loss::Squared { thirds(searched.known_labels(task).collect()) } else { None };
    let of = |data| two_kinds(data, task, output, loss, ends);
    let (Some(searched), Some(judged)) = (of(searched)?, of(judged)?) else { return Ok(None) };
    Ok(MotifSequences::of(&searched, &judged, MotifSource::of(model))?)
}

/// The sequences of a known label as positives and negatives; of measurements those up to the lower and from the upper end on, which are
/// their own where none are given.
fn two_kinds(
    data: &LabelledSequences,
    task: usize,
    output: usize,
    loss: Loss,
    ends: Option<(f64, f64)>,
) -> anyhow::Result<Option<LabelledSequences>> {
    if loss != Loss::Squared {
        return Ok(data.of_output(if loss == Loss::Multinomial { output } else { task }, loss)?);
    }
    let Some((low, high)) = ends.or_else(|| thirds(data.known_labels(task).collect())) else { return Ok(None) };
    let kind = |label: f64| match label {
        label if label > low && label >= high => Some(1.0),
        label if label <= low => Some(0.0),
        _ => None,
    };
    let labels = data.labels().iter().skip(task).step_by(data.task_count()).enumerate();
    let (records, labels): (Vec<usize>, Vec<f64>) =
        labels.filter_map(|(record, label)| Some((record, kind(*label)?))).unzip();
    Ok(Some(LabelledSequences::new(data.sequences().select(&records)?, labels)?))
}

/// The largest of the lower third of some values, and the smallest of the upper third; `None` of fewer than three, or where all are equal.
fn thirds(mut values: Vec<f64>) -> Option<(f64, f64)> {
    values.sort_unstable_by(f64::total_cmp);
    let third = values.len() / 3;
    let (low, high) = (*values.get(third.checked_sub(1)?)?, *values.get(values.len() - third)?);
    (values.first() < values.last()).then_some((low, high))
}

#[cfg(test)]
mod tests {
    use ckn::bio::{Alphabet, EncodedSequences};

    use super::*;

    fn data(labels: &[f64]) -> LabelledSequences {
        let mut sequences = EncodedSequences::new(Alphabet::Dna);
        labels.iter().for_each(|label| sequences.push(&label.to_string(), b"ACGTACGT").unwrap());
        LabelledSequences::new(sequences, labels.to_vec()).unwrap()
    }

    fn kinds(labels: &[f64]) -> Option<(Vec<String>, Vec<f64>)> {
        let two = two_kinds(&data(labels), 0, 0, Loss::Squared, None).unwrap()?;
        Some((two.sequences().ids().to_vec(), two.labels().to_vec()))
    }

    #[test]
    fn the_outer_thirds_of_measurements_are_the_two_kinds() {
        let (ids, labels) = kinds(&[0.5, 9.0, 3.0, 1.0, 8.0, 4.0, 5.0]).unwrap();
        assert_eq!((ids.join(" "), labels), ("0.5 9 1 8".to_owned(), vec![0.0, 1.0, 0.0, 1.0]));
        // Most are equal: what is above them is the upper kind.
        let (ids, labels) = kinds(&[0.0, 0.0, 0.0, 0.0, 0.0, 2.5]).unwrap();
        assert_eq!((ids.len(), labels.iter().sum::<f64>(), ids[5].as_str()), (6, 1.0, "2.5"));
        assert!(kinds(&[1.5; 6]).is_none() && kinds(&[1.0, 2.0]).is_none());
    }

    #[test]
    fn ends_of_the_searched_hold_for_what_is_evidence() {
        let two = two_kinds(&data(&[10.0, 11.0, -4.0]), 0, 0, Loss::Squared, Some((0.0, 10.0))).unwrap().unwrap();
        assert_eq!(two.labels(), [1.0, 1.0, 0.0]);
    }
}
