//! Cross-validation of a network: every fold scored by the network that had not seen it.

use std::collections::BTreeMap;

use ckn_core::TokenView;
use ckn_core::seed::Seed;
use ckn_model::{CheckedConfig, Network};
use rand::seq::SliceRandom;

use crate::taken::taken;
use crate::{CheckedTrainConfig, Error, Fitted, Observer, SliceEngine, StopReason, Trainer, TrainingData};

/// A fold, and the network that was trained without it.
#[derive(Debug, Clone, PartialEq)]
pub struct Fold {
    /// Its records, ascending.
    pub records: Vec<usize>,
    /// The training on all other records.
    pub fitted: Fitted,
    /// Scores of its records, `[records, outputs]`.
    pub scores: Vec<f64>,
}

/// Deals groups of records out to folds at random, those with a positive first, so that classes are spread evenly; a group (a
/// chromosome, a family, a sequence and its shuffles) is never divided. Returns the fold of each record.
///
/// # Shapes
/// groups and labels `[records]`; groups are numbers without large gaps.
///
/// # Errors
/// [`Error::Labels`] if there are not as many labels as groups; [`Error::Setting`] for fewer than 2 folds.
///
/// # Example
/// ```
/// use ckn_core::seed::Seed;
/// use ckn_train::deal_groups;
///
/// // Sequences 0 and 4, 1 and 5, … belong together.
/// let groups = [0, 1, 2, 3, 0, 1, 2, 3];
/// let labels = [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0];
/// let fold_of = deal_groups(&groups, &labels, 2, Seed(0))?;
/// assert_eq!(fold_of[..4], fold_of[4..]);
/// assert_eq!(fold_of.iter().filter(|&&fold| fold == 0).count(), 4);
/// # Ok::<(), ckn_train::Error>(())
/// ```
pub fn deal_groups(groups: &[usize], labels: &[f64], folds: usize, seed: Seed) -> Result<Vec<usize>, Error> {
    if groups.len() != labels.len() {
        return Err(Error::Labels { labels: labels.len(), sequences: groups.len() });
    }
    if folds < 2 {
        return Err(Error::Setting { name: "folds", got: folds as f64, expected: "at least 2" });
    }
    Ok(deal(groups, |record| !is_positive(labels[record]), folds, seed))
}

fn is_positive(label: f64) -> bool {
    label > 0.5
}

/// Deals groups out to folds at random, in the order of the lowest key of their records, so that keys are spread evenly.
pub(crate) fn deal<K: Ord>(groups: &[usize], key: impl Fn(usize) -> K, folds: usize, seed: Seed) -> Vec<usize> {
    let mut keys: BTreeMap<usize, K> = BTreeMap::new();
    for (record, &group) in groups.iter().enumerate() {
        let own = key(record);
        match keys.get_mut(&group) {
            Some(lowest) if own < *lowest => *lowest = own,
            Some(_) => {}
            None => drop(keys.insert(group, own)),
        }
    }
    let mut order: Vec<usize> = keys.keys().copied().collect();
    order.shuffle(&mut seed.stream("folds"));
    order.sort_by(|one, other| keys[one].cmp(&keys[other]));
    let fold_of: BTreeMap<usize, usize> =
        order.into_iter().enumerate().map(|(place, group)| (group, place % folds)).collect();
    groups.iter().map(|group| fold_of[group]).collect()
}

/// Trains a network on all folds but one, and scores that one, for every fold. If the observer ends a training, the folds before
/// it are returned.
///
/// # Shapes
/// fold_of `[records]`: folds are numbered from 0 without gaps.
///
/// # Errors
/// [`Error::Labels`] if there is not one fold for each sequence; those of [`Trainer`].
///
/// # Example
/// ```
/// use ckn_core::kernel::DotProductKernel;
/// use ckn_core::metrics::auroc;
/// use ckn_core::pooling::{Border, Pooling, Strands};
/// use ckn_core::whitening::Regularisation;
/// use ckn_core::{LetterTable, TokenView};
/// use ckn_model::{LayerConfig, NetworkConfig};
/// use ckn_train::{Ignore, TrainConfig, TrainingData, cross_validate};
///
/// // Every second sequence has the letters 0123 in it.
/// let table = LetterTable::new(4, &[], None)?;
/// let tokens: Vec<u8> = (0..40 * 12).map(|at| if at / 12 % 2 == 0 && at % 12 < 4 { at % 12 } else { at / 7 % 4 } as u8).collect();
/// let offsets: Vec<usize> = (0..=40).map(|record| record * 12).collect();
/// let view = TokenView::new(&tokens, &offsets, &table)?;
/// let labels: Vec<f64> = (0..40).map(|record| f64::from(record % 2 == 0)).collect();
/// let network = NetworkConfig {
///     letters: 4,
///     layers: vec![LayerConfig { filters: 4, width: 4, kernel: DotProductKernel::Exponential { sigma: 0.4 }, subsampling: 1 }],
///     pooling: Pooling::Max,
///     strands: Strands::Forward,
///     border: Border::Valid,
///     regularisation: Regularisation::Shift { epsilon: 1e-3 },
///     gap_decay: 0.0,
///     letter_similarity: Vec::new(),
/// };
/// let config = TrainConfig { epochs: 2, ..TrainConfig::default() }.check()?;
/// let fold_of: Vec<usize> = (0..40).map(|record| record / 2 % 4).collect();
/// let folds = cross_validate(&network.check()?, config, TrainingData::of_one_task(view, &labels), &fold_of, &mut Ignore)?;
/// for fold in folds {
///     let labels: Vec<f64> = fold.records.iter().map(|&record| labels[record]).collect();
///     assert!(auroc(&fold.scores, &labels).value() > Some(0.8));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn cross_validate(
    network: &CheckedConfig,
    config: CheckedTrainConfig,
    data: TrainingData<'_>,
    fold_of: &[usize],
    observer: &mut dyn Observer,
) -> Result<Vec<Fold>, Error> {
    if fold_of.len() != data.view.len() {
        return Err(Error::Labels { labels: fold_of.len(), sequences: data.view.len() });
    }
    let start = Network::random(network.clone(), &mut Seed(config.seed).stream("network"))?;
    let mut engine = SliceEngine::new(data.view, &start)?;
    let mut folds = Vec::new();
    for fold in 0..fold_of.iter().copied().max().map_or(0, |last| last + 1) {
        let (records, training): (Vec<usize>, Vec<usize>) =
            (0..fold_of.len()).partition(|&record| fold_of[record] == fold);
        let split = data.split(&config, &training)?;
        let trainer = Trainer::with_split(config, &mut engine, data, split, start.clone(), observer)?;
        let fitted = trainer.run(observer)?;
        if fitted.reason == StopReason::Interrupted {
            break;
        }
        let (tokens, offsets) = taken(data.view, &records);
        let left_out = TokenView::new(&tokens, &offsets, data.view.table())?;
        let scores = fitted.network.scores(&fitted.heads, left_out)?;
        folds.push(Fold { records, fitted, scores });
    }
    Ok(folds)
}
