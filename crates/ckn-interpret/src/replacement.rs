//! What a score loses without some of the letters.

use std::ops::Range;

use ckn_bio::EncodedSequences;
use ckn_bio::motif::MotifScanner;
use ckn_core::seed::Seed;
use rand::seq::SliceRandom;

use crate::{Effect, Error, Explainer};

/// What stands in place of the letters that are taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filler {
    /// Unknown letters.
    Unknown,
    /// The letters of each range in another order.
    Shuffled(Seed),
}

impl Explainer<'_> {
    /// Replaces ranges of each sequence, counted from 0 and half-open. With [`hit_ranges`], these are the sites of a motif.
    ///
    /// # Shapes
    /// ranges: any number for each sequence.
    ///
    /// # Errors
    /// [`ckn_core::Error::Shape`] if there are not as many sets of ranges as sequences; [`Error::Range`] for one that is not in
    /// its sequence; [`Error::Model`] for sequences that are too short.
    pub fn replace(
        &self,
        sequences: &EncodedSequences,
        ranges: &[Vec<Range<usize>>],
        filler: Filler,
    ) -> Result<Vec<Effect>, Error> {
        let (expected, got) = (sequences.len(), ranges.len());
        if expected != got {
            return Err(ckn_core::Error::Shape { what: "sets of ranges", expected, got }.into());
        }
        let mut tokens = sequences.tokens().to_vec();
        for (record, ranges) in ranges.iter().enumerate() {
            let letters = &mut tokens[sequences.offsets()[record]..sequences.offsets()[record + 1]];
            let length = letters.len();
            for Range { start, end } in ranges.iter().cloned() {
                let Some(replaced) = letters.get_mut(start..end) else {
                    return Err(Error::Range { record, start, end, length });
                };
                match filler {
                    Filler::Unknown => replaced.fill(self.alphabet().unknown()),
                    Filler::Shuffled(seed) => {
                        let stream = format!("replace/{record}");
                        replaced.shuffle(&mut seed.stream_at(&stream, start as u64));
                    }
                }
            }
        }
        self.effects_of(sequences, &tokens)
    }
}

/// Where a motif of `width` letters scores at least `threshold` bits, in each sequence, on the strands that its scanner reads.
///
/// ```
/// use ckn_bio::motif::{Background, Probabilities};
/// use ckn_bio::{Alphabet, EncodedSequences};
/// let matrix = Probabilities::new(Alphabet::Dna, vec![0.97, 0.01, 0.01, 0.01, 0.01, 0.97, 0.01, 0.01])?;
/// let scanner = ckn_interpret::scanner(&matrix, &Background::uniform(Alphabet::Dna), false)?;
/// let mut sequences = EncodedSequences::new(Alphabet::Dna);
/// sequences.push("two", b"TACGAC")?;
/// sequences.push("none", b"TTTT")?;
/// assert_eq!(ckn_interpret::hit_ranges(&scanner, 2, &sequences, 3.0), [vec![1..3, 4..6], vec![]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn hit_ranges(
    scanner: &MotifScanner,
    width: usize,
    sequences: &EncodedSequences,
    threshold: f64,
) -> Vec<Vec<Range<usize>>> {
    let of_sequence = |tokens: &[u8]| {
        let mut ranges = Vec::new();
        scanner.scan(tokens, threshold, |hit| ranges.push(hit.position..hit.position + width));
        ranges
    };
    sequences.iter().map(of_sequence).collect()
}
