//! Which windows of a genome a run is for.

use std::ops::Range;
use std::str::FromStr;

use anyhow::Context;
use ckn::bio::io::{Genome, GenomeRecord};

use crate::exit::Usage;

/// A part of a record: 0-based, half-open, in letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    id: String,
    letters: Range<u64>,
}

/// Shard `number` (from 1) of `count`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    number: u64,
    count: u64,
}

/// Windows of one record, by their starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Number of the record in the file, from 0.
    pub record: usize,
    /// Windows that exist for this run.
    pub visible: Range<u64>,
    /// Windows whose hits this run reports: a hit belongs to the run that owns its first window.
    pub owned: Range<u64>,
}

impl FromStr for Region {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.rsplit_once(':').and_then(|(id, range)| Some((id, range.split_once('-')?)));
        let Some((id, (start, end))) = parts else {
            return Ok(Self { id: text.to_owned(), letters: 0..u64::MAX });
        };
        let number = |text: &str| text.replace(',', "").parse::<u64>();
        match (number(start), number(end)) {
            (Ok(start), Ok(end)) if start < end && !id.is_empty() => {
                Ok(Self { id: id.to_owned(), letters: start..end })
            }
            (Ok(_), Ok(_)) => Err("a region is NAME:START-END with START below END, counted from 0".into()),
            _ => Err("a region is NAME or NAME:START-END, in letters counted from 0, END not included".into()),
        }
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(number, count)| Some((number.parse().ok()?, count.parse().ok()?)));
        match parts {
            Some((number, count)) if (1..=count).contains(&number) && count <= 1_000_000 => Ok(Self { number, count }),
            _ => Err("a shard is I/N, from 1/N to N/N".into()),
        }
    }
}

/// The windows of a region, or of all records, or of a shard of them; in the order of the file.
pub fn spans(
    genome: &Genome,
    records: &[GenomeRecord],
    length: u64,
    region: Option<&Region>,
    shard: Option<Shard>,
) -> anyhow::Result<Vec<Span>> {
    let windows = |letters: u64| (letters + 1).saturating_sub(length);
    let mut spans = Vec::new();
    for (record, GenomeRecord { id, length: letters }) in records.iter().enumerate() {
        let visible = match region {
            None => 0..windows(*letters),
            Some(region) if region.id == *id => {
                let (start, end) = (region.letters.start, region.letters.end.min(*letters));
                if region.letters.end != u64::MAX && region.letters.end > *letters {
                    let message = format!("--region ends at {}, but {id} has {letters} letters", region.letters.end);
                    return Err(Usage(message).into());
                }
                if windows(end - start) == 0 {
                    return Err(Usage(format!("--region is shorter than a window of {length} letters")).into());
                }
                start..start + windows(end - start)
            }
            Some(_) => continue,
        };
        spans.push(Span { record, owned: visible.clone(), visible });
        if region.is_some() {
            break;
        }
    }
    if let (Some(region), true) = (region, spans.is_empty()) {
        let first = records.first().context("the genome has no records")?;
        let (file, id) = (genome.file().clone(), region.id.clone());
        return Err(ckn::bio::Error::NoSuchId { file, id, first: first.id.clone() }.into());
    }
    if let Some(Shard { number, count }) = shard {
        let total: u128 = spans.iter().map(|span| u128::from(span.owned.end - span.owned.start)).sum();
        let bound = |number: u64| (total * u128::from(number) / u128::from(count)) as u64;
        let (from, to) = (bound(number - 1), bound(number));
        let mut before = 0;
        for span in &mut spans {
            let all = span.visible.clone();
            let place = |bound: u64| all.start + bound.saturating_sub(before).min(all.end - all.start);
            span.owned = place(from)..place(to);
            before += all.end - all.start;
        }
    }
    spans.retain(|span| !span.owned.is_empty());
    Ok(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_and_shards_are_read_or_refused() {
        let region: Region = "chr1:1,000-2,000".parse().unwrap();
        assert_eq!(region, Region { id: "chr1".into(), letters: 1000..2000 });
        assert_eq!("HLA:A".parse::<Region>().unwrap().id, "HLA:A");
        assert!("chr1:5-5".parse::<Region>().is_err() && "chr1:a-5".parse::<Region>().is_err());
        assert_eq!("2/3".parse(), Ok(Shard { number: 2, count: 3 }));
        assert!(["0/3", "4/3", "1", "a/b", "1/0"].iter().all(|text| text.parse::<Shard>().is_err()));
    }
}
