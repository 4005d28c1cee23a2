//! Every table, figure and claim of the three papers: ours beside theirs, from trainings that are kept.

mod cache;
mod chosen;
mod curves;
mod digits;
mod images;
mod measure;
mod motifs;
mod reading;
mod report;
mod row;
mod sequences;

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;

use self::cache::{Cache, Maker};
use self::measure::{Source, digest};
use self::report::Report;
use self::row::Row;
use crate::compare::runs::Program;
use crate::process::workspace;
use crate::running::Running;

/// What to show.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Row to run and print; all rows with their state if not given
    row: Option<String>,
    /// Print every row, not their list
    #[arg(long, conflicts_with = "row")]
    all: bool,
    /// Print what there is, and train nothing
    #[arg(long)]
    only_cached: bool,
    /// Draw the figures of the rows into this folder (SVG)
    #[arg(long, value_name = "FOLDER")]
    figures: Option<PathBuf>,
    /// Table of results; each training is written there, so that a broken run goes on and rows share trainings
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
    #[command(flatten)]
    running: Running,
}

/// The parts of the page and their rows.
const PARTS: [(&str, &[Row]); 3] = [
    ("Sequences: table and figures", sequences::figures::ROWS),
    ("Sequences: what the text says", sequences::claims::ROWS),
    ("Images, and the erratum", images::ROWS),
];

/// Rows in the order of the page.
fn rows() -> impl Iterator<Item = &'static Row> + Clone {
    PARTS.iter().flat_map(|(_, rows)| rows.iter())
}

/// Prints a row, or the list of all.
pub(crate) fn papers(options: &Options) -> anyhow::Result<()> {
    let path = options.results.clone().unwrap_or_else(|| workspace().join("target/papers/results.tsv"));
    let cache = Cache::open(&path)?;
    let trains = (options.row.is_some() || options.all) && !options.only_cached;
    let source = source(options, &cache, trains)?;
    let data = if trains { Some(options.running.installed.data()?) } else { None };
    let report = Report { source, data, figures: options.figures.clone() };
    if let Some(name) = &options.row {
        let row = rows().find(|row| row.name == name.as_str());
        let row = row.with_context(|| format!("no row is called `{name}`: `cargo xtask papers` lists them"))?;
        return report.print(row, true);
    }
    if !options.all {
        for row in rows() {
            println!("{:<24}{:<24}{:<14}{}", row.name, report.state(row)?, row.outcome.to_string(), row.shows);
        }
        return Ok(());
    }
    report::index(rows());
    for (part, rows) in PARTS {
        println!("## {part}\n");
        for row in rows {
            report.print(row, false)?;
        }
    }
    Ok(())
}

/// What makes results: the program, or where nothing is trained what made those of the last run.
fn source<'a>(options: &Options, cache: &'a Cache, trains: bool) -> anyhow::Result<Source<'a>> {
    let (at_a_time, threads) = options.running.shares();
    if !trains {
        let nothing = || Maker { program: String::new(), threads };
        let maker = cache.last_maker().unwrap_or_else(nothing);
        return Ok(Source { cache, maker, program: None, at_a_time });
    }
    let path = options.running.installed.program()?;
    if !path.is_file() {
        bail!("{} is no program", path.display());
    }
    let maker = Maker { program: digest(&path)?, threads };
    let program = Program { path, splits: options.running.installed.splits()?, threads };
    Ok(Source { cache, maker, program: Some(program), at_a_time })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;

    #[test]
    fn rows_have_names_of_their_own_and_each_stands_on_the_page() {
        let names: Vec<&str> = rows().map(|row| row.name).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        let page = fs::read_to_string(workspace().join("docs/papers.md")).unwrap();
        let headings: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("### ")).collect();
        assert_eq!(headings, names, "cargo xtask papers --all --only-cached prints the rows of the page");
    }

    #[test]
    fn what_the_page_says_of_the_papers_is_what_the_rows_say() {
        let page = fs::read_to_string(workspace().join("docs/papers.md")).unwrap();
        let words = page.split_whitespace().collect::<Vec<_>>().join(" ");
        for row in rows() {
            for said in [row.shows, row.paper, row.remark] {
                assert!(words.contains(said), "{}: {said}", row.name);
            }
        }
    }
}
