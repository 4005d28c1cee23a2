//! AUROCs of a comparison by set, side and seed, and what they say.

use std::collections::{BTreeMap, BTreeSet};

use ckn_core::metrics::{Alternative, signed_rank};

use super::plan::Trainings;
use super::runs::{Measured, Run};
use super::statistics::{deviation, mean, with_interval};

/// AUROCs by set, side and seed.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) sides: Vec<String>,
    sets: Vec<Set>,
    /// Seconds of each side's trainings.
    seconds: Vec<Vec<f64>>,
}

/// AUROCs of one set.
#[derive(Debug)]
struct Set {
    name: &'static str,
    /// Of each side, by seed.
    sides: Vec<BTreeMap<u64, f64>>,
}

impl Set {
    fn keep_common_seeds(&mut self) {
        let seeds = |side: &BTreeMap<u64, f64>| side.keys().copied().collect::<BTreeSet<u64>>();
        let common = self.sides.iter().map(seeds).reduce(|common, seeds| &common & &seeds).unwrap_or_default();
        for side in &mut self.sides {
            side.retain(|seed, _| common.contains(seed));
        }
    }

    fn aurocs(&self, side: usize) -> Vec<f64> {
        self.sides[side].values().copied().collect()
    }
}

impl Table {
    /// The table of what is measured: sides without any result are left out, then sets that a side has no result of, and then
    /// seeds that not all sides have.
    pub(crate) fn new(trainings: &Trainings, measured: &[Option<Measured>]) -> Self {
        let done = || trainings.runs.iter().zip(measured).filter_map(|(run, got)| got.as_ref().map(|got| (run, got)));
        let names = |run: &Run| run.tasks.iter().map(|(name, _)| *name).collect::<Vec<_>>();
        let covered: Vec<BTreeSet<&str>> = (0..trainings.sides.len())
            .map(|side| done().filter(|(run, _)| run.variant == side).flat_map(|(run, _)| names(run)).collect())
            .collect();
        let kept: Vec<usize> = (0..covered.len()).filter(|&side| !covered[side].is_empty()).collect();
        let mut table = Self {
            sides: kept.iter().map(|&side| trainings.sides[side].clone()).collect(),
            sets: Vec::new(),
            seconds: vec![Vec::new(); kept.len()],
        };
        for (run, got) in done() {
            let Some(side) = kept.iter().position(|&side| side == run.variant) else { continue };
            let everywhere = |name: &str| kept.iter().all(|&side| covered[side].contains(name));
            let names = names(run);
            if names.iter().all(|name| everywhere(name)) {
                table.seconds[side].push(got.seconds);
            }
            for (name, auroc) in names.into_iter().zip(&got.aurocs).filter(|(name, _)| everywhere(name)) {
                table.set(name).sides[side].insert(run.seed, *auroc);
            }
        }
        table.sets.iter_mut().for_each(Set::keep_common_seeds);
        table.sets.retain(|set| !set.sides[0].is_empty());
        table
    }

    fn set(&mut self, name: &'static str) -> &mut Set {
        let place = self.sets.iter().position(|set| set.name == name).unwrap_or(self.sets.len());
        if place == self.sets.len() {
            self.sets.push(Set { name, sides: vec![BTreeMap::new(); self.sides.len()] });
        }
        &mut self.sets[place]
    }

    /// Mean AUROC of each side, by set.
    pub(crate) fn lines(&self) -> Vec<(&'static str, Vec<f64>)> {
        let sides = 0..self.sides.len();
        self.sets.iter().map(|set| (set.name, sides.clone().map(|side| mean(&set.aurocs(side))).collect())).collect()
    }

    /// Mean AUROC of a side on each set.
    pub(crate) fn means(&self, side: usize) -> Vec<f64> {
        self.sets.iter().map(|set| mean(&set.aurocs(side))).collect()
    }

    /// How far a side is above another, for each set and seed.
    pub(crate) fn differences(&self, side: usize, other: usize) -> Vec<f64> {
        let pairs = self.sets.iter().flat_map(|set| set.sides[side].values().zip(set.sides[other].values()));
        pairs.map(|(auroc, others)| auroc - others).collect()
    }

    /// Wilcoxon's one-sided p-value over sets of a side being above another.
    pub(crate) fn p_above(&self, side: usize, other: usize) -> Option<f64> {
        signed_rank(&self.means(side), &self.means(other), Alternative::Greater).ok().map(|test| test.p_value)
    }

    /// Fewest and most seeds on any set.
    pub(crate) fn seeds(&self) -> (usize, usize) {
        let counts = || self.sets.iter().map(|set| set.sides[0].len());
        (counts().min().unwrap_or(0), counts().max().unwrap_or(0))
    }

    /// Mean seconds of a training of a side.
    pub(crate) fn seconds(&self, side: usize) -> f64 {
        mean(&self.seconds[side])
    }

    /// Standard deviation over seeds, a mean over sets; `None` where no set has two.
    pub(crate) fn deviation(&self, side: usize) -> Option<f64> {
        let deviations: Vec<f64> = self.sets.iter().filter_map(|set| deviation(&set.aurocs(side))).collect();
        (!deviations.is_empty()).then(|| mean(&deviations))
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(out, "| set | {} |", self.sides.join(" | "))?;
        writeln!(out, "|---|{}", "---|".repeat(self.sides.len()))?;
        for set in &self.sets {
            let cells: Vec<String> = (0..self.sides.len()).map(|side| with_interval(&set.aurocs(side))).collect();
            writeln!(out, "| {} | {} |", set.name, cells.join(" | "))?;
        }
        let row = |name: &str, cell: &dyn Fn(usize) -> String| {
            format!("| {name} | {} |", (0..self.sides.len()).map(cell).collect::<Vec<_>>().join(" | "))
        };
        writeln!(out, "{}", row("**mean of sets**", &|side| format!("**{:.4}**", mean(&self.means(side)))))?;
        let paired = |side: usize| if side == 0 { "–".into() } else { with_interval(&self.differences(side, 0)) };
        writeln!(out, "{}", row("difference, paired by set and seed", &paired))?;
        let tested = |side: usize| match self.p_above(0, side) {
            Some(p) if side > 0 => format!("{p:.4}"),
            _ => "–".into(),
        };
        writeln!(out, "{}", row("p, first side better (Wilcoxon, one-sided, over sets)", &tested))?;
        writeln!(out, "{}", row("seconds of a training", &|side| format!("{:.2}", self.seconds(side))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(variant: usize, name: &'static str, seed: u64) -> Run {
        let label = String::new();
        Run { variant, label, options: Vec::new(), tasks: vec![(name, name)], prefix: "train_top", seed }
    }

    fn table(results: &[(usize, &'static str, u64, Option<f64>)]) -> Table {
        let sides = ["first", "second", "third"].map(str::to_owned).to_vec();
        let runs = results.iter().map(|&(variant, name, seed, _)| run(variant, name, seed)).collect();
        let measured: Vec<_> = results
            .iter()
            .map(|(.., auroc)| auroc.map(|auroc| Measured { aurocs: vec![auroc], seconds: 1.0 }))
            .collect();
        Table::new(&Trainings { sides, runs }, &measured)
    }

    #[test]
    fn only_what_every_measured_side_has_is_shown() {
        let table = table(&[
            (0, "a", 1, Some(0.5)),
            (0, "b", 1, Some(0.7)),
            (1, "a", 1, Some(0.6)),
            (1, "b", 1, None),
            (2, "a", 1, None),
        ]);
        assert_eq!(table.sides, ["first", "second"]);
        assert_eq!(table.lines(), [("a", vec![0.5, 0.6])]);
        assert_eq!(table.seeds(), (1, 1));
        assert_eq!(table.deviation(0), None);
    }

    #[test]
    fn only_seeds_that_all_sides_have_are_compared() {
        let table = table(&[
            (0, "a", 1, None),
            (0, "a", 2, Some(0.5)),
            (0, "a", 3, Some(0.5)),
            (1, "a", 1, Some(0.9)),
            (1, "a", 2, Some(0.75)),
            (1, "a", 3, Some(0.8)),
        ]);
        assert_eq!(table.seeds(), (2, 2));
        assert_eq!(table.differences(1, 0), [0.25, 0.8 - 0.5]);
        assert_eq!(table.deviation(0), Some(0.0));
    }
}
