//! Negatives like the positives in their share of C and G.

use ckn_core::seed::Seed;
use rand::seq::SliceRandom;

use crate::Alphabet;
use crate::doubts::gc_content;
use crate::encoded::EncodedSequences;
use crate::error::Error;

/// Parts that shares of C and G are sorted into: a fiftieth each.
const BINS: usize = 50;
/// Share of the positives that may have fewer negatives than all others.
const LACKING: f64 = 0.01;

/// Negatives that were drawn, without replacement, so that their shares of C and G are spread as those of the positives.
///
/// Sequences are sorted into parts by their share of C and G, rounded to a fiftieth. Each positive gets as many negatives of its part as all but
/// one in a hundred of the positives can have, and at least one where there is one.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct GcMatched {
    /// Places of the negatives that were drawn, ascending.
    pub records: Vec<usize>,
    /// Negatives for each positive.
    pub per_positive: usize,
    /// Positives of whose part there is no negative left.
    pub without: usize,
    /// Mean shares of C and G: of the positives, of all negatives, and of those drawn.
    pub content: [f64; 3],
}

impl GcMatched {
    /// Draws negatives, from the stream `match-gc`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for proteins, which have no share of C and G.
    pub fn new(positives: &EncodedSequences, negatives: &EncodedSequences, seed: Seed) -> Result<Self, Error> {
        if let Some(set) = [positives, negatives].into_iter().find(|set| set.alphabet() == Alphabet::Protein) {
            let got = set.alphabet().letter_count() as f64;
            return Err(Error::Parameter { name: "number of letters", got, expected: "4, those of DNA or RNA" });
        }
        let part = |tokens: &[u8]| (gc_content(tokens) * BINS as f64).round() as usize;
        let mut wanted = [0usize; BINS + 1];
        positives.iter().for_each(|tokens| wanted[part(tokens)] += 1);
        let mut members = vec![Vec::new(); BINS + 1];
        negatives.iter().enumerate().for_each(|(record, tokens)| members[part(tokens)].push(record));
        let lacking = |each: usize| -> usize {
            wanted.iter().zip(&members).map(|(&wanted, members)| (each * wanted).saturating_sub(members.len())).sum()
        };
        let mut per_positive = 1;
        while per_positive < negatives.len()
            && lacking(per_positive + 1) as f64 <= LACKING * ((per_positive + 1) * positives.len()) as f64
        {
            per_positive += 1;
        }
        let without = lacking(1);
        let mut random = seed.stream("match-gc");
        let mut records = Vec::new();
        for (&wanted, members) in wanted.iter().zip(&mut members) {
            members.shuffle(&mut random);
            records.extend(members.iter().take(per_positive * wanted));
        }
        records.sort_unstable();
        let mean = |shares: &mut dyn Iterator<Item = f64>| {
            let (sum, count) = shares.fold((0.0, 0), |(sum, count), share| (sum + share, count + 1));
            if count > 0 { sum / f64::from(count) } else { f64::NAN }
        };
        let content = [
            mean(&mut positives.iter().map(gc_content)),
            mean(&mut negatives.iter().map(gc_content)),
            mean(&mut records.iter().map(|&record| gc_content(negatives.sequence(record)))),
        ];
        Ok(Self { records, per_positive, without, content })
    }
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
        assert_eq!((matched.per_positive, matched.without), (3, 0));
        assert_eq!(matched.records, [0, 1, 2, 4, 5, 6, 7, 8, 10]);
        assert!((matched.content[0] - matched.content[2]).abs() < 1e-12 && matched.content[1] != matched.content[0]);
    }

    #[test]
    fn what_is_scarce_goes_to_one_positive_each_and_a_seed_draws_the_same() {
        let positives = of(&[4, 4, 6, 6, 6], Alphabet::Dna);
        let negatives = of(&[4, 6, 4, 4, 4, 6], Alphabet::Dna);
        let draw = |seed: u64| GcMatched::new(&positives, &negatives, Seed(seed)).expect("DNA");
        let matched = draw(1);
        assert_eq!((matched.per_positive, matched.without, matched.records.len()), (1, 1, 4));
        assert_eq!(matched, draw(1));
        assert!((2..20).any(|seed| draw(seed).records != matched.records));
        let none = GcMatched::new(&of(&[1], Alphabet::Dna), &of(&[9], Alphabet::Dna), Seed(0)).expect("DNA");
        assert_eq!((none.records.len(), none.without), (0, 1));
        let peptides = of(&[1], Alphabet::Protein);
        assert!(GcMatched::new(&peptides, &peptides, Seed(0)).is_err());
    }
}
