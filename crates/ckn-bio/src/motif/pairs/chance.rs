//! How often two sites stand at a distance by the places that each of them has.

use super::arrangement::{Arrangement, Joint, Places};
use crate::simulate::Strand;

/// Sequences of like length whose places are exchanged, at least.
const LEAST: usize = 100;
/// Groups of sequences of like length, at most.
const MOST_GROUPS: usize = 8;
/// Sites of one motif that are laid beside those of the other, at most, in one group.
const MOST_PLACES: usize = 2_000;
/// Gaps on either side whose mean a gap has at least: counts of single gaps are few.
const NEAR: usize = 10;

/// Both sites of one sequence, and its letters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Placed {
    pub(super) length: usize,
    pub(super) joint: Joint,
}

/// Numbers of sequences that are expected in each arrangement at each gap.
pub(super) struct Chance {
    arrangements: &'static [Arrangement],
    /// Sums over the gaps before each, `[arrangements, largest + 2]`.
    before: Vec<Vec<f64>>,
}

impl Chance {
    /// The place of the first motif's site in one sequence beside that of the second's in another, over all two of a group of like
    /// length, both counted from the middle. As few sequences say little about places, one part in as many as there are is from
    /// places that are all alike.
    pub(super) fn of(places: &Places, together: &[Placed], largest: usize) -> Self {
        let arrangements = places.arrangements();
        let mut expected = vec![vec![0.0; largest + 1]; arrangements.len()];
        let mut sorted: Vec<&Placed> = together.iter().collect();
        sorted.sort_by_key(|placed| placed.length);
        let groups = (sorted.len() / LEAST).clamp(1, MOST_GROUPS);
        for group in sorted.chunks(sorted.len().div_ceil(groups).max(1)) {
            let shares = shares(places, group, arrangements, largest);
            for (sums, shares) in expected.iter_mut().zip(shares) {
                sums.iter_mut().zip(shares).for_each(|(sum, share)| *sum += group.len() as f64 * share);
            }
        }
        let sums = |expected: Vec<f64>| {
            let mut sum = 0.0;
            let after = expected.into_iter().map(|value| {
                sum += value;
                sum
            });
            std::iter::once(0.0).chain(after).collect()
        };
        Self { arrangements, before: expected.into_iter().map(sums).collect() }
    }

    /// The expected number in a range of gaps, both ends included.
    pub(super) fn expected(&self, arrangement: Arrangement, gap: [usize; 2]) -> f64 {
        let rows = self.arrangements.iter().zip(&self.before);
        rows.filter(|(other, _)| **other == arrangement).map(|(_, before)| before[gap[1] + 1] - before[gap[0]]).sum()
    }
}

/// Shares of the sequences of a group in each arrangement at each gap.
fn shares(places: &Places, group: &[&Placed], arrangements: &[Arrangement], largest: usize) -> Vec<Vec<f64>> {
    let step = group.len().div_ceil(MOST_PLACES).max(1);
    let some: Vec<&&Placed> = group.iter().step_by(step).collect();
    let [first, second] = [0, 1].map(|site| counted(&some, site));
    let mut counts = vec![vec![0.0; largest + 1]; arrangements.len()];
    let mut all = 0.0;
    let mut add = |(arrangement, gap): (Arrangement, usize), times: f64| {
        all += times;
        let row = arrangements.iter().position(|&other| other == arrangement);
        if let Some(count) = row.and_then(|row| counts[row].get_mut(gap)) {
            *count += times;
        }
    };
    for &((start, strand), times) in &first {
        for &((other, other_strand), other_times) in &second {
            if let Some(found) = places.arranged([start, other], [strand, other_strand]) {
                add(found, times * other_times);
            }
        }
    }
    // A sequence's own sites are what is judged.
    some.iter().for_each(|placed| add((placed.joint.arrangement, placed.joint.gap), -1.0));
    let letters: usize = group.iter().map(|placed| placed.length).sum();
    let gaps = (letters as f64 / group.len() as f64 - (places.widths[0] + places.widths[1]) as f64 + 1.0).max(1.0);
    let number = some.len() as f64;
    let alike = number / (arrangements.len() as f64 * gaps);
    let share = |count: f64| ((count.max(0.0) + alike) / (all.max(0.0) + number)).min(1.0);
    let near = |row: &[f64], gap: usize| {
        let near = &row[gap.saturating_sub(NEAR)..row.len().min(gap + NEAR + 1)];
        near.iter().sum::<f64>() / near.len() as f64
    };
    let shares = |row: Vec<f64>| (0..row.len()).map(|gap| share(row[gap].max(near(&row, gap)))).collect();
    counts.into_iter().map(shares).collect()
}

/// Places of one motif's sites from the middle of the sequence, each with its strand and how often it is taken.
fn counted(group: &[&&Placed], site: usize) -> Vec<((i64, Strand), f64)> {
    let place = |placed: &&&Placed| {
        let (start, strand) = placed.joint.sites[site];
        (start as i64 - (placed.length / 2) as i64, strand)
    };
    let mut all: Vec<(i64, Strand)> = group.iter().map(place).collect();
    all.sort_by_key(|&(start, strand)| (start, strand == Strand::Reverse));
    all.chunk_by(|left, right| left == right).map(|same| (same[0], same.len() as f64)).collect()
}
