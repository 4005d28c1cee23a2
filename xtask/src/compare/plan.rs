//! The trainings of a comparison.

use anyhow::bail;

use super::experiments::{Comparison, Mode, TASKS};
use super::network::Pooling;
use super::runs::Run;
use crate::reproduce::targets::{Row, TOP};

/// What is compared on what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) comparison: Comparison,
    pub(crate) mode: Mode,
    pub(crate) pooling: Pooling,
    /// Calibrations of DeepBind-style networks.
    pub(crate) calibrations: u64,
    /// Seeds 1 to this number.
    pub(crate) seeds: u64,
}

/// Trainings, and the labels of the sides that they belong to.
#[derive(Debug)]
pub(crate) struct Trainings {
    pub(crate) sides: Vec<String>,
    pub(crate) runs: Vec<Run>,
}

impl Plan {
    /// The trainings on the sets whose name a filter lets pass.
    pub(crate) fn trainings(&self, wanted: impl Fn(&str) -> bool) -> anyhow::Result<Trainings> {
        let rows: Vec<&'static Row> = TOP.rows.iter().filter(|row| wanted(row.name)).collect();
        if rows.is_empty() {
            let names: Vec<&str> = TOP.rows.iter().map(|row| row.name).collect();
            bail!("no set has such a name: choose among {}", names.join(", "));
        }
        let variants = self.comparison.variants(self.pooling, self.calibrations);
        let mut runs = Vec::new();
        for (variant, tasks) in self.data(&rows, variants.len())? {
            let side = &variants[variant];
            runs.extend((1..=self.seeds).map(|seed| Run {
                variant,
                label: side.label.clone(),
                options: side.options.clone(),
                tasks: tasks.clone(),
                prefix: self.mode.prefix(),
                seed,
            }));
        }
        Ok(Trainings { sides: variants.into_iter().map(|variant| variant.label).collect(), runs })
    }

    /// Number of a side and names and folders of what it learns together: every side on every set, or, of tasks, each alone and
    /// together with its partner.
    fn data(&self, rows: &[&'static Row], sides: usize) -> anyhow::Result<Vec<(usize, Vec<Task>)>> {
        let task = |row: &&'static Row| (row.name, row.folder);
        if self.comparison != Comparison::Tasks {
            let of_row = |row| (0..sides).map(move |side| (side, vec![task(row)]));
            return Ok(rows.iter().flat_map(of_row).collect());
        }
        let mut data = Vec::new();
        for pair in TASKS {
            let found: Vec<Task> = rows.iter().filter(|row| pair.contains(&row.name)).map(task).collect();
            let [first, second] = found[..] else { continue };
            data.extend([(0, vec![first]), (0, vec![second]), (1, vec![first, second])]);
        }
        if data.is_empty() {
            bail!("no pair of tasks is left: try --sets usf1");
        }
        Ok(data)
    }
}

/// Name and folder of a set.
type Task = (&'static str, &'static str);

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(comparison: Comparison) -> Plan {
        Plan { comparison, mode: Mode::Top, pooling: Pooling::Mean, calibrations: 0, seeds: 2 }
    }

    #[test]
    fn every_side_is_trained_on_every_set_under_every_seed() {
        let trainings = plan(Comparison::Filters).trainings(|_| true).unwrap();
        assert_eq!(trainings.sides.len(), 2);
        assert_eq!(trainings.runs.len(), 2 * 2 * TOP.rows.len());
        assert!(plan(Comparison::Filters).trainings(|_| false).is_err());
    }

    #[test]
    fn tasks_are_trained_alone_and_in_pairs() {
        let trainings = plan(Comparison::Tasks).trainings(|name| name.starts_with("USF1")).unwrap();
        let together: Vec<_> = trainings.runs.iter().filter(|run| run.variant == 1).collect();
        assert_eq!((trainings.runs.len(), together.len()), (6, 2));
        assert!(together.iter().all(|run| run.tasks.len() == 2));
        assert!(plan(Comparison::Tasks).trainings(|name| name == "USF1 HepG2").is_err());
    }
}
