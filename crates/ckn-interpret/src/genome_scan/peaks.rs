//! From hits to peaks: windows above a threshold that belong together.

use std::sync::Arc;

use ckn_bio::io::Tile;

/// Which hits are one peak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joining {
    /// Those whose windows overlap.
    Overlapping,
    /// Neighbours of equal scores, to 4 decimals.
    Equal,
}

/// A window above the threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindowHit {
    /// First letter of the window.
    pub start: u64,
    /// Score.
    pub score: f64,
    /// Whether the score is that of the reverse strand.
    pub reverse: bool,
}

/// Hits that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Peak {
    /// Name of the record.
    pub id: Arc<str>,
    /// Start of the first window.
    pub first: u64,
    /// Start of the last window.
    pub last: u64,
    /// The window of the largest score; of equal ones the first.
    pub best: WindowHit,
    owned: bool,
}

/// Joins the hits of a genome into peaks, in its order, as they come.
#[derive(Debug)]
pub(super) struct Peaks {
    joining: Joining,
    length: u64,
    open: Option<Peak>,
}

impl Peaks {
    /// Windows have `length` letters.
    pub(super) fn new(joining: Joining, length: usize) -> Self {
        Self { joining, length: length as u64, open: None }
    }

    /// Takes the hits of the next tile, and gives each peak that they end.
    pub(super) fn take<E>(
        &mut self,
        tile: &Tile,
        hits: &[WindowHit],
        mut on_peak: impl FnMut(&Peak) -> Result<(), E>,
    ) -> Result<(), E> {
        for hit in hits.iter().filter(|hit| tile.span.visible.contains(&hit.start)) {
            match &mut self.open {
                Some(open) if open.joins(&tile.id, hit, self.joining, self.length) => {
                    open.last = hit.start;
                    if hit.score > open.best.score {
                        open.best = *hit;
                    }
                }
                _ => {
                    self.finish().iter().try_for_each(&mut on_peak)?;
                    let (id, owned) = (Arc::clone(&tile.id), tile.span.owned.contains(&hit.start));
                    self.open = Some(Peak { id, first: hit.start, last: hit.start, best: *hit, owned });
                }
            }
        }
        Ok(())
    }

    /// Whether a hit at or after a window may still belong to a peak of this run.
    pub(super) fn reaches(&self, start: u64) -> bool {
        self.open.as_ref().is_some_and(|open| open.owned && start < open.last + self.length)
    }

    /// The peak that is open, if it belongs to this run.
    pub(super) fn finish(&mut self) -> Option<Peak> {
        self.open.take().filter(|open| open.owned)
    }
}

impl Peak {
    fn joins(&self, id: &Arc<str>, hit: &WindowHit, joining: Joining, length: u64) -> bool {
        let reach = match joining {
            Joining::Overlapping => hit.start < self.last + length,
            Joining::Equal => hit.start == self.last + 1 && rounded(hit.score) == rounded(self.best.score),
        };
        // One allocation for each record, so that records of the same name are told apart.
        reach && Arc::ptr_eq(&self.id, id)
    }
}

/// A score to 4 decimals.
fn rounded(score: f64) -> i64 {
    (score * 1e4).round() as i64
}
