//! What a table of AUROCs says, in a sentence.

use std::fmt::Write as _;

use crate::compare::experiments::{Comparison, Mode};
use crate::compare::network::Pooling;
use crate::compare::plan::Plan;
use crate::compare::statistics::{mean, with_interval};
use crate::compare::table::Table;

/// What is read off a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// By how much the side of this number is above each other, as the paper has it.
    Above(usize),
    /// The same on the half of the sets that the other side finds hard, and on the rest.
    Hard(usize),
    /// Means of all values of a setting, and which is best on how many sets.
    Sweep,
    /// Mean AUROC of every side.
    Means,
    /// Seconds of a training of every side.
    Seconds,
    /// Standard deviation over seeds.
    Stability,
}

impl Reading {
    /// The sentence; `None` where too little is measured.
    pub(crate) fn of(self, plan: &Plan, table: &Table) -> Option<String> {
        let sets = table.lines().len();
        if sets == 0 {
            return None;
        }
        let said = match self {
            Self::Above(side) => others(table, side, |other| above(table, side, other))?,
            Self::Hard(side) => others(table, side, |other| hard(table, side, other))?,
            Self::Sweep => sweep(table),
            Self::Means => each(table, |side| format!("{:.4}", mean(&table.means(side)))),
            Self::Seconds => each(table, |side| {
                format!("{:.1} s ({:.1} times)", table.seconds(side), table.seconds(side) / table.seconds(0))
            }),
            Self::Stability => each(table, |side| {
                table.deviation(side).map_or("one seed".into(), |deviation| format!("{deviation:.4}"))
            }),
        };
        let mode = match plan.mode {
            Mode::Top => "Top mode",
            Mode::All => "All mode",
        };
        let pooling = match (plan.comparison, plan.pooling) {
            (Comparison::Pooling, _) => "",
            (_, Pooling::Mean) => ", average pooling",
            (_, Pooling::Max) => ", max pooling",
        };
        let number = if sets == 1 { "one set".to_owned() } else { format!("{sets} sets") };
        Some(format!("{mode}{pooling}, {number}, {}: {said}.", seeds(table)))
    }
}

fn seeds(table: &Table) -> String {
    match table.seeds() {
        (1, 1) => "one seed".to_owned(),
        (fewest, most) if fewest == most => format!("{most} seeds"),
        (fewest, most) => format!("{fewest} to {most} seeds"),
    }
}

fn each(table: &Table, cell: impl Fn(usize) -> String) -> String {
    let cells = table.sides.iter().enumerate().map(|(side, label)| format!("{label}: {}", cell(side)));
    cells.collect::<Vec<_>>().join(", ")
}

fn others(table: &Table, side: usize, sentence: impl Fn(usize) -> String) -> Option<String> {
    let others = (0..table.sides.len()).filter(|&other| other != side && side < table.sides.len());
    let sentences: Vec<String> = others.map(sentence).collect();
    (!sentences.is_empty()).then(|| sentences.join("; "))
}

fn above(table: &Table, side: usize, other: usize) -> String {
    let (ours, theirs) = (table.means(side), table.means(other));
    let wins = ours.iter().zip(&theirs).filter(|(ours, theirs)| ours > theirs).count();
    let mut said = format!(
        "{} {:.4}, {} {:.4}, difference {} paired by set and seed, above on {wins} sets",
        table.sides[side],
        mean(&ours),
        table.sides[other],
        mean(&theirs),
        with_interval(&table.differences(side, other)),
    );
    if let Some(p) = table.p_above(side, other) {
        let _ = write!(said, ", p {p:.4}");
    }
    said
}

fn hard(table: &Table, side: usize, other: usize) -> String {
    let mut pairs: Vec<(f64, f64)> = table.means(other).into_iter().zip(table.means(side)).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let gain = |pairs: &[(f64, f64)]| mean(&pairs.iter().map(|(theirs, ours)| ours - theirs).collect::<Vec<_>>());
    let (hard, easy) = pairs.split_at(pairs.len() / 2);
    format!(
        "{} against {}: {:+.4} on the {} sets on which the latter is lowest, {:+.4} on the others",
        table.sides[side],
        table.sides[other],
        gain(hard),
        hard.len(),
        gain(easy)
    )
}

fn sweep(table: &Table) -> String {
    let mut best = vec![0; table.sides.len()];
    for (_, aurocs) in table.lines() {
        let highest = (0..aurocs.len()).max_by(|&a, &b| aurocs[a].total_cmp(&aurocs[b]));
        best[highest.unwrap_or(0)] += 1;
    }
    each(table, |side| format!("{:.4} (best on {})", mean(&table.means(side)), best[side]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::runs::Measured;

    /// 128 filters are above 16 by 0.2 on the sets whose names begin with U, and by 0.1 on all others.
    fn example() -> (Plan, Table) {
        let (mode, pooling) = (Mode::Top, Pooling::Mean);
        let plan = Plan { comparison: Comparison::Filters, mode, pooling, calibrations: 0, seeds: 2 };
        let trainings = plan.trainings(|_| true).unwrap();
        let measure = |variant: usize, name: &str| match (variant, name.starts_with('U')) {
            (0, true) => 0.5,
            (_, true) => 0.7,
            (0, false) => 0.8,
            (_, false) => 0.9,
        };
        let measured: Vec<_> = trainings
            .runs
            .iter()
            .map(|run| Some(Measured { aurocs: vec![measure(run.variant, run.tasks[0].0)], seconds: 2.0 }))
            .collect();
        (plan, Table::new(&trainings, &measured))
    }

    #[test]
    fn sentences_name_the_side_that_the_paper_has_above() {
        let (plan, table) = example();
        let said = Reading::Above(1).of(&plan, &table).unwrap();
        let begin =
            "Top mode, average pooling, 10 sets, 2 seeds: 128 filters 0.8600, 16 filters 0.7400, difference 0.1200";
        assert!(said.starts_with(begin), "{said}");
        assert!(said.contains("above on 10 sets, p 0.00"), "{said}");
        assert_eq!(Reading::Above(2).of(&plan, &table), None);
    }

    #[test]
    fn hard_sets_are_those_of_the_other_side() {
        let (plan, table) = example();
        let said = Reading::Hard(1).of(&plan, &table).unwrap();
        assert!(said.contains("+0.1400 on the 5 sets on which the latter is lowest, +0.1000 on the others"), "{said}");
    }

    #[test]
    fn sides_are_listed_with_their_means_and_how_often_they_are_best() {
        let (plan, table) = example();
        let ends = [
            (Reading::Sweep, "16 filters: 0.7400 (best on 0), 128 filters: 0.8600 (best on 10)."),
            (Reading::Means, "16 filters: 0.7400, 128 filters: 0.8600."),
            (Reading::Seconds, "16 filters: 2.0 s (1.0 times), 128 filters: 2.0 s (1.0 times)."),
            (Reading::Stability, "16 filters: 0.0000, 128 filters: 0.0000."),
        ];
        for (reading, end) in ends {
            let said = reading.of(&plan, &table).unwrap();
            assert!(said.ends_with(end), "{said}");
        }
    }
}
