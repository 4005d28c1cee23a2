//! Random walks over the labels under which the same words are chosen.

use ckn_core::seed::Random;
use rand::RngExt;

use super::grid::Grid;
use crate::Strata;

/// That one word of a grid is chosen.
pub(super) struct Event {
    grid: Grid,
    chosen: usize,
}

impl Event {
    pub(super) fn new(grid: Grid, chosen: usize) -> Self {
        Self { grid, chosen }
    }

    fn score_of_chosen(&self, counts: &[u32]) -> f64 {
        self.grid.score(self.chosen, counts[self.chosen])
    }

    /// Whether a word would be chosen in place of the chosen one, of this score.
    #[inline]
    fn is_better(&self, number: usize, count: u32, chosen: f64) -> bool {
        let score = self.grid.score(number, count);
        score > chosen || (score == chosen && number < self.chosen)
    }

    /// Takes a label from one sequence and gives it to another; false, with the counts as they were, if another word would be chosen then.
    fn exchange(&self, from: usize, to: usize, counts: &mut [u32]) -> bool {
        let before = self.score_of_chosen(counts);
        self.change(from, to, counts);
        let after = self.score_of_chosen(counts);
        // Where the chosen word has lost nothing, only those can pass it that have gained.
        let is_passed = match after >= before {
            true => self.grid.row(to).iter().any(|&word| self.is_better(word as usize, counts[word as usize], after)),
            false => counts.iter().enumerate().any(|(number, &count)| self.is_better(number, count, after)),
        };
        if is_passed || after <= 0.0 {
            self.change(to, from, counts);
            return false;
        }
        true
    }

    fn change(&self, from: usize, to: usize, counts: &mut [u32]) {
        // A word that both hold gains what it loses.
        self.grid.row(to).iter().for_each(|&word| counts[word as usize] += 1);
        self.grid.row(from).iter().for_each(|&word| counts[word as usize] -= 1);
    }
}

/// Labels, and how many positives hold each word of the grids.
#[derive(Clone)]
pub(super) struct Walker<'a> {
    events: &'a [Event],
    /// Sequences that hold the same of the words before: their labels may be exchanged.
    groups: &'a Strata,
    positive: Vec<bool>,
    /// Of the words of each event's grid.
    counts: Vec<Vec<u32>>,
}

impl<'a> Walker<'a> {
    pub(super) fn new(events: &'a [Event], groups: &'a Strata, positive: &[bool]) -> Self {
        let counts = events.iter().map(|event| event.grid.count(positive)).collect();
        Self { events, groups, positive: positive.to_vec(), counts }
    }

    pub(super) fn labels(&self) -> &[bool] {
        &self.positive
    }

    /// Goes some steps: two sequences of a group are drawn, and their labels exchanged if the same words are chosen then. As likely there as
    /// back, so that all labels are visited alike.
    pub(super) fn walk(&mut self, steps: usize, random: &mut Random) {
        for _ in 0..steps {
            let one = random.random_range(0..self.positive.len());
            let group = self.groups.beside(one);
            let other = group[random.random_range(0..group.len())];
            if self.positive[one] == self.positive[other] {
                continue;
            }
            let (from, to) = if self.positive[one] { (one, other) } else { (other, one) };
            if self.exchange(from, to) {
                self.positive.swap(one, other);
            }
        }
    }

    fn exchange(&mut self, from: usize, to: usize) -> bool {
        for at in 0..self.events.len() {
            if !self.events[at].exchange(from, to, &mut self.counts[at]) {
                (0..at).for_each(|done| self.events[done].change(to, from, &mut self.counts[done]));
                return false;
            }
        }
        true
    }
}
