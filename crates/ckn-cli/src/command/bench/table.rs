//! The table of what was measured.

use std::io::Write;

use super::stage::{Stage, Work};
use super::subject::Shape;

/// A stage, and every time it took.
#[derive(Debug, Clone)]
pub struct Row {
    pub stage: Stage,
    shape: Shape,
    seconds: Vec<f64>,
    work: Work,
}

impl Row {
    pub fn new(stage: Stage, shape: Shape) -> Self {
        Self { stage, shape, seconds: Vec::new(), work: Work::default() }
    }

    /// Takes the time of one run, and what it did.
    pub fn add(&mut self, (seconds, work): (f64, Work)) {
        let at = self.seconds.partition_point(|&other| other < seconds);
        self.seconds.insert(at, seconds);
        self.work = work;
    }

    /// The median of the times; of two in the middle their mean.
    fn median(&self) -> f64 {
        let last = self.seconds.len().saturating_sub(1);
        0.5 * (self.at(last / 2) + self.at(last.div_ceil(2)))
    }

    fn at(&self, place: usize) -> f64 {
        self.seconds.get(place).copied().unwrap_or(f64::NAN)
    }

    fn per_second(&self, amount: Option<f64>) -> Option<f64> {
        Some(amount? / self.median())
    }
}

/// Writes rows, each beside the roofline of its network.
pub fn write(out: &mut dyn Write, rows: &[Row]) -> anyhow::Result<()> {
    writeln!(
        out,
        "stage\tfilters\tpooling\ttask\tsequences_per_s\tmbp_per_s\tgb_per_s\troofline_ratio\tseconds\tseconds_min\tseconds_max"
    )?;
    let mut roofline = None;
    for row in rows {
        let bytes = row.per_second(row.work.bytes);
        if row.stage == Stage::Roofline {
            roofline = bytes;
        }
        let ratio = bytes.zip(roofline).map(|(bytes, most)| bytes / most);
        let cells = [
            row.stage.name().to_owned(),
            row.shape.filters.to_string(),
            row.shape.pooling_name().to_owned(),
            row.work.task.clone(),
            cell(row.per_second(row.work.sequences)),
            cell(row.per_second(row.work.letters).map(|letters| letters / 1e6)),
            cell(bytes.map(|bytes| bytes / 1e9)),
            cell(ratio),
            cell(Some(row.median())),
            cell(Some(row.at(0))),
            cell(Some(row.at(row.seconds.len().saturating_sub(1)))),
        ];
        writeln!(out, "{}", cells.join("\t"))?;
    }
    Ok(())
}

/// A number to three digits or to whole ones, NA for none.
fn cell(value: Option<f64>) -> String {
    let Some(value) = value else { return "NA".to_owned() };
    let decimals = (2.0 - value.abs().log10().floor()).clamp(0.0, 9.0);
    format!("{value:.*}", decimals as usize)
}

#[cfg(test)]
mod tests {
    use ckn::core::pooling::Pooling;

    use super::*;

    #[test]
    fn times_are_sorted_and_their_median_counts() {
        let shape = Shape { filters: 1, width: 1, pooling: Pooling::Mean };
        let row = |times: &[f64]| {
            let mut row = Row::new(Stage::Encode, shape);
            times.iter().for_each(|&seconds| row.add((seconds, Work::default())));
            row
        };
        assert_eq!(row(&[3.0, 1.0, 2.0]).median(), 2.0);
        assert_eq!(row(&[4.0, 1.0, 2.0, 9.0]).median(), 3.0);
        assert_eq!((row(&[3.0, 1.0]).at(0), row(&[3.0, 1.0]).at(1)), (1.0, 3.0));
    }

    #[test]
    fn numbers_keep_three_digits() {
        for (value, text) in [(1234567.8, "1234568"), (12.34, "12.3"), (0.0012345, "0.00123"), (0.5, "0.500")] {
            assert_eq!(cell(Some(value)), text);
        }
        assert_eq!(cell(None), "NA");
    }
}
