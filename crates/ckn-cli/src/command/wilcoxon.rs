use std::path::PathBuf;

use ckn::core::metrics::{Alternative, signed_rank};
use clap::Args;

use super::given::effects;
use crate::exit::{self, Input, Usage};
use crate::output::write_results;
use crate::text_file::read_text;

/// Test whether one column of a table is above another, over its rows (Wilcoxon's signed-rank test)
#[derive(Debug, Args)]
#[command(
    after_help = "For two methods on several data sets: one row a data set, one column of AUROCs a method. The test is \
one-sided: is FIRST above SECOND? Rows without a difference are left out; up to 25 others the p-value is exact, also with \
ties, beyond it is that of a normal with corrections for ties and continuity.\n\nPrints a table of one row: first, second, \
rows, pairs (rows that differ), median_difference, statistic (the sum of the ranks of positive differences), p_value, \
exact.\n\nExample:\n  ckn wilcoxon aurocs.tsv --first ckn --second deepbind"
)]
pub struct Wilcoxon {
    /// Tab-separated table with a header; `-` is standard input
    table: PathBuf,
    /// Column that may be above
    #[arg(long, value_name = "COLUMN")]
    first: String,
    /// Column that may be below
    #[arg(long, value_name = "COLUMN")]
    second: String,
}

effects!(for Wilcoxon: table, first, second);

impl Wilcoxon {
    pub fn run(self) -> anyhow::Result<u8> {
        let text = read_text(&self.table)?;
        let name = self.table.display();
        let (first, second) = (self.column(&text, &self.first)?, self.column(&text, &self.second)?);
        let test = signed_rank(&first, &second, Alternative::Greater)
            .map_err(|reason| Input(format!("{name} has no test of {} and {}: {reason}", self.first, self.second)))?;
        let p = if test.p_value < 1e-4 { format!("{:.2e}", test.p_value) } else { format!("{:.6}", test.p_value) };
        write_results(None, false, |out| {
            writeln!(out, "first\tsecond\trows\tpairs\tmedian_difference\tstatistic\tp_value\texact")?;
            let (pairs, statistic, exact) = (test.pairs, test.statistic, test.exact);
            let (first_name, second_name, rows, median) =
                (&self.first, &self.second, first.len(), test.median_difference);
            writeln!(out, "{first_name}\t{second_name}\t{rows}\t{pairs}\t{median:.6}\t{statistic}\t{p}\t{exact}")?;
            Ok(())
        })?;
        Ok(exit::DONE)
    }

    /// The numbers of a column.
    fn column(&self, text: &str, wanted: &str) -> anyhow::Result<Vec<f64>> {
        let name = self.table.display();
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let Some((_, header)) = lines.next() else {
            return Err(Input(format!("{name} is empty: give a table with a header")).into());
        };
        let columns: Vec<&str> = header.split('\t').map(str::trim).collect();
        let Some(at) = columns.iter().position(|column| *column == wanted) else {
            let message = format!("{name} has no column `{wanted}`: its columns are {}", columns.join(", "));
            return Err(Usage(message).into());
        };
        let numbers = lines.map(|(index, line)| {
            let cell = line.split('\t').nth(at).unwrap_or("").trim();
            let number = cell.parse().ok().filter(|number: &f64| number.is_finite());
            let place = index + 1;
            let message =
                || format!("{name}, line {place}: `{cell}` in column `{wanted}` is not a number: remove the row");
            number.ok_or_else(|| Input(message()).into())
        });
        numbers.collect()
    }
}
