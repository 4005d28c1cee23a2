//! Stretches of letters that add most to the scores of their sequences.

use std::ops::Range;

use crate::sites::Mixture;

/// Letters of a stretch, of alphabets of four letters and of more.
const LETTERS: [usize; 2] = [12, 5];
/// Most stretches of a sequence, and of all.
const OF_SEQUENCE: usize = 4;
const MOST: usize = 4_000;

/// A stretch of known letters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stretch {
    pub(super) sequence: usize,
    pub(super) start: usize,
    pub(super) width: usize,
    /// Sum of its letters' contributions.
    pub(super) value: f64,
}

impl Stretch {
    /// Whether more than half of its letters are among these.
    pub(super) fn is_mostly_in(&self, letters: &Range<usize>) -> bool {
        let (first, end) = (self.start.max(letters.start), (self.start + self.width).min(letters.end));
        2 * end.saturating_sub(first) > self.width
    }
}

/// Of each sequence the stretches that add most to its score and do not overlap; those that add most first.
pub(super) fn stretches(mixture: &Mixture<'_>, contributions: &[Vec<f64>]) -> Vec<Stretch> {
    let letters = mixture.background().frequencies().len();
    let shortest = contributions.iter().map(Vec::len).min().unwrap_or(0);
    let width = LETTERS[usize::from(letters > 4)].min(shortest);
    let mut all = Vec::new();
    for (sequence, values) in contributions.iter().enumerate() {
        let tokens = &mixture.strands(sequence)[0];
        let windows = tokens.windows(width.max(1)).zip(values.windows(width.max(1))).enumerate();
        let known = windows.filter(|(_, (window, _))| window.iter().all(|&token| usize::from(token) < letters));
        let mut own: Vec<Stretch> = known
            .map(|(start, (_, values))| Stretch { sequence, start, width, value: values.iter().sum() })
            .filter(|stretch| stretch.value > 0.0)
            .collect();
        own.sort_by(|a, b| b.value.total_cmp(&a.value).then(a.start.cmp(&b.start)));
        let mut apart: Vec<Stretch> = Vec::with_capacity(OF_SEQUENCE);
        for stretch in own {
            if apart.len() < OF_SEQUENCE && apart.iter().all(|other| other.start.abs_diff(stretch.start) >= width) {
                apart.push(stretch);
            }
        }
        all.extend(apart);
    }
    all.sort_by(|a, b| b.value.total_cmp(&a.value).then(a.sequence.cmp(&b.sequence)).then(a.start.cmp(&b.start)));
    all.truncate(MOST);
    all
}
