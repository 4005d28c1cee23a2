//! Positives and negatives that are alike in their share of C and G.

use ckn_core::seed::Seed;
use rand::seq::SliceRandom;

use crate::Alphabet;
use crate::doubts::gc_content;
use crate::encoded::EncodedSequences;
use crate::error::Error;

/// Parts that shares of C and G are sorted into: a hundredth each.
const BINS: usize = 100;
/// Steps of a share of C and G within which labels are exchanged.
const STRATA: f64 = 200.0;
/// Share of the positives that may be lost to a further negative for each of the others.
const LOST: f64 = 0.01;

/// Positives and negatives that were drawn, without replacement, so that their shares of C and G are spread alike.
///
/// Sequences are sorted into parts by their share of C and G, rounded to a hundredth. Each positive gets a negative of its part; where there are fewer
/// negatives than positives, the positives that get none are left out, as nothing is like them. Then each gets as many as there are, as long as
/// that leaves out no more than one further positive in a hundred.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct GcMatched {
    /// Places of the positives that have negatives, ascending.
    pub positives: Vec<usize>,
    /// Places of the negatives that were drawn, ascending.
    pub negatives: Vec<usize>,
    /// Negatives for each positive.
    pub per_positive: usize,
    /// Mean shares of C and G: of the positives and the negatives that were drawn; not a number where there are none.
    pub content: [f64; 2],
}

impl GcMatched {
    /// Draws from two sets, from the stream `match-gc`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for proteins, which have no share of C and G.
    pub fn new(positives: &EncodedSequences, negatives: &EncodedSequences, seed: Seed) -> Result<Self, Error> {
        [positives, negatives].into_iter().try_for_each(check_nucleic)?;
        let (mut with, mut without) = (parts(positives), parts(negatives));
        let kept = |each: usize, with: &[usize], without: &[usize]| with.len().min(without.len() / each);
        let lost = |each: usize| -> usize {
            with.iter().zip(&without).map(|(with, without)| with.len() - kept(each, with, without)).sum()
        };
        let allowed = lost(1) + (LOST * positives.len() as f64) as usize;
        let mut per_positive = 1;
        while per_positive < negatives.len() && lost(per_positive + 1) <= allowed {
            per_positive += 1;
        }
        let mut random = seed.stream("match-gc");
        let (mut of_positives, mut of_negatives) = (Vec::new(), Vec::new());
        for (with, without) in with.iter_mut().zip(&mut without) {
            let kept = kept(per_positive, with, without);
            with.shuffle(&mut random);
            without.shuffle(&mut random);
            of_positives.extend_from_slice(&with[..kept]);
            of_negatives.extend_from_slice(&without[..kept * per_positive]);
        }
        of_positives.sort_unstable();
        of_negatives.sort_unstable();
        let content = [mean_content(positives, &of_positives), mean_content(negatives, &of_negatives)];
        Ok(Self { positives: of_positives, negatives: of_negatives, per_positive, content })
    }
}

/// Parts of sequences of the same share of C and G, rounded to half a hundredth: so labels may be exchanged among sequences of the same
/// composition. Of sequences of up to 200 letters and one length, the same part is the same number of letters.
///
/// ```
/// # use ckn_bio::{Alphabet, EncodedSequences, gc_strata};
/// let mut sequences = EncodedSequences::new(Alphabet::Dna);
/// for letters in ["ACGT", "AAAA", "TTGG"] {
///     sequences.push(letters, letters.as_bytes())?;
/// }
/// assert_eq!(gc_strata(&sequences)?, [100, 0, 100]);
/// # Ok::<(), ckn_bio::Error>(())
/// ```
///
/// # Errors
/// [`Error::Parameter`] for proteins, which have no share of C and G.
pub fn gc_strata(sequences: &EncodedSequences) -> Result<Vec<u32>, Error> {
    check_nucleic(sequences)?;
    Ok(sequences.iter().map(|tokens| (gc_content(tokens) * STRATA).round() as u32).collect())
}

fn check_nucleic(sequences: &EncodedSequences) -> Result<(), Error> {
    let got = sequences.alphabet().letter_count() as f64;
    match sequences.alphabet() {
        Alphabet::Protein => {
            Err(Error::Parameter { name: "number of letters", got, expected: "4, those of DNA or RNA" })
        }
        Alphabet::Dna | Alphabet::Rna => Ok(()),
    }
}

/// Places of the sequences of each part.
fn parts(sequences: &EncodedSequences) -> Vec<Vec<usize>> {
    let mut parts = vec![Vec::new(); BINS + 1];
    for (record, tokens) in sequences.iter().enumerate() {
        parts[(gc_content(tokens) * BINS as f64).round() as usize].push(record);
    }
    parts
}

fn mean_content(sequences: &EncodedSequences, records: &[usize]) -> f64 {
    records.iter().map(|&record| gc_content(sequences.sequence(record))).sum::<f64>() / records.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sequences of ten letters, so many of which are G.
    fn of(counts: &[usize], alphabet: Alphabet) -> EncodedSequences {
        let mut sequences = EncodedSequences::new(alphabet);
        for (at, &count) in counts.iter().enumerate() {
            let letters = "G".repeat(count) + &"A".repeat(10 - count);
            sequences.push(&format!("s{at}"), letters.as_bytes()).expect("letters of the alphabet");
        }
        sequences
    }

    #[test]
    fn each_positive_has_as_many_negatives_of_its_content() {
        let positives = of(&[3, 3, 5], Alphabet::Dna);
        let negatives = of(&[3, 5, 3, 9, 3, 3, 5, 3, 5, 0, 3], Alphabet::Dna);
        let matched = GcMatched::new(&positives, &negatives, Seed(0)).expect("DNA");
        // Six of 3 and three of 5: three for each positive, and nothing of other contents.
        assert_eq!((matched.per_positive, matched.positives), (3, vec![0, 1, 2]));
        assert_eq!(matched.negatives, [0, 1, 2, 4, 5, 6, 7, 8, 10]);
        assert!((matched.content[0] - matched.content[1]).abs() < 1e-12);
    }

    #[test]
    fn positives_without_a_negative_are_left_out_and_a_seed_draws_the_same() {
        let positives = of(&[4, 4, 6, 6, 6], Alphabet::Dna);
        let negatives = of(&[4, 6, 4, 4, 4, 6], Alphabet::Dna);
        let draw = |seed: u64| GcMatched::new(&positives, &negatives, Seed(seed)).expect("DNA");
        let matched = draw(1);
        assert_eq!((matched.per_positive, matched.positives.len(), matched.negatives.len()), (1, 4, 4));
        assert!((matched.content[0] - matched.content[1]).abs() < 1e-12);
        assert_eq!(matched, draw(1));
        assert!((2..20).any(|seed| draw(seed).negatives != matched.negatives));
        assert!((2..20).any(|seed| draw(seed).positives != matched.positives));
        let none = GcMatched::new(&of(&[1], Alphabet::Dna), &of(&[9], Alphabet::Dna), Seed(0)).expect("DNA");
        assert!(none.positives.is_empty() && none.negatives.is_empty());
        let peptides = of(&[1], Alphabet::Protein);
        assert!(GcMatched::new(&peptides, &peptides, Seed(0)).is_err());
    }
}
