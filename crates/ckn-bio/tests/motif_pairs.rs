//! Pairs of motifs: planted ones are found as they were planted, places that have nothing to do with one another are no pair.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

use ckn_bio::motif::{Arrangement, Motif, PairSettings, Probabilities, motif_pairs};
use ckn_bio::simulate::{PlantedStrands, Positions, Simulation};
use ckn_bio::{Alphabet, EncodedSequences};
use ckn_core::seed::Seed;

const LENGTH: usize = 200;

/// A motif of letters that stand with probability 0.91.
fn motif(consensus: &str) -> Motif {
    let column = |letter: char| "ACGT".chars().map(move |other| if other == letter { 0.91 } else { 0.03 });
    let columns = consensus.chars().flat_map(column).collect();
    Motif::new(consensus, Probabilities::new(Alphabet::Dna, columns).unwrap())
}

fn two() -> Vec<Motif> {
    vec![motif("AGATAAGGCA"), motif("CATTCCAGTC")]
}

fn sequences(name: &str, motifs: &[Motif], positions: Positions, number: usize, seed: u64) -> EncodedSequences {
    let simulation = Simulation { motifs: motifs.to_vec(), positions, ..Simulation::new(name, number, LENGTH) };
    simulation.run(Seed(seed)).unwrap().sequences
}

#[test]
fn a_planted_pair_is_found_with_its_gap_and_its_order() {
    let settings = PairSettings::new(true);
    for (gap, seed) in [(0, 0), (5, 1), (17, 2), (41, 3), (60, 4)] {
        let negatives = sequences("apart", &two(), Positions::Uniform, 300, seed);
        for (order, arrangement) in [([0, 1], Arrangement::FirstThenSecond), ([1, 0], Arrangement::SecondThenFirst)] {
            let planted: Vec<Motif> = order.iter().map(|&motif| two()[motif].clone()).collect();
            let positives = sequences("spaced", &planted, Positions::Spaced(gap), 300, seed);
            let pairs = motif_pairs(&two(), &positives, &negatives, &settings).unwrap();
            let best = pairs[0];
            assert_eq!((best.motifs, best.arrangement, best.gap), ([0, 1], arrangement, [gap, gap]), "{best:?}");
            assert!(best.q_value < 1e-20 && best.fisher_p_value < 1e-20, "{best:?}");
            assert!(pairs[1..].iter().all(|pair| pair.q_value > 0.01), "{pairs:?}");
        }
    }
}

#[test]
fn a_turned_motif_is_told_from_one_that_is_not() {
    let turned = vec![two()[0].clone(), two()[1].reverse_complement().unwrap()];
    let back = vec![two()[0].reverse_complement().unwrap(), two()[1].clone()];
    let negatives = sequences("apart", &two(), Positions::Uniform, 200, 7);
    for (planted, arrangement) in [(turned, Arrangement::Facing), (back, Arrangement::BackToBack)] {
        let positives = sequences("spaced", &planted, Positions::Spaced(12), 200, 7);
        let pairs = motif_pairs(&two(), &positives, &negatives, &PairSettings::new(true)).unwrap();
        assert_eq!((pairs[0].arrangement, pairs[0].gap), (arrangement, [12, 12]));
    }
}

#[test]
fn gaps_that_vary_are_a_range() {
    let mut positives = EncodedSequences::new(Alphabet::Dna);
    for gap in 20..29 {
        let some = sequences(&format!("gap{gap}"), &two(), Positions::Spaced(gap), 40, gap as u64);
        for (record, tokens) in some.iter().enumerate() {
            positives.push_tokens(&format!("{gap}_{record}"), tokens).unwrap();
        }
    }
    let negatives = sequences("apart", &two(), Positions::Uniform, 300, 8);
    let pairs = motif_pairs(&two(), &positives, &negatives, &PairSettings::new(true)).unwrap();
    assert_eq!(pairs[0].gap, [20, 28], "{:?}", pairs[0]);
}

/// Both sites of one sequence in a row, in the middle: near one another, and yet no pair.
#[test]
fn motifs_that_gather_in_the_middle_are_no_pair() {
    let near = |name: &str, seed: u64| {
        let mut sequences = EncodedSequences::new(Alphabet::Dna);
        for record in 0..400usize {
            // Each within 25 letters of its own place, whatever the other does.
            let mut random = Seed(seed).stream_at("places", record as u64);
            let jitter = |random: &mut _| rand::RngExt::random_range(random, 0..25usize);
            let starts = vec![60 + jitter(&mut random), 100 + jitter(&mut random)];
            let simulation = Simulation {
                motifs: two(),
                positions: Positions::Given(starts),
                strands: PlantedStrands::Both,
                ..Simulation::new(&format!("{name}_{record}"), 1, LENGTH)
            };
            let drawn = simulation.run(Seed(seed)).unwrap().sequences;
            sequences.push_tokens(&format!("{name}_{record}"), drawn.sequence(0)).unwrap();
        }
        sequences
    };
    let pairs = motif_pairs(&two(), &near("positive", 1), &near("negative", 2), &PairSettings::new(true)).unwrap();
    assert!(pairs.iter().all(|pair| pair.p_value > 0.05), "{pairs:?}");
}

/// Of two sites of 10 letters in 200, all arrangements without overlap alike, `181 − g` of `181·182/2` have `g` letters in between; each
/// of four directions and orders is a quarter of these.
#[test]
fn what_is_expected_is_the_share_of_all_arrangements() {
    let positives = sequences("apart", &two(), Positions::Uniform, 2000, 11);
    let negatives = sequences("other", &two(), Positions::Uniform, 50, 12);
    let pairs = motif_pairs(&two(), &positives, &negatives, &PairSettings::new(true)).unwrap();
    let pair = pairs.iter().find(|pair| pair.motifs == [0, 1]).unwrap();
    let share: f64 = (pair.gap[0]..=pair.gap[1]).map(|gap| (181 - gap) as f64 / (181.0 * 182.0 / 2.0) / 4.0).sum();
    let want = share * pair.positives_with_both as f64;
    assert!((pair.expected / want - 1.0).abs() < 0.15, "{} instead of {want}", pair.expected);
}

#[test]
fn p_values_of_motifs_that_stand_anywhere_are_not_too_small() {
    let negatives = sequences("other", &two(), Positions::Uniform, 20, 100);
    for number in [40, 150] {
        let small = (0..200).filter(|&seed| {
            let positives = sequences("apart", &two(), Positions::Uniform, number, seed);
            let pairs = motif_pairs(&two(), &positives, &negatives, &PairSettings::new(true)).unwrap();
            pairs.iter().any(|pair| pair.motifs == [0, 1] && pair.p_value < 0.05)
        });
        let small = small.count();
        assert!(small <= 18, "{small} of 200 sets of {number} sequences");
    }
}

#[test]
fn a_palindrome_reads_in_the_direction_of_its_partner() {
    let (palindrome, other) = (motif("GACACGTGTC"), two()[1].clone());
    let positives = sequences("spaced", &[palindrome.clone(), other.clone()], Positions::Spaced(9), 200, 3);
    let negatives = sequences("apart", &[palindrome.clone(), other.clone()], Positions::Uniform, 200, 3);
    let pairs = motif_pairs(&[palindrome, other], &positives, &negatives, &PairSettings::new(true)).unwrap();
    let best = pairs[0];
    assert_eq!((best.motifs, best.arrangement, best.gap), ([0, 1], Arrangement::FirstThenSecond, [9, 9]));
    assert!(best.positives_arranged > 120, "{best:?}");
}

#[test]
fn motifs_that_never_stand_together_are_left_out() {
    let positives = sequences("one", &two()[..1], Positions::Uniform, 30, 5);
    let empty = EncodedSequences::new(Alphabet::Dna);
    assert_eq!(motif_pairs(&[], &positives, &positives, &PairSettings::new(true)).unwrap(), []);
    assert_eq!(motif_pairs(&two(), &empty, &positives, &PairSettings::new(true)).unwrap(), []);
}

/// A repeat is hit everywhere: every two hits would be ten thousand million.
#[test]
fn repeats_take_no_longer_than_other_sequences() {
    let mut repeats = EncodedSequences::new(Alphabet::Dna);
    (0..4).for_each(|record| repeats.push(&format!("r{record}"), &b"A".repeat(100_000)).unwrap());
    let negatives = sequences("other", &two(), Positions::Uniform, 20, 1);
    let pairs = motif_pairs(&[motif("AAAAAAAA")], &repeats, &negatives, &PairSettings::new(true)).unwrap();
    assert_eq!((pairs.len(), pairs[0].positives_with_both), (1, 4));
}
