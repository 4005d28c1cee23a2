//! Some of the sequences, as a set of their own.

use ckn_core::seed::Seed;
use ckn_core::{LetterTable, TokenView};
use rand::seq::SliceRandom;

use super::AutoData;
use crate::Error;
use crate::taken::taken;

/// Sequences taken from others.
#[derive(Debug, Clone)]
pub(super) struct Subset<'a> {
    tokens: Vec<u8>,
    offsets: Vec<usize>,
    table: &'a LetterTable,
    pub(super) labels: Vec<f64>,
    pub(super) groups: Vec<usize>,
}

impl<'a> Subset<'a> {
    pub(super) fn new(data: AutoData<'a>, records: &[usize]) -> Self {
        let (tokens, offsets) = taken(data.view, records);
        Self {
            tokens,
            offsets,
            table: data.view.table(),
            labels: records.iter().map(|&record| data.labels[record]).collect(),
            groups: records.iter().map(|&record| data.groups[record]).collect(),
        }
    }

    pub(super) fn data(&self) -> Result<AutoData<'_>, Error> {
        let view = TokenView::new(&self.tokens, &self.offsets, self.table)?;
        Ok(AutoData { view, labels: &self.labels, groups: &self.groups })
    }
}

/// Sequences that are taken however long they are, up to four times the letters that there should be.
const FEWEST: usize = 200;

/// How many sequences there are of at most so many letters in all, on average, and at most so many; two at least.
pub(super) fn within(view: TokenView<'_>, most: usize, letters: usize) -> usize {
    let all: usize = (0..view.len()).map(|record| view.sequence(record).len()).sum();
    let share = letters as f64 / all.max(1) as f64;
    let affordable = if share < 1.0 { (share * view.len() as f64) as usize } else { usize::MAX };
    affordable.max(FEWEST.min(affordable.saturating_mul(4))).min(most).max(2)
}

/// Most negatives for each positive that cross-validation sees.
const NEGATIVES: usize = 5;

/// The records that candidates are judged on, ascending: at most `most`, half of them or fewer positives at random, and for
/// each as many negatives of its own group as there is room for, five at most; then negatives of no positive's group.
pub(super) fn screening(data: AutoData<'_>, most: usize, seed: Seed) -> Vec<usize> {
    let mut random = seed.stream("screening");
    let (mut positives, mut negatives): (Vec<usize>, Vec<usize>) =
        (0..data.labels.len()).partition(|&record| data.labels[record] > 0.5);
    positives.shuffle(&mut random);
    positives.truncate((most / 2).max(1));
    let each = (most / positives.len().max(1)).saturating_sub(1).clamp(1, NEGATIVES);
    let groups = data.groups.iter().copied().max().map_or(0, |largest| largest + 1);
    let mut room = vec![0; groups];
    let mut of_positive = vec![false; groups];
    (0..data.labels.len()).filter(|&record| data.labels[record] > 0.5).for_each(|record| {
        of_positive[data.groups[record]] = true;
    });
    positives.iter().for_each(|&record| room[data.groups[record]] += each);
    negatives.shuffle(&mut random);
    let mut free = each * positives.len();
    let mut chosen = positives;
    let (own, others): (Vec<usize>, Vec<usize>) =
        negatives.into_iter().partition(|&record| of_positive[data.groups[record]]);
    for record in own {
        let room = &mut room[data.groups[record]];
        if *room > 0 {
            *room -= 1;
            free -= 1;
            chosen.push(record);
        }
    }
    chosen.extend(others.into_iter().take(free));
    chosen.sort_unstable();
    chosen
}
