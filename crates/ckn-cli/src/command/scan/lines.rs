//! Lines of BED and bedGraph, and the words that say which windows they are for.

use std::io::{self, Write};

use ckn::bio::io::{RecordRange, Shard};
use ckn::interpret::{Joining, Peak};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// How hits are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One line for each run of overlapping hits: their union, and the best of them.
    Bed,
    /// The score of every hit, at the middle of its window.
    Bedgraph,
}

impl Format {
    /// Which hits are one line.
    pub fn joining(self) -> Joining {
        match self {
            Self::Bed => Joining::Overlapping,
            Self::Bedgraph => Joining::Equal,
        }
    }

    /// Writes a peak of windows of `length` letters.
    pub fn write(self, peak: &Peak, length: usize, stranded: bool, out: &mut dyn Write) -> io::Result<()> {
        let (Peak { id, first, last, best, .. }, length) = (peak, length as u64);
        match self {
            Self::Bed => {
                let (end, peak_end) = (last + length, best.start + length);
                let strand = match (stranded, best.reverse) {
                    (false, _) => '.',
                    (true, false) => '+',
                    (true, true) => '-',
                };
                writeln!(out, "{id}\t{first}\t{end}\t.\t{:.4}\t{strand}\t{}\t{peak_end}", best.score, best.start)
            }
            Self::Bedgraph => {
                let middle = length / 2;
                writeln!(out, "{id}\t{}\t{}\t{:.4}", first + middle, last + middle + 1, best.score)
            }
        }
    }
}

/// Reads `NAME` or `NAME:START-END`.
pub fn parse_region(text: &str) -> Result<RecordRange, String> {
    let parts = text.rsplit_once(':').and_then(|(id, range)| Some((id, range.split_once('-')?)));
    let Some((id, (start, end))) = parts else {
        return Ok(RecordRange { id: text.to_owned(), letters: 0..u64::MAX });
    };
    let number = |text: &str| text.replace(',', "").parse::<u64>();
    match (number(start), number(end)) {
        (Ok(start), Ok(end)) if start < end && !id.is_empty() => {
            Ok(RecordRange { id: id.to_owned(), letters: start..end })
        }
        (Ok(_), Ok(_)) => Err("a region is NAME:START-END with START below END, counted from 0".into()),
        _ => Err("a region is NAME or NAME:START-END, in letters counted from 0, END not included".into()),
    }
}

/// Reads `I/N`.
pub fn parse_shard(text: &str) -> Result<Shard, String> {
    let numbers = text.split_once('/').and_then(|(number, count)| Some((number.parse().ok()?, count.parse().ok()?)));
    let shard = numbers.and_then(|(number, count)| Shard::new(number, count));
    shard.ok_or_else(|| "a shard is I/N, from 1/N to N/N".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_and_shards_are_read_or_refused() {
        let region = parse_region("chr1:1,000-2,000").unwrap();
        assert_eq!(region, RecordRange { id: "chr1".into(), letters: 1000..2000 });
        assert_eq!(parse_region("HLA:A").unwrap().id, "HLA:A");
        assert!(parse_region("chr1:5-5").is_err() && parse_region("chr1:a-5").is_err());
        assert_eq!(parse_shard("2/3").ok(), Shard::new(2, 3));
        assert!(["0/3", "4/3", "1", "a/b", "1/0"].iter().all(|text| parse_shard(text).is_err()));
    }
}
