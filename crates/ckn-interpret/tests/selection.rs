//! Words that are chosen and tested on the same sequences: p-values are uniform where labels mean nothing, and small where they mean something.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

use ckn_bio::simulate::Simulation;
use ckn_bio::{Alphabet, EncodedSequences, gc_strata};
use ckn_core::seed::{Random, Seed};
use ckn_interpret::{SelectedWord, SelectionSettings, Strata, select_words};
use rand::RngExt;
use rand::seq::SliceRandom;
use rayon::prelude::*;

fn settings(width: usize, most: usize, draws: usize, seed: u64) -> SelectionSettings {
    let largest_p_value = 1.0;
    SelectionSettings { width, mismatches: 0, both_strands: true, most, largest_p_value, draws, seed: Seed(seed) }
}

fn random_sequences(name: &str, number: usize, length: usize, seed: u64) -> EncodedSequences {
    Simulation::new(name, number, length).run(Seed(seed)).unwrap().sequences
}

/// Sequences of which some hold a word, each with a probability of its own, at any place.
fn with_word(
    sequences: &EncodedSequences,
    word: &[u8],
    chance: impl Fn(usize) -> f64,
    random: &mut Random,
) -> EncodedSequences {
    let mut planted = EncodedSequences::new(Alphabet::Dna);
    for (record, tokens) in sequences.iter().enumerate() {
        let mut tokens = tokens.to_vec();
        if random.random_bool(chance(record)) {
            let start = random.random_range(0..=tokens.len() - word.len());
            tokens[start..start + word.len()].copy_from_slice(word);
        }
        planted.push_tokens(&format!("r{record}"), &tokens).unwrap();
    }
    planted
}

fn halves(number: usize) -> Vec<f64> {
    (0..number).map(|record| if record < number / 2 { 1.0 } else { 0.0 }).collect()
}

/// Largest distance of the distribution of p-values from the uniform one, times the root of their number: above 1.63 with probability 0.01.
fn kolmogorov(mut p_values: Vec<f64>) -> f64 {
    p_values.sort_by(f64::total_cmp);
    let number = p_values.len() as f64;
    let distance = |(at, p): (usize, &f64)| (p - at as f64 / number).abs().max(((at + 1) as f64 / number - p).abs());
    p_values.iter().enumerate().map(distance).fold(0.0, f64::max) * number.sqrt()
}

#[test]
fn of_labels_that_mean_nothing_p_values_are_uniform() {
    let draws = 49;
    let p_values: Vec<f64> = (0..400u64)
        .into_par_iter()
        .map(|seed| {
            let sequences = random_sequences("null", 60, 40, seed);
            let mut labels = halves(60);
            labels.shuffle(&mut Seed(seed).stream("labels"));
            select_words(&sequences, &labels, &Strata::one(sequences.len()), &settings(5, 1, draws, seed)).unwrap()[0]
                .p_value
        })
        .collect();
    let small = p_values.iter().filter(|p| **p <= 0.1).count();
    // Binomial of 400 and 0.1: 40, with a standard deviation of 6.
    assert!((22..=58).contains(&small), "{small} of 400 at 0.1");
    // P-values are multiples of 1/50, and scores that are the same count.
    assert!(kolmogorov(p_values) < 1.63 + 0.02 * 20.0, "not uniform");
}

#[test]
fn beside_a_word_that_means_something_the_next_is_uniform() {
    let (word, number) = (b"\x00\x01\x02\x03\x00\x00", 80);
    let found: Vec<Vec<SelectedWord>> = (0..500u64)
        .into_par_iter()
        .map(|seed| {
            let sequences = random_sequences("second", number, 40, seed);
            let mut random = Seed(seed).stream("planting");
            let chance = |record: usize| if record < number / 2 { 0.8 } else { 0.1 };
            let planted = with_word(&sequences, word, chance, &mut random);
            select_words(&planted, &halves(number), &Strata::one(number), &settings(6, 2, 49, seed)).unwrap()
        })
        .collect();
    assert!(found.iter().all(|words| words[0].word == "ACGTAA" && words[0].p_value < 0.1));
    let p_values: Vec<f64> = found.iter().map(|words| words[1].p_value).collect();
    let small = p_values.iter().filter(|p| **p <= 0.1).count();
    assert!((32..=68).contains(&small), "{small} of 500 at 0.1");
    assert!(kolmogorov(p_values) < 1.63 + 0.02 * 22.0, "not uniform");
}

/// Sequences whose C and G are `strong` of the letters.
fn of_content(number: usize, length: usize, strong: impl Fn(usize) -> f64, random: &mut Random) -> EncodedSequences {
    let mut sequences = EncodedSequences::new(Alphabet::Dna);
    for record in 0..number {
        let chance = strong(record);
        let letter = |_| match random.random_bool(chance) {
            true => random.random_range(1..3u8),
            false => [0, 3][random.random_range(0..2usize)],
        };
        let tokens: Vec<u8> = (0..length).map(letter).collect();
        sequences.push_tokens(&format!("r{record}"), &tokens).unwrap();
    }
    sequences
}

#[test]
fn given_their_composition_labels_that_mean_nothing_else_are_uniform_and_a_word_is_found() {
    let number = 120;
    let of = |seed: u64, share: f64, given_content: bool| {
        let mut random = Seed(seed).stream("content");
        let rich = |record: usize| if record < number / 2 { 0.55 } else { 0.45 };
        let sequences = of_content(number, 60, rich, &mut random);
        let chance = |record: usize| if record < number / 2 { share } else { 0.0 };
        let planted = with_word(&sequences, b"\x00\x03\x01\x02\x00\x03", chance, &mut random);
        let strata = match given_content {
            true => Strata::new(&gc_strata(&planted).unwrap()),
            false => Strata::one(number),
        };
        select_words(&planted, &halves(number), &strata, &settings(6, 1, 49, seed)).unwrap().remove(0)
    };
    let p_values = |given| (0..400).into_par_iter().map(|seed| of(seed, 0.0, given).p_value).collect::<Vec<f64>>();
    let small = |p_values: &[f64]| p_values.iter().filter(|p| **p <= 0.1).count();
    let (alike, apart) = (p_values(true), p_values(false));
    assert!((22..=58).contains(&small(&alike)), "{} of 400 at 0.1", small(&alike));
    assert!(kolmogorov(alike) < 1.63 + 0.02 * 20.0, "not uniform");
    assert!(small(&apart) > 100, "{} of 400 at 0.1", small(&apart));
    let found = of(0, 0.6, true);
    assert_eq!((found.word.as_str(), found.p_value), ("ATCGAT", 1.0 / 50.0));
    assert!(found.naive_p_value < 1e-5);
}

#[test]
fn the_naive_p_value_is_too_small_and_the_other_is_not() {
    let sequences = random_sequences("null", 100, 60, 3);
    let words = select_words(&sequences, &halves(100), &Strata::one(100), &settings(6, 3, 199, 3)).unwrap();
    assert_eq!(words.len(), 3);
    assert!(words.iter().all(|word| word.naive_p_value < 0.05 && word.p_value > 0.1), "{words:?}");
    let one = SelectionSettings { largest_p_value: 0.05, ..settings(6, 3, 199, 3) };
    assert_eq!(select_words(&sequences, &halves(100), &Strata::one(100), &one).unwrap(), words[..1]);
    // Masked sites are in no other word: each is another, and none holds the first.
    assert!(words[0].word != words[1].word && words[1].word != words[2].word);
}

#[test]
fn threads_change_nothing_and_a_letter_may_differ() {
    let sequences = random_sequences("some", 60, 50, 9);
    let planted = with_word(
        &sequences,
        b"\x03\x01\x01\x02\x00\x03\x00",
        |record| if record < 30 { 0.9 } else { 0.0 },
        &mut Seed(1).stream("p"),
    );
    let settings = SelectionSettings { mismatches: 1, ..settings(7, 2, 39, 5) };
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| select_words(&planted, &halves(60), &Strata::one(60), &settings).unwrap())
    };
    let words = run(1);
    assert_eq!(words, run(3));
    assert_eq!(words[0].p_value, 1.0 / 40.0, "{words:?}");
    assert!(words[0].with_site[0] > words[0].with_site[1]);
}

#[test]
fn what_cannot_be_tested_is_refused() {
    let sequences = random_sequences("some", 10, 30, 9);
    let refused = |labels: &[f64], settings: &SelectionSettings| {
        select_words(&sequences, labels, &Strata::one(10), settings).unwrap_err().to_string()
    };
    assert!(refused(&halves(9), &settings(5, 1, 9, 0)).contains("labels"));
    assert!(refused(&[2.0; 10], &settings(5, 1, 9, 0)).contains("label = 2"));
    assert!(refused(&halves(10), &settings(11, 1, 9, 0)).contains("width"));
    assert!(refused(&halves(10), &settings(5, 0, 9, 0)).contains("words"));
    assert!(refused(&halves(10), &settings(5, 1, 0, 0)).contains("draws"));
    assert_eq!(select_words(&sequences, &[1.0; 10], &Strata::one(10), &settings(5, 1, 9, 0)).unwrap(), []);
}
