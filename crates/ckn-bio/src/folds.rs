//! Dividing records among folds.

use std::collections::HashMap;

use ckn_core::seed::Seed;
use rand::seq::SliceRandom;

use crate::error::{DivisionError, Error};

/// Divides records among folds of equal size at random, with as much of each label in each: the 0-based fold of each record.
///
/// Sizes differ by at most one, and so do the numbers of records of one label. Measurements are dealt out in their order,
/// so that each fold has small and large ones. Draws from the stream `folds`.
///
/// ```
/// use ckn_bio::stratified_folds;
/// use ckn_core::seed::Seed;
/// let labels: Vec<f64> = (0..20).map(|record| f64::from(record < 4)).collect();
/// let folds = stratified_folds(&labels, 2, Seed(0))?;
/// // Two of the four positives are in each.
/// let positives = (0..4).filter(|&record| folds[record] == 0).count();
/// assert_eq!(positives, 2);
/// # Ok::<(), ckn_bio::Error>(())
/// ```
///
/// # Errors
/// [`DivisionError::Folds`] for fewer than two folds, or more than there are records.
pub fn stratified_folds(labels: &[f64], folds: usize, seed: Seed) -> Result<Vec<usize>, Error> {
    check(folds, labels.len(), "sequences")?;
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.shuffle(&mut seed.stream("folds"));
    order.sort_by(|&one, &other| labels[one].total_cmp(&labels[other]));
    let mut fold_of = vec![0; labels.len()];
    for (place, record) in order.into_iter().enumerate() {
        fold_of[record] = place % folds;
    }
    Ok(fold_of)
}

/// Divides records among folds so that no group is divided: the 0-based fold of each record.
///
/// Groups are taken from the largest to the smallest, those of one size in random order, each to the fold that has the fewest
/// records so far. Draws from the stream `folds`.
///
/// ```
/// use ckn_bio::grouped_folds;
/// use ckn_core::seed::Seed;
/// let groups: Vec<String> = ["chr1", "chr2", "chr1", "chr3"].map(String::from).to_vec();
/// let folds = grouped_folds(&groups, 2, Seed(0))?;
/// // Groups stay together.
/// assert_eq!(folds[0], folds[2]);
/// # Ok::<(), ckn_bio::Error>(())
/// ```
///
/// # Errors
/// [`DivisionError::Folds`] for fewer than two folds, or more than there are groups.
pub fn grouped_folds(groups: &[String], folds: usize, seed: Seed) -> Result<Vec<usize>, Error> {
    let mut sizes: HashMap<&str, usize> = HashMap::new();
    for group in groups {
        *sizes.entry(group).or_insert(0) += 1;
    }
    check(folds, sizes.len(), "groups")?;
    let mut order: Vec<(&str, usize)> = sizes.into_iter().collect();
    // In an order of their own before the shuffle: that of the map is another in each run.
    order.sort_unstable();
    order.shuffle(&mut seed.stream("folds"));
    order.sort_by_key(|&(_, size)| std::cmp::Reverse(size));
    let (mut filled, mut fold_of) = (vec![0; folds], HashMap::new());
    for (group, size) in order {
        let fold = (0..folds).min_by_key(|&fold| filled[fold]).unwrap_or(0);
        filled[fold] += size;
        fold_of.insert(group, fold);
    }
    Ok(groups.iter().map(|group| fold_of.get(group.as_str()).copied().unwrap_or(0)).collect())
}

fn check(folds: usize, parts: usize, of: &'static str) -> Result<(), Error> {
    if folds < 2 || folds > parts { Err(DivisionError::Folds { folds, parts, of }.into()) } else { Ok(()) }
}
