//! Shuffles keep what they promise and choose evenly among the rest.

use std::collections::BTreeMap;

use ckn_bio::shuffle::{shuffle_klets, shuffled_negatives};
use ckn_bio::{Alphabet, EncodedSequences, Error};
use ckn_core::seed::Seed;
use proptest::prelude::*;

fn words(tokens: &[u8], k: usize) -> BTreeMap<&[u8], usize> {
    let mut counts = BTreeMap::new();
    for word in tokens.windows(k) {
        *counts.entry(word).or_insert(0) += 1;
    }
    counts
}

/// All sequences with the k-let counts and the ends of `tokens`, by trying every letter at every place.
fn arrangements(tokens: &[u8], k: usize) -> Vec<Vec<u8>> {
    let mut found = vec![tokens[..k - 1].to_vec()];
    for _ in k - 1..tokens.len() {
        let longer = found.iter().flat_map(|head| (0..5).map(move |letter| [&head[..], &[letter]].concat()));
        let allowed = words(tokens, k);
        let fits =
            |head: &Vec<u8>| words(head, k).iter().all(|(word, n)| allowed.get(word).is_some_and(|most| n <= most));
        found = longer.filter(fits).collect();
    }
    found
}

proptest! {
    #[test]
    fn word_counts_and_ends_are_kept(tokens in prop::collection::vec(0..5u8, 0..300), k in 1..7usize, seed: u64) {
        let shuffled = shuffle_klets(&tokens, k, &mut Seed(seed).stream("test")).unwrap();
        prop_assert_eq!(shuffled.len(), tokens.len());
        prop_assert_eq!(words(&shuffled, k), words(&tokens, k));
        let end = (k - 1).min(tokens.len());
        prop_assert_eq!(&shuffled[..end], &tokens[..end]);
        prop_assert_eq!(&shuffled[tokens.len() - end..], &tokens[tokens.len() - end..]);
    }
}

#[test]
fn every_arrangement_is_equally_likely() {
    // Numbers of arrangements were counted by an independent enumeration; limits are the 99.9 % points of the chi-square
    // distribution with one degree of freedom less (Abramowitz and Stegun, table 26.8).
    let table = [
        ("AABAB", 1, 10, 27.877),
        ("ACGACTAGA", 2, 6, 20.515),
        ("ACAGATCA", 2, 6, 20.515),
        ("ACACAGATA", 2, 12, 31.264),
        ("ABAACABBA", 2, 24, 49.728),
        ("AACACAACAGA", 3, 2, 10.828),
    ];
    for (text, k, number, limit) in table {
        let tokens: Vec<u8> =
            text.bytes().map(|letter| b"ACGTB".iter().position(|&l| l == letter).unwrap() as u8).collect();
        let possible = arrangements(&tokens, k);
        assert_eq!(possible.len(), number, "{text}");
        let draws = 2000 * number;
        let mut counts: BTreeMap<Vec<u8>, usize> = possible.into_iter().map(|sequence| (sequence, 0)).collect();
        let mut rng = Seed(2026).stream("uniformity");
        for _ in 0..draws {
            *counts.get_mut(&shuffle_klets(&tokens, k, &mut rng).unwrap()).unwrap() += 1;
        }
        let chi_square: f64 = counts.values().map(|&count| (count as f64 - 2000.0).powi(2) / 2000.0).sum();
        assert!(chi_square < limit, "{text}: {chi_square} of {limit}: {counts:?}");
    }
}

#[test]
fn sequences_without_a_choice_come_back() {
    for tokens in [&[][..], &[2], &[2, 2], &[1, 3], &[0; 50], &[0, 1, 2, 3]] {
        for k in 2..6 {
            assert_eq!(shuffle_klets(tokens, k, &mut Seed(1).stream("test")).unwrap(), tokens, "{k}");
        }
    }
    assert!(matches!(shuffle_klets(&[0, 1], 0, &mut Seed(1).stream("test")), Err(Error::Parameter { .. })));
}

#[test]
fn negatives_are_named_numbered_and_independent_of_what_follows() {
    let mut sequences = EncodedSequences::new(Alphabet::Dna);
    sequences.push("a", b"ACGATCGATTACGACTAGCATGCATCGNNAACTAGC").unwrap();
    sequences.push("b", b"GGATATCGATGCTAGATCGATATTTAGCGCG").unwrap();
    let negatives = shuffled_negatives(&sequences, 2, 2, Seed(5)).unwrap();
    assert_eq!(negatives.ids(), ["a_shuffled_1", "a_shuffled_2", "b_shuffled_1", "b_shuffled_2"]);
    assert_ne!(negatives.sequence(0), negatives.sequence(1));
    assert_eq!(words(negatives.sequence(3), 2), words(sequences.sequence(1), 2));
    let first = shuffled_negatives(&sequences.select(&[0]).unwrap(), 2, 1, Seed(5)).unwrap();
    assert_eq!(first.ids(), ["a_shuffled"]);
    assert_eq!(first.sequence(0), negatives.sequence(0));
    let other = shuffled_negatives(&sequences, 2, 2, Seed(6)).unwrap();
    assert_ne!(other.tokens(), negatives.tokens());
    assert!(shuffled_negatives(&sequences, 2, 0, Seed(5)).unwrap().is_empty());
}
