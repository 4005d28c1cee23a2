//! Motifs that sequences have in common, without a model.

// A step that fails fails the test.
#![allow(clippy::unwrap_used)]

use ckn_bio::motif::compare::best_alignment;
use ckn_bio::motif::{Background, Counts, Probabilities};
use ckn_bio::{Alphabet, EncodedSequences};
use ckn_core::seed::{Random, Seed};
use ckn_interpret::{DiscoverySettings, HeldOut, MotifOrigin, discover, evidence};
use rand::RngExt;

/// A matrix of a word: nine sites of ten have its letter.
fn of_word(word: &str) -> Probabilities {
    let counts =
        word.bytes().flat_map(|letter| b"ACGT".map(|other| if letter == b'N' || other == letter { 18.0 } else { 0.7 }));
    let background = Background::uniform(Alphabet::Dna);
    Counts::new(Alphabet::Dna, counts.collect()).unwrap().probabilities(0.0, &background).unwrap()
}

/// Sequences in some of which, each with a probability, sites of motifs stand on either strand.
fn sequences(count: usize, motifs: &[(Probabilities, f64)], random: &mut Random) -> EncodedSequences {
    let mut sequences = EncodedSequences::new(Alphabet::Dna);
    for number in 0..count {
        let mut tokens: Vec<u8> = (0..120).map(|_| random.random_range(0..4)).collect();
        for (motif, rate) in motifs {
            if !random.random_bool(*rate) {
                continue;
            }
            let mut site = vec![0; motif.width()];
            motif.draw(&mut site, random);
            if random.random_bool(0.5) {
                site.reverse();
                site.iter_mut().for_each(|letter| *letter = 3 - *letter);
            }
            let at = random.random_range(0..=tokens.len() - site.len());
            tokens[at..at + site.len()].copy_from_slice(&site);
        }
        sequences.push_tokens(&format!("s{number}"), &tokens).unwrap();
    }
    sequences
}

fn planted() -> Vec<(Probabilities, f64)> {
    [("TGACTCAG", 0.4), ("CCGGAAGTGC", 0.2), ("GGATTANNNNTTACC", 0.15), ("CACGTGAC", 0.1)]
        .map(|(word, rate)| (of_word(word), rate))
        .to_vec()
}

#[test]
fn all_planted_motifs_are_found_and_nothing_else() {
    let mut random = Seed(3).stream("sequences");
    let motifs = planted();
    let (positives, negatives) = (sequences(900, &motifs, &mut random), sequences(900, &[], &mut random));
    let found = discover(&positives, &negatives, &DiscoverySettings::new(true)).unwrap();
    let (fresh, others) = (sequences(900, &motifs, &mut random), sequences(900, &[], &mut random));
    let judged = evidence(None, &found, HeldOut { positives: &fresh, negatives: &others }, true).unwrap();
    let kept: Vec<&Probabilities> = found
        .iter()
        .zip(&judged)
        .filter(|(_, evidence)| evidence.q_value < 0.01)
        .map(|(motif, _)| &motif.motif.probabilities)
        .collect();
    assert_eq!(kept.len(), motifs.len(), "{:?}", kept.iter().map(|matrix| matrix.consensus()).collect::<Vec<_>>());
    for (motif, _) in &motifs {
        let like = |matrix: &&&Probabilities| {
            best_alignment(motif, matrix, 6, true).unwrap().is_some_and(|alignment| alignment.correlation > 0.9)
        };
        assert_eq!(kept.iter().filter(like).count(), 1, "{}", motif.consensus());
    }
    assert!(found.iter().all(|motif| motif.origin == MotifOrigin::Sequences && motif.threshold.is_some()));
    // The strongest first; sites that hardly look like any are below the threshold.
    let share = found[0].share.unwrap();
    assert!(share > 0.2 && share < 0.45, "{share}");
}

#[test]
fn nothing_is_found_where_there_is_nothing() {
    let mut random = Seed(4).stream("sequences");
    let make = |random: &mut Random| sequences(250, &[], random);
    let (positives, negatives) = (make(&mut random), make(&mut random));
    let found = discover(&positives, &negatives, &DiscoverySettings::new(true)).unwrap();
    let (fresh, others) = (make(&mut random), make(&mut random));
    let judged = evidence(None, &found, HeldOut { positives: &fresh, negatives: &others }, true).unwrap();
    assert!(judged.iter().all(|evidence| evidence.q_value > 0.01));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let mut random = Seed(5).stream("sequences");
    let (positives, negatives) = (sequences(120, &planted(), &mut random), sequences(120, &[], &mut random));
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let found = pool.install(|| discover(&positives, &negatives, &DiscoverySettings::new(true)).unwrap());
        found.iter().map(|motif| motif.motif.probabilities.values().to_vec()).collect::<Vec<_>>()
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn motifs_of_one_strand_and_of_proteins_are_found() {
    let mut sequences = [Alphabet::Protein, Alphabet::Protein].map(EncodedSequences::new);
    let mut random = Seed(6).stream("peptides");
    for (class, set) in sequences.iter_mut().enumerate() {
        for number in 0..300 {
            let mut letters: Vec<u8> = (0..40).map(|_| b"ARNDCQEGHILKMFPSTWYV"[random.random_range(0..20)]).collect();
            if class == 0 && number % 3 == 0 {
                let at = random.random_range(0..34);
                letters[at..at + 6].copy_from_slice(b"KKWCHR");
            }
            set.push(&format!("p{number}"), &letters).unwrap();
        }
    }
    let found = discover(&sequences[0], &sequences[1], &DiscoverySettings::new(false)).unwrap();
    assert!(
        found[0].motif.probabilities.consensus().contains("KKWCHR"),
        "{}",
        found[0].motif.probabilities.consensus()
    );
}
