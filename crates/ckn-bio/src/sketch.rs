//! What a training knew, in a few kilobytes: a sketch of its sequences.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::alphabet::Alphabet;
use crate::encoded::EncodedSequences;

/// Bottom-k sketch of a set of sequences: the smallest hashes of its members, by which it is told later how much of another set
/// it held.
///
/// The hash of a sequence is the first 8 bytes (big-endian) of the SHA-256 of its letters in upper case, without unknown letters
/// (`N`, in protein `X`) at its ends, which padding adds; where the alphabet has a complement, of those of the strand that comes
/// first by the alphabet. It is the same for ever: sketches outlive the program that made them.
///
/// A set of at most [`SequenceSketch::SIZE`] different sequences is known exactly. Of larger ones, those members of another set
/// whose hash is among the smallest are a random sample of it, and the share of them that the sketch holds estimates that of all.
///
/// ```
/// use ckn_bio::{Alphabet, EncodedSequences, SequenceSketch};
///
/// let mut training = EncodedSequences::new(Alphabet::Dna);
/// training.push("a", b"AACGT")?;
/// training.push("b", b"GGGCA")?;
/// let sketch = SequenceSketch::of(&training);
///
/// let mut test = EncodedSequences::new(Alphabet::Dna);
/// test.push("c", b"acgttNN")?; // the opposite strand of `a`, lengthened
/// test.push("d", b"CCCCC")?;
/// let known = sketch.known_among(&test);
/// assert_eq!((known.found, known.sequences, known.is_exact), (1, 2, true));
/// # Ok::<(), ckn_bio::Error>(())
/// ```
///
/// # Source
/// Broder 1997, Compression and Complexity of Sequences; Bar-Yossef, Jayram, Kumar, Sivakumar and Trevisan 2002, RANDOM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceSketch {
    sequences: usize,
    smallest: Vec<u64>,
    is_complete: bool,
}

/// How many sequences of a set a sketch knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownSequences {
    /// Sequences that the sketch holds: at least so many are known.
    pub found: usize,
    /// Sequences that could be looked up: all of them, or a random sample.
    pub compared: usize,
    /// All sequences.
    pub sequences: usize,
    /// Whether all of them could be looked up.
    pub is_exact: bool,
}

impl KnownSequences {
    /// The share of all sequences that is known, estimated where it is not exact; `None` where none could be looked up.
    pub fn share(&self) -> Option<f64> {
        (self.compared > 0).then(|| self.found as f64 / self.compared as f64)
    }
}

impl SequenceSketch {
    /// The most hashes that are kept.
    pub const SIZE: usize = 4096;

    /// The sketch of a set.
    pub fn of(sequences: &EncodedSequences) -> Self {
        let mut smallest = BTreeSet::new();
        let mut is_complete = true;
        for hash in hashes(sequences) {
            smallest.insert(hash);
            if smallest.len() > Self::SIZE {
                smallest.pop_last();
                is_complete = false;
            }
        }
        Self { sequences: sequences.len(), smallest: smallest.into_iter().collect(), is_complete }
    }

    /// A sketch from its parts, as a file holds them; `None` for hashes that do not ascend, or are more than are kept.
    pub fn from_parts(sequences: usize, is_complete: bool, smallest: Vec<u64>) -> Option<Self> {
        let ascending = smallest.windows(2).all(|pair| pair[0] < pair[1]);
        let fits = smallest.len() <= Self::SIZE.min(sequences);
        (ascending && fits).then_some(Self { sequences, smallest, is_complete })
    }

    /// Number of sequences of the set, doubles counted.
    pub fn sequences(&self) -> usize {
        self.sequences
    }

    /// Whether the hashes are those of all sequences of the set.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// The hashes, ascending.
    pub fn smallest(&self) -> &[u64] {
        &self.smallest
    }

    /// How many sequences of another set, of the same alphabet, this one holds.
    pub fn known_among(&self, sequences: &EncodedSequences) -> KnownSequences {
        let largest = match self.smallest.last() {
            Some(&largest) if !self.is_complete => largest,
            _ => u64::MAX,
        };
        let (mut found, mut compared) = (0, 0);
        for hash in hashes(sequences).filter(|&hash| hash <= largest) {
            compared += 1;
            found += usize::from(self.smallest.binary_search(&hash).is_ok());
        }
        KnownSequences { found, compared, sequences: sequences.len(), is_exact: self.is_complete }
    }
}

/// The hash of each sequence.
fn hashes(sequences: &EncodedSequences) -> impl Iterator<Item = u64> {
    let alphabet = sequences.alphabet();
    let (mut forward, mut reverse) = (Vec::new(), Vec::new());
    sequences.iter().map(move |tokens| hash(alphabet, trimmed(alphabet, tokens), &mut forward, &mut reverse))
}

/// The tokens without unknown letters at their ends.
fn trimmed(alphabet: Alphabet, tokens: &[u8]) -> &[u8] {
    let is_known = |&token: &u8| token != alphabet.unknown();
    let start = tokens.iter().position(is_known).unwrap_or(tokens.len());
    let end = tokens.iter().rposition(is_known).map_or(start, |last| last + 1);
    &tokens[start..end]
}

fn hash(alphabet: Alphabet, tokens: &[u8], forward: &mut Vec<u8>, reverse: &mut Vec<u8>) -> u64 {
    let letter = |token: u8| alphabet.decode(token) as u8;
    forward.clear();
    forward.extend(tokens.iter().map(|&token| letter(token)));
    reverse.clear();
    reverse.extend(tokens.iter().rev().filter_map(|&token| alphabet.complement(token).map(letter)));
    let first = if reverse.len() == forward.len() && *reverse < *forward { reverse } else { forward };
    let digest = Sha256::digest(first);
    digest.iter().take(8).fold(0, |hash, &byte| hash << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(alphabet: Alphabet, letters: impl IntoIterator<Item = String>) -> EncodedSequences {
        let mut sequences = EncodedSequences::new(alphabet);
        letters.into_iter().enumerate().for_each(|(i, letters)| {
            sequences.push(&format!("s{i}"), letters.as_bytes()).expect("letters of the alphabet");
        });
        sequences
    }

    /// Sequences that all differ, and whose opposite strands do.
    fn numbered(numbers: std::ops::Range<u32>) -> EncodedSequences {
        let digits = |number: u32| (0..10).map(move |place| b"ACGT"[(number >> (2 * place)) as usize % 4] as char);
        set(Alphabet::Dna, numbers.map(|number| format!("AAAA{}AAAA", digits(number).collect::<String>())))
    }

    #[test]
    fn hashes_stay_what_they_were() {
        // python3 -c 'import hashlib; print(hashlib.sha256(b"ACCGT").hexdigest()[:16])', of the first of ACCGT and ACGGT.
        let dna = SequenceSketch::of(&set(Alphabet::Dna, ["ACGGT".to_owned()]));
        assert_eq!(dna.smallest(), [0x0843_a566_9568_8950]);
        let protein = SequenceSketch::of(&set(Alphabet::Protein, ["MKX".to_owned()]));
        assert_eq!(protein.smallest(), [0xb269_0faa_aa93_51ec]);
        assert_eq!(
            SequenceSketch::of(&set(Alphabet::Rna, ["acggu".to_owned(), "NACCGU".to_owned()])).smallest().len(),
            1
        );
    }

    #[test]
    fn large_sets_are_estimated_and_small_ones_known() {
        let training = numbered(0..40_000);
        let sketch = SequenceSketch::of(&training);
        assert!(!sketch.is_complete() && sketch.smallest().len() == SequenceSketch::SIZE);
        let known = sketch.known_among(&numbered(30_000..50_000));
        let share = known.share().expect("some are compared");
        assert!(!known.is_exact && known.found < known.compared && (share - 0.5).abs() < 0.05, "{known:?}");
        assert_eq!(sketch.known_among(&numbered(40_000..60_000)).found, 0);

        let exact = SequenceSketch::of(&numbered(0..4096));
        let known = exact.known_among(&numbered(4000..4200));
        assert_eq!((known.is_exact, known.found, known.share()), (true, 96, Some(0.48)));
    }

    #[test]
    fn parts_of_a_file_are_checked() {
        let sketch = SequenceSketch::of(&numbered(0..10));
        let parts = |smallest: &[u64]| SequenceSketch::from_parts(10, true, smallest.to_vec());
        assert_eq!(parts(sketch.smallest()), Some(sketch));
        assert_eq!(parts(&[2, 1]), None);
        assert_eq!(parts(&(0..11).collect::<Vec<_>>()), None);
    }
}
