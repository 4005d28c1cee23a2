//! Which parts of a genome are taken.

use std::collections::{BTreeMap, HashMap};

use crate::region::Region;

/// Disjoint intervals of each chromosome, in bp, 0-based and half-open.
#[derive(Debug, Default)]
pub(super) struct Occupied {
    /// End by start.
    chromosomes: HashMap<String, BTreeMap<u64, u64>>,
}

impl Occupied {
    /// Takes an interval, and joins it with those it overlaps.
    pub(super) fn take(&mut self, chromosome: &str, mut start: u64, mut end: u64) {
        if start >= end {
            return;
        }
        if !self.chromosomes.contains_key(chromosome) {
            self.chromosomes.insert(chromosome.to_owned(), BTreeMap::new());
        }
        let Some(taken) = self.chromosomes.get_mut(chromosome) else { return };
        while let Some((&from, &to)) = taken.range(..end).next_back().filter(|(_, to)| **to > start) {
            taken.remove(&from);
            (start, end) = (start.min(from), end.max(to));
        }
        taken.insert(start, end);
    }

    /// Whether a region shares a letter with what is taken.
    pub(super) fn overlaps(&self, region: &Region) -> bool {
        let taken = self.chromosomes.get(&region.chromosome);
        // Disjoint intervals end in the order in which they start.
        taken.and_then(|taken| taken.range(..region.end).next_back()).is_some_and(|(_, end)| *end > region.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_joined_and_found() {
        let mut taken = Occupied::default();
        for (start, end) in [(10, 20), (30, 40), (15, 32), (50, 60), (7, 7), (12, 14)] {
            taken.take("a", start, end);
        }
        let overlaps = |chromosome: &str, start, end| {
            taken.overlaps(&Region { chromosome: chromosome.to_owned(), start, end, reverse: false })
        };
        for (start, end, expected) in [
            (0, 10, false),
            (0, 11, true),
            (21, 29, true),
            (39, 41, true),
            (40, 50, false),
            (60, 70, false),
            (0, 99, true),
        ] {
            assert_eq!(overlaps("a", start, end), expected, "{start}-{end}");
        }
        assert!(!overlaps("b", 0, 99));
    }
}
