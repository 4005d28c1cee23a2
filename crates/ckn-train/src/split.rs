//! The part of the training data that chooses the epoch.

use std::collections::BTreeMap;

use ckn_core::seed::Seed;
use rand::RngExt;
use rand::seq::SliceRandom;

use crate::targets::Targets;
use crate::{CheckedTrainConfig, Error, TrainingData};

/// Records to fit on and records to choose by, both ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Records that anchors and head are fitted on.
    pub training: Vec<usize>,
    /// Records whose loss chooses the epoch.
    pub validation: Vec<usize>,
}

impl Split {
    /// The records of both parts, ascending, of so many in all.
    ///
    /// # Errors
    /// [`Error::Split`] for a record that does not exist, or is named twice.
    pub(crate) fn records(&self, of: usize) -> Result<Vec<usize>, Error> {
        let mut records = [self.training.as_slice(), &self.validation].concat();
        records.sort_unstable();
        let twice = records.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
        match twice.or(records.last().copied().filter(|&last| last >= of)) {
            Some(record) => Err(Error::Split { record, records: of }),
            None if self.training.is_empty() || self.validation.is_empty() => {
                Err(ckn_core::Error::Empty { what: "the training or the validation part" }.into())
            }
            None => Ok(records),
        }
    }
}

impl TrainingData<'_> {
    /// Holds out a part of some records at random, to choose the epoch by: of each class, and of each pattern of missing labels,
    /// alike.
    ///
    /// # Errors
    /// [`Error::Labels`], [`Error::Classes`], [`Error::Task`], [`Error::Class`]; labels that the loss does not know.
    pub fn split(&self, config: &CheckedTrainConfig, records: &[usize]) -> Result<Split, Error> {
        let targets = Targets::new(*self, records, config.loss, config.class_weight)?;
        let pattern = |place: usize| targets.pattern(records[place]);
        let split = split_validation(records.len(), pattern, config.validation, Seed(config.seed))?;
        let of = |places: Vec<usize>| places.into_iter().map(|place| records[place]).collect();
        Ok(Split { training: of(split.training), validation: of(split.validation) })
    }
}

/// Holds out a part of the records at random: of each pattern of labels alike (of each class, say).
///
/// At least one record of each pattern that several records share lands on either side.
///
/// # Example
/// ```
/// use ckn_core::seed::Seed;
///
/// let split = ckn_train::split_validation(100, |record| record < 20, 0.25, Seed(0))?;
/// assert_eq!(split.validation.iter().filter(|&&record| record < 20).count(), 5);
/// assert_eq!((split.training.len(), split.validation.len()), (75, 25));
/// # Ok::<(), ckn_train::Error>(())
/// ```
///
/// # Errors
/// [`ckn_core::Error::Empty`] if a side would stay empty.
pub fn split_validation<K: Ord>(
    records: usize,
    pattern: impl Fn(usize) -> K,
    part: f64,
    seed: Seed,
) -> Result<Split, Error> {
    let mut random = seed.stream("split");
    let mut groups: BTreeMap<K, Vec<usize>> = BTreeMap::new();
    for record in 0..records {
        groups.entry(pattern(record)).or_default().push(record);
    }
    let mut split = Split { training: Vec::new(), validation: Vec::new() };
    for mut group in groups.into_values() {
        group.shuffle(&mut random);
        // Rounded at random, so that small classes are held out in proportion on average.
        let exact = part * group.len() as f64;
        let held = (exact + random.random_range(0.0..1.0)).floor() as usize;
        let held = if group.len() == 1 { 0 } else { held.clamp(1, group.len() - 1) };
        split.validation.extend(&group[..held]);
        split.training.extend(&group[held..]);
    }
    if split.training.is_empty() || split.validation.is_empty() {
        return Err(ckn_core::Error::Empty { what: "the training or the validation part" }.into());
    }
    split.training.sort_unstable();
    split.validation.sort_unstable();
    Ok(split)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_lands_on_one_side_and_classes_keep_their_share() {
        let labels: Vec<f64> = (0..1000).map(|i| f64::from(i % 5 == 0)).collect();
        let split = split_validation(1000, |i| labels[i] > 0.5, 0.25, Seed(3)).unwrap();
        let mut all = [split.training.clone(), split.validation.clone()].concat();
        all.sort_unstable();
        assert_eq!(all, (0..1000).collect::<Vec<_>>());
        let positives = split.validation.iter().filter(|&&i| labels[i] > 0.5).count();
        assert_eq!((positives, split.validation.len()), (50, 250));
        assert_ne!(split, split_validation(1000, |i| labels[i] > 0.5, 0.25, Seed(4)).unwrap());
    }

    #[test]
    fn small_groups_are_split_and_single_records_are_trained_on() {
        let tiny = split_validation(4, |i| i < 2, 0.01, Seed(0)).unwrap();
        assert_eq!((tiny.training.len(), tiny.validation.len()), (2, 2));
        let single = split_validation(3, |i| i == 2, 0.9, Seed(0)).unwrap();
        assert!(single.training.contains(&2));
        assert!(split_validation(1, |_| 0, 0.25, Seed(0)).is_err());
    }
}
