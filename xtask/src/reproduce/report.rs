//! The table and its verdict.

use std::fmt;

use super::job::{Job, Outcome};
use super::targets::{Protocol, ROW_SLACK, Row};

/// Means over seeds, beside the reference numbers.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    protocol: &'a Protocol,
    rows: &'a [&'static Row],
    /// Mean over seeds, `[rows][settings]`.
    means: Vec<Vec<f64>>,
    /// Largest difference between two seeds of one cell, and the set that has it, for each setting.
    spreads: Vec<(f64, &'static str)>,
    not_converged: usize,
    seconds: f64,
}

impl<'a> Report<'a> {
    /// Gathers outcomes, one for each job.
    pub(crate) fn new(
        protocol: &'a Protocol,
        rows: &'a [&'static Row],
        jobs: &[Job<'_>],
        outcomes: &[Outcome],
    ) -> Self {
        let settings = protocol.settings.len();
        let mut cells = vec![vec![Vec::new(); settings]; rows.len()];
        for (job, outcome) in jobs.iter().zip(outcomes) {
            cells[job.row][job.column].push(outcome.auroc);
        }
        let mut spreads = vec![(0.0, ""); settings];
        for (row, cells) in rows.iter().zip(&cells) {
            for (spread, seeds) in spreads.iter_mut().zip(cells) {
                let lowest = seeds.iter().copied().fold(f64::INFINITY, f64::min);
                let highest = seeds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                if highest - lowest >= spread.0 {
                    *spread = (highest - lowest, row.name);
                }
            }
        }
        let means = cells.iter().map(|row| row.iter().map(|seeds| mean(seeds.iter().copied())).collect()).collect();
        let not_converged = outcomes.iter().filter(|outcome| !outcome.converged).count();
        let seconds = mean(outcomes.iter().map(|outcome| outcome.training.as_secs_f64()));
        Self { protocol, rows, means, spreads, not_converged, seconds }
    }

    /// Whether every setting meets the criterion.
    pub(crate) fn holds(&self) -> bool {
        (0..self.protocol.settings.len()).all(|setting| self.violations(setting).is_empty())
    }

    fn column(&self, setting: usize) -> (f64, f64) {
        (mean(self.means.iter().map(|row| row[setting])), mean(self.rows.iter().map(|row| row.reference[setting])))
    }

    /// What breaks the criterion in one setting, in words.
    fn violations(&self, setting: usize) -> Vec<String> {
        let mut found = Vec::new();
        let (ours, reference) = self.column(setting);
        if let Some(slack) = self.protocol.column_slack
            && (ours.is_nan() || ours < reference - slack)
        {
            found.push(format!("the mean over sets, {ours:.4}, is below {:.4}", reference - slack));
        }
        for (row, means) in self.rows.iter().zip(&self.means) {
            let (ours, lowest) = (means[setting], row.lowest(setting));
            if ours.is_nan() || ours < lowest {
                found.push(format!("{}, {ours:.4}, is below {lowest:.4}", row.name));
            }
        }
        found
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Protocol { settings, peers, column_slack, .. } = self.protocol;
        write!(out, "| set |")?;
        settings.iter().try_for_each(|setting| write!(out, " {} | reference |", setting.label))?;
        peers.iter().try_for_each(|peer| write!(out, " {peer} |"))?;
        writeln!(out, "\n|---|{}", "---|".repeat(2 * settings.len() + peers.len()))?;
        for (row, means) in self.rows.iter().zip(&self.means) {
            write!(out, "| {} |", row.name)?;
            for (ours, reference) in means.iter().zip(row.reference) {
                write!(out, " {ours:.4} | {reference:.4} |")?;
            }
            for peer in row.peers {
                match peer {
                    Some(value) => write!(out, " {value:.4} |")?,
                    None => write!(out, " – |")?,
                }
            }
            writeln!(out)?;
        }
        write!(out, "| **mean** |")?;
        for setting in 0..settings.len() {
            let (ours, reference) = self.column(setting);
            write!(out, " **{ours:.4}** | {reference:.4} |")?;
        }
        for peer in 0..peers.len() {
            let values: Vec<f64> = self.rows.iter().filter_map(|row| row.peers[peer]).collect();
            if values.is_empty() {
                write!(out, " – |")?;
            } else {
                write!(out, " {:.4} ({}) |", mean(values.iter().copied()), values.len())?;
            }
        }
        writeln!(out, "\n")?;

        match column_slack {
            Some(slack) => writeln!(
                out,
                "Criterion: the mean over sets is at least the reference's − {slack}, no set is more than {ROW_SLACK} below its row."
            )?,
            None => {
                let floors: Vec<String> =
                    self.rows.iter().map(|row| format!("{} {:.3}", row.name, row.lowest(0))).collect();
                writeln!(out, "Criterion: each set reaches its floor ({}).", floors.join(", "))?;
            }
        }
        for (number, (setting, (spread, set))) in settings.iter().zip(&self.spreads).enumerate() {
            let violations = self.violations(number);
            let verdict = if violations.is_empty() {
                "holds".to_owned()
            } else {
                format!("does not hold: {}", violations.join("; "))
            };
            writeln!(out, "- {}: {verdict}. Largest difference between seeds: {spread:.4} ({set}).", setting.label)?;
        }
        write!(out, "\nMean training time {:.1} s.", self.seconds)?;
        if self.not_converged > 0 {
            write!(out, " {} training(s) did not converge.", self.not_converged)?;
        }
        Ok(())
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, total) = values.fold((0usize, 0.0), |(count, total), value| (count + 1, total + value));
    total / count as f64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::targets::{ALL, TOP};
    use super::*;

    /// A report whose every AUROC is that of the reference plus `offset(row, setting)`.
    fn holds(protocol: &Protocol, offset: impl Fn(usize, usize) -> f64) -> (bool, String) {
        let rows: Vec<&'static Row> = protocol.rows.iter().collect();
        let (mut jobs, mut outcomes) = (Vec::new(), Vec::new());
        for (row, set) in rows.iter().copied().enumerate() {
            for (column, setting) in protocol.settings.iter().enumerate() {
                for seed in 1..=2 {
                    jobs.push(Job { row, column, set, setting, seed });
                    let auroc = set.reference[column] + offset(row, column);
                    outcomes.push(Outcome { auroc, converged: true, training: Duration::from_secs(1) });
                }
            }
        }
        let report = Report::new(protocol, &rows, &jobs, &outcomes);
        (report.holds(), report.to_string())
    }

    #[test]
    fn the_criterion_looks_at_the_mean_and_at_every_set() {
        assert!(holds(&TOP, |_, _| -0.0049).0);
        let (verdict, text) = holds(&TOP, |_, setting| if setting == 1 { -0.0051 } else { 0.0 });
        assert!(!verdict && text.contains("max, l2 0.1: does not hold: the mean over sets"), "{text}");
        let (verdict, text) = holds(&TOP, |row, _| if row == 4 { -0.031 } else { 0.01 });
        assert!(!verdict && text.contains("MYC H1-hESC, 0.6783, is below 0.6793"), "{text}");
    }

    #[test]
    fn all_mode_has_a_floor_for_each_set() {
        assert!(holds(&ALL, |row, _| [-0.004, -0.007, -0.004][row] + 1e-9).0);
        assert!(!holds(&ALL, |row, _| [-0.005, 0.1, 0.1][row]).0);
    }

    #[test]
    fn a_number_that_is_none_breaks_the_criterion() {
        assert!(!holds(&TOP, |_, _| f64::NAN).0);
    }

    #[test]
    fn the_table_has_one_line_for_each_set_and_the_same_cells_in_all() {
        let (_, text) = holds(&TOP, |_, _| 0.0);
        let lines: Vec<&str> = text.lines().take_while(|line| line.starts_with('|')).collect();
        assert_eq!(lines.len(), 13);
        assert!(lines.iter().all(|line| line.matches('|').count() == 10), "{text}");
    }
}
