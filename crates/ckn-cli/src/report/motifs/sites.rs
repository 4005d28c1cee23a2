//! The sites of a motif, as its card shows them.

use ckn::interpret::{JudgedMotif, MotifSequences};

use super::super::Name;
use super::super::number::{count, signed};
use crate::motif_reading::sites::{Site, sites_of};

/// Sites that a card lists.
const LISTED: usize = 10;

/// The strongest sites, and how many there are.
pub struct ShownSites {
    pub all: usize,
    /// As many of them as the page holds, the strongest first.
    pub best: Vec<Site>,
}

/// A site in words.
pub struct SiteRow {
    pub sequence: Name,
    /// First and last letter, counted from 0, the end exclusive.
    pub place: String,
    pub strand: &'static str,
    pub letters: String,
    pub score: String,
}

impl ShownSites {
    /// The sites in what is evidence for the motif.
    pub fn new(row: &JudgedMotif, halves: &MotifSequences, both_strands: bool, most: usize) -> anyhow::Result<Self> {
        let mut sites = sites_of(row, halves, both_strands)?;
        let all = sites.len();
        sites.sort_by(|one, other| other.score.total_cmp(&one.score));
        sites.truncate(most.max(LISTED));
        Ok(Self { all, best: sites })
    }

    /// The strongest, as a card lists them.
    pub fn rows(&self) -> Vec<SiteRow> {
        let row = |site: &Site| SiteRow {
            sequence: Name::new(&site.sequence),
            place: format!("{}–{}", site.start, site.end),
            strand: if site.strand == '+' { "+" } else { "−" },
            letters: site.letters.clone(),
            score: signed(site.score, 1),
        };
        self.best.iter().take(LISTED).map(row).collect()
    }

    /// How many there are.
    pub fn number(&self) -> String {
        count(self.all)
    }
}
