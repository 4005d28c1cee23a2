//! Where the windows of a variant lie, and what stands in them.

use std::ops::Range;

use ckn_core::LetterTable;

use super::{Variant, VariantStatus};
use crate::alphabet::Alphabet;

/// Two alleles as tokens, and the part in which they differ.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// Place of the reference allele on the chromosome, counted from 0.
    at: u64,
    reference: Vec<u8>,
    /// First place that changes.
    start: u64,
    /// Letters that go away.
    removed: usize,
    /// Letters that come in their place.
    added: Vec<u8>,
}

/// The part of a chromosome that both windows and the reference allele need; without a start where it lies before that of the
/// chromosome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: Option<u64>,
    pub(super) end: u64,
}

impl Change {
    pub(super) fn new(variant: &Variant, alphabet: Alphabet) -> Result<Self, VariantStatus> {
        let tokens =
            |allele: &str| -> Option<Vec<u8>> { allele.bytes().map(|letter| alphabet.encode_letter(letter)).collect() };
        let reference = tokens(&variant.reference);
        let alternative = tokens(&variant.alternative).filter(|_| variant.alternative != "*");
        let (Some(reference), Some(alternative)) = (reference, alternative) else {
            let missing = variant.alternative == ".";
            return Err(if missing { VariantStatus::NoAlternative } else { VariantStatus::Symbolic });
        };
        let Some(at) = variant.position.checked_sub(1) else { return Err(VariantStatus::Outside) };
        let same = |(left, right): &(&u8, &u8)| left == right;
        let last = reference.iter().rev().zip(alternative.iter().rev()).take_while(same).count();
        let (removed, added) = (&reference[..reference.len() - last], &alternative[..alternative.len() - last]);
        let first = removed.iter().zip(added).take_while(same).count();
        let (removed, added) = (removed.len() - first, added[first..].to_vec());
        Ok(Self { at, start: at + first as u64, removed, added, reference })
    }

    /// Whether the reference allele lies on a chromosome of so many letters.
    pub(super) fn fits(&self, length: u64) -> bool {
        self.at + self.reference.len() as u64 <= length
    }

    /// Letters of a window before an allele of so many letters and after it; the allele's `⌊m/2⌋`-th stands at `⌊window/2⌋`.
    fn flanks(allele: usize, window: usize) -> (usize, usize) {
        let before = (window / 2).saturating_sub(allele / 2);
        (before, window.saturating_sub(before + allele))
    }

    /// What is needed of the chromosome.
    pub(super) fn span(&self, window: usize) -> Span {
        let (left, right) = Self::flanks(self.removed, window);
        let (other_left, other_right) = Self::flanks(self.added.len(), window);
        let start = self.start.checked_sub(left.max(other_left) as u64).map(|start| start.min(self.at));
        let end = self.start + (self.removed + right.max(other_right)) as u64;
        Span { start, end: end.max(self.at + self.reference.len() as u64) }
    }

    /// Whether letters from a place on may be those of the reference allele.
    pub(super) fn agrees(&self, letters: &[u8], from: u64, table: &LetterTable) -> bool {
        let start = (self.at - from) as usize;
        let common = |left: u8, right: u8| {
            table.vector(left).iter().zip(table.vector(right)).any(|(left, right)| left * right > 0.0)
        };
        let there = letters.get(start..start + self.reference.len());
        there.is_some_and(|there| there.iter().zip(&self.reference).all(|(&there, &wanted)| common(there, wanted)))
    }

    /// Appends both windows, cut from letters of the chromosome from a place on; returns what changes in the first of them.
    pub(super) fn push(
        &self,
        letters: &[u8],
        from: u64,
        window: usize,
        before: &mut Vec<u8>,
        after: &mut Vec<u8>,
    ) -> Option<Range<usize>> {
        let start = (self.start - from) as usize;
        let (left, rest) = (letters.get(..start)?, letters.get(start..)?);
        let (removed, right) = rest.split_at_checked(self.removed)?;
        let reference = centred(left, removed, right, window)?;
        let alternative = centred(left, &self.added, right, window)?;
        before.extend_from_slice(&reference.0);
        after.extend_from_slice(&alternative.0);
        Some(reference.1)
    }
}

/// A window around an allele, and where in it the allele lies; of an allele longer than the window, its middle.
fn centred(left: &[u8], allele: &[u8], right: &[u8], window: usize) -> Option<(Vec<u8>, Range<usize>)> {
    let (before, after) = Change::flanks(allele.len(), window);
    let skipped = (allele.len() / 2).saturating_sub(window / 2);
    let shown = allele.get(skipped..skipped + allele.len().min(window - before))?;
    let mut letters = Vec::with_capacity(window);
    letters.extend_from_slice(left.get(left.len().checked_sub(before)?..)?);
    letters.extend_from_slice(shown);
    letters.extend_from_slice(right.get(..after)?);
    Some((letters, before..before + shown.len()))
}
