//! The part of the training data that chooses the epoch.

use ckn_core::seed::Seed;
use rand::RngExt;
use rand::seq::SliceRandom;

use crate::Error;

/// Records to fit on and records to choose by, both ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Records that anchors and head are fitted on.
    pub training: Vec<usize>,
    /// Records whose loss chooses the epoch.
    pub validation: Vec<usize>,
}

/// Holds out a part of the records at random: of each class alike when labels are classes, of all together otherwise.
///
/// At least one record of each class lands on either side.
///
/// # Errors
/// [`Error::Classes`] if a class has fewer than two records; [`ckn_core::Error::Empty`] below two records.
pub fn split_validation(labels: &[f64], classes: bool, part: f64, seed: Seed) -> Result<Split, Error> {
    let mut random = seed.stream("split");
    let groups: Vec<Vec<usize>> = if classes {
        let of = |wanted: bool| (0..labels.len()).filter(|&i| (labels[i] > 0.5) == wanted).collect::<Vec<_>>();
        let (negatives, positives) = (of(false), of(true));
        if negatives.len() < 2 || positives.len() < 2 {
            return Err(Error::Classes { positives: positives.len(), negatives: negatives.len() });
        }
        vec![negatives, positives]
    } else {
        if labels.len() < 2 {
            return Err(ckn_core::Error::Empty { what: "the training or the validation part" }.into());
        }
        vec![(0..labels.len()).collect()]
    };
    let mut split = Split { training: Vec::new(), validation: Vec::new() };
    for mut group in groups {
        group.shuffle(&mut random);
        // Rounded at random, so that small classes are held out in proportion on average.
        let exact = part * group.len() as f64;
        let held = (exact + random.random_range(0.0..1.0)).floor() as usize;
        let held = held.clamp(1, group.len() - 1);
        split.validation.extend(&group[..held]);
        split.training.extend(&group[held..]);
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
        let split = split_validation(&labels, true, 0.25, Seed(3)).unwrap();
        let mut all = [split.training.clone(), split.validation.clone()].concat();
        all.sort_unstable();
        assert_eq!(all, (0..1000).collect::<Vec<_>>());
        let positives = split.validation.iter().filter(|&&i| labels[i] > 0.5).count();
        assert_eq!((positives, split.validation.len()), (50, 250));
        assert_ne!(split, split_validation(&labels, true, 0.25, Seed(4)).unwrap());
    }

    #[test]
    fn a_class_too_small_to_split_is_named() {
        let error = split_validation(&[1.0, 1.0, 0.0], true, 0.25, Seed(0)).unwrap_err();
        assert!(matches!(error, Error::Classes { positives: 2, negatives: 1 }));
        assert!(split_validation(&[0.3], false, 0.25, Seed(0)).is_err());
        let tiny = split_validation(&[1.0, 1.0, 0.0, 0.0], true, 0.01, Seed(0)).unwrap();
        assert_eq!((tiny.training.len(), tiny.validation.len()), (2, 2));
    }
}
