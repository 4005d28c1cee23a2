//! Motifs that a change of a sequence makes or breaks.

use std::ops::Range;

use super::set::MotifSet;
use crate::motif::Motif;

/// What a change does to a motif.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct MotifChange<'a> {
    /// The motif.
    pub motif: &'a Motif,
    /// Score of its best window at the change, in bits, before it.
    pub before: f64,
    /// And after it.
    pub after: f64,
}

impl MotifSet {
    /// The motif whose best window at a change loses or gains most bits, among those that pass the threshold with either sequence;
    /// `None` if there is none.
    ///
    /// Windows are those that hold a letter that is not shared by the ends of both sequences, or that lie across the place where
    /// letters are missing.
    ///
    /// # Shapes
    /// before `[length]`, after `[another length]`: tokens.
    pub fn change(&self, before: &[u8], after: &[u8]) -> Option<MotifChange<'_>> {
        let (changed, changed_after) = (changed(before, after), changed(after, before));
        if changed.is_empty() && changed_after.is_empty() {
            return None;
        }
        let mut largest: Option<MotifChange<'_>> = None;
        for (motif, scanner, threshold) in self.scanners() {
            let best = |tokens: &[u8], changed: &Range<usize>| {
                let reach = scanner.width() - 1;
                let near = changed.start.saturating_sub(reach)..tokens.len().min(changed.end + reach);
                scanner.best(&tokens[near]).map(|hit| hit.score)
            };
            let (Some(before), Some(after)) = (best(before, &changed), best(after, &changed_after)) else { continue };
            let size = (after - before).abs();
            if before.max(after) >= threshold && largest.is_none_or(|largest| size > largest.size()) && size > 0.0 {
                largest = Some(MotifChange { motif, before, after });
            }
        }
        largest
    }
}

impl MotifChange<'_> {
    fn size(&self) -> f64 {
        (self.after - self.before).abs()
    }
}

/// The letters of a sequence between those that another shares with it at both ends.
///
/// ```
/// use ckn_bio::motif::changed;
/// assert_eq!(changed(b"ACGTA", b"ACTTA"), 2..3);
/// // Of an insertion nothing stands in the sequence without it.
/// assert_eq!((changed(b"ACGTA", b"ACTTGTA"), changed(b"ACTTGTA", b"ACGTA")), (2..2, 2..4));
/// ```
pub fn changed(sequence: &[u8], other: &[u8]) -> Range<usize> {
    let shared = |pairs: &mut dyn Iterator<Item = (&u8, &u8)>| pairs.take_while(|(left, right)| left == right).count();
    let before = shared(&mut sequence.iter().zip(other));
    let after = shared(&mut sequence[before..].iter().rev().zip(other[before..].iter().rev()));
    before..sequence.len() - after
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::Alphabet;
    use crate::motif::{Background, Counts, Motif, MotifSet};

    fn motif(name: &str, word: &str) -> Motif {
        let column = |letter: char| "ACGT".chars().map(move |other| if other == letter { 9.0 } else { 0.0 });
        let counts = Counts::new(Alphabet::Dna, word.chars().flat_map(column).collect()).unwrap();
        Motif::new(name, counts.probabilities(0.0, &Background::uniform(Alphabet::Dna)).unwrap())
    }

    #[test]
    fn the_motif_that_is_made_or_broken_is_named() {
        let motifs = vec![motif("box", "CACGTG"), motif("other", "GGATTA")];
        let set = MotifSet::new(motifs, Background::uniform(Alphabet::Dna), true, 0.1, 1e-3).unwrap();
        let tokens =
            |text: &str| text.bytes().map(|byte| Alphabet::Dna.encode_letter(byte).unwrap()).collect::<Vec<u8>>();
        let change = |before: &str, after: &str| {
            set.change(&tokens(before), &tokens(after))
                .map(|change| (change.motif.name.clone(), change.after > change.before))
        };
        let broken = change("TTTTTCACGTGTTTTT", "TTTTTCACATGTTTTT");
        assert_eq!(broken.as_ref().map(|(name, made)| (name.as_str(), *made)), Some(("box", false)));
        // On the other strand, and by an insertion.
        let made = change("CCCCTAACCCCC", "CCCCTAATCCCCCC");
        assert_eq!(made.as_ref().map(|(name, made)| (name.as_str(), *made)), Some(("other", true)));
        assert_eq!(change("TTTTTTTTTTTT", "TTTTTGTTTTTT"), None);
        assert_eq!(change("CACGTGTTTTTTTTTTTTTTT", "CACGTGTTTTTTTTTTTTTGT"), None);
        assert_eq!(change("CACGTG", "CACGTG"), None);
    }
}
