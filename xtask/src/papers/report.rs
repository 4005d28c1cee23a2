//! A row in print: ours, the paper's, the command, the seconds, and where they differ.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;

use super::cache::Entry;
use super::chosen;
use super::curves;
use super::digits::{self, Draw};
use super::measure::Source;
use super::motifs::{self, Motifs, Way};
use super::reading::Reading;
use super::row::{How, Outcome, Row};
use crate::compare::plan::Plan;
use crate::compare::runs::{Measured, Run};
use crate::compare::statistics::mean;
use crate::compare::table::Table;
use crate::compare::{self, statistics};

/// Letters of a line.
const LINE: usize = 130;

/// Where rows get their numbers.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    pub(crate) source: Source<'a>,
    /// Folder of the data sets, where something may be trained.
    pub(crate) data: Option<PathBuf>,
    /// Folder of the figures that are drawn.
    pub(crate) figures: Option<PathBuf>,
}

/// What a row comes to.
#[derive(Debug, Default)]
struct Ours {
    sentences: Vec<String>,
    /// Tables of the comparisons.
    tables: Vec<String>,
    /// Figures that were drawn.
    figures: Vec<PathBuf>,
    /// Results that there are, and those that there would be.
    done: usize,
    wanted: usize,
    /// Seconds of all trainings.
    seconds: f64,
}

impl Ours {
    fn count<'e>(&mut self, entries: impl Iterator<Item = Option<&'e Entry>>) {
        for entry in entries {
            self.wanted += 1;
            self.done += usize::from(entry.is_some());
            self.seconds += entry.map_or(0.0, |entry| entry.seconds);
        }
    }
}

impl Report<'_> {
    /// Prints a row, with its tables if wanted.
    pub(crate) fn print(&self, row: &Row, tables: bool) -> anyhow::Result<()> {
        let ours = self.ours(row)?;
        let said = match &row.how {
            How::Known { ours, .. } => (*ours).to_owned(),
            _ if ours.sentences.is_empty() => "Nothing measured yet.".to_owned(),
            _ => ours.sentences.join(" "),
        };
        let command = match &row.how {
            How::Known { command, .. } => (*command).to_owned(),
            How::Curves(_) => format!("`cargo xtask papers {} --figures FOLDER` draws it.", row.name),
            _ => {
                let missing = ours.wanted - ours.done;
                let rest = if missing == 0 { String::new() } else { format!(", {missing} not run") };
                format!("`cargo xtask papers {}`: {} trainings, {:.0} s{rest}.", row.name, ours.done, ours.seconds)
            }
        };
        println!("### {}\n\n{}\n", row.name, wrapped(row.shows, ""));
        for (name, text) in [("Paper", row.paper), ("Ours", said.as_str()), ("Command", command.as_str())] {
            println!("{}", wrapped(&format!("- *{name}:* {text}"), "  "));
        }
        println!("{}\n", wrapped(&format!("- *Outcome:* {}. {}", row.outcome, row.remark), "  "));
        for figure in &ours.figures {
            // A page of the guide names its figures from the folder of the guide.
            println!("![{}]({})\n", row.name, figure.strip_prefix("docs").unwrap_or(figure).display());
        }
        for table in ours.tables.iter().filter(|_| tables) {
            println!("{table}");
        }
        Ok(())
    }

    /// How much of a row is there.
    pub(crate) fn state(&self, row: &Row) -> anyhow::Result<String> {
        if let How::Known { .. } | How::Curves(_) = row.how {
            return Ok("a command of its own".to_owned());
        }
        let ours = self.ours(row)?;
        Ok(format!("{} of {} trainings", ours.done, ours.wanted))
    }

    fn ours(&self, row: &Row) -> anyhow::Result<Ours> {
        let mut ours = Ours::default();
        match row.how {
            How::Trained(plans, reading) => {
                for (number, plan) in plans.iter().enumerate() {
                    self.trained(row, (number, plan), reading, &mut ours)?;
                }
            }
            How::Chosen(plans) => plans.iter().try_for_each(|plan| self.chosen(plan, &mut ours))?,
            How::Motifs(plan, sides) => self.motifs(&plan, sides, &mut ours)?,
            How::Digits { network, sizes, draws } => self.digits(network, sizes, draws, &mut ours)?,
            How::Curves(sigmas) => {
                ours.sentences.push(curves::said(sigmas));
                if let Some(path) = self.figure(row, 0)? {
                    curves::draw(&path, sigmas)?;
                    ours.figures.push(path);
                }
            }
            How::Known { .. } => {}
        }
        Ok(ours)
    }

    fn trained(
        &self,
        row: &Row,
        (number, plan): (usize, &Plan),
        reading: Reading,
        ours: &mut Ours,
    ) -> anyhow::Result<()> {
        let trainings = plan.trainings(|_| true)?;
        let measured = self.source.aurocs(&trainings.runs)?;
        let entry = |measured: &Measured| Entry { seconds: measured.seconds, values: Vec::new() };
        let entries: Vec<Option<Entry>> = measured.iter().map(|measured| measured.as_ref().map(entry)).collect();
        ours.count(entries.iter().map(Option::as_ref));
        let table = Table::new(&trainings, &measured);
        let Some(sentence) = reading.of(plan, &table) else { return Ok(()) };
        // Where a plan's further sides are not measured yet, it says what the one before it said.
        if ours.sentences.contains(&sentence) {
            return Ok(());
        }
        ours.sentences.push(sentence);
        let (comparison, mode, pooling) = (plan.comparison, plan.mode, plan.pooling.word());
        ours.tables.push(format!("{comparison:?}, {mode:?} mode, {pooling} pooling\n\n{table}"));
        if let Some(path) = self.figure(row, number)? {
            compare::draw(&path, plan, &table)?;
            ours.figures.push(path);
        }
        Ok(())
    }

    /// Where the figure of a row's comparison of some number goes, if figures are wanted.
    fn figure(&self, row: &Row, number: usize) -> anyhow::Result<Option<PathBuf>> {
        let Some(folder) = self.figures.as_ref().filter(|_| row.is_figure()) else { return Ok(None) };
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let suffix = if number == 0 { String::new() } else { format!("-{}", number + 1) };
        Ok(Some(folder.join(format!("{}{suffix}.svg", row.name))))
    }

    fn chosen(&self, plan: &Plan, ours: &mut Ours) -> anyhow::Result<()> {
        let trainings = plan.trainings(|_| true)?;
        let entries = self.source.all(chosen::QUANTITY, &trainings.runs, chosen::measure)?;
        ours.count(entries.iter().map(Option::as_ref));
        let measured: Vec<_> = entries.iter().map(|entry| entry.as_ref().and_then(chosen::measured)).collect();
        let table = Table::new(&trainings, &measured);
        ours.sentences.extend(Reading::Sweep.of(plan, &table));
        ours.sentences.extend(chosen::said(&trainings, &entries));
        ours.tables.extend((!table.sides.is_empty()).then(|| table.to_string()));
        Ok(())
    }

    fn motifs(&self, plan: &Plan, sides: &[(usize, Way)], ours: &mut Ours) -> anyhow::Result<()> {
        let trainings = plan.trainings(|_| true)?;
        for &(side, way) in sides {
            let runs: Vec<Run> = trainings.runs.iter().filter(|run| run.variant == side).cloned().collect();
            let entries = self.source.all(way.quantity(), &runs, |run, program| motifs::measure(run, program, way))?;
            ours.count(entries.iter().map(Option::as_ref));
            let motifs: Vec<Motifs> = entries.iter().flatten().filter_map(|entry| Motifs::of(&entry.values)).collect();
            if !motifs.is_empty() {
                ours.sentences.push(format!(
                    "{}, {}: {}.",
                    trainings.sides[side],
                    way.quantity(),
                    motifs::said(&motifs)
                ));
            }
        }
        Ok(())
    }

    fn digits(&self, network: &'static str, sizes: &[(usize, f64)], draws: u64, ours: &mut Ours) -> anyhow::Result<()> {
        let data = self.data.as_deref();
        for &(images, paper) in sizes {
            let draws: Vec<Draw> = (1..=draws).map(|seed| Draw { network, images, seed }).collect();
            let entries = self.source.all("error", &draws, |draw, program| {
                digits::measure(draw, program, data.context("no folder of data sets")?)
            })?;
            ours.count(entries.iter().map(Option::as_ref));
            let errors: Vec<f64> = entries.iter().flatten().flat_map(|entry| entry.values.clone()).collect();
            if !errors.is_empty() {
                let deviation =
                    statistics::deviation(&errors).map_or(String::new(), |of| format!(" (deviation {of:.2})"));
                let (error, draws) = (mean(&errors), errors.len());
                ours.sentences
                    .push(format!("{images} images, {draws} draws: {error:.2} %{deviation}, paper {paper:.2} %."));
            }
        }
        Ok(())
    }
}

/// Prints which rows came out how.
pub(crate) fn index(rows: impl Iterator<Item = &'static Row> + Clone) {
    for outcome in [Outcome::Repeated, Outcome::InPart, Outcome::NotRepeated, Outcome::NotTested] {
        let links = rows.clone().filter(|row| row.outcome == outcome).map(|row| format!("[{0}](#{0})", row.name));
        let links: Vec<String> = links.collect();
        println!("{}", wrapped(&format!("- *{outcome}* ({}): {}", links.len(), links.join(", ")), "  "));
    }
    println!();
}

/// The text in lines that are no longer than a line of the guide, all but the first with an indent.
fn wrapped(text: &str, indent: &str) -> String {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.len() - 1;
        if !lines[line].trim().is_empty() && lines[line].chars().count() + 1 + word.chars().count() > LINE {
            lines.push(format!("{indent}{word}"));
        } else {
            let space = if lines[line].trim().is_empty() { "" } else { " " };
            lines[line] = format!("{}{space}{word}", lines[line]);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_no_longer_than_those_of_the_guide() {
        let text = wrapped(&"word ".repeat(60), "  ");
        assert_eq!(text.lines().count(), 3);
        assert!(text.lines().all(|line| line.len() <= LINE));
        assert!(text.lines().skip(1).all(|line| line.starts_with("  word")));
        assert_eq!(wrapped("one", "  "), "one");
    }
}
