//! Which records are for training and which for the test.

use std::collections::BTreeSet;

use ckn::bio::{EncodedSequences, Region, grouped_folds, stratified_folds};
use ckn::core::seed::Seed;

use crate::exit::Input;

/// The records of one training and one test set, each in the order of the data.
#[derive(Debug)]
pub struct Division {
    pub training: Vec<usize>,
    pub test: Vec<usize>,
}

/// Divides the data: into folds, or by the names of the test set's groups.
pub fn divide(
    labels: &[f64],
    groups: Option<&[String]>,
    folds: Option<u32>,
    test: &[String],
    seed: Seed,
) -> anyhow::Result<Vec<Division>> {
    let all = 0..labels.len();
    match (folds.map(|folds| folds as usize), groups) {
        (Some(folds), groups) => {
            let fold_of = match groups {
                Some(groups) => grouped_folds(groups, folds, seed)?,
                None => stratified_folds(labels, folds, seed)?,
            };
            let division = |fold| {
                let (test, training) = all.clone().partition(|&record| fold_of[record] == fold);
                Division { training, test }
            };
            Ok((0..folds).map(division).collect())
        }
        (None, groups) => {
            let groups = groups.unwrap_or_default();
            let known: BTreeSet<&str> = groups.iter().map(String::as_str).collect();
            if let Some(name) = test.iter().find(|name| !known.contains(name.as_str())) {
                let few: Vec<&str> = known.iter().copied().take(8).collect();
                let more = if known.len() > few.len() { ", ..." } else { "" };
                let message = format!(
                    "no sequence belongs to `{}`: choose --test among {}{more}",
                    name.escape_debug(),
                    few.join(", ")
                );
                return Err(Input(message).into());
            }
            let (test, training): (Vec<usize>, Vec<usize>) =
                all.partition(|&record| groups.get(record).is_some_and(|group| test.contains(group)));
            if training.is_empty() {
                let message = "all sequences belong to the test set: leave some chromosomes or groups for training";
                return Err(Input(message.into()).into());
            }
            Ok(vec![Division { training, test }])
        }
    }
}

/// The groups of sequences and of the shuffles behind them, `records` in all: as many of each, in the order of their
/// originals, and of the same group.
pub fn with_shuffles(groups: Vec<String>, records: usize) -> Vec<String> {
    let each = records.saturating_sub(groups.len()) / groups.len().max(1);
    let more: Vec<String> = groups.iter().flat_map(|group| std::iter::repeat_n(group.clone(), each)).collect();
    [groups, more].concat()
}

/// The chromosome in the name of each sequence.
pub fn chromosomes(sequences: &EncodedSequences) -> anyhow::Result<Vec<String>> {
    let chromosome = |(record, id): (usize, &String)| {
        Region::chromosome_of(id).map(str::to_owned).ok_or_else(|| {
            let place = sequences.place(record);
            Input(format!("{place} does not say where it lies: name sequences such as chr1:100-201, or use --bed"))
                .into()
        })
    };
    sequences.ids().iter().enumerate().map(chromosome).collect()
}
