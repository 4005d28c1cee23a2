//! Windows drawn from any number of sequences, which are seen once and not kept.

use ckn_core::seed::{Random, Seed};
use rand::RngExt;

use crate::{Alphabet, EncodedSequences};

/// Windows of known letters, every one of all that were seen equally likely to be kept, in memory for as many as are kept.
///
/// ```
/// use ckn_bio::{Alphabet, EncodedSequences, WindowSample};
/// use ckn_core::seed::Seed;
///
/// let mut peaks = EncodedSequences::new(Alphabet::Dna);
/// peaks.push("peak", b"ACGTNACGTT")?;
/// let mut sample = WindowSample::new(Alphabet::Dna, 4, 100, Seed(0));
/// sample.add(peaks.sequence(0));
/// // ACGT, and ACGT and CGTT behind the unknown letter.
/// assert_eq!((sample.seen(), sample.finish()?.len()), (3, 3));
/// # Ok::<(), ckn_bio::Error>(())
/// ```
///
/// # Source
/// Reservoir sampling by leaps: Li 1994, ACM Transactions on Mathematical Software 20, algorithm L.
#[derive(Debug)]
pub struct WindowSample {
    alphabet: Alphabet,
    length: usize,
    at_most: usize,
    random: Random,
    /// `[windows, length]`.
    kept: Vec<u8>,
    seen: u64,
    /// Number of the next window that is kept.
    next: u64,
    /// The largest of as many uniform numbers as are kept, if they were drawn.
    largest: f64,
}

impl WindowSample {
    /// A sample of windows of `length` letters, `at_most` of them, drawn from the stream `windows`.
    pub fn new(alphabet: Alphabet, length: usize, at_most: usize, seed: Seed) -> Self {
        let random = seed.stream("windows");
        Self { alphabet, length, at_most, random, kept: Vec::new(), seen: 0, next: 0, largest: 1.0 }
    }

    /// Looks at the windows of one more sequence.
    pub fn add(&mut self, tokens: &[u8]) {
        if self.at_most == 0 || self.length == 0 {
            return;
        }
        let table = self.alphabet.table();
        for run in tokens.split(|&token| !table.is_letter(token)) {
            let Some(windows) = (run.len() + 1).checked_sub(self.length).filter(|&windows| windows > 0) else {
                continue;
            };
            let end = self.seen + windows as u64;
            while self.next < end {
                let start = (self.next - self.seen) as usize;
                self.keep(&run[start..start + self.length]);
            }
            self.seen = end;
        }
    }

    fn keep(&mut self, window: &[u8]) {
        let kept = self.kept.len() / self.length;
        if kept < self.at_most {
            self.kept.extend_from_slice(window);
        } else {
            let slot = self.random.random_range(0..kept) * self.length;
            self.kept[slot..slot + self.length].copy_from_slice(window);
        }
        self.next += 1;
        if self.kept.len() / self.length == self.at_most {
            self.leap();
        }
    }

    /// Leaps over the windows that are not kept: as many as fail, one after the other, to be among the smallest numbers.
    fn leap(&mut self) {
        let logarithm = |random: &mut Random| (1.0 - random.random::<f64>()).ln();
        self.largest *= (logarithm(&mut self.random) / self.at_most as f64).exp();
        let leap = (logarithm(&mut self.random) / (-self.largest).ln_1p()).floor();
        // A float that is too large becomes the largest number.
        self.next = self.next.saturating_add(leap as u64);
    }

    /// Windows that were looked at.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// The windows that were kept, as sequences.
    ///
    /// # Errors
    /// Those of [`EncodedSequences::push_tokens`].
    pub fn finish(self) -> Result<EncodedSequences, crate::Error> {
        let mut windows = EncodedSequences::new(self.alphabet);
        self.kept.chunks_exact(self.length.max(1)).try_for_each(|window| windows.push_tokens("window", window))?;
        Ok(windows)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_window_is_kept_equally_often() {
        // 70 windows of one letter in three sequences, told apart by their place; each is kept in 1 of 7 draws.
        let draws = 4000;
        let mut counts = [0u32; 70];
        for seed in 0..draws {
            let mut sample = WindowSample::new(Alphabet::Protein, 3, 10, Seed(seed));
            let mut number = 0usize;
            for windows in [20usize, 1, 49] {
                // The letters of a window name its number.
                for _ in 0..windows {
                    let place = [number / 20 % 20, number % 20, 0].map(|digit| digit as u8);
                    sample.add(&place);
                    number += 1;
                }
            }
            assert_eq!(sample.seen(), 70);
            let kept = sample.finish().unwrap();
            assert_eq!(kept.len(), 10);
            for record in 0..10 {
                let window = kept.sequence(record);
                counts[usize::from(window[0]) * 20 + usize::from(window[1])] += 1;
            }
        }
        let expected = draws as f64 / 7.0;
        let squares = counts.iter().map(|&count| (f64::from(count) - expected).powi(2) / expected);
        // χ² of 69 degrees of freedom, less by the factor 6/7 of draws without replacement: 69 on average, 117 at 0.0003.
        let statistic = squares.sum::<f64>() * 7.0 / 6.0;
        assert!((30.0..117.0).contains(&statistic), "{statistic}");
    }

    #[test]
    fn all_windows_of_few_are_kept_in_their_order_and_none_over_an_unknown_letter() {
        let mut sequences = EncodedSequences::new(Alphabet::Dna);
        sequences.push("a", b"ACGTNNAC").unwrap();
        sequences.push("b", b"GG").unwrap();
        sequences.push("c", b"TTTA").unwrap();
        let mut sample = WindowSample::new(Alphabet::Dna, 3, 5, Seed(0));
        (0..3).for_each(|record| sample.add(sequences.sequence(record)));
        assert_eq!(sample.seen(), 4);
        let kept = sample.finish().unwrap();
        let windows: Vec<String> = (0..kept.len()).map(|record| kept.decode(record)).collect();
        assert_eq!(windows, ["ACG", "CGT", "TTT", "TTA"]);
    }
}
